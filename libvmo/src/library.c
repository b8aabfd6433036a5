/* SPDX-License-Identifier: BSD-2-Clause */
#include <vmo/library.h>

const char *vmo_library_version(void)
{
	return LIBRARY_VERSION;
}

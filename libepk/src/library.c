/* SPDX-License-Identifier: BSD-2-Clause */
#include <epk/library.h>

const char *epk_library_version(void)
{
	return LIBRARY_VERSION;
}

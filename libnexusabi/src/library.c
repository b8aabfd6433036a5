/* SPDX-License-Identifier: BSD-2-Clause */
#include <nexus/library.h>

const char *nx_library_version(void)
{
	return LIBRARY_VERSION;
}

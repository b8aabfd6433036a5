/* SPDX-License-Identifier: BSD-2-Clause
 * A user of the installed host libraries: one function of each. */
#include <epk/library.h>
#include <nexus/errors.h>
#include <nexus/library.h>
#include <stdio.h>
#include <vmo/library.h>

int main(void)
{
	printf("%s %s %s %s\n", nx_library_version(), vmo_library_version(),
	       epk_library_version(), nx_status_name(NX_OK));
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* One hart so far: it owns everything, and asking the owner is a call. */
#include <kernel/hart.h>

struct hart boot_hart;

void owner_call(uint32_t home_hart, void (*function)(void *argument),
		void *argument)
{
	owner_assert(home_hart);
	function(argument);
}

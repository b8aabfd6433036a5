/* SPDX-License-Identifier: BSD-2-Clause */
/* One hart so far: it owns everything, and asking the owner is a call. */
#include <kernel/hart.h>

static struct hart boot_hart;

struct hart *this_hart(void)
{
	return &boot_hart;
}

struct thread *current_thread(void)
{
	return boot_hart.current;
}

void owner_call(uint32_t home_hart, void (*function)(void *argument),
		void *argument)
{
	owner_assert(home_hart);
	function(argument);
}

void owner_assert(uint32_t home_hart)
{
	if (home_hart != boot_hart.id)
		panic("hart %u touches what hart %u owns", boot_hart.id,
		      home_hart);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_KERNEL_CLOCK_H
#define UNIT_KERNEL_CLOCK_H
/** @file clock.h
 * One hart and a counter that goes on only when the test says so: the machine
 * below parts of the core that are included alone. */
#include "support/tap.h"

#include <kernel/arch.h>
#include <kernel/hart.h>

#include <stdlib.h>

#define HZ UINT64_C(10000000)

static struct hart fake_hart = { .has_lock = true };
struct hart *sim_hart = &fake_hart;
static uint64_t fake_ticks, fake_ticks_per_second = HZ;
static uint64_t fake_programmed_ticks; /* when the alarm is set to */

uint64_t arch_ticks(void)
{
	return fake_ticks;
}

uint64_t arch_ticks_per_second(void)
{
	return fake_ticks_per_second;
}

void arch_timer_set(uint64_t value)
{
	fake_programmed_ticks = value;
}

void panic(const char *format, ...)
{
	printf("Bail out! the kernel panicked: %s\n", format);
	abort();
}

bool kernel_lock_is_held(void)
{
	return sim_hart->has_lock;
}
#endif /* UNIT_KERNEL_CLOCK_H */

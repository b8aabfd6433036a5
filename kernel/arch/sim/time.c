/* SPDX-License-Identifier: BSD-2-Clause */
/* Time passes because things happen: each entry to the kernel costs some
 * ticks, chance adds a few, and now and then the thread seems to have worked
 * for so long that its turn is over. */
#include "machine.h"

#include <kernel/sched.h>

/* An entry: 2 us and up to 1.6 us. */
#define ENTRY_TICKS 20
#define JITTER_TICKS 16
#define SLICE_TICKS (SCHED_SLICE_NS / (1000000000 / SIM_TICKS_PER_SECOND))

uint64_t arch_ticks(void)
{
	return machine.ticks + machine_hart()->skew_ticks;
}

uint64_t arch_ticks_per_second(void)
{
	return SIM_TICKS_PER_SECOND;
}

void arch_timer_set(uint64_t ticks)
{
	machine_hart()->timer_ticks = ticks;
}

/* Harts that work do so at the same time. */
static uint64_t busy_harts(void)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < SIM_HARTS_MAX; i++)
		count += machine.harts[i].runs && !machine.harts[i].waits;
	return count;
}

void time_pass(void)
{
	machine.ticks +=
		(ENTRY_TICKS + sim_random() % JITTER_TICKS) / busy_harts();
	if (machine_chance(machine.options->preempt_permille))
		machine.ticks += SLICE_TICKS;
}

bool time_is_due(void)
{
	return arch_ticks() >= machine_hart()->timer_ticks;
}

void time_interrupt(void)
{
	machine_hart()->timer_ticks = UINT64_MAX;
	kernel_timer();
}

/* A program that polls the clock must see it move, and must not keep the
 * processor for ever; nor must the others of several harts stand still. */
uint64_t nx_ticks(void)
{
	machine.ticks++;
	if (fiber_running() &&
	    (time_is_due() || machine.options->hart_count > 1))
		fiber_trap(TRAP_INTERRUPT);
	return arch_ticks();
}

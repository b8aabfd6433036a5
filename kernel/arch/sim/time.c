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

void time_prepare(void)
{
	machine.ticks = 0;
	machine.timer_ticks = UINT64_MAX;
}

uint64_t arch_ticks(void)
{
	return machine.ticks;
}

uint64_t arch_ticks_per_second(void)
{
	return SIM_TICKS_PER_SECOND;
}

void arch_timer_set(uint64_t ticks)
{
	machine.timer_ticks = ticks;
}

void time_pass(void)
{
	machine.ticks += ENTRY_TICKS + sim_random() % JITTER_TICKS;
	if (machine_chance(machine.options->preempt_permille))
		machine.ticks += SLICE_TICKS;
}

bool time_is_due(void)
{
	return machine.ticks >= machine.timer_ticks;
}

void time_interrupt(void)
{
	machine.timer_ticks = UINT64_MAX;
	kernel_timer();
}

/* A program that polls the clock must see it move, and must not keep the
 * processor for ever. */
uint64_t nx_ticks(void)
{
	machine.ticks++;
	if (fiber_running() && time_is_due())
		fiber_trap(TRAP_INTERRUPT);
	return machine.ticks;
}

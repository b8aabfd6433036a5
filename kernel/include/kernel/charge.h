/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_CHARGE_H
#define KERNEL_CHARGE_H
/** @file charge.h
 * Processor time to whoever used it: threads at each switch, budgets when
 * another one is next, processes and jobs when somebody asks (sched.h). */
#include <kernel/budget.h>
#include <kernel/hart.h>
#include <kernel/limit.h>
#include <kernel/thread.h>

/** The budget is the same on both sides of a call, so that a switch need not
 * charge it. */
HELD static inline void charge_thread(struct hart *hart, struct thread *current,
				      uint64_t now_ticks)
{
	current->cpu_ticks += now_ticks - hart->thread_ticks;
	hart->thread_ticks = now_ticks;
}

/** The current thread and its budget, as if that had no limit. Returns what
 * is due. */
HELD static inline uint64_t charge_unlimited(struct hart *hart,
					     struct thread *current,
					     struct budget *budget,
					     uint64_t now_ticks)
{
	uint64_t ticks = now_ticks - hart->budget_ticks;

	charge_thread(hart, current, now_ticks);
	hart->budget_ticks = now_ticks;
	budget->cpu_ticks += ticks;
	budget->spent[hart->id] += ticks * budget->rate;
	return ticks;
}

HELD static inline void charge_current(struct hart *hart, struct budget *budget,
				       uint64_t now_ticks)
{
	uint64_t ticks =
		charge_unlimited(hart, hart->current, budget, now_ticks);

	if (__builtin_expect(budget->limit_ticks != 0, 0))
		limit_spend(budget, ticks);
}
#endif /* KERNEL_CHARGE_H */

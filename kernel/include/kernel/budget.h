/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_BUDGET_H
#define KERNEL_BUDGET_H
/** @file budget.h
 * Budgets: whose processor time is spent. A server works on the budget of
 * the caller it has received; without one, on its own. */
#include <kernel/thread.h>

struct budget {
	struct object object;
	uint32_t qos_class;
	uint32_t share;
	uint64_t cpu_ticks;
};

nx_status_t budget_create(struct job *job, uint32_t qos_class, uint32_t share,
			  struct budget **out_budget);
/** The budget a thread runs on now: that of the end of its caller chain,
 * at most 8 links up. */
struct budget *budget_donated(struct thread *thread);
static inline struct budget *budget_effective(struct thread *thread)
{
	return __builtin_expect(thread->caller == NULL, 1)
		       ? thread->budget
		       : budget_donated(thread);
}
#endif /* KERNEL_BUDGET_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_BUDGET_H
#define KERNEL_BUDGET_H
/** @file budget.h
 * Budgets: whose processor time is spent. A server works on the budget of
 * the caller it has received; without one, on its own. All threads on a
 * budget have its share of a hart together, however many they are. */
#include <kernel/hart.h>
#include <kernel/list.h>
#include <kernel/object.h>
#include <kernel/thread.h>
#include <kernel/timer.h>

struct budget GUARDED_FIELDS {
	struct object object;
	uint32_t qos_class;
	uint32_t ceiling;      /* the class is never above it */
	uint32_t share;	       /* charged to the job that pays */
	uint32_t thread_count; /* that have it as their own */
	uint64_t cpu_ticks;
	/* see run_queue.h */
	uint64_t rate;		   /* virtual time that a tick costs */
	uint64_t span;		   /* and a turn */
	uint64_t spent[HARTS_MAX]; /* virtual time of each hart */
	/* see limit.h */
	uint64_t limit_ticks; /* in each period; 0: no limit */
	uint64_t period_ticks;
	uint64_t period_end;
	int64_t left_ticks;  /* less than 0: a debt */
	uint64_t held_count; /* times it was used up */
	struct list held;    /* threads that wait for the next period */
	struct timer refill;
} GUARDED_END;

/** Errors: QUOTA_SHARES besides those of object_create(). */
HELD nx_status_t budget_create(struct job *job, uint32_t qos_class,
			       uint32_t share, struct budget **out_budget);
/** Charge the job for another share, or give back. QUOTA_SHARES. */
HELD nx_status_t budget_set_share(struct budget *budget, uint32_t share);

/** The thread at the end of the caller chain, at most 8 links up. */
HELD OUT_OF_THE_WAY struct thread *budget_payer(struct thread *thread);
/** The budget a thread runs on now: that of its payer. */
HELD static inline struct budget *budget_effective(struct thread *thread)
{
	return thread->caller == NULL ? thread->budget
				      : budget_payer(thread)->budget;
}
#endif /* KERNEL_BUDGET_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* Budgets that are used up; see limit.h. */
#include <kernel/limit.h>

#include <kernel/budget.h>
#include <kernel/run_queue.h>
#include <kernel/sched.h>

bool limit_any;

/* Begin the period that it is now; each one that has ended pays. */
HELD static void begin_period(struct budget *budget)
{
	uint64_t now_ticks = arch_ticks(), periods;
	uint64_t limit = budget->limit_ticks, missing;

	if (now_ticks < budget->period_end)
		return;
	periods = (now_ticks - budget->period_end) / budget->period_ticks + 1;
	budget->period_end += periods * budget->period_ticks;
	missing = limit - (uint64_t)budget->left_ticks;
	if (periods > missing / limit)
		budget->left_ticks = (int64_t)limit;
	else
		budget->left_ticks += (int64_t)(periods * limit);
}

void limit_spend(struct budget *budget, uint64_t ticks)
{
	budget->left_ticks -= (int64_t)ticks;
	begin_period(budget);
}

bool limit_is_over(struct budget *budget)
{
	if (budget->limit_ticks == 0)
		return false;
	begin_period(budget);
	return budget->left_ticks <= 0;
}

static void refill(struct timer *timer);

/* When the first period begins that is not paid for already. */
HELD static void arm_refill(struct budget *budget)
{
	uint64_t debt = (uint64_t)-budget->left_ticks;
	uint64_t ticks = budget->period_end +
			 debt / budget->limit_ticks * budget->period_ticks;

	budget->held_count++;
	timer_arm(&budget->refill, time_ticks_to_ns(ticks + 1), 0, refill);
}

/* The rest follows when interrupts were looked for. */
HELD static void let_go(struct budget *budget)
{
	for (unsigned i = 0; i < LIMIT_BATCH; i++) {
		struct list *node = budget->held.next;

		if (node == &budget->held)
			return;
		list_remove(node);
		sched_ready(LIST_ENTRY(node, struct thread, queue));
	}
	timer_arm(&budget->refill, time_now_ns() + 1, 0, refill);
}

HELD static void refill(struct timer *timer)
{
	struct budget *budget = CONTAINER_OF(timer, struct budget, refill);

	if (limit_is_over(budget))
		arm_refill(budget);
	else
		let_go(budget);
}

OUT_OF_THE_WAY bool limit_holds(struct budget *budget, struct thread *thread)
{
	if (thread->caller != NULL || thread->state == THREAD_DEAD ||
	    !limit_is_over(budget))
		return false;
	thread->state = THREAD_READY;
	thread->run_class = RUN_HELD;
	list_push_back(&budget->held, &thread->queue);
	if (!budget->refill.armed)
		arm_refill(budget);
	return true;
}

/* One with a debt is not to be resumed by a fast path. */
OUT_OF_THE_WAY void limit_turn(struct hart *hart, struct thread *thread,
			       struct budget *budget)
{
	uint64_t left = 0;

	if (!limit_is_over(budget))
		left = (uint64_t)budget->left_ticks;
	else if (thread->caller != NULL)
		left = hart->slice_ticks;
	budget_payer(thread)->resume = 0;
	if (hart->slice_end > hart->thread_ticks + left)
		hart->slice_end = hart->thread_ticks + left;
	hart->limited = true;
}

OUT_OF_THE_WAY void limit_set(struct budget *budget, uint64_t limit_ns,
			      uint64_t period_ns)
{
	uint64_t limit_ticks = time_ns_to_ticks(limit_ns);
	uint64_t period_ticks = time_ns_to_ticks(period_ns);

	if (limit_ticks == budget->limit_ticks &&
	    period_ticks == budget->period_ticks)
		return;
	limit_any = true;
	this_hart()->no_aside = true;
	sched_charge_all();
	/* A limit in place of another gives nothing back. */
	if (budget->limit_ticks == 0 ||
	    budget->left_ticks > (int64_t)limit_ticks)
		budget->left_ticks = (int64_t)limit_ticks;
	budget->limit_ticks = limit_ticks;
	budget->period_ticks = period_ticks;
	budget->period_end = arch_ticks() + period_ticks;
	if (budget->refill.armed)
		timer_arm(&budget->refill, time_now_ns(), 0, refill);
}

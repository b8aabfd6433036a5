/* SPDX-License-Identifier: BSD-2-Clause */
/* The ready lists of a hart. A thread is in the list of the class that its
 * budget had when it became ready, which is that of the caller it works
 * for, so that work is done at the urgency of whoever waits for it.
 *
 * Blocking is a state: whoever blocks the current thread calls sched_block()
 * or sched_switch_to(); kernel_schedule() then finds another one. */
#include <kernel/sched.h>

#include <kernel/arch.h>
#include <kernel/budget.h>
#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/string.h>
#include <kernel/thread.h>

void sched_init(void)
{
	struct hart *hart = this_hart();

	memset(hart, 0, sizeof(*hart));
	for (unsigned i = 0; i < QOS_CLASSES; i++)
		list_init(&hart->ready[i]);
	hart->started_ticks = arch_ticks();
	hart->programmed = UINT64_MAX;
	arch_timer_set(UINT64_MAX);
}

bool sched_has_ready(const struct hart *hart)
{
	for (unsigned i = 0; i < QOS_CLASSES; i++)
		if (!list_is_empty(&hart->ready[i]))
			return true;
	return false;
}

void sched_charge(void)
{
	struct hart *hart = this_hart();
	struct thread *thread = hart->current;
	uint64_t now_ticks = arch_ticks();
	uint64_t spent_ns = time_ticks_to_ns(now_ticks - hart->started_ticks);

	hart->started_ticks = now_ticks;
	if (thread == NULL)
		return;
	thread->cpu_ns += spent_ns;
	thread->process->cpu_ns += spent_ns;
	thread->process->object.job->cpu_ns += spent_ns;
	budget_effective(thread)->cpu_ns += spent_ns;
}

static void enqueue(struct thread *thread, bool front)
{
	struct hart *hart = this_hart();
	uint32_t qos_class = budget_effective(thread)->qos_class;

	thread->state = THREAD_READY;
	if (front)
		list_push_front(&hart->ready[qos_class], &thread->queue);
	else
		list_push_back(&hart->ready[qos_class], &thread->queue);
}

void sched_ready(struct thread *thread)
{
	struct hart *hart = this_hart();
	struct thread *current = hart->current;

	owner_assert(thread->home_hart);
	enqueue(thread, false);
	hart->timer_stale = true;
	if (current == NULL || current->state != THREAD_RUNNING ||
	    budget_effective(thread)->qos_class >
		    budget_effective(current)->qos_class)
		hart->need_schedule = true;
}

void sched_remove(struct thread *thread)
{
	list_remove(&thread->queue);
	this_hart()->timer_stale = true;
}

void sched_block(void)
{
	this_hart()->need_schedule = true;
}

void sched_switch_to(struct thread *thread)
{
	struct hart *hart = this_hart();

	owner_assert(thread->home_hart);
	count(NX_COUNTER_SWITCHES, 1);
	thread->state = THREAD_RUNNING;
	hart->current = thread;
}

void sched_yield(void)
{
	struct hart *hart = this_hart();

	hart->slice_end_ns = 0;
	hart->need_schedule = true;
}

/* Put the current thread away: back to its list when only its turn is over,
 * nowhere when it is blocked, for good when it is dead. */
static void put_away(struct hart *hart)
{
	struct thread *thread = hart->current;

	sched_charge();
	hart->current = NULL;
	if (thread == NULL)
		return;
	if (thread->state == THREAD_RUNNING)
		enqueue(thread, time_now_ns() < hart->slice_end_ns);
	else if (thread->state == THREAD_DEAD)
		thread_reap(thread);
}

static struct thread *take_ready(struct hart *hart)
{
	for (unsigned i = QOS_CLASSES; i-- > 0;) {
		struct list *list = &hart->ready[i];
		struct thread *thread;

		if (list_is_empty(list))
			continue;
		thread = LIST_ENTRY(list->next, struct thread, queue);
		list_remove(&thread->queue);
		return thread;
	}
	return NULL;
}

static void pick(struct hart *hart)
{
	struct thread *before = hart->current, *next;

	put_away(hart);
	while ((next = take_ready(hart)) == NULL) {
		timer_program();
		arch_idle();
	}
	if (next != before)
		count(NX_COUNTER_SWITCHES, 1);
	if (counters[NX_COUNTER_TICKS_TO_USER] == 0)
		counters[NX_COUNTER_TICKS_TO_USER] = arch_ticks();
	next->state = THREAD_RUNNING;
	hart->current = next;
	hart->started_ticks = arch_ticks();
	hart->slice_end_ns = time_now_ns() + SCHED_SLICE_NS;
	hart->need_schedule = false;
	hart->timer_stale = true;
}

struct thread *kernel_schedule(void)
{
	struct hart *hart = this_hart();
	struct thread *current = hart->current;

	if (hart->need_schedule || current == NULL) {
		pick(hart);
		current = hart->current;
	}
	if (hart->timer_stale)
		timer_program();
	if (hart->space != &current->process->space) {
		hart->space = &current->process->space;
		arch_space_activate(hart->space);
	}
	return current;
}

void sched_space_gone(struct space *space)
{
	struct hart *hart = this_hart();

	if (hart->space != space)
		return;
	hart->space = NULL;
	arch_space_activate(NULL);
}

uint64_t sched_slack_ns(struct thread *thread)
{
	static const uint64_t slack_ns[QOS_CLASSES] = {
		[NX_QOS_IDLE] = 8000000,
		[NX_QOS_NORMAL] = 4000000,
		[NX_QOS_INTERACTIVE] = 1000000,
		[NX_QOS_PERF_BURST] = 0,
	};

	return slack_ns[budget_effective(thread)->qos_class];
}

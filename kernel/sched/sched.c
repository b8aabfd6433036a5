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
#include <kernel/trace.h>

void sched_init(void)
{
	struct hart *hart = this_hart();

	memset(hart, 0, sizeof(*hart));
	for (unsigned i = 0; i < QOS_CLASSES; i++)
		list_init(&hart->ready[i]);
	hart->thread_ticks = arch_ticks();
	hart->budget_ticks = hart->thread_ticks;
	hart->slice_ticks = time_ns_to_ticks(SCHED_SLICE_NS);
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

/* The budget is the same on both sides of a call, so that a switch need not
 * charge it. */
static void charge_thread(struct hart *hart, uint64_t now_ticks)
{
	hart->current->cpu_ticks += now_ticks - hart->thread_ticks;
	hart->thread_ticks = now_ticks;
}

void sched_settle(struct thread *thread)
{
	uint64_t ticks = thread->cpu_ticks - thread->settled_ticks;

	thread->settled_ticks = thread->cpu_ticks;
	thread->process->cpu_ticks += ticks;
	thread->process->object.job->cpu_ticks += ticks;
}

void sched_charge(void)
{
	struct hart *hart = this_hart();
	uint64_t now_ticks = arch_ticks();

	if (hart->current != NULL) {
		charge_thread(hart, now_ticks);
		sched_settle(hart->current);
		budget_effective(hart->current)->cpu_ticks +=
			now_ticks - hart->budget_ticks;
	}
	hart->thread_ticks = now_ticks;
	hart->budget_ticks = now_ticks;
}

uint64_t sched_process_ticks(const struct process *process)
{
	uint64_t ticks = process->cpu_ticks;
	struct list *node;

	LIST_FOR_EACH(node, &process->threads)
	{
		const struct thread *thread =
			LIST_ENTRY(node, struct thread, in_process);

		ticks += thread->cpu_ticks - thread->settled_ticks;
	}
	return ticks;
}

uint64_t sched_job_ticks(const struct job *job)
{
	uint64_t ticks = job->cpu_ticks;
	struct list *node;

	LIST_FOR_EACH(node, &job->processes)
	{
		const struct process *process =
			LIST_ENTRY(node, struct process, in_job);

		ticks += sched_process_ticks(process) - process->cpu_ticks;
	}
	return ticks;
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
	charge_thread(hart, arch_ticks());
	count(NX_COUNTER_SWITCHES, 1);
	trace(NX_TRACE_SWITCH, thread->object.id, 0, 0);
	thread->state = THREAD_RUNNING;
	hart->current = thread;
}

void sched_yield(void)
{
	struct hart *hart = this_hart();

	hart->slice_end = 0;
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
		enqueue(thread, hart->thread_ticks < hart->slice_end);
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
	if (next != before) {
		count(NX_COUNTER_SWITCHES, 1);
		trace(NX_TRACE_SWITCH, next->object.id, 0, 0);
	}
	if (counters[NX_COUNTER_TICKS_TO_USER] == 0)
		counters[NX_COUNTER_TICKS_TO_USER] = arch_ticks();
	next->state = THREAD_RUNNING;
	hart->current = next;
	hart->thread_ticks = arch_ticks();
	hart->budget_ticks = hart->thread_ticks;
	hart->slice_end = hart->thread_ticks + hart->slice_ticks;
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
	arch_space_activate(&current->process->space);
	return current;
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

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

bool sched_has_ready(const struct hart *hart)
{
	kernel_lock_assert();
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

static void charge_hart(struct hart *hart, uint64_t now_ticks)
{
	kernel_lock_assert();
	if (hart->current != NULL) {
		charge_thread(hart, now_ticks);
		sched_settle(hart->current);
		budget_effective(hart->current)->cpu_ticks +=
			now_ticks - hart->budget_ticks;
	}
	hart->thread_ticks = now_ticks;
	hart->budget_ticks = now_ticks;
}

void sched_charge(void)
{
	charge_hart(this_hart(), arch_ticks());
}

void sched_charge_all(void)
{
	uint64_t now_ticks = arch_ticks();

	kernel_lock_assert();
	charge_hart(this_hart(), now_ticks);
	if (!hart_many)
		return;
	for (uint32_t i = 0; i < HARTS_MAX; i++)
		if ((harts_online >> i & 1) != 0)
			charge_hart(&harts[i], now_ticks);
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

static inline __attribute__((always_inline)) void
enqueue_inline(struct hart *hart, struct thread *thread, bool front)
{
	uint32_t qos_class = budget_effective(thread)->qos_class;

	kernel_lock_assert();
	if (thread->state != THREAD_DEAD)
		thread->state = THREAD_READY;
	if (front)
		list_push_front(&hart->ready[qos_class], &thread->queue);
	else
		list_push_back(&hart->ready[qos_class], &thread->queue);
}

OUT_OF_THE_WAY static void enqueue(struct hart *hart, struct thread *thread,
				   bool front)
{
	enqueue_inline(hart, thread, front);
}

/* Where a thread may run now. One whose harts are all gone may run
 * everywhere. */
static uint32_t allowed_harts(const struct thread *thread)
{
	uint32_t allowed;

	kernel_lock_assert();
	allowed = thread->affinity & harts_online;
	return allowed != 0 ? allowed : harts_online;
}

static bool may_run(const struct hart *hart, const struct thread *thread)
{
	return (allowed_harts(thread) & hart_bit(hart)) != 0;
}

void sched_set_hart(struct thread *thread, struct hart *hart)
{
	kernel_lock_assert();
	if (thread->hart != NULL && thread->hart != hart)
		count(NX_COUNTER_MIGRATIONS, 1);
	thread->hart = hart;
	thread->process->space.harts |= hart_bit(hart);
}

/* How urgent is what it does? Below all classes: nothing. */
static int class_of(const struct hart *hart)
{
	if (hart->current == NULL || hart->current->state != THREAD_RUNNING)
		return -1;
	return (int)budget_effective(hart->current)->qos_class;
}

static bool has_nothing(const struct hart *hart)
{
	return hart->idle && !sched_has_ready(hart);
}

/* Where it was, if that hart has nothing to do; here, where no kick is
 * needed, if this one has not; any that has not. Else where the least urgent
 * thread runs if it is less urgent, and else where it was. */
static struct hart *place(struct thread *thread)
{
	uint32_t allowed = allowed_harts(thread);
	struct hart *home = thread->hart, *best = NULL;
	int qos_class = (int)budget_effective(thread)->qos_class;

	if ((allowed & hart_bit(home)) != 0 && has_nothing(home))
		return home;
	if ((allowed & hart_bit(this_hart())) != 0 && has_nothing(this_hart()))
		return this_hart();
	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		struct hart *hart = &harts[i];

		if ((allowed >> i & 1) == 0)
			continue;
		if (has_nothing(hart))
			return hart;
		if (best == NULL || class_of(hart) < class_of(best))
			best = hart;
	}
	KASSERT(best != NULL); /* some hart is there */
	if ((allowed & hart_bit(home)) != 0 && class_of(best) >= qos_class)
		return home;
	return (allowed & hart_bit(home)) != 0 &&
			       class_of(best) == class_of(home)
		       ? home
		       : best;
}

/* Ready on a hart that is not this one. It is kicked if it has to stop what
 * it does, or has had nobody to give a turn to until now. */
static void ready_elsewhere(struct hart *hart, struct thread *thread)
{
	bool was_alone = !sched_has_ready(hart);

	enqueue(hart, thread, false);
	hart->timer_stale = true;
	if ((int)budget_effective(thread)->qos_class > class_of(hart))
		hart->need_schedule = true;
	if (was_alone || hart->need_schedule)
		hart_kick(hart);
}

static inline void ready_here(struct hart *hart, struct thread *thread)
{
	struct thread *current = hart->current;

	enqueue_inline(hart, thread, false);
	hart->timer_stale = true;
	if (current == NULL || current->state != THREAD_RUNNING ||
	    budget_effective(thread)->qos_class >
		    budget_effective(current)->qos_class)
		hart->need_schedule = true;
}

OUT_OF_THE_WAY static void ready_many(struct thread *thread)
{
	sched_set_hart(thread, place(thread));
	if (thread->hart == this_hart())
		ready_here(this_hart(), thread);
	else
		ready_elsewhere(thread->hart, thread);
}

void sched_ready(struct thread *thread)
{
	kernel_lock_assert();
	if (hart_many)
		ready_many(thread);
	else
		ready_here(this_hart(), thread);
}

bool sched_is_before(const struct thread *thread)
{
	const struct hart *hart = this_hart();
	const struct thread *current = hart->current;

	kernel_lock_assert();
	return !hart_many && !hart->need_schedule && hart->trace_events == 0 &&
	       thread->caller == NULL && current->caller == NULL &&
	       thread->budget->qos_class > current->budget->qos_class;
}

/* The current thread waits in its list, at the front while its turn is not
 * over. A turn ends only for a thread of the same class. */
void sched_run_before(struct thread *thread)
{
	struct hart *hart = this_hart();
	struct thread *current = hart->current;
	struct budget *budget = current->budget;
	struct list *list = &hart->ready[(int)budget->qos_class];
	uint64_t now_ticks = arch_ticks();

	kernel_lock_assert();
	current->cpu_ticks += now_ticks - hart->thread_ticks;
	budget->cpu_ticks += now_ticks - hart->budget_ticks;
	hart->thread_ticks = now_ticks;
	hart->budget_ticks = now_ticks;
	current->state = THREAD_READY;
	if (now_ticks >= hart->slice_end)
		list = list->prev;
	list_insert_after(list, &current->queue);
	count(NX_COUNTER_SWITCHES, 1);
	thread->state = THREAD_RUNNING;
	hart->current = thread;
	hart->slice_end = now_ticks + hart->slice_ticks;
	if (!list_is_empty(&hart->ready[(int)thread->budget->qos_class]))
		hart->timer_stale = true;
}

void sched_remove(struct thread *thread)
{
	list_remove(&thread->queue);
	thread->hart->timer_stale = true;
}

void sched_block(void)
{
	this_hart()->need_schedule = true;
}

bool sched_can_switch_to(const struct thread *thread)
{
	return thread->hart == this_hart() || may_run(this_hart(), thread);
}

static inline void switch_here(struct hart *hart, struct thread *thread)
{
	charge_thread(hart, arch_ticks());
	count(NX_COUNTER_SWITCHES, 1);
	trace(NX_TRACE_SWITCH, thread->object.id, 0, 0);
	if (hart->need_schedule && steps_pending(&hart->current->steps))
		steps_move(&hart->current->steps, &hart->steps);
	thread->state = THREAD_RUNNING;
	hart->current = thread;
}

/* It comes to this hart, or becomes ready where it may run. */
OUT_OF_THE_WAY static void switch_many(struct hart *hart, struct thread *thread)
{
	if (may_run(hart, thread)) {
		sched_set_hart(thread, hart);
		switch_here(hart, thread);
	} else {
		sched_ready(thread);
		sched_block();
	}
}

void sched_switch_to(struct thread *thread)
{
	struct hart *hart = this_hart();

	kernel_lock_assert();
	if (thread->hart == hart)
		switch_here(hart, thread);
	else
		switch_many(hart, thread);
}

void sched_yield(void)
{
	struct hart *hart = this_hart();

	hart->slice_end = 0;
	hart->need_schedule = true;
}

OUT_OF_THE_WAY void sched_set_affinity(struct thread *thread, uint32_t affinity)
{
	kernel_lock_assert();
	thread->affinity = affinity;
	if (!hart_many || may_run(thread->hart, thread))
		return;
	if (thread->state == THREAD_READY) {
		sched_remove(thread);
		sched_ready(thread);
	} else if (thread == current_thread()) {
		sched_block();
	} else if (thread->state == THREAD_RUNNING) {
		hart_evict(thread->hart);
	}
}

/* Others get the kernel, and interrupts come in. The space that this hart
 * has been in may end meanwhile. */
REQUIRES(kernel_lock) static void pause(void)
{
	if (hart_many) {
		arch_space_none();
		kernel_lock_give();
		kernel_lock_take();
	}
	arch_interrupts();
}

/* What interrupts, or threads that are blocked now, left to do. */
OUT_OF_THE_WAY static void hart_steps(struct hart *hart)
{
	kernel_lock_assert();
	while (!steps_run(&hart->steps)) {
		pause();
		timer_program();
	}
}

/* One that has steps to do goes on with them as a zombie. */
OUT_OF_THE_WAY static void put_dead_away(struct hart *hart,
					 struct thread *thread)
{
	if (!steps_pending(&thread->steps)) {
		thread_reap(thread);
		return;
	}
	list_remove(&thread->in_process);
	list_push_back(&thread->process->object.job->zombies,
		       &thread->in_process);
	enqueue(hart, thread, hart->thread_ticks < hart->slice_end);
}

/* What little it has left to do is the hart's. */
static inline void put_blocked_away(struct hart *hart, struct thread *thread)
{
	if (steps_pending(&thread->steps))
		steps_move(&thread->steps, &hart->steps);
}

/* Put the current thread away: back to its list when only its turn is over,
 * nowhere when it is blocked, for good when it is dead. */
static inline void put_away(struct hart *hart, bool many)
{
	struct thread *thread = hart->current;

	sched_charge();
	hart->current = NULL;
	if (thread == NULL)
		return;
	if (thread->state == THREAD_DEAD)
		put_dead_away(hart, thread);
	else if (thread->state != THREAD_RUNNING)
		put_blocked_away(hart, thread);
	else if (many && !may_run(hart, thread))
		sched_ready(thread);
	else if (many)
		enqueue(hart, thread, hart->thread_ticks < hart->slice_end);
	else
		enqueue_inline(hart, thread,
			       hart->thread_ticks < hart->slice_end);
}

static struct thread *take_ready(struct hart *hart)
{
	kernel_lock_assert();
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

/* Threads of a list that are looked at, so that a long one of threads that
 * may not run here costs no more. */
#define STEAL_LOOKS_MAX 8

static struct thread *stealable(struct list *list, const struct hart *thief)
{
	struct list *node = list->prev;

	for (unsigned i = 0; i < STEAL_LOOKS_MAX && node != list; i++) {
		struct thread *thread = LIST_ENTRY(node, struct thread, queue);

		if (may_run(thief, thread))
			return thread;
		node = node->prev;
	}
	return NULL;
}

/* A hart with nothing to do takes one thread that waits for another, from
 * the end of its list: none that is more urgent than what that hart does,
 * for such a one is about to run there. */
OUT_OF_THE_WAY static bool steal(struct hart *thief)
{
	kernel_lock_assert();
	for (uint32_t n = 1; n < HARTS_MAX; n++) {
		struct hart *from = &harts[(thief->id + n) % HARTS_MAX];
		struct thread *thread = NULL;

		if ((harts_online & hart_bit(from)) == 0)
			continue;
		for (int i = class_of(from); i >= 0 && thread == NULL; i--)
			thread = stealable(&from->ready[i], thief);
		if (thread == NULL)
			continue;
		sched_remove(thread);
		sched_set_hart(thread, thief);
		enqueue(thief, thread, false);
		count(NX_COUNTER_STEALS, 1);
		return true;
	}
	return false;
}

/* The lock is free while this hart waits; what it is then told of it finds
 * in its list. */
OUT_OF_THE_WAY REQUIRES(kernel_lock) static void idle_many(struct hart *hart)
{
	if (hart->departs)
		hart_depart(hart);
	if (steal(hart))
		return;
	timer_program();
	arch_space_none();
	hart->idle = true;
	kernel_lock_give();
	arch_wait();
	kernel_lock_take();
	arch_interrupts();
	hart->idle = false;
}

OUT_OF_THE_WAY static struct thread *wait_for_ready(struct hart *hart)
{
	struct thread *next;

	kernel_lock_assert();
	do {
		if (hart_many) {
			idle_many(hart);
		} else {
			timer_program();
			arch_wait();
			arch_interrupts();
		}
		if (steps_pending(&hart->steps))
			hart_steps(hart);
	} while ((next = take_ready(hart)) == NULL);
	hart->thread_ticks = arch_ticks();
	hart->budget_ticks = hart->thread_ticks;
	return next;
}

/* Everything was charged until now. */
static inline void pick(struct hart *hart, struct thread *before)
{
	struct thread *next;

	if (steps_pending(&hart->steps))
		hart_steps(hart);
	next = take_ready(hart);
	if (next == NULL) {
		next = wait_for_ready(hart);
		KASSERT(next != NULL);
	}
	if (next != before) {
		count(NX_COUNTER_SWITCHES, 1);
		trace(NX_TRACE_SWITCH, next->object.id, 0, 0);
	}
	if (counters[NX_COUNTER_TICKS_TO_USER] == 0)
		counters[NX_COUNTER_TICKS_TO_USER] = arch_ticks();
	if (next->state != THREAD_DEAD)
		next->state = THREAD_RUNNING;
	hart->current = next;
	hart->slice_end = hart->thread_ticks + hart->slice_ticks;
	hart->need_schedule = false;
	hart->timer_stale = true;
}

/* Somebody may wait for this hart to leave a thread, or to go; others may
 * have nothing to do. */
OUT_OF_THE_WAY static void pick_many(struct hart *hart)
{
	struct thread *before = hart->current;

	put_away(hart, true);
	if (hart->evicts)
		hart_evicted(hart);
	if (steps_pending(&hart->steps))
		hart_steps(hart);
	if (hart->departs)
		hart_depart(hart);
	pick(hart, before);
	if (sched_has_ready(hart))
		hart_hint();
}

static inline void pick_alone(struct hart *hart)
{
	struct thread *before = hart->current;

	put_away(hart, false);
	pick(hart, before);
}

static inline void turn(struct hart *hart)
{
	if (hart_many)
		pick_many(hart);
	else
		pick_alone(hart);
}

/* Whoever waits for the kernel is why the current thread has steps left. One
 * that is blocked must be put away first, lest it is woken and runs
 * elsewhere. */
OUT_OF_THE_WAY static void steps_begin(const struct thread *thread)
{
	kernel_lock_assert();
	if (thread->state == THREAD_RUNNING)
		pause();
}

/* The steps of a dead one may have been taken over. */
static inline bool has_to_finish(const struct thread *thread)
{
	return steps_pending(&thread->steps) || thread->state == THREAD_DEAD;
}

/* The current thread does its steps before it goes on in its program;
 * meanwhile another one may go first, or it is gone behind them. */
OUT_OF_THE_WAY static void steps_finish(struct hart *hart)
{
	struct thread *thread = hart->current;

	kernel_lock_assert();
	while (has_to_finish(thread)) {
		/* What has fired would ask for the kernel again and again. */
		timer_program();
		if (!steps_run(&thread->steps))
			pause();
		else if (thread->state != THREAD_DEAD && !hart->need_schedule)
			break;
		turn(hart);
		thread = hart->current;
	}
}

/* The current thread may not go on, or the alarm has to be set. */
static __attribute__((noinline)) struct thread *schedule_anew(struct hart *hart)
{
	struct thread *current = hart->current;

	if (hart->need_schedule || current == NULL) {
		if (current != NULL && steps_pending(&current->steps))
			steps_begin(current);
		turn(hart);
		if (has_to_finish(hart->current))
			steps_finish(hart);
	}
	if (hart->timer_stale)
		timer_program();
	return arch_space_enter(hart->current);
}

struct thread *kernel_schedule(void)
{
	struct hart *hart = this_hart();
	struct thread *current = hart->current;

	if (hart->need_schedule || hart->timer_stale || current == NULL)
		return schedule_anew(hart);
	return arch_space_enter(current);
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

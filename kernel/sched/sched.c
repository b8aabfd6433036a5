/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs. A thread is in the queue of the class that its budget had when
 * it became ready, which is that of the caller it works for, so that work is
 * done at the urgency of whoever waits for it.
 *
 * Blocking is a state: whoever blocks the current thread calls sched_block()
 * or sched_switch_to(); kernel_schedule() then finds another one. */
#include <kernel/sched.h>

#include <kernel/aging.h>
#include <kernel/arch.h>
#include <kernel/budget.h>
#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/limit.h>
#include <kernel/process.h>
#include <kernel/run_queue.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/trace.h>

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

static inline void charge_current(struct hart *hart, struct budget *budget,
				  uint64_t now_ticks)
{
	uint64_t ticks = now_ticks - hart->budget_ticks;

	kernel_lock_assert();
	charge_thread(hart, now_ticks);
	hart->budget_ticks = now_ticks;
	budget->cpu_ticks += ticks;
	budget->spent[hart->id] += ticks * budget->rate;
	if (__builtin_expect(budget->limit_ticks != 0, 0))
		limit_spend(budget, ticks);
}

static void charge_nobody(struct hart *hart)
{
	hart->thread_ticks = arch_ticks();
	hart->budget_ticks = hart->thread_ticks;
}

static void charge_hart(struct hart *hart, uint64_t now_ticks)
{
	kernel_lock_assert();
	if (hart->current == NULL)
		return;
	charge_current(hart, budget_effective(hart->current), now_ticks);
	sched_settle(hart->current);
}

/* The next budget may have a limit that this turn does not know. */
void sched_charge(void)
{
	charge_hart(this_hart(), arch_ticks());
	if (limit_any)
		this_hart()->need_schedule = true;
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

	LIST_FOR_EACH(const struct thread, thread, &process->threads,
		      in_process)
		ticks += thread->cpu_ticks - thread->settled_ticks;
	return ticks;
}

uint64_t sched_job_ticks(const struct job *job)
{
	uint64_t ticks = job->cpu_ticks;

	LIST_FOR_EACH(const struct process, process, &job->processes, in_job)
		ticks += sched_process_ticks(process) - process->cpu_ticks;
	return ticks;
}

static inline void enqueue_inline(struct hart *hart, struct thread *thread,
				  struct budget *budget, enum run_turn turn)
{
	kernel_lock_assert();
	if (__builtin_expect(budget->limit_ticks != 0, 0) &&
	    limit_holds(budget, thread))
		return;
	if (thread->state != THREAD_DEAD)
		thread->state = THREAD_READY;
	run_queue_add(hart, thread, budget, turn);
}

OUT_OF_THE_WAY static void enqueue(struct hart *hart, struct thread *thread,
				   enum run_turn turn)
{
	enqueue_inline(hart, thread, budget_effective(thread), turn);
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

bool sched_may_run(const struct thread *thread, uint32_t bit)
{
	return (allowed_harts(thread) & bit) != 0;
}

static bool may_run(const struct hart *hart, const struct thread *thread)
{
	return sched_may_run(thread, hart->bit);
}

void sched_set_hart(struct thread *thread, struct hart *hart)
{
	kernel_lock_assert();
	if (thread->hart != NULL && thread->hart != hart)
		count(NX_COUNTER_MIGRATIONS, 1);
	thread->hart = hart;
	thread->process->space.harts |= hart->bit;
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
	return hart->idle && !hart_has_ready(hart);
}

/* Where it was, if that hart has nothing to do; here, where no kick is
 * needed, if this one has not; any that has not. Else where the least urgent
 * thread runs if it is less urgent, and else where it was. */
static struct hart *place(struct thread *thread)
{
	uint32_t allowed = allowed_harts(thread);
	struct hart *home = thread->hart, *best = NULL;
	int qos_class = (int)budget_effective(thread)->qos_class;

	if ((allowed & home->bit) != 0 && has_nothing(home))
		return home;
	if ((allowed & this_hart()->bit) != 0 && has_nothing(this_hart()))
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
	if ((allowed & home->bit) != 0 && class_of(best) >= qos_class)
		return home;
	return (allowed & home->bit) != 0 && class_of(best) == class_of(home)
		       ? home
		       : best;
}

/* Ready on a hart that is not this one. It is kicked if it has to stop what
 * it does, or has had nobody to give a turn to until now. */
static void ready_elsewhere(struct hart *hart, struct thread *thread)
{
	bool was_alone = !hart_has_ready(hart);

	enqueue(hart, thread, RUN_NEW);
	hart->timer_stale = true;
	if ((int)budget_effective(thread)->qos_class > class_of(hart))
		hart->need_schedule = true;
	if (was_alone || hart->need_schedule)
		hart_kick(hart);
}

/* Somebody else may be more urgent than who was to be next. */
OUT_OF_THE_WAY static void next_to_queue(struct hart *hart)
{
	struct thread *next = hart->next;

	hart->next = NULL;
	enqueue(hart, next, RUN_NEW);
}

/* Nobody was to be next. Is it more urgent than what goes on? */
static inline void ready_here(struct hart *hart, struct thread *thread,
			      struct budget *budget, bool is_urgent)
{
	kernel_lock_assert();
	hart->timer_stale = true;
	thread->state = THREAD_READY;
	if (is_urgent) {
		hart->need_schedule = true;
		/* Nobody goes before it: it needs no queue. */
		if (hart->ready_mask >> budget->qos_class == 0) {
			thread->run_class = RUN_NEXT;
			hart->next = thread;
			return;
		}
	}
	run_queue_add(hart, thread, budget, RUN_NEW);
}

OUT_OF_THE_WAY static void ready_slowly(struct hart *hart,
					struct thread *thread)
{
	if (hart_many) {
		hart = place(thread);
		sched_set_hart(thread, hart);
		if (hart != this_hart()) {
			ready_elsewhere(hart, thread);
			return;
		}
	}
	if (hart->next != NULL)
		next_to_queue(hart);
	enqueue(hart, thread, RUN_NEW);
	hart->timer_stale = true;
	if ((int)budget_effective(thread)->qos_class > class_of(hart))
		hart->need_schedule = true;
}

/* Most often there is one hart, and nobody works for anybody; then this calls
 * nothing and keeps to few registers. */
void sched_ready(struct thread *thread)
{
	struct hart *hart = this_hart();
	const struct thread *current = hart->current;
	struct budget *budget = thread->budget;

	kernel_lock_assert();
	if (hart_many || hart->next != NULL || thread->caller != NULL ||
	    budget->limit_ticks != 0 ||
	    (current != NULL && current->caller != NULL))
		ready_slowly(hart, thread);
	else
		ready_here(
			hart, thread, budget,
			current == NULL || current->state != THREAD_RUNNING ||
				budget->qos_class > current->budget->qos_class);
}

bool sched_is_before(const struct thread *thread)
{
	const struct hart *hart = this_hart();
	const struct thread *current = hart->current;

	kernel_lock_assert();
	return !hart_many && !hart->need_schedule && hart->trace_events == 0 &&
	       hart->next == NULL && !limit_any && hart->aged == 0 &&
	       thread->caller == NULL && current->caller == NULL &&
	       thread->budget->qos_class > current->budget->qos_class &&
	       hart->ready_mask >> thread->budget->qos_class == 0;
}

void sched_remove(struct thread *thread)
{
	run_queue_remove(thread);
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

static inline void switch_only(struct hart *hart, struct thread *thread)
{
	charge_thread(hart, arch_ticks());
	hart->switch_count++;
	thread->state = THREAD_RUNNING;
	hart->current = thread;
}

static void switch_here(struct hart *hart, struct thread *thread)
{
	trace(NX_TRACE_SWITCH, thread->object.id, 0, 0);
	if (hart->need_schedule && steps_pending(&hart->current->steps))
		steps_move(&hart->current->steps, &hart->steps);
	switch_only(hart, thread);
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

/* What the current thread did for it until now is on its budget, though the
 * two have parted. */
OUT_OF_THE_WAY static bool is_held(struct hart *hart, struct thread *thread)
{
	if (thread->caller != NULL)
		return false;
	charge_current(hart, thread->budget, arch_ticks());
	return limit_is_over(thread->budget);
}

OUT_OF_THE_WAY static void switch_slowly(struct thread *thread)
{
	struct hart *hart = this_hart();

	if (thread->budget->limit_ticks != 0 && is_held(hart, thread)) {
		sched_ready(thread);
		sched_block();
	} else if (thread->hart == hart) {
		switch_here(hart, thread);
	} else {
		switch_many(hart, thread);
	}
}

/* Most often there is nothing but the switch; then this calls nothing. */
void sched_switch_to(struct thread *thread)
{
	struct hart *hart = this_hart();

	kernel_lock_assert();
	if (thread->budget->limit_ticks != 0 || thread->hart != hart ||
	    hart->need_schedule || hart->trace_events != 0)
		switch_slowly(thread);
	else
		switch_only(hart, thread);
}

void sched_yield(void)
{
	struct hart *hart = this_hart();

	hart->yields = true;
	hart->need_schedule = true;
}

/* A budget has changed: whoever runs on it begins a turn anew. */
OUT_OF_THE_WAY void sched_turns_anew(void)
{
	kernel_lock_assert();
	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		if ((harts_online >> i & 1) == 0)
			continue;
		harts[i].need_schedule = true;
		if (&harts[i] != this_hart())
			hart_kick(&harts[i]);
	}
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
	if (this_hart()->next != NULL)
		next_to_queue(this_hart());
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
	enqueue(hart, thread, RUN_KEEP);
}

/* What little it has left to do is the hart's. */
static inline void put_blocked_away(struct hart *hart, struct thread *thread)
{
	if (steps_pending(&thread->steps))
		steps_move(&thread->steps, &hart->steps);
}

/* The turn of the current thread is over or cut short. */
static inline void end_turn(struct hart *hart, struct budget *budget)
{
	charge_current(hart, budget, arch_ticks());
	if (hart->turn_class == RUN_NEXT ||
	    hart->thread_ticks - hart->turn_ticks > 2 * hart->slice_ticks)
		run_queue_catch_up(hart, budget);
	hart->yields = false;
	if (hart->aged != 0)
		aging_settle(hart);
}

/* Put the current thread away, whose turn has ended: back to its queue when
 * only that is over, nowhere when it is blocked, for good when it is dead. */
static inline void put_away(struct hart *hart, struct thread *thread,
			    struct budget *budget, enum run_turn turn)
{
	hart->current = NULL;
	if (thread->state == THREAD_DEAD)
		put_dead_away(hart, thread);
	else if (thread->state != THREAD_RUNNING)
		put_blocked_away(hart, thread);
	else if (hart_many && !may_run(hart, thread))
		sched_ready(thread);
	else
		enqueue_inline(hart, thread, budget, turn);
}

/* A hart with nothing to do takes one thread that waits for another: none that
 * is more urgent than what that hart does, for such a one is about to run
 * there. */
OUT_OF_THE_WAY static bool steal(struct hart *thief)
{
	kernel_lock_assert();
	for (uint32_t n = 1; n < HARTS_MAX; n++) {
		struct hart *from = &harts[(thief->id + n) % HARTS_MAX];
		struct thread *thread = NULL;

		if ((harts_online & from->bit) == 0)
			continue;
		for (int i = class_of(from); i >= 0 && thread == NULL; i--)
			thread = run_queue_find(from, (uint32_t)i, thief->bit);
		if (thread == NULL)
			continue;
		sched_remove(thread);
		sched_set_hart(thread, thief);
		enqueue(thief, thread, RUN_NEW);
		count(NX_COUNTER_STEALS, 1);
		return true;
	}
	return false;
}

/* Everything was charged until now. */
static inline struct thread *take_next(struct hart *hart)
{
	struct thread *next = hart->next;

	if (next == NULL)
		return run_queue_take(hart);
	hart->next = NULL;
	hart->turn_class = RUN_NEXT;
	return next;
}

struct thread *sched_take(struct hart *hart)
{
	return take_next(hart);
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
	hart->thread_ticks = arch_ticks();
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
			hart->thread_ticks = arch_ticks();
			arch_interrupts();
		}
		if (steps_pending(&hart->steps))
			hart_steps(hart);
	} while ((next = take_next(hart)) == NULL);
	hart->budget_ticks = hart->thread_ticks;
	return next;
}

static inline void begin_turn(struct hart *hart, struct thread *thread,
			      struct budget *budget)
{
	hart->turn_ticks = hart->thread_ticks;
	hart->slice_end = hart->thread_ticks + hart->slice_ticks;
	hart->need_schedule = false;
	hart->timer_stale = true;
	hart->limited = false;
	if (hart->turn_class != RUN_NEXT)
		run_queue_begin(hart, budget);
	if (hart->aged != 0)
		hart->slice_end =
			hart->thread_ticks + time_ns_to_ticks(AGING_TURN_NS);
	if (__builtin_expect(budget->limit_ticks != 0, 0))
		limit_turn(hart, thread, budget);
}

/* There is nobody else, and the budget of the one there is has no limit. */
static inline bool is_alone(const struct hart *hart,
			    const struct thread *thread,
			    const struct budget *budget)
{
	return hart->ready_mask == 0 && hart->next == NULL && !hart_many &&
	       thread->state == THREAD_RUNNING && budget->limit_ticks == 0 &&
	       !steps_pending(&hart->steps);
}

/* The current thread waits in its queue with the rest of its turn. */
void sched_run_before(struct thread *thread)
{
	struct hart *hart = this_hart();
	struct thread *current = hart->current;
	struct budget *budget = current->budget;

	kernel_lock_assert();
	end_turn(hart, budget);
	enqueue_inline(hart, current, budget, RUN_KEEP);
	hart->switch_count++;
	thread->state = THREAD_RUNNING;
	hart->current = thread;
	hart->turn_class = RUN_NEXT;
	begin_turn(hart, thread, thread->budget);
}

/* Somebody may wait for this hart to leave a thread, or to go. */
OUT_OF_THE_WAY static void answer_others(struct hart *hart)
{
	if (hart->evicts)
		hart_evicted(hart);
	if (steps_pending(&hart->steps))
		hart_steps(hart);
	if (hart->departs)
		hart_depart(hart);
}

/* The turn of the current thread ends. It itself, if it is to have the next
 * one; else it was put away. */
static inline struct thread *leave_current(struct hart *hart)
{
	struct thread *thread = hart->current;
	enum run_turn turn = hart->yields ? RUN_OVER : RUN_KEEP;
	struct budget *budget;

	if (thread == NULL) {
		charge_nobody(hart);
		return NULL;
	}
	budget = budget_effective(thread);
	end_turn(hart, budget);
	if (is_alone(hart, thread, budget)) {
		hart->turn_class = RUN_NEXT;
		return thread;
	}
	put_away(hart, thread, budget, turn);
	return NULL;
}

static inline struct thread *choose(struct hart *hart)
{
	struct thread *next;

	if (hart_many)
		answer_others(hart);
	if (steps_pending(&hart->steps))
		hart_steps(hart);
	next = take_next(hart);
	if (next == NULL) {
		next = wait_for_ready(hart);
		KASSERT(next != NULL);
	}
	if (counters[NX_COUNTER_TICKS_TO_USER] == 0)
		counters[NX_COUNTER_TICKS_TO_USER] = arch_ticks();
	if (next->state != THREAD_DEAD)
		next->state = THREAD_RUNNING;
	hart->current = next;
	return next;
}

static __attribute__((noinline)) void pick(struct hart *hart)
{
	const struct thread *before = hart->current;
	struct thread *next = leave_current(hart);

	if (next == NULL)
		next = choose(hart);
	if (next != before) {
		hart->switch_count++;
		trace(NX_TRACE_SWITCH, next->object.id, 0, 0);
	}
	begin_turn(hart, next, budget_effective(next));
	if (hart_many && hart_has_ready(hart))
		hart_hint();
	sched_check();
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
		pick(hart);
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
		pick(hart);
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

	if (hart->unsettled != 0 || current == NULL)
		return schedule_anew(hart);
	return arch_space_enter(current);
}

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
#include <kernel/charge.h>
#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/limit.h>
#include <kernel/place.h>
#include <kernel/process.h>
#include <kernel/run_queue.h>
#include <kernel/thread.h>
#include <kernel/trace.h>

HELD static inline void enqueue_inline(struct hart *hart, struct thread *thread,
				       struct budget *budget,
				       enum run_turn turn)
{
	if (__builtin_expect(budget->limit_ticks != 0, 0) &&
	    limit_holds(budget, thread))
		return;
	if (thread->state != THREAD_DEAD)
		thread->state = THREAD_READY;
	run_queue_add(hart, thread, budget, turn);
}

HELD OUT_OF_THE_WAY static void
enqueue(struct hart *hart, struct thread *thread, enum run_turn turn)
{
	enqueue_inline(hart, thread, budget_effective(thread), turn);
}

/* One that comes too early does no harm: it is set anew then. */
HELD static inline void alarm(struct hart *hart)
{
	if (hart->programmed > hart->slice_end)
		hart->timer_stale = true;
}

/* A turn that began without a queue, or was longer than turns are. */
HELD static inline bool is_unlike_turns(const struct hart *hart,
					uint64_t end_ticks)
{
	return hart->turn_class == RUN_NEXT ||
	       end_ticks - hart->turn_ticks > 2 * hart->slice_ticks;
}

/* Somebody may go before who was to be next, or before who was put aside; the
 * turn of that one ended then, and the current thread has one that began
 * without a queue. */
HELD OUT_OF_THE_WAY static void all_to_queues(struct hart *hart)
{
	struct thread *next = hart->next, *aside = hart->aside;

	hart->next = NULL;
	hart->aside = NULL;
	if (next != NULL)
		enqueue(hart, next, RUN_NEW);
	if (aside == NULL)
		return;
	if (is_unlike_turns(hart, hart->aside_ticks))
		run_queue_catch_up(hart, aside->budget);
	enqueue(hart, aside, RUN_KEEP);
	hart->turn_class = RUN_NEXT;
}

/* Another hart is kicked if it has to stop what it does, or has had nobody to
 * give a turn to until now. */
HELD OUT_OF_THE_WAY static void ready_slowly(struct hart *hart,
					     struct thread *thread)
{
	bool was_alone;

	if (hart_many) {
		hart = place_choose(thread);
		sched_set_hart(thread, hart);
	}
	all_to_queues(hart);
	was_alone = !hart_has_ready(hart);
	enqueue(hart, thread, RUN_NEW);
	alarm(hart);
	if ((int)budget_effective(thread)->qos_class > place_class(hart))
		hart->need_schedule = true;
	if (hart != this_hart() && (was_alone || hart->need_schedule))
		hart_kick(hart);
}

/* Most often there is one hart, and nobody works for anybody; then this calls
 * nothing and keeps to few registers. Who goes before all that are ready needs
 * no queue. */
void sched_ready(struct thread *thread)
{
	struct hart *hart = this_hart();
	const struct thread *current = hart->current;
	struct budget *budget = thread->budget;

	if (hart_many || hart->next != NULL || hart->aside != NULL ||
	    thread->caller != NULL || budget->limit_ticks != 0 ||
	    (current != NULL && current->caller != NULL)) {
		ready_slowly(hart, thread);
		return;
	}
	thread->state = THREAD_READY;
	if (current == NULL || current->state != THREAD_RUNNING ||
	    budget->qos_class > current->budget->qos_class) {
		hart->need_schedule = true;
		if (hart->ready_mask >> budget->qos_class == 0) {
			hart->next = thread;
			return;
		}
	}
	run_queue_add(hart, thread, budget, RUN_NEW);
	alarm(hart);
}

bool sched_is_before(const struct thread *thread)
{
	const struct hart *hart = this_hart();
	const struct thread *current = hart->current;

	return !hart->no_aside && hart->unusual == 0 && hart->aside == NULL &&
	       thread->caller == NULL && current->caller == NULL &&
	       thread->budget->qos_class > current->budget->qos_class &&
	       hart->ready_mask >> thread->budget->qos_class == 0;
}

void sched_remove(struct thread *thread)
{
	all_to_queues(thread->hart);
	if (thread->run_class == RUN_HELD)
		list_remove(&thread->queue);
	else
		run_queue_leave(thread->hart, thread);
}

void sched_block(void)
{
	this_hart()->need_schedule = true;
}

HELD static inline void go_on_with(struct hart *hart, struct thread *thread)
{
	hart->switch_count++;
	thread->state = THREAD_RUNNING;
	hart->current = thread;
}

HELD static inline void switch_only(struct hart *hart, struct thread *thread)
{
	charge_thread(hart, hart->current, arch_ticks());
	go_on_with(hart, thread);
}

/* What the current thread did for it until now is on its budget, though the
 * two have parted. */
HELD OUT_OF_THE_WAY static bool is_held(struct hart *hart,
					struct thread *thread)
{
	if (thread->caller != NULL)
		return false;
	charge_current(hart, thread->budget, arch_ticks());
	return limit_is_over(thread->budget);
}

/* What little a blocked one has left to do is the hart's. */
HELD static inline void leave_steps(struct hart *hart, struct thread *thread)
{
	if (steps_pending(&thread->steps))
		steps_move(&thread->steps, &hart->steps);
}

/* It comes to this hart, or becomes ready where it may run. */
HELD OUT_OF_THE_WAY static void switch_slowly(struct thread *thread)
{
	struct hart *hart = this_hart();

	if ((thread->budget->limit_ticks != 0 && is_held(hart, thread)) ||
	    !sched_can_switch_to(thread)) {
		sched_ready(thread);
		sched_block();
		return;
	}
	sched_set_hart(thread, hart);
	trace(NX_TRACE_SWITCH, thread->object.id, 0, 0);
	leave_steps(hart, hart->current);
	switch_only(hart, thread);
}

/* Most often there is nothing but the switch; then this calls nothing. */
void sched_switch_to(struct thread *thread)
{
	struct hart *hart = this_hart();

	if (thread->budget->limit_ticks != 0 || thread->hart != hart ||
	    hart->unusual != 0)
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

/* Harts where it is not spent are left alone. */
OUT_OF_THE_WAY void sched_turns_anew(const struct budget *budget)
{
	sched_block();
	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		struct thread *current = harts[i].current;

		if (&harts[i] == this_hart() || current == NULL ||
		    budget_effective(current) != budget)
			continue;
		harts[i].need_schedule = true;
		hart_kick(&harts[i]);
	}
}

/* Others get the kernel, and interrupts come in. The space that this hart
 * has been in may end meanwhile. */
HELD OUT_OF_THE_WAY static void pause(void)
{
	all_to_queues(this_hart());
	if (hart_many) {
		arch_space_none();
		kernel_lock_give();
		kernel_lock_take();
	}
	arch_interrupts();
}

/* What interrupts, or threads that are blocked now, left to do. */
HELD OUT_OF_THE_WAY static void hart_steps(struct hart *hart)
{
	while (!steps_run(&hart->steps)) {
		pause();
		timer_program();
	}
}

/* One that has steps to do goes on with them as a zombie. */
HELD OUT_OF_THE_WAY static void put_dead_away(struct hart *hart,
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

/* The turn of the current thread is over or cut short. */
HELD static inline void end_turn(struct hart *hart, struct budget *budget)
{
	charge_current(hart, budget, arch_ticks());
	if (hart->aside != NULL || is_unlike_turns(hart, hart->thread_ticks))
		run_queue_catch_up(hart, budget);
	hart->yields = false;
	if (hart->aged != 0)
		aging_settle(hart);
}

/* Put the current thread away, whose turn has ended: back to its queue when
 * only that is over, nowhere when it is blocked, for good when it is dead. */
HELD static inline void put_away(struct hart *hart, struct thread *thread,
				 struct budget *budget, enum run_turn turn)
{
	hart->current = NULL;
	if (thread->state == THREAD_DEAD)
		put_dead_away(hart, thread);
	else if (thread->state != THREAD_RUNNING)
		leave_steps(hart, thread);
	else if (hart_many && !sched_may_run(thread, hart->bit))
		sched_ready(thread);
	else
		enqueue_inline(hart, thread, budget, turn);
}

/* Everything was charged until now. */
HELD static inline struct thread *take_next(struct hart *hart)
{
	struct thread *next = hart->next;

	if (next == NULL)
		return run_queue_take(hart);
	hart->next = NULL;
	hart->turn_class = RUN_NEXT;
	return next;
}

/* The lock is free while this hart waits; what it is then told of it finds
 * in its list. */
HELD OUT_OF_THE_WAY static void idle_many(struct hart *hart)
{
	struct thread *stolen;

	if (hart->departs)
		hart_depart(hart);
	stolen = place_steal(hart);
	if (stolen != NULL) {
		enqueue(hart, stolen, RUN_NEW);
		return;
	}
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

HELD OUT_OF_THE_WAY static struct thread *wait_for_ready(struct hart *hart)
{
	struct thread *next;

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

HELD static inline void begin_turn(struct hart *hart, struct thread *thread,
				   struct budget *budget)
{
	hart->turn_ticks = hart->thread_ticks;
	hart->slice_end = hart->thread_ticks + hart->slice_ticks;
	hart->need_schedule = false;
	hart->limited = false;
	if (hart->turn_class != RUN_NEXT)
		run_queue_begin(hart, budget);
	if (hart->aged != 0)
		hart->slice_end =
			hart->thread_ticks + time_ns_to_ticks(AGING_TURN_NS);
	if (__builtin_expect(budget->limit_ticks != 0, 0))
		limit_turn(hart, thread, budget);
	if (hart_turn_ends(hart))
		alarm(hart);
}

/* The current thread waits with the rest of its turn. Whoever goes before it
 * has none of its own, but no more than a slice either. */
void sched_run_before(struct thread *thread)
{
	struct hart *hart = this_hart();
	struct thread *current = hart->current;

	charge_unlimited(hart, current, current->budget, arch_ticks());
	current->state = THREAD_READY;
	hart->aside = current;
	hart->aside_ticks = hart->thread_ticks;
	go_on_with(hart, thread);
	hart->slice_end = hart->thread_ticks + hart->slice_ticks;
	alarm(hart);
}

/* Until now the current thread, which is blocked or dead, has gone before
 * another. Is that one next, with nobody else to look at? */
HELD static inline bool aside_is_next(const struct hart *hart,
				      const struct thread *aside)
{
	const struct thread *current = hart->current;

	return current->state != THREAD_RUNNING && !hart->no_aside &&
	       current->state != THREAD_DEAD &&
	       !steps_pending(&current->steps) &&
	       !steps_pending(&hart->steps) &&
	       (hart->ready_mask == 0 ||
		(hart->ready_mask >> aside->budget->qos_class == 0 &&
		 heap_before(hart->thread_ticks, hart->aging_ticks)));
}

/* It goes on with its turn, as if the time between were none. */
HELD static inline void run_aside(struct hart *hart, struct thread *aside)
{
	hart->aside = NULL;
	hart->turn_ticks += hart->thread_ticks - hart->aside_ticks;
	hart->slice_end = hart->thread_ticks + hart->slice_ticks;
	hart->need_schedule = false;
	go_on_with(hart, aside);
	if (hart_turn_ends(hart))
		alarm(hart);
}

/* One thread goes before another, or is alone and goes on: no turn ends. */
HELD static inline bool pick_quickly(struct hart *hart)
{
	const struct thread *current = hart->current;
	struct thread *next = hart->next;

	if (current == NULL || current->state != THREAD_RUNNING ||
	    hart->no_aside || hart->aged != 0 || steps_pending(&hart->steps))
		return false;
	if (next == NULL ? hart_has_ready(hart)
			 : hart->yields || current->caller != NULL)
		return false;
	hart->need_schedule = false;
	if (next != NULL) {
		hart->next = NULL;
		sched_run_before(next);
	} else {
		hart->slice_end = arch_ticks() + hart->slice_ticks;
		hart->yields = false;
	}
	return true;
}

/* The turn of the current thread ends. True: who was put aside goes on. */
HELD static inline bool leave_current(struct hart *hart)
{
	struct thread *thread = hart->current, *aside = hart->aside;
	enum run_turn turn = hart->yields ? RUN_OVER : RUN_KEEP;
	struct budget *budget;

	if (thread == NULL) {
		hart->thread_ticks = arch_ticks();
		hart->budget_ticks = hart->thread_ticks;
		return false;
	}
	budget = budget_effective(thread);
	end_turn(hart, budget);
	if (aside != NULL) {
		if (aside_is_next(hart, aside)) {
			run_aside(hart, aside);
			return true;
		}
		all_to_queues(hart);
	}
	put_away(hart, thread, budget, turn);
	return false;
}

HELD static inline void choose(struct hart *hart)
{
	struct thread *next;

	/* Somebody may wait for this hart to leave a thread, or to go. */
	if (hart->evicts)
		hart_evicted(hart);
	if (steps_pending(&hart->steps))
		hart_steps(hart);
	if (hart->departs)
		hart_depart(hart);
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
	begin_turn(hart, next, budget_effective(next));
	if (hart_many && hart_has_ready(hart))
		hart_hint();
}

HELD static __attribute__((noinline)) void pick(struct hart *hart)
{
	const struct thread *before = hart->current;

	if (!pick_quickly(hart) && !leave_current(hart)) {
		choose(hart);
		hart->switch_count += hart->current != before;
	}
	if (hart->current != before)
		trace(NX_TRACE_SWITCH, hart->current->object.id, 0, 0);
	sched_check();
}

/* The steps of a dead one may have been taken over. */
HELD static inline bool has_to_finish(const struct thread *thread)
{
	return steps_pending(&thread->steps) || thread->state == THREAD_DEAD;
}

/* The current thread does its steps before it goes on in its program;
 * meanwhile another one may go first, or it is gone behind them. */
HELD OUT_OF_THE_WAY static void steps_finish(struct hart *hart)
{
	struct thread *thread = hart->current;

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
HELD static __attribute__((noinline)) struct thread *
schedule_anew(struct hart *hart)
{
	struct thread *current = hart->current;

	if (hart->need_schedule || current == NULL) {
		/* Whoever waits for the kernel is why there are steps left. One
		 * that is blocked must be put away first, lest it is woken and
		 * runs elsewhere. */
		if (current != NULL && steps_pending(&current->steps) &&
		    current->state == THREAD_RUNNING)
			pause();
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

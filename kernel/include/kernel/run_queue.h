/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_RUN_QUEUE_H
#define KERNEL_RUN_QUEUE_H
/** @file run_queue.h
 * Who is next among the ready threads of a hart.
 *
 * Each class of a hart has a virtual clock. A tick of processor time costs a
 * budget RUN_RATE / share of virtual time, and what it has spent on that hart
 * is when its next turn begins: not before the clock, so that sleep saves
 * nothing, and at most RUN_LEAD_TURNS turns after it, so that nobody is shut
 * out for what was long ago. The deadline of a turn is its beginning and what
 * a whole turn costs; the first deadline is next, and the clock stands at the
 * beginning of the turn that was given last, or at most one turn behind one
 * that began or went on because nobody waited. A turn that somebody more urgent
 * has cut short keeps its deadline.
 *
 * All times wrap around; heap_before() compares them. */
#include <kernel/aging.h>
#include <kernel/budget.h>
#include <kernel/hart.h>
#include <kernel/thread.h>

#define RUN_RATE (UINT64_C(1024) * NX_SHARE_MAX)
#define RUN_LEAD_TURNS 256
/** run_class of a thread that is ready but held; see limit.h. */
#define RUN_HELD QOS_CLASSES
/** turn_class of a turn that began without a queue: it has no deadline. */
#define RUN_NEXT (QOS_CLASSES + 1)

enum run_turn {
	RUN_NEW,  /* it was not running */
	RUN_OVER, /* it was, and its turn is over */
	RUN_KEEP  /* it was, and goes on with it, if anything is left */
};

/** One that may run on another hart, of this class, or NULL. Does not look
 * at all of a long queue. */
HELD struct thread *run_queue_find(struct hart *hart, uint32_t qos_class,
				   uint32_t bit);

static inline struct thread *run_queue_thread(struct heap_node *node)
{
	return CONTAINER_OF(node, struct thread, run);
}

/** When a turn on this budget can begin. */
HELD static inline uint64_t run_queue_start(const struct hart *hart,
					    const struct budget *budget)
{
	uint64_t ahead_max = budget->span * RUN_LEAD_TURNS;
	uint64_t clock = hart->ready[budget->qos_class].clock;
	uint64_t ahead = budget->spent[hart->id] - clock;

	if ((int64_t)ahead < 0)
		return clock;
	return clock + (ahead < ahead_max ? ahead : ahead_max);
}

/** Put a ready thread into the queue of its budget's class. */
HELD static inline void run_queue_add(struct hart *hart, struct thread *thread,
				      struct budget *budget, enum run_turn turn)
{
	size_t qos_class = budget->qos_class;
	struct run_queue *queue = &hart->ready[qos_class];
	uint64_t start;

	thread->run_class = (uint8_t)qos_class;
	if (turn == RUN_KEEP && hart->turn_class == qos_class &&
	    heap_before(budget->spent[hart->id], hart->turn_deadline)) {
		thread->run.key = hart->turn_deadline;
	} else {
		start = run_queue_start(hart, budget);
		if (turn == RUN_OVER && hart->turn_class == qos_class &&
		    heap_before(start, hart->turn_deadline))
			start = hart->turn_deadline;
		/* One more: those on one budget take turns. */
		budget->spent[hart->id] = start + 1;
		thread->run.key = start + budget->span;
	}
	if (queue->first != NULL) {
		heap_insert(&queue->first, &thread->run);
		return;
	}
	/* The class waits from now on; or from when the current thread was
	 * last charged, which AGING_NS lie behind at most once in that time. */
	heap_begin(&queue->first, &thread->run);
	queue->served_ticks = hart->thread_ticks;
	hart->ready_mask |= UINT32_C(1) << qos_class;
}

/** Take a thread out of the queue it is in. */
HELD static inline void run_queue_leave(struct hart *hart,
					struct thread *thread)
{
	size_t qos_class = thread->run_class;
	struct run_queue *queue = &hart->ready[qos_class];

	if (queue->first == &thread->run && heap_is_single(queue->first)) {
		queue->first = NULL;
		hart->ready_mask &= ~(UINT32_C(1) << qos_class);
	} else {
		heap_remove(&queue->first, &thread->run);
	}
}

/** Take out who is next and begin its turn; NULL: nobody is ready. */
HELD static inline struct thread *run_queue_take(struct hart *hart)
{
	/* The highest of four bits. */
	static const uint8_t highest[1 << QOS_CLASSES] = { 0, 0, 1, 1, 2, 2,
							   2, 2, 3, 3, 3, 3,
							   3, 3, 3, 3 };
	size_t qos_class = highest[hart->ready_mask];
	struct thread *thread;

	if (hart->ready_mask == 0)
		return NULL;
	if (heap_before(hart->thread_ticks, hart->aging_ticks))
		hart->ready[qos_class].served_ticks = hart->thread_ticks;
	else
		qos_class = aging_choose(hart, (uint32_t)qos_class);
	thread = run_queue_thread(hart->ready[qos_class].first);
	run_queue_leave(hart, thread);
	hart->turn_class = qos_class;
	hart->turn_deadline = thread->run.key;
	return thread;
}

/** The end of a turn without a queue, or of one that was longer than turns are,
 * for nobody waited: time has come nearly as far as the budget has. */
HELD static inline void run_queue_catch_up(struct hart *hart,
					   const struct budget *budget)
{
	struct run_queue *queue = &hart->ready[budget->qos_class];
	uint64_t start = budget->spent[hart->id] - budget->span;

	if (heap_before(queue->clock, start))
		queue->clock = start;
}

/** A turn that was taken from a queue begins: time has come so far. */
HELD static inline void run_queue_begin(struct hart *hart,
					const struct budget *budget)
{
	uint64_t *clock = &hart->ready[hart->turn_class].clock;
	uint64_t start = hart->turn_deadline - budget->span;

	if (heap_before(*clock, start))
		*clock = start;
}
#endif /* KERNEL_RUN_QUEUE_H */

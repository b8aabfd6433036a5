/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_STEPS_H
#define KERNEL_STEPS_H
/** @file steps.h
 * Work that may be long: freeing the pages of a large VMO, ending a process
 * or a job, taking a large mapping away. It is done in steps of some hundred
 * instructions each, by the thread that caused it, before that thread goes
 * on in its program (or, when it died of it, before it is gone). Between
 * steps kernel_poll() says whether anybody waits for the kernel; if so what
 * is left stays with the thread, interrupts are handled, and another thread
 * of a higher class may go first.
 *
 * A call that has more to do with its own arguments (copying, revoking,
 * filling, mapping) says SYS_AGAIN instead: it is made again with the
 * registers as it left them. */
#include <kernel/list.h>
#include <kernel/lock.h>

struct object;

/** A long task; embedded in what it is about. */
struct work GUARDED_FIELDS {
	struct list node; /* of struct steps; in none: its own ring */
	/** Do a part; true: it was the last one, and `work` may be gone. */
	bool (*step)(struct work *work);
} GUARDED_END;

/** What a thread, or a hart without one, has left to do. */
struct steps GUARDED_FIELDS {
	struct list works;   /* the newest first */
	struct object *dead; /* linked through object->next_dead */
	bool running;
} GUARDED_END;

HELD void steps_init(struct steps *steps);
HELD void work_init(struct work *work, bool (*step)(struct work *work));

/** Must the kernel stop what it does at the next step? To be asked at least
 * every 1,000 instructions; costs a few. */
HELD bool kernel_poll(void);

/** Those of the current thread; of the hart without one, or if another hart
 * killed it. */
HELD struct steps *steps_here(void);
HELD static inline bool steps_pending(const struct steps *steps)
{
	return steps->dead != NULL || !list_is_empty(&steps->works);
}

/** Let the current thread do this work, whoever had it before, and begin.
 * Inside another step it is done behind that one. */
HELD void steps_add(struct work *work);
/** An object whose last reference has gone: the same. */
HELD void steps_add_dead(struct object *object);
/** Go on until nothing is left, or kernel_poll() says so after a step.
 * @return whether nothing is left. */
HELD bool steps_run(struct steps *steps);
/** All that is left in `from` is work of `to`. */
HELD void steps_move(struct steps *from, struct steps *to);
/** The same for steps_here(), which begin with it. */
HELD void steps_take_over(struct steps *from);
#endif /* KERNEL_STEPS_H */

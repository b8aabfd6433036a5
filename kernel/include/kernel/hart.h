/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HART_H
#define KERNEL_HART_H
/** @file hart.h
 * One hart's own state. Threads, ports, events, timers and run queues
 * belong to a home hart; only that hart touches them, with interrupts off,
 * so they need no lock. Others ask it through owner_call(). */
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/timer.h>

struct thread;

#define QOS_CLASSES 4

struct hart {
	uint32_t id;
	struct thread *current; /* NULL while idle */
	struct list ready[QOS_CLASSES];
	struct timer_queue timers;
	uint64_t slice_ticks;  /* length of a turn */
	uint64_t slice_end;    /* ticks when the current thread's is over */
	uint64_t thread_ticks; /* when the current thread was last charged */
	uint64_t budget_ticks; /* when its budget was */
	uint64_t fast_count;   /* calls that the fast path has done */
	uint32_t trace_events; /* NX_TRACE_* that are written; 0: off */
	bool need_schedule;    /* current may not go on */
	bool timer_stale;      /* the next wake-up may have changed */
	uint64_t programmed;   /* ticks last given to the machine */
};

/** Use this_hart(). */
extern struct hart boot_hart;

static inline struct hart *this_hart(void)
{
	return &boot_hart;
}

static inline struct thread *current_thread(void)
{
	return this_hart()->current;
}

/** Run `function(argument)` on the hart that owns what it touches, at the
 * latest before the caller's thread goes on. With one hart: at once. */
void owner_call(uint32_t home_hart, void (*function)(void *argument),
		void *argument);
/** Panic unless this hart is the home. */
static inline void owner_assert(uint32_t home_hart)
{
	if (home_hart != this_hart()->id)
		panic("hart %u touches what hart %u owns", this_hart()->id,
		      home_hart);
}
#endif /* KERNEL_HART_H */

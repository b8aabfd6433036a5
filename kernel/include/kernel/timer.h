/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H
/** @file timer.h
 * Deadlines of one hart, in a heap whose links are inside the timers. A
 * timer may fire between its deadline and deadline + slack, so that one
 * wake-up serves many. */
#include <kernel/heap.h>
#include <kernel/lock.h>

#define NS_PER_SECOND UINT64_C(1000000000)

struct hart;

/** Nothing happens later: 292 years. */
#define TIMER_NS_MAX UINT64_C(0x7fffffffffffffff)
/** How many fire before interrupts are looked for again. */
#define TIMER_BATCH 8

struct timer GUARDED_FIELDS {
	struct heap_node node; /* its key: deadline + slack in ns */
	uint64_t deadline_ns;  /* earliest */
	uint64_t latest_ticks; /* deadline + slack */
	void (*fire)(struct timer *timer);
	bool armed;
	struct hart *hart; /* in whose heap, if armed */
} GUARDED_END;

uint64_t time_now_ns(void);
uint64_t time_ticks_to_ns(uint64_t ticks); /* rounds down */
uint64_t time_ns_to_ticks(uint64_t ns);	   /* rounds up; never is never */

/** Arm (again), on this hart, where `fire` runs after the timer was
 * disarmed. */
HELD void timer_arm(struct timer *timer, uint64_t deadline_ns,
		    uint64_t slack_ns, void (*fire)(struct timer *timer));
/** Fine if not armed. */
HELD void timer_disarm_armed(struct timer *timer);
HELD static inline void timer_disarm(struct timer *timer)
{
	if (timer->armed)
		timer_disarm_armed(timer);
}
/** Fire what is due, or TIMER_BATCH of it, and program the machine's next
 * wake-up, the end of the running slice included. */
HELD void timer_run(void);
HELD void timer_program(void);
/** Give all timers of this hart to another. */
HELD void timer_move_all(struct hart *from, struct hart *to);
#endif /* KERNEL_TIMER_H */

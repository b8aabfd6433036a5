/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers of a hart in a pairing heap ordered by the latest moment each may
 * fire. The machine is woken at the least of these; then everything from
 * the top that may fire fires, so that deadlines whose slack overlaps share
 * one wake-up. */
#include <kernel/timer.h>

#include <kernel/arch.h>
#include <kernel/hart.h>
#include <kernel/sched.h>

uint64_t time_now_ns(void)
{
	return time_ticks_to_ns(arch_ticks());
}

uint64_t time_ticks_to_ns(uint64_t ticks)
{
	uint64_t hz = arch_ticks_per_second();

	return ticks / hz * NS_PER_SECOND + ticks % hz * NS_PER_SECOND / hz;
}

uint64_t time_ns_to_ticks(uint64_t ns)
{
	uint64_t hz = arch_ticks_per_second();
	uint64_t seconds = ns / NS_PER_SECOND;
	uint64_t part =
		(ns % NS_PER_SECOND * hz + NS_PER_SECOND - 1) / NS_PER_SECOND;
	uint64_t ticks;

	if (ns == UINT64_MAX)
		return UINT64_MAX;
	if (__builtin_mul_overflow(seconds, hz, &ticks) ||
	    __builtin_add_overflow(ticks, part, &ticks))
		return UINT64_MAX;
	return ticks;
}

/* Two heaps become one; either may be NULL. */
static struct timer *meld(struct timer *left, struct timer *right)
{
	struct timer *above = left, *below = right;

	if (left == NULL || right == NULL)
		return left != NULL ? left : right;
	if (right->latest_ns < left->latest_ns) {
		above = right;
		below = left;
	}
	below->prev = above;
	below->next = above->child;
	if (above->child != NULL)
		above->child->prev = below;
	above->child = below;
	above->next = NULL;
	above->prev = NULL;
	return above;
}

/* The children of a removed node: meld pairs from left to right, then all
 * of these from right to left. Neither pass recurses. */
static struct timer *meld_siblings(struct timer *first)
{
	struct timer *pairs = NULL, *heap = NULL, *next;

	while (first != NULL) {
		struct timer *second = first->next;

		next = second != NULL ? second->next : NULL;
		first->next = NULL;
		first->prev = NULL;
		if (second != NULL) {
			second->next = NULL;
			second->prev = NULL;
		}
		first = meld(first, second);
		first->next = pairs;
		pairs = first;
		first = next;
	}
	while (pairs != NULL) {
		next = pairs->next;
		pairs->next = NULL;
		heap = meld(heap, pairs);
		pairs = next;
	}
	return heap;
}

static void heap_remove(struct timer_queue *queue, struct timer *timer)
{
	struct timer *below = meld_siblings(timer->child);

	if (queue->root == timer) {
		queue->root = below;
	} else {
		if (timer->prev->child == timer)
			timer->prev->child = timer->next;
		else
			timer->prev->next = timer->next;
		if (timer->next != NULL)
			timer->next->prev = timer->prev;
		queue->root = meld(queue->root, below);
	}
	timer->child = NULL;
	timer->next = NULL;
	timer->prev = NULL;
}

static void insert(struct hart *hart, struct timer *timer)
{
	kernel_lock_assert();
	timer->hart = hart;
	timer->child = NULL;
	timer->next = NULL;
	timer->prev = NULL;
	hart->timers.root = meld(hart->timers.root, timer);
	if (hart->timers.root == timer)
		hart->timer_stale = true;
}

void timer_arm(struct timer *timer, uint64_t deadline_ns, uint64_t slack_ns,
	       void (*fire)(struct timer *timer))
{
	struct hart *hart = this_hart();

	timer_disarm(timer);
	timer->deadline_ns = deadline_ns;
	if (__builtin_add_overflow(deadline_ns, slack_ns, &timer->latest_ns))
		timer->latest_ns = UINT64_MAX;
	timer->latest_ticks = time_ns_to_ticks(timer->latest_ns);
	timer->fire = fire;
	timer->armed = true;
	insert(hart, timer);
}

void timer_disarm_armed(struct timer *timer)
{
	struct hart *hart = timer->hart;

	kernel_lock_assert();
	if (hart->timers.root == timer)
		hart->timer_stale = true;
	heap_remove(&hart->timers, timer);
	timer->armed = false;
}

void timer_run(void)
{
	struct hart *hart = this_hart();
	uint64_t now_ticks = arch_ticks();
	uint64_t now_ns = time_ticks_to_ns(now_ticks);
	struct timer *timer;

	kernel_lock_assert();
	while ((timer = hart->timers.root) != NULL &&
	       timer->deadline_ns <= now_ns) {
		timer_disarm(timer);
		timer->fire(timer);
	}
	if (now_ticks >= hart->slice_end && sched_has_ready(hart))
		hart->need_schedule = true;
	hart->programmed = 0;
	hart->timer_stale = true;
}

void timer_program(void)
{
	struct hart *hart = this_hart();
	uint64_t ticks = UINT64_MAX;

	kernel_lock_assert();
	if (hart->timers.root != NULL)
		ticks = hart->timers.root->latest_ticks;
	if (hart->current != NULL && ticks > hart->slice_end &&
	    sched_has_ready(hart))
		ticks = hart->slice_end;
	hart->timer_stale = false;
	if (ticks == hart->programmed)
		return;
	hart->programmed = ticks;
	arch_timer_set(ticks);
}

OUT_OF_THE_WAY void timer_move_all(struct hart *from, struct hart *to)
{
	struct timer *timer;

	kernel_lock_assert();
	while ((timer = from->timers.root) != NULL) {
		heap_remove(&from->timers, timer);
		insert(to, timer);
	}
}

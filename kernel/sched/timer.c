/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers of a hart in a heap ordered by the latest moment each may fire. The
 * machine is woken at the least of these; then everything from the top that may
 * fire fires, so that deadlines whose slack overlaps share one wake-up. */
#include <kernel/timer.h>

#include <kernel/arch.h>
#include <kernel/hart.h>

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

HELD static struct timer *first_timer(const struct hart *hart)
{
	if (hart->timers == NULL)
		return NULL;
	return CONTAINER_OF(hart->timers, struct timer, node);
}

HELD static void insert(struct hart *hart, struct timer *timer)
{
	timer->hart = hart;
	heap_insert(&hart->timers, &timer->node);
	if (timer->latest_ticks < hart->programmed)
		hart->timer_stale = true;
}

void timer_arm(struct timer *timer, uint64_t deadline_ns, uint64_t slack_ns,
	       void (*fire)(struct timer *timer))
{
	struct hart *hart = this_hart();

	timer_disarm(timer);
	timer->deadline_ns = deadline_ns;
	if (__builtin_add_overflow(deadline_ns, slack_ns, &timer->node.key) ||
	    timer->node.key > TIMER_NS_MAX)
		timer->node.key = TIMER_NS_MAX;
	timer->latest_ticks = time_ns_to_ticks(timer->node.key);
	timer->fire = fire;
	timer->armed = true;
	insert(hart, timer);
}

void timer_disarm_armed(struct timer *timer)
{
	heap_remove(&timer->hart->timers, &timer->node);
	timer->armed = false;
}

void timer_run(void)
{
	struct hart *hart = this_hart();
	uint64_t now_ticks = arch_ticks();
	uint64_t now_ns = time_ticks_to_ns(now_ticks);
	struct timer *timer;

	for (unsigned i = 0; i < TIMER_BATCH; i++) {
		timer = first_timer(hart);
		if (timer == NULL || timer->deadline_ns > now_ns)
			break;
		timer_disarm(timer);
		timer->fire(timer);
	}
	if (now_ticks >= hart->slice_end && hart_turn_ends(hart))
		hart->need_schedule = true;
	hart->programmed = 0;
	hart->timer_stale = true;
}

void timer_program(void)
{
	struct hart *hart = this_hart();
	uint64_t ticks = UINT64_MAX;

	if (hart->timers != NULL)
		ticks = first_timer(hart)->latest_ticks;
	if (hart->current != NULL && ticks > hart->slice_end &&
	    hart_turn_ends(hart))
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

	while ((timer = first_timer(from)) != NULL) {
		heap_remove(&from->timers, &timer->node);
		insert(to, timer);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* On which hart; see place.h. */
#include <kernel/place.h>

#include <kernel/budget.h>
#include <kernel/counters.h>
#include <kernel/process.h>
#include <kernel/run_queue.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

/* One whose harts are all gone may run everywhere. */
HELD static uint32_t allowed_harts(const struct thread *thread)
{
	uint32_t allowed = thread->affinity & harts_online;

	return allowed != 0 ? allowed : harts_online;
}

bool sched_may_run(const struct thread *thread, uint32_t bits)
{
	return (allowed_harts(thread) & bits) != 0;
}

bool sched_can_switch_to(const struct thread *thread)
{
	return thread->hart == this_hart() ||
	       sched_may_run(thread, this_hart()->bit);
}

void sched_set_hart(struct thread *thread, struct hart *hart)
{
	if (thread->hart != NULL && thread->hart != hart)
		count(NX_COUNTER_MIGRATIONS, 1);
	thread->hart = hart;
	thread->process->space.harts |= hart->bit;
}

OUT_OF_THE_WAY void sched_set_affinity(struct thread *thread, uint32_t affinity)
{
	thread->affinity = affinity;
	if (!hart_many || sched_may_run(thread, thread->hart->bit))
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

int place_class(const struct hart *hart)
{
	if (hart->current == NULL || hart->current->state != THREAD_RUNNING)
		return -1;
	return (int)budget_effective(hart->current)->qos_class;
}

HELD static bool has_nothing(const struct hart *hart)
{
	return hart->idle && !hart_has_ready(hart);
}

/* Where it was, if that hart has nothing to do; here, where no kick is
 * needed, if this one has not; any that has not. Else where the least urgent
 * thread runs if it is less urgent, and else where it was. */
struct hart *place_choose(struct thread *thread)
{
	uint32_t allowed = allowed_harts(thread);
	struct hart *home = thread->hart, *here = this_hart(), *best = NULL;
	int qos_class = (int)budget_effective(thread)->qos_class;
	bool may_stay = (allowed & home->bit) != 0;

	if (may_stay && has_nothing(home))
		return home;
	if ((allowed & here->bit) != 0 && has_nothing(here))
		return here;
	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		struct hart *hart = &harts[i];

		if ((allowed >> i & 1) == 0)
			continue;
		if (has_nothing(hart))
			return hart;
		if (best == NULL || place_class(hart) < place_class(best))
			best = hart;
	}
	KASSERT(best != NULL); /* some hart is there */
	if (may_stay && (place_class(best) >= qos_class ||
			 place_class(best) == place_class(home)))
		return home;
	return best;
}

/* None that is more urgent than what that hart does, for such a one is about
 * to run there. */
OUT_OF_THE_WAY struct thread *place_steal(struct hart *thief)
{
	for (uint32_t n = 1; n < HARTS_MAX; n++) {
		struct hart *from = &harts[(thief->id + n) % HARTS_MAX];
		struct thread *thread = NULL;

		if ((harts_online & from->bit) == 0)
			continue;
		for (int i = place_class(from); i >= 0 && thread == NULL; i--)
			thread = run_queue_find(from, (uint32_t)i, thief->bit);
		if (thread == NULL)
			continue;
		sched_remove(thread);
		sched_set_hart(thread, thief);
		count(NX_COUNTER_STEALS, 1);
		return thread;
	}
	return NULL;
}

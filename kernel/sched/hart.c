/* SPDX-License-Identifier: BSD-2-Clause */
/* Harts, and what one asks of another: a note in its structure, then a kick.
 * Kicks are merged; only hints, without which all goes on, are dropped. */
#include <kernel/hart.h>

#include <kernel/counters.h>
#include <kernel/irq.h>
#include <kernel/limit.h>
#include <kernel/run_queue.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/thread.h>

struct hart harts[HARTS_MAX];
bool hart_many;
uint32_t harts_online;

/* Threads in THREAD_EVICTING. */
static struct list waiters GUARDED;

HELD static void hart_init(struct hart *hart)
{
	bool has_lock = hart->has_lock;
	uint32_t trace_events = hart->trace_events;

	memset(hart, 0, offsetof(struct hart, arch));
	hart->id = (uint32_t)(hart - harts);
	hart->bit = UINT32_C(1) << hart->id;
	hart->trace_events = trace_events;
	hart->no_aside = hart_many;
	hart->has_lock = has_lock;
	hart->poll_count = 0;
	steps_init(&hart->steps);
	hart->thread_ticks = arch_ticks();
	hart->budget_ticks = hart->thread_ticks;
	hart->slice_ticks = time_ns_to_ticks(SCHED_SLICE_NS);
	hart->programmed = UINT64_MAX;
	arch_timer_set(UINT64_MAX);
}

void hart_boot(void)
{
	struct hart *hart = this_hart();

	kernel_lock_boot();
	hart_many = false;
	limit_any = false;
	for (uint32_t i = 1; i < HARTS_MAX; i++) {
		memset(&harts[i], 0, offsetof(struct hart, arch));
		harts[i].id = i;
	}
	list_init(&waiters);
	hart->trace_events = 0;
	hart_init(hart);
	harts_online = hart->bit;
}

void hart_expect_others(void)
{
	hart_many = true;
	this_hart()->no_aside = true;
}

void hart_join(struct hart *hart)
{
	hart_init(hart);
	harts_online |= hart->bit;
}

OUT_OF_THE_WAY void hart_kick(struct hart *hart)
{
	if (hart->kicked) {
		count(NX_COUNTER_KICKS_MERGED, 1);
		return;
	}
	hart->kicked = true;
	count(NX_COUNTER_KICKS, 1);
	arch_kick(hart);
}

OUT_OF_THE_WAY void hart_hint(void)
{
	struct hart *hart = NULL;
	uint64_t now_ticks = arch_ticks();

	for (uint32_t i = 0; i < HARTS_MAX && hart == NULL; i++)
		if ((harts_online >> i & 1) != 0 && harts[i].idle)
			hart = &harts[i];
	if (hart == NULL)
		return;
	if (now_ticks - hart->hinted_ticks < time_ns_to_ticks(HART_HINT_NS)) {
		count(NX_COUNTER_HINTS_DROPPED, 1);
		return;
	}
	hart->hinted_ticks = now_ticks;
	hart_kick(hart);
}

OUT_OF_THE_WAY void hart_evict(struct hart *hart)
{
	hart->evicts = true;
	hart->need_schedule = true;
	hart_kick(hart);
}

HELD OUT_OF_THE_WAY static nx_status_t await_evictions(void)
{
	struct thread *self = current_thread();
	uint32_t waits_for = 0;

	for (uint32_t i = 0; i < HARTS_MAX; i++)
		if (harts[i].evicts && &harts[i] != this_hart())
			waits_for |= harts[i].bit;
	if (waits_for == 0 || self->state != THREAD_RUNNING)
		return NX_OK;
	self->evicting = waits_for;
	self->state = THREAD_EVICTING;
	list_push_back(&waiters, &self->queue);
	sched_block();
	return SYS_BLOCKED;
}

nx_status_t hart_await_evictions(void)
{
	return hart_many ? await_evictions() : NX_OK;
}

OUT_OF_THE_WAY void hart_evicted(struct hart *hart)
{
	struct list *node = waiters.next;

	hart->evicts = false;
	while (node != &waiters) {
		struct thread *thread = LIST_ENTRY(node, struct thread, queue);

		node = node->next;
		thread->evicting &= ~hart->bit;
		if (thread->evicting == 0)
			thread_wake(thread, NX_OK);
	}
}

/* The first one has what others leave, and the kernel's own interrupts. */
OUT_OF_THE_WAY nx_status_t hart_stop(uint32_t id)
{
	struct hart *hart;

	if (id >= HARTS_MAX || (harts_online >> id & 1) == 0)
		return NX_ERR_NOT_FOUND;
	if (id == 0)
		return NX_ERR_BAD_STATE;
	hart = &harts[id];
	harts_online &= ~hart->bit;
	hart->departs = true;
	if (hart == this_hart())
		hart->need_schedule = true;
	else
		hart_evict(hart);
	return NX_OK;
}

OUT_OF_THE_WAY nx_status_t hart_start(uint32_t id)
{
	if (id >= HARTS_MAX || !hart_many)
		return NX_ERR_NOT_FOUND;
	if ((harts_online >> id & 1) != 0)
		return NX_ERR_BAD_STATE;
	if (harts[id].departs || !arch_hart_start(&harts[id]))
		return NX_ERR_BUSY;
	return NX_OK;
}

/* It is not online any more, so nothing comes back to it. If it had nothing to
 * do nobody has said yet that it has left that. */
void hart_depart(struct hart *hart)
{
	struct thread *thread;

	if (hart->evicts)
		hart_evicted(hart);
	while ((thread = run_queue_take(hart)) != NULL)
		sched_ready(thread);
	timer_move_all(hart, &harts[0]);
	irq_leave(hart);
	hart_kick(&harts[0]);
	arch_timer_set(UINT64_MAX);
	arch_space_none();
	hart->departs = false;
	arch_hart_stop();
}

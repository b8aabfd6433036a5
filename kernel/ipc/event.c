/* SPDX-License-Identifier: BSD-2-Clause */
/* Events. A waiter holds a reference, so one that is destroyed has none. */
#include <kernel/event.h>

#include <kernel/hooks.h>
#include <kernel/thread.h>

/* Ended with their event. */
#define WATCHES_A_STEP 16

nx_status_t event_create(struct job *job, struct event **out_event)
{
	struct event *event;
	nx_status_t status = object_create(job, NX_KIND_EVENT, &event);

	if (status != NX_OK)
		return status;
	list_init(&event->watches);
	*out_event = event;
	return NX_OK;
}

void event_signal(struct event *event, uint64_t bits)
{
	struct thread *waiter = event->waiter;
	uint64_t taken;

	event->bits |= bits;
	if (waiter == NULL)
		return;
	taken = event->bits & waiter->event_mask;
	if (taken == 0)
		return;
	event->bits &= ~taken;
	waiter->frame.registers.a[0] = taken;
	thread_wake(waiter, NX_OK);
}

bool event_destroy(struct object *object)
{
	struct event *event = CONTAINER_OF(object, struct event, object);

	timer_disarm(&event->timer);
	for (unsigned i = 0; !list_is_empty(&event->watches); i++) {
		if (i == WATCHES_A_STEP)
			return false;
		event_watch_end(LIST_ENTRY(event->watches.next,
					   struct event_watch, in_event));
	}
	return true;
}

void event_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	(void)object;
	*state = 0;
	*value = 0;
}

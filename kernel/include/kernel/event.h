/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_EVENT_H
#define KERNEL_EVENT_H
/** @file event.h
 * Events: 64 bits that stay set until a waiter takes them, one waiter, one
 * timer. */
#include <kernel/list.h>
#include <kernel/object.h>
#include <kernel/timer.h>

struct thread;

struct event GUARDED_FIELDS {
	struct object object;
	uint64_t bits;
	struct thread *waiter; /* NULL or the one thread in wait */
	struct timer timer;
	uint64_t timer_bits;
	struct list watches; /* struct event_watch */
} GUARDED_END;

/** Somebody's wish to signal an event for as long as the event lives. It is
 * no reference: whoever could wait for it has one. */
struct event_watch GUARDED_FIELDS {
	struct list in_event;
	struct event *event; /* NULL: none */
} GUARDED_END;

HELD static inline void event_watch_end(struct event_watch *watch)
{
	if (watch->event == NULL)
		return;
	list_remove(&watch->in_event);
	watch->event = NULL;
}

/** Signal this event from now on and no other; NULL: none. */
HELD static inline void event_watch_set(struct event_watch *watch,
					struct event *event)
{
	event_watch_end(watch);
	if (event == NULL)
		return;
	watch->event = event;
	list_push_back(&event->watches, &watch->in_event);
}

HELD nx_status_t event_create(struct job *job, struct event **out_event);
/** Set bits and wake the waiter if one of its bits is among them. */
HELD __attribute__((noinline)) void event_signal(struct event *event,
						 uint64_t bits);
#endif /* KERNEL_EVENT_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_EVENT_H
#define KERNEL_EVENT_H
/** @file event.h
 * Events: 64 bits that stay set until a waiter takes them, one waiter, one
 * timer. */
#include <kernel/object.h>
#include <kernel/timer.h>

struct thread;

struct event {
	struct object object;
	uint32_t home_hart;
	uint64_t bits;
	struct thread *waiter; /* NULL or the one thread in wait */
	struct timer timer;
	uint64_t timer_bits;
};

nx_status_t event_create(struct job *job, struct event **out_event);
/** Set bits and wake the waiter if one of its bits is among them. */
void event_signal(struct event *event, uint64_t bits);
#endif /* KERNEL_EVENT_H */

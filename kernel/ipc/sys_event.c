/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on events and time. */
#include <kernel/syscall.h>

#include <kernel/arguments.h>
#include <kernel/event.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

HELD static inline __attribute__((always_inline)) nx_status_t
event_lookup(nx_handle_t number, nx_rights_t rights, struct event **out_event)
{
	struct handle *handle;
	nx_status_t status = handle_find(&current_process()->handles, number,
					 NX_KIND_EVENT, rights, &handle);

	if (status == NX_OK)
		*out_event = CONTAINER_OF(handle->object, struct event, object);
	return status;
}

nx_status_t sys_event_create(nx_handle_t number, nx_handle_t *out_event)
{
	struct event *event;
	struct job *job;
	nx_status_t status = job_payer(number, &job);

	if (status == NX_OK)
		status = event_create(job, &event);
	if (status != NX_OK)
		return status;
	return argument_install(&event->object, out_event);
}

HELD static nx_status_t wait_block(struct event *event, uint64_t mask,
				   uint64_t deadline_ns)
{
	struct thread *self = current_thread();

	object_ref(&event->object);
	event->waiter = self;
	self->event = event;
	self->event_mask = mask;
	self->state = THREAD_WAITING;
	thread_set_deadline(self, deadline_ns);
	sched_block();
	return SYS_BLOCKED;
}

nx_status_t sys_wait(nx_handle_t number, uint64_t mask, uint64_t deadline_ns,
		     uint64_t *out_bits)
{
	struct event *event;
	uint64_t taken;
	nx_status_t status;

	if (mask == 0)
		return NX_ERR_INVALID_ARGS;
	status = event_lookup(number, NX_RIGHT_WAIT, &event);
	if (status != NX_OK)
		return status;
	if (event->waiter != NULL)
		return NX_ERR_BUSY;
	taken = event->bits & mask;
	if (taken != 0) {
		event->bits &= ~taken;
		*out_bits = taken;
		return NX_OK;
	}
	if (deadline_ns <= time_now_ns())
		return NX_ERR_TIMED_OUT;
	return wait_block(event, mask, deadline_ns);
}

HELD static __attribute__((noinline)) nx_status_t
signal_slowly(struct event *event, uint64_t bits)
{
	event_signal(event, bits);
	return NX_OK;
}

/* When nothing but the waiter has to be looked at, and it runs at once, this
 * does what event_signal() leads to, and calls nothing. */
nx_status_t sys_signal(nx_handle_t number, uint64_t bits)
{
	struct event *event;
	struct thread *waiter;
	uint64_t taken;
	nx_status_t status;

	if (bits == 0)
		return NX_ERR_INVALID_ARGS;
	status = event_lookup(number, NX_RIGHT_SIGNAL, &event);
	if (status != NX_OK)
		return status;
	waiter = event->waiter;
	if (waiter == NULL || waiter->resume == 0 || !sched_is_before(waiter))
		return signal_slowly(event, bits);
	taken = (bits | event->bits) & waiter->event_mask;
	if (taken == 0)
		return signal_slowly(event, bits);
	event->bits = (bits | event->bits) & ~taken;
	event->waiter = NULL;
	event->object.reference_count--; /* not the last: the handle has one */
	waiter->event = NULL;
	waiter->frame.registers.a[0] = taken;
	waiter->frame.call = NX_OK;
	sched_run_before(waiter);
	return NX_OK;
}

nx_status_t sys_yield(void)
{
	sched_yield();
	return NX_OK;
}

HELD static void event_fire(struct timer *timer)
{
	struct event *event = CONTAINER_OF(timer, struct event, timer);

	event_signal(event, event->timer_bits);
}

nx_status_t sys_timer_set(nx_handle_t number, uint64_t bits,
			  uint64_t deadline_ns, uint64_t slack_ns)
{
	struct event *event;
	nx_status_t status;

	if (bits == 0 && deadline_ns != NX_DEADLINE_NEVER)
		return NX_ERR_INVALID_ARGS;
	status = event_lookup(number, NX_RIGHT_WAIT, &event);
	if (status != NX_OK)
		return status;
	if (deadline_ns == NX_DEADLINE_NEVER) {
		timer_disarm(&event->timer);
		return NX_OK;
	}
	event->timer_bits = bits;
	timer_arm(&event->timer, deadline_ns, slack_ns, event_fire);
	return NX_OK;
}

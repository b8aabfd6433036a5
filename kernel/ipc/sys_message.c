/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of whoever has something to say, and port_create. This is what
 * the calls mean; a shorter way through them may exist elsewhere, but never
 * another meaning. */
#include "ipc/message_internal.h"

#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>

nx_status_t sys_port_create(nx_handle_t number, uint32_t depth,
			    nx_handle_t *out_port)
{
	struct port *port;
	struct job *job;
	nx_status_t status;

	if (depth == 0 || depth > NX_PORT_DEPTH_MAX)
		return NX_ERR_INVALID_ARGS;
	status = job_payer(number, &job);
	if (status == NX_OK)
		status = port_create(job, depth, &port);
	if (status != NX_OK)
		return status;
	return argument_install(&port->object, out_port);
}

/* May the current thread wait for as long as it says? */
OUT_OF_THE_WAY static nx_status_t wait_check(uint64_t header,
					     uint64_t deadline_ns)
{
	if ((header & NX_HEADER_NONBLOCK) != 0)
		return NX_ERR_WOULD_BLOCK;
	if (deadline_ns != NX_DEADLINE_NEVER && deadline_ns <= time_now_ns())
		return NX_ERR_TIMED_OUT;
	return NX_OK;
}

void message_note_slow(struct thread *self, uint64_t header, unsigned reason)
{
	if (self->slow_headers == UINT64_MAX)
		reason = NX_SLOW_OFF;
	else if ((header & NX_HEADER_CAPS_MASK) != 0)
		reason = NX_SLOW_CAPS;
	else if ((header & NX_HEADER_FRAME) != 0)
		reason = NX_SLOW_FRAME;
	else if ((header & WAIT_FLAGS) != 0)
		reason = NX_SLOW_WAIT;
	self->slow_counts[reason]++;
}

nx_status_t message_wait(struct thread *self, struct port *port,
			 struct list *list, enum thread_state state)
{
	uint64_t header = self->frame.registers.a[1];
	uint64_t deadline_ns = message_deadline(self, header);
	nx_status_t status = wait_check(header, deadline_ns);

	if (status != NX_OK)
		return status;
	if (state == THREAD_CALLING)
		port->caller_count++;
	if (state != THREAD_SENDING)
		object_ref(&port->object);
	self->port = port;
	self->state = state;
	list_push_back(list, &self->queue);
	thread_set_deadline(self, deadline_ns);
	sched_block();
	return SYS_BLOCKED;
}

/* The receiver must make room; the message stays where it is, for the next
 * one, or SYS_AGAIN. */
HELD static nx_status_t wake_too_small(struct thread *receiver, uint64_t header)
{
	thread_wake_with(receiver, NX_ERR_BUFFER_TOO_SMALL, 0,
			 header & MESSAGE_HEADER_SEEN);
	return kernel_poll() ? SYS_AGAIN : NX_ERR_BUFFER_TOO_SMALL;
}

/* A port to send to, its header checked, and the identity of whoever sends
 * through this handle. */
HELD static inline nx_status_t target(struct nx_registers *registers,
				      nx_rights_t right, struct port **out_port,
				      uint64_t *out_identity)
{
	struct handle *handle;
	struct port *port;
	nx_status_t status = message_header_check(registers->a[1]);

	if (status == NX_OK)
		status = message_find(registers, NX_KIND_PORT, right, &handle);
	if (status != NX_OK)
		return status;
	port = CONTAINER_OF(handle->object, struct port, object);
	if (port->closed) {
		registers->a[0] = port->generation;
		return NX_ERR_PEER_CLOSED;
	}
	*out_identity = handle->identity;
	*out_port = port;
	return NX_OK;
}

/* Hand a call to a thread that waits for one, and the processor with it. */
HELD static nx_status_t call_receiver(struct thread *self, struct port *port,
				      uint64_t identity)
{
	struct thread *receiver = first_thread(&port->receivers);
	uint64_t header = self->frame.registers.a[1];
	nx_status_t status = message_transfer(self, receiver, identity);

	if (status == NX_ERR_BUFFER_TOO_SMALL)
		status = wake_too_small(receiver, header);
	if (status != NX_OK)
		return status;
	/* Its reference on the port is the caller's now. */
	thread_disarm(receiver);
	list_take(&receiver->queue);
	self->port = port;
	link_caller(receiver, self);
	if ((header & NX_HEADER_DEADLINE) != 0)
		thread_set_deadline(self, message_deadline(self, header));
	sched_switch_to(receiver);
	return SYS_BLOCKED;
}

/* Whoever waits gets it; who takes less than it is must make room. */
__attribute__((noinline)) nx_status_t
message_call(struct thread *self, struct port *port, uint64_t identity)
{
	nx_status_t status;

	while (!list_is_empty(&port->receivers)) {
		status = call_receiver(self, port, identity);
		if (status != NX_ERR_BUFFER_TOO_SMALL)
			return status;
	}
	self->identity = identity;
	status = message_caps_check(self, false);
	if (status != NX_OK)
		return status;
	return message_wait(self, port, &port->callers, THREAD_CALLING);
}

nx_status_t sys_call(struct nx_registers *registers)
{
	struct thread *self = current_thread();
	struct port *port;
	uint64_t identity;
	nx_status_t status = target(registers, NX_RIGHT_CALL, &port, &identity);

	if (status != NX_OK)
		return status;
	message_note_slow(self, registers->a[1],
			  list_is_empty(&port->receivers) ? NX_SLOW_NOBODY
							  : NX_SLOW_PEER);
	return message_call(self, port, identity);
}

HELD static bool is_full(const struct port *port)
{
	return port->depth >= port->depth_max || !list_is_empty(&port->senders);
}

nx_status_t sys_send(struct nx_registers *registers)
{
	struct thread *self = current_thread();
	struct port *port;
	uint64_t identity;
	nx_status_t status = target(registers, NX_RIGHT_SEND, &port, &identity);

	if (status == NX_OK)
		status = message_caps_check(self, true);
	if (status != NX_OK)
		return status;
	while (!list_is_empty(&port->receivers)) {
		struct thread *receiver = first_thread(&port->receivers);

		status = message_transfer(self, receiver, identity);
		if (status == NX_OK)
			thread_wake(receiver, NX_OK);
		if (status == NX_ERR_BUFFER_TOO_SMALL)
			status = wake_too_small(receiver, registers->a[1]);
		if (status != NX_ERR_BUFFER_TOO_SMALL)
			return status;
	}
	if (!is_full(port))
		return message_enqueue(self, port, identity);
	self->identity = identity;
	return message_wait(self, port, &port->senders, THREAD_SENDING);
}

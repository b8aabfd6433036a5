/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of whoever serves: recv, reply_recv, reply. As in sys_message.c,
 * this is what they mean, whatever shorter way there is. */
#include "ipc/message_internal.h"

#include <kernel/hart.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>

HELD static nx_status_t receive_queued(struct thread *self, struct port *port)
{
	nx_status_t status = message_dequeue(port, self);

	if (status == NX_OK) {
		port->message_turn = false;
		if (!list_is_empty(&port->senders))
			port_work(port);
		return SYS_DONE;
	}
	if (status == NX_ERR_BUFFER_TOO_SMALL)
		self->frame.registers.a[1] =
			LIST_ENTRY(port->messages.next, struct queued_message,
				   node)
				->header;
	return status;
}

/* NX_OK, or SYS_AGAIN: that caller got an error, and somebody else may be
 * received. */
HELD static nx_status_t receive_caller(struct thread *self, struct port *port)
{
	struct thread *caller = first_thread(&port->callers);
	nx_status_t status = message_transfer(caller, self, caller->identity);

	if (status == NX_ERR_BUFFER_TOO_SMALL) {
		self->frame.registers.a[1] =
			caller->frame.registers.a[1] & MESSAGE_HEADER_SEEN;
		return status;
	}
	if (status != NX_OK) {
		thread_wake(caller, status);
		return kernel_poll() ? SYS_AGAIN : NX_OK;
	}
	sched_charge();
	port->message_turn = true;
	list_take(&caller->queue);
	port->caller_count--;
	link_caller(self, caller);
	return SYS_DONE;
}

/* Callers and queued messages take turns, so that neither starves. NX_OK:
 * there is nobody. */
HELD static nx_status_t receive(struct thread *self, struct port *port)
{
	nx_status_t status = NX_OK;

	while (status == NX_OK) {
		bool messages = !list_is_empty(&port->messages);
		bool callers = !list_is_empty(&port->callers);

		if (!messages && !callers)
			break;
		if (messages && (port->message_turn || !callers))
			status = receive_queued(self, port);
		else
			status = receive_caller(self, port);
	}
	return status;
}

HELD static nx_status_t receive_target(const struct nx_registers *registers,
				       struct port **out_port)
{
	struct handle *handle;
	nx_status_t status =
		message_find(registers, NX_KIND_PORT, NX_RIGHT_RECV, &handle);

	if (status == NX_OK)
		*out_port = CONTAINER_OF(handle->object, struct port, object);
	return status;
}

HELD static nx_status_t receive_or_wait(struct thread *self, struct port *port)
{
	nx_status_t status = receive(self, port);

	if (status != NX_OK)
		return status;
	return message_wait(self, port, &port->receivers, THREAD_RECEIVING);
}

nx_status_t sys_recv(struct nx_registers *registers)
{
	struct thread *self = current_thread();
	uint64_t header = registers->a[1];
	struct port *port;
	nx_status_t status;

	if ((header & ~WAIT_FLAGS) != 0 || (header & WAIT_FLAGS) == WAIT_FLAGS)
		return NX_ERR_INVALID_ARGS;
	status = receive_target(registers, &port);
	if (status != NX_OK)
		return status;
	if (self->caller != NULL)
		return NX_ERR_BAD_STATE;
	self->caller_gone = false;
	return receive_or_wait(self, port);
}

/* Give the answer to the caller and part the two. The caller is in no list
 * and runnable then; a caller that was received through a port keeps its
 * reference on that. Where the budget changes it has paid before. */
HELD static nx_status_t answer(struct thread *self, struct thread *caller)
{
	uint64_t identity = (uint64_t)self->process->service_id << 32;
	nx_status_t status = message_transfer(self, caller, identity);

	if (status != NX_OK)
		return status;
	thread_disarm(caller);
	if (caller->callee != NULL) {
		caller->callee->caller = NULL;
		caller->callee = NULL;
	} else {
		caller->reply->caller = NULL;
		caller->reply = NULL;
	}
	return NX_OK;
}

/* The same, and the caller waits for the processor. */
HELD static nx_status_t answer_and_go_on(struct thread *self,
					 struct thread *caller)
{
	nx_status_t status;

	sched_charge();
	status = answer(self, caller);
	if (status == NX_OK) {
		object_unref(&caller->port->object);
		sched_ready(caller);
	}
	return status;
}

HELD static nx_status_t no_caller(struct thread *self)
{
	if (!self->caller_gone)
		return NX_ERR_BAD_STATE;
	self->caller_gone = false;
	return NX_ERR_PEER_CLOSED;
}

/* Nobody else waits in the port that the caller came through, and the caller
 * may run on this hart: it goes on
 * where the server stops, without a list between them, and its reference on
 * the port becomes the server's. */
HELD static nx_status_t
answer_and_wait(struct thread *self, struct thread *caller, struct port *port)
{
	nx_status_t status = answer(self, caller);

	if (status != NX_OK)
		return status;
	self->port = port;
	self->state = THREAD_RECEIVING;
	list_push_back(&port->receivers, &self->queue);
	sched_switch_to(caller);
	return SYS_BLOCKED;
}

nx_status_t sys_reply_recv(struct nx_registers *registers)
{
	struct thread *self = current_thread();
	struct thread *caller = self->caller;
	uint64_t header = registers->a[1];
	struct port *port;
	nx_status_t status = message_header_check(header);

	if (status == NX_OK)
		status = receive_target(registers, &port);
	if (status != NX_OK)
		return status;
	message_note_slow(self, header,
			  caller == NULL ? NX_SLOW_NOBODY
			  : port->caller_count + port->depth > 0
				  ? NX_SLOW_QUEUE
				  : NX_SLOW_PEER);
	if (caller == NULL) {
		if (self->caller_gone)
			return no_caller(self);
		return receive_or_wait(self, port);
	}
	if ((header & WAIT_FLAGS) == 0 && port->caller_count == 0 &&
	    port->depth == 0 && caller->port == port &&
	    sched_can_switch_to(caller))
		return answer_and_wait(self, caller, port);
	status = answer_and_go_on(self, caller);
	if (status != NX_OK)
		return status;
	return receive_or_wait(self, port);
}

HELD static nx_status_t reply_by_handle(struct thread *self)
{
	struct handle *handle;
	struct thread *caller;
	nx_status_t status = message_find(&self->frame.registers, NX_KIND_REPLY,
					  NX_RIGHT_SEND, &handle);

	if (status != NX_OK)
		return status;
	caller = CONTAINER_OF(handle->object, struct reply, object)->caller;
	if (caller != NULL)
		status = answer_and_go_on(self, caller);
	if (status == NX_OK)
		handle_close(handle, false);
	return caller != NULL ? status : NX_ERR_PEER_CLOSED;
}

nx_status_t sys_reply(struct nx_registers *registers)
{
	struct thread *self = current_thread();
	struct thread *caller = self->caller;
	nx_status_t status = message_header_check(registers->a[1]);

	if (status != NX_OK)
		return status;
	if ((registers->a[1] & WAIT_FLAGS) != 0)
		return NX_ERR_INVALID_ARGS;
	if (registers->a[0] != NX_HANDLE_CALLER)
		return reply_by_handle(self);
	if (caller == NULL)
		return no_caller(self);
	return answer_and_go_on(self, caller);
}

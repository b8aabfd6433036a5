/* SPDX-License-Identifier: BSD-2-Clause */
/* The message calls, and port_create. This is what the calls mean; a
 * shorter way through them may exist elsewhere, but never another meaning.
 *
 * A caller that has been received and its receiver point to each other
 * (caller, callee) until the answer, a death or a timeout parts them. */
#include <kernel/syscall.h>

#include <kernel/arguments.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/message.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

#define WAIT_FLAGS (NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK)

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

static struct thread *first_thread(const struct list *list)
{
	return LIST_ENTRY(list->next, struct thread, queue);
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

/* Why the fast path has left this call to us; where nothing of its header
 * says so, `otherwise`. */
static void note_slow(struct thread *self, uint64_t header, unsigned otherwise)
{
	unsigned reason = otherwise;

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

/* As the header of its message says. */
static nx_status_t wait_in(struct thread *self, struct port *port,
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

/* The receiver must make room; the message stays where it is. */
static void wake_too_small(struct thread *receiver, uint64_t header)
{
	thread_wake_with(receiver, NX_ERR_BUFFER_TOO_SMALL, 0,
			 header & MESSAGE_HEADER_SEEN);
}

/* From now on `receiver`, which had nobody to answer, has to answer
 * `caller`. */
static void link_caller(struct thread *receiver, struct thread *caller)
{
	caller->state = THREAD_AWAITING_REPLY;
	caller->callee = receiver;
	receiver->caller = caller;
}

/* The handle in a0. */
static inline nx_status_t find(const struct nx_registers *registers,
			       uint32_t kind, nx_rights_t right,
			       struct handle **out_handle)
{
	if (registers->a[0] > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	return argument_handle((nx_handle_t)registers->a[0], kind, right,
			       out_handle);
}

/* A port to send to, its header checked, and the identity of whoever sends
 * through this handle. */
static inline nx_status_t target(struct nx_registers *registers,
				 nx_rights_t right, struct port **out_port,
				 uint64_t *out_identity)
{
	struct handle *handle;
	struct port *port;
	nx_status_t status = message_header_check(registers->a[1]);

	if (status == NX_OK)
		status = find(registers, NX_KIND_PORT, right, &handle);
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
static nx_status_t call_receiver(struct thread *self, struct port *port,
				 uint64_t identity)
{
	struct thread *receiver = first_thread(&port->receivers);
	uint64_t header = self->frame.registers.a[1];
	nx_status_t status = message_transfer(self, receiver, identity);

	if (status == NX_ERR_BUFFER_TOO_SMALL)
		wake_too_small(receiver, header);
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
	return wait_in(self, port, &port->callers, THREAD_CALLING);
}

nx_status_t sys_call(struct nx_registers *registers)
{
	struct thread *self = current_thread();
	struct port *port;
	uint64_t identity;
	nx_status_t status = target(registers, NX_RIGHT_CALL, &port, &identity);

	if (status != NX_OK)
		return status;
	note_slow(self, registers->a[1],
		  list_is_empty(&port->receivers) ? NX_SLOW_NOBODY
						  : NX_SLOW_PEER);
	return message_call(self, port, identity);
}

static bool is_full(const struct port *port)
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
		if (status != NX_ERR_BUFFER_TOO_SMALL) {
			if (status == NX_OK)
				thread_wake(receiver, NX_OK);
			return status;
		}
		wake_too_small(receiver, registers->a[1]);
	}
	if (!is_full(port))
		return message_enqueue(self, port, identity);
	self->identity = identity;
	return wait_in(self, port, &port->senders, THREAD_SENDING);
}

/* There is room in the queue: the threads that wait for it go on, in their
 * order. */
static void refill(struct port *port)
{
	while (port->depth < port->depth_max &&
	       !list_is_empty(&port->senders)) {
		struct thread *sender = first_thread(&port->senders);

		thread_wake(sender,
			    message_enqueue(sender, port, sender->identity));
	}
}

static nx_status_t receive_queued(struct thread *self, struct port *port)
{
	nx_status_t status = message_dequeue(port, self);

	if (status == NX_OK) {
		port->message_turn = false;
		refill(port);
		return SYS_DONE;
	}
	if (status == NX_ERR_BUFFER_TOO_SMALL)
		self->frame.registers.a[1] =
			LIST_ENTRY(port->messages.next, struct queued_message,
				   node)
				->header;
	return status;
}

/* NX_OK: that caller got an error, and somebody else may be received. */
static nx_status_t receive_caller(struct thread *self, struct port *port)
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
		return NX_OK;
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
static nx_status_t receive(struct thread *self, struct port *port)
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

static nx_status_t receive_target(const struct nx_registers *registers,
				  struct port **out_port)
{
	struct handle *handle;
	nx_status_t status =
		find(registers, NX_KIND_PORT, NX_RIGHT_RECV, &handle);

	if (status == NX_OK)
		*out_port = CONTAINER_OF(handle->object, struct port, object);
	return status;
}

static nx_status_t receive_or_wait(struct thread *self, struct port *port)
{
	nx_status_t status = receive(self, port);

	if (status != NX_OK)
		return status;
	return wait_in(self, port, &port->receivers, THREAD_RECEIVING);
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
static nx_status_t answer(struct thread *self, struct thread *caller)
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
static nx_status_t answer_and_go_on(struct thread *self, struct thread *caller)
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

static nx_status_t no_caller(struct thread *self)
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
static nx_status_t answer_and_wait(struct thread *self, struct thread *caller,
				   struct port *port)
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
	note_slow(self, header,
		  caller == NULL			 ? NX_SLOW_NOBODY
		  : port->caller_count + port->depth > 0 ? NX_SLOW_QUEUE
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

static nx_status_t reply_by_handle(struct thread *self)
{
	struct handle *handle;
	struct thread *caller;
	nx_status_t status = find(&self->frame.registers, NX_KIND_REPLY,
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

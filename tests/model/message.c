/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports, messages, and who waits for whom. */
#include "model.h"

#include <string.h>

#define WAIT_FLAGS (NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK)

/* First in a port, of those in a state. */
static struct model_thread *first(const struct model_port *port,
				  enum model_state state)
{
	struct model_thread *best = NULL;

	for (struct model_object *o = model.objects; o; o = o->next) {
		struct model_thread *thread = (struct model_thread *)o;

		if (o->kind == NX_KIND_THREAD && thread->state == state &&
		    thread->port == port &&
		    (!best || thread->order < best->order))
			best = thread;
	}
	return best;
}

static void part(struct model_thread *caller)
{
	if (caller->callee) {
		caller->callee->caller = NULL;
		caller->callee->caller_gone = true;
		caller->callee = NULL;
	}
	if (caller->reply) {
		caller->reply->caller = NULL;
		caller->reply = NULL;
	}
}

static void leave_port(struct model_thread *thread)
{
	struct model_port *port = thread->port;
	bool holds = thread->state != MODEL_SENDING;

	thread->port = NULL;
	if (holds)
		model_unref(port);
}

void model_unblock(struct model_thread *thread)
{
	struct model_event *event = thread->event;

	switch (thread->state) {
	case MODEL_AWAITING:
		part(thread);
		leave_port(thread);
		break;
	case MODEL_CALLING:
	case MODEL_SENDING:
	case MODEL_RECEIVING:
		leave_port(thread);
		break;
	case MODEL_WAITING:
		event->waiter = NULL;
		thread->event = NULL;
		model_unref(event);
		break;
	default:
		break;
	}
}

void model_wake(struct model_thread *thread, nx_status_t status)
{
	model_unblock(thread);
	thread->state = MODEL_RUNNABLE;
	thread->answered = true;
	thread->status = status;
}

static void wake_with(struct model_thread *thread, nx_status_t status,
		      uint64_t a0, uint64_t a1)
{
	thread->out[0] = a0;
	thread->out[1] = a1;
	thread->out_mask = 3;
	model_wake(thread, status);
}

void model_wake_closed(struct model_thread *thread, uint64_t generation)
{
	wake_with(thread, NX_ERR_PEER_CLOSED, generation, 0);
}

static void wake_all(struct model_port *port, enum model_state state)
{
	struct model_thread *thread;

	while ((thread = first(port, state)) != NULL)
		model_wake_closed(thread, port->generation);
}

static struct model_message *first_message(const struct model_port *port)
{
	struct model_message *best = NULL;

	for (unsigned i = 0; i < MODEL_MESSAGES_MAX; i++) {
		struct model_message *message = &model.messages[i];

		if (message->port == port &&
		    (!best || message->order < best->order))
			best = message;
	}
	return best;
}

static void close_port(struct model_port *port)
{
	struct model_message *message;

	port->closed = true;
	wake_all(port, MODEL_RECEIVING);
	wake_all(port, MODEL_CALLING);
	wake_all(port, MODEL_SENDING);
	while ((message = first_message(port)) != NULL) {
		for (unsigned i = 0; i < message->cap_count; i++)
			if (message->caps[i])
				model_drop(message->caps[i]);
		message->port = NULL;
		port->depth--;
	}
}

/* A receiver whose own handle has gone gets nothing any more. */
static void recheck(struct model_port *port)
{
	struct model_thread *self = model.self;
	struct model_object *o;

	for (o = model.objects; o; o = o->next) {
		struct model_thread *thread = (struct model_thread *)o;
		struct model_node *node;

		if (o->kind != NX_KIND_THREAD || thread->port != port ||
		    thread->state != MODEL_RECEIVING)
			continue;
		model.self = thread;
		if (model_lookup((nx_handle_t)thread->in.a[0], NX_KIND_PORT,
				 NX_RIGHT_RECV, &node) != NX_OK)
			wake_with(thread, NX_ERR_BAD_HANDLE, 0, 0);
		model.self = self;
	}
}

void model_receiver_closed(struct model_port *port, bool death)
{
	port->receiver_handles--;
	if (death)
		port->generation++;
	if (port->receiver_handles == 0)
		close_port(port);
	else
		recheck(port);
}

static nx_status_t header_check(uint64_t header)
{
	uint64_t words = header >> NX_HEADER_WORDS_SHIFT & NX_HEADER_WORDS_MASK;

	if ((header & NX_HEADER_ZERO_MASK) != 0 || words > NX_MESSAGE_WORDS ||
	    (header & WAIT_FLAGS) == WAIT_FLAGS ||
	    ((header & NX_HEADER_FRAME) != 0) != (nx_header_bytes(header) != 0))
		return NX_ERR_INVALID_ARGS;
	if (nx_header_caps(header) > NX_MESSAGE_CAPS_MAX ||
	    nx_header_bytes(header) > NX_MESSAGE_FRAME_MAX)
		return NX_ERR_TOO_BIG;
	return NX_OK;
}

static uint64_t seen(uint64_t header)
{
	return header & ~WAIT_FLAGS;
}

/* The capabilities of a thread's message: nodes it has, rights it sends. */
struct caps {
	unsigned count;
	struct model_node *source[NX_MESSAGE_CAPS_MAX];
	nx_rights_t rights[NX_MESSAGE_CAPS_MAX];
};

static nx_status_t caps_of(struct model_thread *from, bool queue,
			   struct caps *caps)
{
	struct model_thread *self = model.self;
	nx_status_t status = NX_OK;

	model.self = from;
	caps->count = nx_header_caps(from->in.a[1]);
	for (unsigned i = 0; i < caps->count && status == NX_OK; i++) {
		nx_rights_t rights = from->send_caps[i].rights;

		if (rights != NX_RIGHTS_SAME && (rights & ~NX_RIGHTS_ALL) != 0)
			status = NX_ERR_INVALID_ARGS;
		else
			status = model_lookup(from->send_caps[i].handle,
					      NX_KIND_NONE, NX_RIGHT_TRANSFER,
					      &caps->source[i]);
		if (status != NX_OK)
			break;
		caps->rights[i] = caps->source[i]->rights;
		if (rights != NX_RIGHTS_SAME)
			caps->rights[i] &= rights;
	}
	for (unsigned i = 0; i < caps->count && status == NX_OK && queue; i++)
		if ((caps->rights[i] & NX_RIGHT_RECV) != 0)
			status = NX_ERR_INVALID_ARGS;
	model.self = self;
	return status;
}

static nx_status_t fits(const struct model_thread *to, uint64_t header)
{
	if (nx_header_bytes(header) > to->bytes_max ||
	    nx_header_caps(header) > to->caps_max)
		return NX_ERR_BUFFER_TOO_SMALL;
	return NX_OK;
}

static void deliver(struct model_thread *to, uint64_t identity, uint64_t header,
		    const uint64_t *words, uint8_t fill)
{
	to->out[0] = identity;
	to->out[1] = seen(header);
	memcpy(&to->out[2], words, NX_MESSAGE_WORDS * sizeof(*words));
	to->out_mask = 0xff;
	to->got_fill = nx_header_bytes(header) > 0 ? fill : -1;
	to->got_bytes = nx_header_bytes(header);
	to->answered = true;
	to->status = NX_OK;
}

static nx_status_t transfer(struct model_thread *from, struct model_thread *to,
			    uint64_t identity)
{
	uint64_t header = from->in.a[1];
	struct caps caps;
	nx_status_t status = caps_of(from, false, &caps);

	if (status == NX_OK)
		status = fits(to, header);
	if (status == NX_OK && caps.count > 0)
		status = model_reserve(to->process, caps.count);
	if (status != NX_OK)
		return status;
	to->new_cap_count = caps.count;
	for (unsigned i = 0; i < caps.count; i++)
		to->new_caps[i] = model_install(
			to->process, caps.source[i]->object, caps.rights[i],
			(uint32_t)caps.source[i]->identity, caps.source[i]);
	deliver(to, identity, header, &from->in.a[2], from->fill);
	return NX_OK;
}

static nx_status_t target(nx_rights_t right, struct model_port **out_port,
			  uint64_t *out_identity)
{
	struct model_thread *self = model.self;
	struct model_node *node;
	nx_status_t status = header_check(self->in.a[1]);

	if (status != NX_OK)
		return status;
	if (self->in.a[0] > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	status = model_lookup((nx_handle_t)self->in.a[0], NX_KIND_PORT, right,
			      &node);
	if (status != NX_OK)
		return status;
	*out_port = (struct model_port *)node->object;
	if ((*out_port)->closed) {
		model_out(0, (*out_port)->generation);
		return NX_ERR_PEER_CLOSED;
	}
	*out_identity = node->identity;
	return NX_OK;
}

/* Time stands still at a moment after 0. */
static nx_status_t may_wait(uint64_t header)
{
	if ((header & NX_HEADER_NONBLOCK) != 0)
		return NX_ERR_WOULD_BLOCK;
	if ((header & NX_HEADER_DEADLINE) != 0 && model.self->deadline_ns == 0)
		return NX_ERR_TIMED_OUT;
	return NX_OK;
}

static nx_status_t block(struct model_port *port, enum model_state state)
{
	struct model_thread *self = model.self;

	if (state != MODEL_SENDING)
		model_ref(port);
	self->port = port;
	self->state = state;
	self->order = ++model.order;
	return MODEL_BLOCKED;
}

static void too_small(struct model_thread *receiver, uint64_t header)
{
	wake_with(receiver, NX_ERR_BUFFER_TOO_SMALL, 0, seen(header));
}

static void join(struct model_thread *receiver, struct model_thread *caller)
{
	caller->state = MODEL_AWAITING;
	caller->callee = receiver;
	receiver->caller = caller;
}

nx_status_t model_call(void)
{
	struct model_thread *self = model.self, *receiver;
	struct model_port *port;
	struct caps caps;
	uint64_t identity;
	nx_status_t status = target(NX_RIGHT_CALL, &port, &identity);

	if (status != NX_OK)
		return status;
	while ((receiver = first(port, MODEL_RECEIVING)) != NULL) {
		status = transfer(self, receiver, identity);
		if (status == NX_OK) {
			/* The port that it held is held by the caller now. */
			receiver->state = MODEL_RUNNABLE;
			receiver->port = NULL;
			self->port = port;
			join(receiver, self);
			return MODEL_BLOCKED;
		}
		if (status != NX_ERR_BUFFER_TOO_SMALL)
			return status;
		too_small(receiver, self->in.a[1]);
	}
	status = caps_of(self, false, &caps);
	if (status == NX_OK)
		status = may_wait(self->in.a[1]);
	if (status != NX_OK)
		return status;
	self->identity = identity;
	return block(port, MODEL_CALLING);
}

/* `told` is what the kernel said to the sender. */
static nx_status_t enqueue(struct model_thread *from, struct model_port *port,
			   uint64_t identity, nx_status_t told)
{
	struct model_message *message = model.messages;
	struct caps caps;
	nx_status_t status = caps_of(from, true, &caps);

	if (status == NX_OK && is_memory_status(told))
		status = told;
	if (status != NX_OK)
		return status;
	while (message->port)
		message++;
	*message = (struct model_message){
		.identity = identity,
		.header = seen(from->in.a[1]),
		.fill = from->fill,
		.cap_count = caps.count,
		.port = port,
		.order = ++model.order,
	};
	memcpy(message->words, &from->in.a[2], sizeof(message->words));
	for (unsigned i = 0; i < caps.count; i++) {
		struct model_node *node =
			model_node(NODE_TRANSIT, caps.source[i]);

		node->object = caps.source[i]->object;
		node->rights = caps.rights[i];
		node->identity = (uint32_t)caps.source[i]->identity;
		model_ref(node->object);
		if (node->object->kind == NX_KIND_PORT &&
		    (node->rights & NX_RIGHT_RECV) != 0)
			((struct model_port *)node->object)->receiver_handles++;
		message->caps[i] = node;
	}
	port->depth++;
	return NX_OK;
}

nx_status_t model_send(void)
{
	struct model_thread *self = model.self, *receiver;
	struct model_port *port;
	struct caps caps;
	uint64_t identity;
	nx_status_t status = target(NX_RIGHT_SEND, &port, &identity);

	if (status == NX_OK)
		status = caps_of(self, true, &caps);
	if (status != NX_OK)
		return status;
	while ((receiver = first(port, MODEL_RECEIVING)) != NULL) {
		status = transfer(self, receiver, identity);
		if (status == NX_OK)
			model_wake(receiver, NX_OK);
		if (status != NX_ERR_BUFFER_TOO_SMALL)
			return status;
		too_small(receiver, self->in.a[1]);
	}
	if (port->depth >= port->depth_max || first(port, MODEL_SENDING)) {
		status = may_wait(self->in.a[1]);
		if (status != NX_OK)
			return status;
		self->identity = identity;
		return block(port, MODEL_SENDING);
	}
	return enqueue(self, port, identity, model.told);
}

static void refill(struct model_port *port)
{
	struct model_thread *sender;

	while (port->depth < port->depth_max &&
	       (sender = first(port, MODEL_SENDING)) != NULL)
		model_wake(sender, enqueue(sender, port, sender->identity,
					   compare_told(sender)));
}

static nx_status_t take_queued(struct model_port *port)
{
	struct model_thread *self = model.self;
	struct model_message *message = first_message(port);
	nx_status_t status = fits(self, message->header);

	if (status == NX_OK && message->cap_count > 0)
		status = model_reserve(self->process, message->cap_count);
	if (status == NX_ERR_BUFFER_TOO_SMALL)
		model_out(1, message->header);
	if (status != NX_OK)
		return status;
	self->new_cap_count = message->cap_count;
	for (unsigned i = 0; i < message->cap_count; i++) {
		struct model_node *node = message->caps[i];

		self->new_caps[i] = node;
		message->caps[i] = NULL;
		if (!node) {
			model_uncharge(self->process->object.job, MODEL_HANDLES,
				       1);
			continue;
		}
		node->type = NODE_HANDLE;
		node->process = self->process;
		node->identity |= (uint64_t)self->process->service_id << 32;
		/* In its own table a process is not kept by itself. */
		if (node->object == &self->process->object)
			model_unref(node->object);
	}
	deliver(self, message->identity, message->header, message->words,
		message->fill);
	message->port = NULL;
	port->depth--;
	port->message_turn = false;
	refill(port);
	return MODEL_DONE;
}

/* NX_OK: that caller has its error, and another may be received. */
static nx_status_t take_caller(struct model_port *port)
{
	struct model_thread *self = model.self;
	struct model_thread *caller = first(port, MODEL_CALLING);
	nx_status_t told = model.told, status;

	/* A failure is the caller's to hear. */
	model.told = compare_told(caller);
	status = transfer(caller, self, caller->identity);
	model.told = told;
	if (status == NX_ERR_BUFFER_TOO_SMALL) {
		model_out(1, seen(caller->in.a[1]));
		return status;
	}
	if (status != NX_OK) {
		model_wake(caller, status);
		return NX_OK;
	}
	port->message_turn = true;
	join(self, caller);
	return MODEL_DONE;
}

static nx_status_t receive_or_block(struct model_port *port, uint64_t header)
{
	nx_status_t status = NX_OK;

	while (status == NX_OK) {
		bool messages = port->depth > 0;
		bool callers = first(port, MODEL_CALLING) != NULL;

		if (!messages && !callers)
			break;
		if (messages && (port->message_turn || !callers))
			status = take_queued(port);
		else
			status = take_caller(port);
	}
	if (status == NX_OK)
		status = may_wait(header);
	return status == NX_OK ? block(port, MODEL_RECEIVING) : status;
}

static nx_status_t receiver_target(struct model_port **out_port)
{
	return model_find(in(0), NX_KIND_PORT, NX_RIGHT_RECV, out_port);
}

nx_status_t model_recv(void)
{
	struct model_thread *self = model.self;
	uint64_t header = self->in.a[1];
	struct model_port *port;
	nx_status_t status;

	if ((header & ~WAIT_FLAGS) != 0 || header == WAIT_FLAGS)
		return NX_ERR_INVALID_ARGS;
	status = receiver_target(&port);
	if (status != NX_OK)
		return status;
	if (self->caller)
		return NX_ERR_BAD_STATE;
	self->caller_gone = false;
	return receive_or_block(port, header);
}

/* The answer is delivered and the two part. */
static nx_status_t answer(struct model_thread *caller)
{
	struct model_thread *self = model.self;
	nx_status_t status = transfer(
		self, caller, (uint64_t)self->process->service_id << 32);
	struct model_port *port = caller->port;

	if (status != NX_OK)
		return status;
	if (caller->callee)
		caller->callee->caller = NULL;
	caller->callee = NULL;
	if (caller->reply)
		caller->reply->caller = NULL;
	caller->reply = NULL;
	caller->state = MODEL_RUNNABLE;
	caller->port = NULL;
	model_unref(port);
	return NX_OK;
}

static nx_status_t no_caller(void)
{
	if (!model.self->caller_gone)
		return NX_ERR_BAD_STATE;
	model.self->caller_gone = false;
	return NX_ERR_PEER_CLOSED;
}

nx_status_t model_reply_recv(void)
{
	struct model_thread *self = model.self;
	struct model_port *port;
	nx_status_t told = model.told;
	nx_status_t status = header_check(self->in.a[1]);

	if (status == NX_OK)
		status = receiver_target(&port);
	if (status != NX_OK)
		return status;
	if (!self->caller)
		return self->caller_gone
			       ? no_caller()
			       : receive_or_block(port, self->in.a[1]);
	/* Who has been answered shows which half had no memory. */
	if (compare_told(self->caller) == NX_OK && model_no_memory())
		model.told = NX_OK;
	status = answer(self->caller);
	model.told = told;
	return status == NX_OK ? receive_or_block(port, self->in.a[1]) : status;
}

static nx_status_t reply_through(nx_handle_t number)
{
	struct model_node *node;
	struct model_reply *reply;
	nx_status_t status =
		model_lookup(number, NX_KIND_REPLY, NX_RIGHT_SEND, &node);

	if (status != NX_OK)
		return status;
	reply = (struct model_reply *)node->object;
	status = NX_ERR_PEER_CLOSED;
	if (reply->caller) {
		status = answer(reply->caller);
		if (status != NX_OK)
			return status;
	}
	model_close(node, false);
	return status;
}

nx_status_t model_reply(void)
{
	struct model_thread *self = model.self;
	nx_status_t status = header_check(self->in.a[1]);

	if (status != NX_OK)
		return status;
	if ((self->in.a[1] & WAIT_FLAGS) != 0)
		return NX_ERR_INVALID_ARGS;
	if (self->in.a[0] > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	if (self->in.a[0] != NX_HANDLE_CALLER)
		return reply_through((nx_handle_t)self->in.a[0]);
	return self->caller ? answer(self->caller) : no_caller();
}

nx_status_t model_mint(void)
{
	struct model_thread *self = model.self;
	struct model_reply *reply;
	nx_status_t status;

	if (!self->caller)
		return self->caller_gone ? NX_ERR_PEER_CLOSED
					 : NX_ERR_BAD_STATE;
	if (model_no_memory())
		return model.told;
	reply = model_create(NX_KIND_REPLY, sizeof(*reply),
			     self->process->object.job);
	status = model_reserve(self->process, 1);
	if (status == NX_OK) {
		model.made =
			model_install(self->process, &reply->object,
				      model_rights_of(NX_KIND_REPLY), 0, NULL);
		model.made_object = &reply->object;
		reply->caller = self->caller;
		reply->generation = self->caller->port->generation;
		self->caller->reply = reply;
		self->caller->callee = NULL;
		self->caller = NULL;
	}
	model_unref(reply);
	return status;
}

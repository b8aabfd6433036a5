/* SPDX-License-Identifier: BSD-2-Clause */
/* Moving a message; see message.h. */
#include <kernel/message.h>

#include <kernel/counters.h>
#include <kernel/handle.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/slab.h>
#include <kernel/string.h>
#include <kernel/thread.h>

/** One read of memory that a program may be writing to. */
#define READ_ONCE(word) (*(const volatile __typeof__(word) *)&(word))

/** Capabilities that were decoded: handles of the sender's table, good
 * until that table changes otherwise than by taking more in. */
struct cap_set {
	unsigned count;
	struct handle *source[NX_MESSAGE_CAPS_MAX];
	nx_rights_t rights[NX_MESSAGE_CAPS_MAX];
};

nx_status_t message_header_check_all(uint64_t header)
{
	const uint64_t wait = NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK;
	uint64_t words = header >> NX_HEADER_WORDS_SHIFT & NX_HEADER_WORDS_MASK;

	if ((header & NX_HEADER_ZERO_MASK) != 0 || words > NX_MESSAGE_WORDS)
		return NX_ERR_INVALID_ARGS;
	if ((header & wait) == wait)
		return NX_ERR_INVALID_ARGS;
	if (((header & NX_HEADER_FRAME) != 0) != (nx_header_bytes(header) != 0))
		return NX_ERR_INVALID_ARGS;
	if (nx_header_caps(header) > NX_MESSAGE_CAPS_MAX ||
	    nx_header_bytes(header) > NX_MESSAGE_FRAME_MAX)
		return NX_ERR_TOO_BIG;
	return NX_OK;
}

HELD static inline __attribute__((always_inline)) nx_status_t
cap_decode(struct thread *sender, unsigned i, struct handle **out_source,
	   nx_rights_t *out_rights)
{
	const struct nx_message_cap *cap = &sender->buffer->send_caps[i];
	nx_handle_t number = READ_ONCE(cap->handle);
	nx_rights_t rights = READ_ONCE(cap->rights);
	nx_status_t status;

	if (rights != NX_RIGHTS_SAME && (rights & ~NX_RIGHTS_ALL) != 0)
		return NX_ERR_INVALID_ARGS;
	status = handle_find(&sender->process->handles, number, NX_KIND_NONE,
			     NX_RIGHT_TRANSFER, out_source);
	if (status != NX_OK)
		return status;
	*out_rights = (*out_source)->link.rights;
	if (rights != NX_RIGHTS_SAME)
		*out_rights &= rights;
	return NX_OK;
}

HELD OUT_OF_THE_WAY static nx_status_t
caps_decode(struct thread *sender, unsigned count, struct cap_set *set)
{
	nx_status_t status = NX_OK;

	set->count = count;
	for (unsigned i = 0; i < count && status == NX_OK; i++)
		status =
			cap_decode(sender, i, &set->source[i], &set->rights[i]);
	return status;
}

static nx_status_t queueable(const struct cap_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		if ((set->rights[i] & NX_RIGHT_RECV) != 0)
			return NX_ERR_INVALID_ARGS;
	return NX_OK;
}

nx_status_t message_caps_check(struct thread *sender, bool for_queue)
{
	uint64_t header = sender->frame.registers.a[1];
	struct cap_set set;
	nx_status_t status = caps_decode(sender, nx_header_caps(header), &set);

	if (status == NX_OK && for_queue)
		status = queueable(&set);
	return status;
}

uint64_t message_deadline(const struct thread *thread, uint64_t header)
{
	if ((header & NX_HEADER_DEADLINE) != 0)
		return READ_ONCE(thread->buffer->deadline_ns);
	return NX_DEADLINE_NEVER;
}

HELD static nx_status_t fits(const struct thread *to, uint64_t header)
{
	if (nx_header_bytes(header) > READ_ONCE(to->buffer->recv_bytes_max) ||
	    nx_header_caps(header) > READ_ONCE(to->buffer->recv_caps_max))
		return NX_ERR_BUFFER_TOO_SMALL;
	return NX_OK;
}

/* Where there is a place for it. */
HELD static inline void install_cap(struct thread *to, unsigned i,
				    struct handle *source, nx_rights_t rights)
{
	struct nx_message_cap *out = &to->buffer->recv_caps[i];

	out->handle =
		handle_install(&to->process->handles, source->object, rights,
			       (uint32_t)source->identity, &source->link);
	out->rights = rights;
}

HELD static void put_frame(struct thread *to, const uint8_t *frame,
			   unsigned frame_bytes)
{
	if (frame_bytes == 0)
		return;
	memcpy(to->buffer->recv_frame, frame, frame_bytes);
	count(NX_COUNTER_FRAMES, frame_bytes);
}

/* Most messages that carry any carry one. */
HELD static nx_status_t transfer_cap(struct thread *from, struct thread *to,
				     uint64_t header)
{
	struct handle *source;
	nx_rights_t rights;
	nx_status_t status = cap_decode(from, 0, &source, &rights);

	if (status == NX_OK)
		status = fits(to, header);
	if (status == NX_OK)
		status = handle_reserve(&to->process->handles, 1);
	if (status == NX_OK)
		install_cap(to, 0, source, rights);
	return status;
}

HELD OUT_OF_THE_WAY static nx_status_t
transfer_caps(struct thread *from, struct thread *to, uint64_t header)
{
	struct cap_set set;
	nx_status_t status = caps_decode(from, nx_header_caps(header), &set);

	if (status == NX_OK)
		status = fits(to, header);
	if (status == NX_OK)
		status = handle_reserve(&to->process->handles, set.count);
	for (unsigned i = 0; status == NX_OK && i < set.count; i++)
		install_cap(to, i, set.source[i], set.rights[i]);
	return status;
}

/* What does not travel in registers. */
HELD static nx_status_t transfer_buffer(struct thread *from, struct thread *to,
					uint64_t header)
{
	unsigned count = nx_header_caps(header);
	nx_status_t status = count == 0	  ? fits(to, header)
			     : count == 1 ? transfer_cap(from, to, header)
					  : transfer_caps(from, to, header);

	if (status != NX_OK)
		return status;
	put_frame(to, from->buffer->send_frame, nx_header_bytes(header));
	return NX_OK;
}

HELD static void put_registers(struct thread *to, uint64_t identity,
			       uint64_t header, const uint64_t *words)
{
	uint64_t *a = to->frame.registers.a;

	a[0] = identity;
	a[1] = header & MESSAGE_HEADER_SEEN;
	a[2] = words[0];
	a[3] = words[1];
	a[4] = words[2];
	a[5] = words[3];
	a[6] = words[4];
	a[7] = words[5];
	to->frame.call = NX_OK;
}

nx_status_t message_transfer(struct thread *from, struct thread *to,
			     uint64_t identity)
{
	uint64_t header = from->frame.registers.a[1];

	if ((header & NX_HEADER_SLOW_MASK) != 0) {
		nx_status_t status = transfer_buffer(from, to, header);

		if (status != NX_OK)
			return status;
	}
	put_registers(to, identity, header, &from->frame.registers.a[2]);
	return NX_OK;
}

HELD static void fill(struct queued_message *message, struct thread *from,
		      const struct cap_set *set, uint64_t identity)
{
	message->identity = identity;
	message->header = from->frame.registers.a[1] & MESSAGE_HEADER_SEEN;
	memcpy(message->words, &from->frame.registers.a[2],
	       sizeof(message->words));
	message->cap_count = set->count;
	for (unsigned i = 0; i < set->count; i++)
		handle_transit_init(&message->caps[i], set->source[i],
				    set->rights[i]);
	message->frame_bytes = nx_header_bytes(message->header);
	memcpy(message->frame, from->buffer->send_frame, message->frame_bytes);
}

nx_status_t message_enqueue(struct thread *from, struct port *port,
			    uint64_t identity)
{
	uint64_t header = from->frame.registers.a[1];
	size_t size_bytes =
		sizeof(struct queued_message) + nx_header_bytes(header);
	struct queued_message *message;
	struct cap_set set;
	nx_status_t status = caps_decode(from, nx_header_caps(header), &set);

	if (status == NX_OK)
		status = queueable(&set);
	if (status == NX_OK)
		status = slab_alloc(port->object.job, size_bytes, &message);
	if (status != NX_OK)
		return status;
	message->size_bytes = size_bytes;
	fill(message, from, &set, identity);
	list_push_back(&port->messages, &message->node);
	port->depth++;
	return NX_OK;
}

HELD static struct queued_message *first_message(struct port *port)
{
	return LIST_ENTRY(port->messages.next, struct queued_message, node);
}

HELD static void message_free(struct port *port, struct queued_message *message)
{
	list_remove(&message->node);
	port->depth--;
	slab_free(port->object.job, message, message->size_bytes);
}

/* A capability that was revoked on its way arrives as NX_HANDLE_NONE. */
HELD static void install_transits(struct thread *to,
				  struct queued_message *message)
{
	struct nx_message_cap *out = to->buffer->recv_caps;

	for (unsigned i = 0; i < message->cap_count; i++) {
		struct handle *transit = &message->caps[i];
		bool alive = transit->object != NULL;

		out[i].rights = alive ? transit->link.rights : 0;
		out[i].handle =
			handle_install_transit(&to->process->handles, transit);
	}
}

nx_status_t message_dequeue(struct port *port, struct thread *to)
{
	struct queued_message *message = first_message(port);
	nx_status_t status = fits(to, message->header);

	if (status == NX_OK && message->cap_count > 0)
		status = handle_reserve(&to->process->handles,
					message->cap_count);
	if (status != NX_OK)
		return status;
	install_transits(to, message);
	put_frame(to, message->frame, message->frame_bytes);
	put_registers(to, message->identity, message->header, message->words);
	message_free(port, message);
	return NX_OK;
}

void message_drop(struct port *port)
{
	struct queued_message *message = first_message(port);

	for (unsigned i = 0; i < message->cap_count; i++)
		handle_transit_drop(&message->caps[i]);
	message_free(port, message);
}

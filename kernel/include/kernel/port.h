/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PORT_H
#define KERNEL_PORT_H
/** @file port.h
 * Ports: where messages are received. Callers wait in the port, in order,
 * with the message still in their registers and buffer; sent messages are
 * copied into a bounded queue paid by the port's job.
 *
 * A port is open while a handle with RECV exists anywhere, also in transit.
 * When it closes everybody in it gets PEER_CLOSED. When a process that had
 * RECV dies, callers it had received get PEER_CLOSED with the restart
 * generation, which then goes up; callers still in the port wait for the
 * next receiver. A caller whose answer is owed by a reply object gets the
 * generation that minted it, wherever that was when it went: in a table, or
 * in the queue of another port that goes with it. */
#include <kernel/handle.h>
#include <kernel/list.h>
#include <kernel/object.h>
#include <kernel/steps.h>
#include <nexus/message.h>

struct thread;

struct queued_message GUARDED_FIELDS {
	struct list node;
	size_t size_bytes; /* of this allocation */
	uint64_t identity;
	uint64_t header;
	uint64_t words[NX_MESSAGE_WORDS];
	uint32_t cap_count;
	uint32_t frame_bytes;
	struct handle caps[NX_MESSAGE_CAPS_MAX]; /* in transit */
	uint8_t frame[];
} GUARDED_END;

struct port GUARDED_FIELDS {
	struct object object;
	uint32_t depth;	       /* messages; beside caller_count: both are one */
	uint32_t caller_count; /* word to the fast path */
	uint32_t depth_max;
	uint32_t receiver_handles; /* handles with RECV */
	uint64_t generation;	   /* times a receiver died */
	bool closed;
	bool message_turn;	/* a queued message goes before a caller */
	struct list receivers;	/* threads in recv */
	struct list callers;	/* threads in call */
	struct list senders;	/* threads in send to a full queue */
	struct list messages;	/* queued_message */
	struct list handled;	/* jobs whose exceptions are told to it */
	struct work closing;	/* of the port, or of a handle of receivers; and
				 * what port_work() says */
	uint64_t recheck_round; /* receivers asked have this one */
	bool is_closing;	/* that work is some thread's: a reference */
	bool recheck_again;	/* once round is not enough */
} GUARDED_END;

HELD nx_status_t port_create(struct job *job, uint32_t depth,
			     struct port **out_port);

/** Let senders go on for which there is room, or all when it has closed, as
 * steps of the current thread. */
HELD void port_work(struct port *port);

/** The right to answer one caller. */
struct reply GUARDED_FIELDS {
	struct object object;
	struct thread *caller; /* NULL once answered or the caller is gone */
	uint64_t generation;   /* of the port, when it was minted */
} GUARDED_END;

/** Move the duty to answer from this thread to a new reply handle in its
 * process. BAD_STATE when it has no caller, PEER_CLOSED when that is gone;
 * NO_MEMORY, QUOTA_*. */
HELD nx_status_t reply_mint(struct thread *self, nx_handle_t *out_number);
#endif /* KERNEL_PORT_H */

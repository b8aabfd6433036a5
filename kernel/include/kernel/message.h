/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_MESSAGE_H
#define KERNEL_MESSAGE_H
/** @file message.h
 * Moving a message: decode all of it, make sure that it fits and that its
 * capabilities have room, then perform. Whatever fails, nothing has moved.
 *
 * A message comes from a thread, whose registers hold header and words and
 * whose message buffer holds frame and capabilities, or from a queue. The
 * buffers are memory of programs that may change at any moment: a word that
 * was read is checked and used, not read again; a message that had to wait
 * is read and checked anew. */
#include <kernel/lock.h>
#include <nexus/message.h>

struct thread;
struct port;

/** What of a header the receiver gets to see. */
#define MESSAGE_HEADER_SEEN (~(NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK))

/** Bits that only a message with something beside its words has, or that no
 * message may have; beside these, 7 is no count of words. */
#define MESSAGE_HEADER_SLOW                                                    \
	(NX_HEADER_SLOW_MASK | NX_HEADER_ZERO_MASK |                           \
	 NX_HEADER_BYTES_MASK << NX_HEADER_BYTES_SHIFT)

/** Is this the header of a message? INVALID_ARGS, TOO_BIG. */
nx_status_t message_header_check_all(uint64_t header);
static inline nx_status_t message_header_check(uint64_t header)
{
	const uint64_t words = NX_HEADER_WORDS_MASK << NX_HEADER_WORDS_SHIFT;
	const uint64_t plain = NX_HEADER_TXN_MASK << NX_HEADER_TXN_SHIFT |
			       NX_HEADER_METHOD_MASK << NX_HEADER_METHOD_SHIFT |
			       words;

	/* The one word count that is too large has all bits set. */
	_Static_assert(NX_MESSAGE_WORDS == NX_HEADER_WORDS_MASK - 1, "words");
	if ((header & ~(plain | NX_HEADER_CAPS_MASK)) == 0 &&
	    (header & words) != words &&
	    nx_header_caps(header) <= NX_MESSAGE_CAPS_MAX)
		return NX_OK;
	return message_header_check_all(header);
}

/** Could the capabilities of this thread's message be sent now?
 * INVALID_ARGS, BAD_HANDLE, ACCESS_DENIED. `for_queue` refuses one with
 * RECV as INVALID_ARGS: a queue might hold its own only receiver, and
 * nobody could ever close it. */
HELD nx_status_t message_caps_check(struct thread *sender, bool for_queue);
/** When the wait ends that the header asks for. */
HELD uint64_t message_deadline(const struct thread *thread, uint64_t header);

/** Move the message of one thread into registers and buffer of another,
 * with status NX_OK. BUFFER_TOO_SMALL: the receiver does not take as much.
 * Anything else is wrong with the message or the receiver's quotas. */
HELD nx_status_t message_transfer(struct thread *from, struct thread *to,
				  uint64_t identity);
/** What a call comes to when its header and its port are good: the current
 * thread's message goes to whoever waits for one, with the processor, or waits
 * itself. To be called last. */
HELD nx_status_t message_call(struct thread *self, struct port *port,
			      uint64_t identity);
/** Copy the message of a thread into the queue, paid by the port's job. */
HELD nx_status_t message_enqueue(struct thread *from, struct port *port,
				 uint64_t identity);
/** Move the first message of the queue to a thread and free it.
 * BUFFER_TOO_SMALL and errors of quotas leave it in place. */
HELD nx_status_t message_dequeue(struct port *port, struct thread *to);
/** Take the first message out and drop it. */
HELD void message_drop(struct port *port);
#endif /* KERNEL_MESSAGE_H */

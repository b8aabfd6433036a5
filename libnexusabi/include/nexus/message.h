/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_MESSAGE_H
#define NEXUS_MESSAGE_H
/** @file message.h
 * The form of a message.
 *
 * A message is a header, six words, up to 1,024 bytes of frame and up to
 * four capabilities. Header and words travel in registers. Frame bytes and
 * capabilities travel through the message buffer of each thread: one page
 * that the kernel pins and tells the thread's address at its start.
 *
 * Header, from bit 0: capability count 3, FRAME 1, DEADLINE 1, NONBLOCK 1
 * (all six zero: the fast form), word count 3 (advice to the receiver),
 * zero 7, method 16, frame bytes 12, transaction 20.
 */
#include <nexus/types.h>

#define NX_MESSAGE_WORDS 6
#define NX_MESSAGE_CAPS_MAX 4
#define NX_MESSAGE_FRAME_MAX 1024

#define NX_HEADER_CAPS_SHIFT 0
#define NX_HEADER_CAPS_MASK UINT64_C(7)
/** frame bytes is not 0 */
#define NX_HEADER_FRAME (UINT64_C(1) << 3)
/** deadline_ns of the message buffer bounds the wait */
#define NX_HEADER_DEADLINE (UINT64_C(1) << 4)
/** WOULD_BLOCK in place of waiting; not with DEADLINE */
#define NX_HEADER_NONBLOCK (UINT64_C(1) << 5)
#define NX_HEADER_SLOW_MASK UINT64_C(0x3f)
#define NX_HEADER_WORDS_SHIFT 6
#define NX_HEADER_WORDS_MASK UINT64_C(7)
#define NX_HEADER_ZERO_MASK UINT64_C(0xfe00)
#define NX_HEADER_METHOD_SHIFT 16
#define NX_HEADER_METHOD_MASK UINT64_C(0xffff)
#define NX_HEADER_BYTES_SHIFT 32
#define NX_HEADER_BYTES_MASK UINT64_C(0xfff)
#define NX_HEADER_TXN_SHIFT 44
#define NX_HEADER_TXN_MASK UINT64_C(0xfffff)

/** What the registers of a message hold. On receipt `identity` is the
 * sender's service id (high half) and the badge of its handle (low half);
 * on sending it is ignored. */
struct nx_message {
	uint64_t identity;
	uint64_t header;
	uint64_t words[NX_MESSAGE_WORDS];
};

/** One capability to send: which handle, and at most which rights.
 * The sender keeps its handle; the receiver gets a derived one. */
struct nx_message_cap {
	nx_handle_t handle;
	nx_rights_t rights;
};

/** The message buffer. The kernel reads the send half and writes the
 * receive half; between calls both belong to the thread. */
struct nx_message_buffer {
	uint64_t deadline_ns;	 /* with NX_HEADER_DEADLINE */
	uint32_t recv_bytes_max; /* frame bytes accepted; starts at 1,024 */
	uint32_t recv_caps_max;	 /* capabilities accepted; starts at 4 */
	struct nx_message_cap send_caps[NX_MESSAGE_CAPS_MAX];
	struct nx_message_cap recv_caps[NX_MESSAGE_CAPS_MAX];
	uint64_t reserved[6]; /* zero */
	uint8_t send_frame[NX_MESSAGE_FRAME_MAX];
	uint8_t recv_frame[NX_MESSAGE_FRAME_MAX];
};

static inline unsigned nx_header_caps(uint64_t header)
{
	return (unsigned)(header & NX_HEADER_CAPS_MASK);
}

static inline unsigned nx_header_method(uint64_t header)
{
	return (unsigned)(header >> NX_HEADER_METHOD_SHIFT &
			  NX_HEADER_METHOD_MASK);
}

static inline unsigned nx_header_bytes(uint64_t header)
{
	return (unsigned)(header >> NX_HEADER_BYTES_SHIFT &
			  NX_HEADER_BYTES_MASK);
}

static inline unsigned nx_header_transaction(uint64_t header)
{
	return (unsigned)(header >> NX_HEADER_TXN_SHIFT & NX_HEADER_TXN_MASK);
}

/** A header for `method` with so many frame bytes (≤ 1,024) and
 * capabilities (≤ 4); flags are NX_HEADER_DEADLINE or NX_HEADER_NONBLOCK. */
static inline uint64_t nx_header(unsigned method, unsigned frame_bytes,
				 unsigned cap_count, uint64_t flags)
{
	return (uint64_t)cap_count | (frame_bytes ? NX_HEADER_FRAME : 0) |
	       flags | (uint64_t)method << NX_HEADER_METHOD_SHIFT |
	       (uint64_t)frame_bytes << NX_HEADER_BYTES_SHIFT;
}

/** Identity word of a sender: who, and through which handle. */
static inline uint32_t nx_identity_service(uint64_t identity)
{
	return (uint32_t)(identity >> 32);
}

static inline uint32_t nx_identity_badge(uint64_t identity)
{
	return (uint32_t)identity;
}
#endif /* NEXUS_MESSAGE_H */

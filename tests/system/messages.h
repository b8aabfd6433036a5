/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_MESSAGES_H
#define SYSTEM_MESSAGES_H
/** @file messages.h
 * A peer that makes one message call and writes down what came of it. */
#include "use.h"

/* words[] of a caller's page. handles[0] is where it calls or sends; the
 * next ones are the capabilities that it sends. */
enum {
	CALLER_NUMBER, /* NX_SYS_call or NX_SYS_send */
	CALLER_HEADER, /* in, then out */
	CALLER_WORDS,  /* 6, in, then out */
	CALLER_IDENTITY = CALLER_WORDS + NX_MESSAGE_WORDS,
	CALLER_DEADLINE,  /* for the buffer */
	CALLER_BYTES_MAX, /* what it takes; 0: as it is */
	CALLER_CAPS_MAX,  /* plus 1; 0: as it is */
	CALLER_FILL,	  /* first byte of its frame, each one up */
	CALLER_STATUS,	  /* out */
	CALLER_FRAME_SUM, /* out: of the bytes that came */
	CALLER_CAP,	  /* out: the first capability that came */
	CALLER_DONE	  /* out: 1 behind everything else */
};

peer_function caller;

/** A thread that will call `port` with a method and word 0. */
bool caller_make(struct test *test, struct peer *peer, nx_handle_t port,
		 unsigned method, uint64_t word);
/** The same, started, and waiting in its call or done with it. */
bool caller_begin(struct test *test, struct peer *peer, nx_handle_t port,
		  unsigned method, uint64_t word);
/** Wait for the end of its call. */
nx_status_t caller_status(struct test *test, struct peer *peer);

void frame_fill(uint8_t *frame, unsigned count, unsigned first);
uint64_t frame_sum(const uint8_t *frame, unsigned count);
/** A message to receive with: waits two seconds at most. */
struct nx_message receive_within(struct test *test);
#endif /* SYSTEM_MESSAGES_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_RING_INTERNAL_H
#define EPK_RING_INTERNAL_H
/* Numbered pieces of work, offered in order by one thread, done by several
 * in any order, awaited in order by the first: what comes out never depends
 * on timing. The first thread works too when it would have to wait. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <epk/codec.h>

struct ring_thread;

struct ring {
	/* Does piece `number` on thread `thread` (0 is the first one). */
	void (*work)(void *context, uint32_t thread, uint32_t number);
	void *context;
	const struct epk_allocator *allocator;
	uint32_t slot_count;   /* pieces offered and not yet awaited, at most */
	uint32_t thread_count; /* with the first one */

	/* Private. Counts of pieces, ever. */
	struct ring_thread *threads;
	bool *done; /* by number mod slot_count; lock */
	uint32_t running;
	uint32_t offered; /* written by the first thread; lock */
	uint32_t taken;	  /* lock */
	bool stop;	  /* lock */
	pthread_mutex_t lock;
	pthread_cond_t more;	 /* offered or stop changed */
	pthread_cond_t finished; /* a piece is done */
};

/** Processors, or `wanted` if it is not 0; at most `most`, at least 1. */
uint32_t epk_ring_choose_threads(uint32_t wanted, uint32_t most);

/**
 * Start with the public fields set. Fewer threads than wanted are no error;
 * signals stay with the caller's threads.
 *
 * @return EPK_OK or EPK_ERR_NO_MEMORY; after that nothing is to be stopped.
 */
epk_status_t epk_ring_start(struct ring *ring);
/** One more piece can be done. */
void epk_ring_offer(struct ring *ring);
/** Until this piece, which was offered, is done. Once for each piece. */
void epk_ring_wait(struct ring *ring, uint32_t number);
/** Ends the threads; pieces that nobody took are not done. */
void epk_ring_stop(struct ring *ring);

#endif /* EPK_RING_INTERNAL_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "mount_ahead.h"

#include "mount_server.h"

#include <pthread.h>
#include <stdlib.h>

#define QUEUE_COUNT 4u
#define FILE_COUNT 64u
/* A file offset has 44 bits and a node 20 (sections 3 and 5). */
#define OFFSET_BITS 44
#define OFFSET_MASK ((UINT64_C(1) << OFFSET_BITS) - 1)
/* Readers in sequence whose requests overtake each other stay within. */
#define NEAR (UINT64_C(256) << 10)
/* Who begins with this much is going to read on. */
#define LARGE (UINT64_C(64) << 10)

struct mount_ahead {
	struct block_cache *cache;
	/* Where the last read of a file ended, by node; lossy. */
	_Atomic uint64_t ends[FILE_COUNT];
	_Atomic uint32_t last_shared;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t filled;
	uint32_t queue[QUEUE_COUNT];
	uint32_t count;
	bool stopping;
	pthread_t thread;
};

static bool next_block(struct mount_ahead *ahead, uint32_t *out_block)
{
	bool more;

	pthread_mutex_lock(&ahead->lock);
	while (ahead->count == 0 && !ahead->stopping)
		pthread_cond_wait(&ahead->filled, &ahead->lock);
	more = !ahead->stopping;
	if (more)
		*out_block = ahead->queue[--ahead->count];
	pthread_mutex_unlock(&ahead->lock);
	return more;
}

/* What cannot be read is for the reader who wants it. */
static void *run(void *context)
{
	struct mount_ahead *ahead = context;
	struct block_hold hold;
	uint32_t block;

	while (next_block(ahead, &block)) {
		if (!block_cache_has(ahead->cache, block) &&
		    block_cache_get(ahead->cache, block, &hold) == EPK_OK)
			block_cache_put(ahead->cache, &hold);
	}
	return NULL;
}

struct mount_ahead *mount_ahead_create(struct block_cache *cache)
{
	struct mount_ahead *ahead = calloc(1, sizeof(*ahead));

	if (!ahead)
		return NULL;
	ahead->cache = cache;
	ahead->last_shared = EPK_NO_INDEX;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->filled, NULL);
	if (!mount_thread(&ahead->thread, run, ahead)) {
		free(ahead);
		return NULL;
	}
	return ahead;
}

void mount_ahead_destroy(struct mount_ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stopping = true;
	pthread_cond_signal(&ahead->filled);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	pthread_cond_destroy(&ahead->filled);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}

static void want(struct mount_ahead *ahead, uint32_t block)
{
	if (block == EPK_NO_INDEX || block_cache_has(ahead->cache, block))
		return;
	pthread_mutex_lock(&ahead->lock);
	if (ahead->count < QUEUE_COUNT) {
		ahead->queue[ahead->count++] = block;
		pthread_cond_signal(&ahead->filled);
	}
	pthread_mutex_unlock(&ahead->lock);
}

void mount_ahead_note(struct mount_ahead *ahead,
		      const struct mount_ahead_read *read)
{
	const uint64_t node = (uint64_t)read->node << OFFSET_BITS;
	const uint64_t before = atomic_exchange_explicit(
		&ahead->ends[read->node % FILE_COUNT],
		node | (read->end & OFFSET_MASK), memory_order_relaxed);
	const uint64_t ended = before & OFFSET_MASK;
	const bool known = (before & ~OFFSET_MASK) == node && ended != 0;
	const uint64_t distance = read->offset > ended ? read->offset - ended
						       : ended - read->offset;

	if (known ? distance <= NEAR : read->end - read->offset >= LARGE)
		want(ahead, read->next_block);
}

void mount_ahead_note_shared(struct mount_ahead *ahead, uint32_t block,
			     uint32_t next)
{
	const uint32_t before = atomic_exchange_explicit(
		&ahead->last_shared, block, memory_order_relaxed);

	if (before != EPK_NO_INDEX && before + 1 == block)
		want(ahead, next);
}

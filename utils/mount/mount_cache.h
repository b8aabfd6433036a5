/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_MOUNT_CACHE_H
#define EPK_TOOL_MOUNT_CACHE_H
/* Decoded blocks for many threads, in a fixed number of bytes. A block that
 * several want at once is decoded once; the others wait for it and get the
 * same verdict. The block used longest ago that nobody holds makes room.
 *
 * Threads: any call, any thread. Who holds a block must not ask for another
 * one, so that a cache of one slot is enough for any number of threads. */
#include <epk/error.h>
#include <stdbool.h>

struct block_cache; /* opaque */

/**
 * Decodes block `key` into `plain`, block_size bytes; `scratch`, as large, is
 * nobody else's meanwhile. Called without a lock, for different keys at once.
 */
typedef epk_status_t (*block_fill)(void *context, uint32_t key,
				   uint8_t *scratch, uint8_t *plain);

struct block_cache_settings {
	uint32_t slots;	     /* >= 1 */
	uint32_t scratches;  /* >= 1: this many are decoded at a time */
	uint32_t block_size; /* bytes */
	block_fill fill;
	void *context;
};

/** A block that is held. */
struct block_hold {
	const uint8_t *bytes;
	uint32_t slot; /* private */
};

struct block_cache_counters {
	uint64_t hits;	/* blocks that were there */
	uint64_t joins; /* waits for a block that another thread decoded */
	uint64_t fills; /* blocks decoded, or tried */
};

/** NULL: memory is short. */
struct block_cache *
block_cache_create(const struct block_cache_settings *settings);
/** Nobody holds or waits any more. NULL is fine. */
void block_cache_destroy(struct block_cache *cache);

/** EPK_OK and a hold, or what fill returned. */
epk_status_t block_cache_get(struct block_cache *cache, uint32_t key,
			     struct block_hold *out_hold);
void block_cache_put(struct block_cache *cache, const struct block_hold *hold);

/** Is the block there, or being decoded? */
bool block_cache_has(struct block_cache *cache, uint32_t key);

struct block_cache_counters block_cache_count(struct block_cache *cache);

#endif /* EPK_TOOL_MOUNT_CACHE_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_CACHE_H
#define EPK_CACHE_H
/** @file cache.h
 * A cache of equally sized blocks in memory that the caller gives, once. The
 * least recently used block that nobody holds makes room for a new one.
 * Threads: none inside. Whoever shares a cache holds one lock around every
 * call; a block that was got may be read without it until it is put. */
#include <epk/error.h>

EPK_BEGIN_DECLS

struct epk_cache_slot {
	uint32_t key;
	uint32_t holders;    /* got and not yet put */
	uint32_t size_bytes; /* of the content; 0: the slot is empty */
	uint32_t older;	     /* in the list of use */
	uint32_t newer;
	uint32_t next; /* in its chain of keys */
};

struct epk_cache {
	struct epk_cache_slot *slots;
	uint32_t *chains; /* heads, slot_count of them */
	uint8_t *blocks;
	uint32_t slot_count;
	uint32_t block_size;
	uint32_t oldest;
	uint32_t newest;
	uint32_t held; /* slots with holders */
	uint64_t hits;
	uint64_t misses;
};

/**
 * Fills `block` (the cache's block_size) with the content of `key`.
 * Returns EPK_OK and the size of the content, 1..block_size, or a failure,
 * after which the cache remembers nothing of the key.
 */
typedef epk_status_t (*epk_cache_fill)(void *context, uint32_t key,
				       uint8_t *block, uint32_t *out_size);

/** Bytes for slot_count blocks; 0 if slot_count is 0 or the sum overflows. */
EPK_API size_t epk_cache_size(uint32_t slot_count, uint32_t block_size);

/**
 * Take memory into use, as many slots as fit.
 *
 * @param memory  aligned to 8 bytes, the caller's until epk_cache_fini().
 * @return EPK_OK, EPK_ERR_INVALID (NULL, misaligned, block_size 0), or
 *         EPK_ERR_SCRATCH (not even one slot fits).
 */
EPK_API epk_status_t epk_cache_init(struct epk_cache *cache, void *memory,
				    size_t size_bytes, uint32_t block_size);

/**
 * Borrow the content of key, from the cache or through fill.
 *
 * @return EPK_OK, EPK_ERR_BUSY (every slot is held), or what fill returned.
 */
EPK_API epk_status_t epk_cache_get(struct epk_cache *cache, uint32_t key,
				   epk_cache_fill fill, void *context,
				   const uint8_t **out_block,
				   uint32_t *out_size);

/** Give back what epk_cache_get() lent; RANGE if the key is not held. */
EPK_API epk_status_t epk_cache_put(struct epk_cache *cache, uint32_t key);

/** Forget every block that nobody holds. */
EPK_API void epk_cache_trim(struct epk_cache *cache);

/** Blocks that are in the cache now. */
EPK_API uint32_t epk_cache_used(const struct epk_cache *cache);

/**
 * Leave the memory, which is cleared first.
 * @return EPK_OK, or EPK_ERR_BUSY if a block is held; then nothing changes.
 */
EPK_API epk_status_t epk_cache_fini(struct epk_cache *cache);

EPK_END_DECLS
#endif /* EPK_CACHE_H */

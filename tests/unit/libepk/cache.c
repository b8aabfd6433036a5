/* SPDX-License-Identifier: BSD-2-Clause */
/* The block cache: hits, the least recently used goes, held blocks stay,
 * a failed fill is forgotten, and random use agrees with a plain model. */
#include "support/tap.h"

#include <epk/cache.h>

#include <stdlib.h>

#define BLOCK 100u

static uint32_t fills;
static epk_status_t fill_status;
static uint32_t fill_size = BLOCK;

static epk_status_t fill(void *context, uint32_t key, uint8_t *block,
			 uint32_t *out_size)
{
	(void)context;
	fills++;
	memset(block, (int)key, BLOCK);
	*out_size = fill_size;
	return fill_status;
}

static epk_status_t get(struct epk_cache *cache, uint32_t key)
{
	const uint8_t *block = NULL;
	uint32_t size = 0;
	const epk_status_t status =
		epk_cache_get(cache, key, fill, NULL, &block, &size);

	if (status == EPK_OK &&
	    (block[0] != (uint8_t)key || block[BLOCK - 1] != (uint8_t)key))
		return EPK_ERR_STATE; /* another key's bytes */
	return status;
}

static bool touch(struct epk_cache *cache, uint32_t key)
{
	return get(cache, key) == EPK_OK && epk_cache_put(cache, key) == EPK_OK;
}

static void check_size(void)
{
	struct epk_cache cache;
	uint64_t memory[64];
	const size_t one = epk_cache_size(1, BLOCK);

	is_u64(epk_cache_size(0, BLOCK), 0, "no slot has no size");
	is_u64(epk_cache_size(UINT32_MAX, UINT32_MAX), 0,
	       "nor has a size that overflows");
	is_i64(epk_cache_init(&cache, memory, one - 1, BLOCK), EPK_ERR_SCRATCH,
	       "memory one byte short of a slot: SCRATCH");
	is_i64(epk_cache_init(&cache, memory, 0, BLOCK), EPK_ERR_SCRATCH,
	       "no memory at all: SCRATCH");
	is_i64(epk_cache_init(&cache, memory, one, BLOCK), EPK_OK,
	       "memory for one slot suffices");
	is_u64(cache.slot_count, 1, "and makes one slot");
	is_i64(epk_cache_init(&cache, memory, epk_cache_size(2, BLOCK) - 1,
			      BLOCK),
	       EPK_OK, "a byte less than two slots");
	is_u64(cache.slot_count, 1, "is one slot");
	is_i64(epk_cache_init(&cache, memory, one, 0), EPK_ERR_INVALID,
	       "blocks of no size: INVALID");
	is_i64(epk_cache_init(&cache, (char *)memory + 1, one, BLOCK),
	       EPK_ERR_INVALID, "misaligned memory: INVALID");
	is_i64(epk_cache_init(&cache, NULL, one, BLOCK), EPK_ERR_INVALID,
	       "no memory: INVALID");
}

static void check_order(struct epk_cache *cache)
{
	ok(touch(cache, 1) && touch(cache, 2) && touch(cache, 3),
	   "three keys fill three slots");
	is_u64(fills, 3, "with three fills");
	ok(touch(cache, 1) && fills == 3, "a second use is a hit");
	ok(touch(cache, 4) && fills == 4, "a fourth key is filled");
	ok(touch(cache, 1) && touch(cache, 3) && fills == 4,
	   "the recently used stayed");
	ok(touch(cache, 2) && fills == 5, "the least recently used went");
	is_u64(epk_cache_used(cache), 3, "three slots are in use");
}

static void check_holders(struct epk_cache *cache)
{
	is_i64(get(cache, 10), EPK_OK, "a block is got");
	is_i64(get(cache, 10), EPK_OK, "and got again");
	is_i64(get(cache, 11), EPK_OK, "a second block is got");
	is_i64(get(cache, 12), EPK_OK, "a third block is got");
	is_i64(get(cache, 13), EPK_ERR_BUSY, "a fourth finds all slots held");
	is_i64(epk_cache_fini(cache), EPK_ERR_BUSY,
	       "a cache with held blocks cannot be left");
	epk_cache_trim(cache);
	is_u64(epk_cache_used(cache), 3, "trimming spares held blocks");
	is_i64(epk_cache_put(cache, 10), EPK_OK, "the first is put once");
	is_i64(get(cache, 13), EPK_ERR_BUSY, "and is still held");
	is_i64(epk_cache_put(cache, 10), EPK_OK, "the first is put again");
	is_i64(epk_cache_put(cache, 10), EPK_ERR_RANGE,
	       "a third put is refused");
	is_i64(get(cache, 13), EPK_OK, "now there is room");
	is_i64(epk_cache_put(cache, 10), EPK_ERR_RANGE,
	       "the key that went is not held");
	is_i64(epk_cache_put(cache, 99), EPK_ERR_RANGE,
	       "nor a key that never was");
	ok(epk_cache_put(cache, 11) == EPK_OK &&
		   epk_cache_put(cache, 12) == EPK_OK &&
		   epk_cache_put(cache, 13) == EPK_OK,
	   "all are put");
}

static void check_failed_fill(struct epk_cache *cache)
{
	uint32_t before;

	fill_status = EPK_ERR_IO;
	is_i64(get(cache, 50), EPK_ERR_IO, "a failed fill tells why");
	before = fills;
	fill_status = EPK_OK;
	is_i64(get(cache, 50), EPK_OK, "and the next get");
	is_u64(fills, before + 1, "fills again");
	(void)epk_cache_put(cache, 50);
	fill_size = 0;
	is_i64(get(cache, 51), EPK_ERR_INVALID, "a fill of nothing is refused");
	fill_size = BLOCK + 1;
	is_i64(get(cache, 51), EPK_ERR_INVALID,
	       "a fill larger than a block too");
	fill_size = BLOCK;
	epk_cache_trim(cache);
	is_u64(epk_cache_used(cache), 0, "trimming empties the cache");
	before = fills;
	ok(touch(cache, 50) && fills == before + 1, "which fills again");
}

#define SLOTS 7
#define KEYS 20

/* Keys from the least to the most recently used. */
struct model {
	uint32_t keys[SLOTS];
	uint32_t count;
};

static bool model_touch(struct model *model, uint32_t key)
{
	uint32_t at = 0;
	bool hit;

	while (at < model->count && model->keys[at] != key)
		at++;
	hit = at < model->count;
	if (!hit && model->count < SLOTS)
		model->count++;
	else if (!hit)
		at = 0;
	memmove(&model->keys[at], &model->keys[at + 1],
		(model->count - 1 - at) * sizeof(model->keys[0]));
	model->keys[model->count - 1] = key;
	return hit;
}

static void check_model(void)
{
	const size_t size = epk_cache_size(SLOTS, BLOCK);
	void *memory = malloc(size);
	struct epk_cache cache;
	struct model model = { .count = 0 };
	uint32_t state = 7;
	uint32_t wrong = 0;

	(void)epk_cache_init(&cache, memory, size, BLOCK);
	for (int i = 0; i < 100000; i++) {
		const uint32_t before = fills;
		uint32_t key;

		state = state * 1664525u + 1013904223u;
		key = (state >> 16) % KEYS * 7; /* share chains */
		wrong += !touch(&cache, key);
		wrong += model_touch(&model, key) != (fills == before);
	}
	is_u64(wrong, 0, "100,000 random uses agree with the model");
	is_u64(cache.hits + cache.misses, 100000, "and all are counted");
	is_i64(epk_cache_fini(&cache), EPK_OK, "the cache can be left");
	ok(memory != NULL && cache.blocks == NULL, "and has no memory then");
	free(memory);
}

int main(void)
{
	const size_t size = epk_cache_size(3, BLOCK);
	uint8_t *memory = malloc(size);
	struct epk_cache cache;
	uint32_t left = 0;

	plan(0);
	check_size();
	(void)epk_cache_init(&cache, memory, size, BLOCK);
	is_u64(cache.slot_count, 3, "memory for three slots makes three");
	check_order(&cache);
	check_holders(&cache);
	check_failed_fill(&cache);
	is_i64(epk_cache_fini(&cache), EPK_OK, "an idle cache can be left");
	for (size_t i = size - 3 * BLOCK; i < size; i++)
		left += memory[i] != 0;
	is_u64(left, 0, "and no content stays in its memory");
	free(memory);
	check_model();
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block cache. All slots are in one list from the oldest to the newest
 * use; a filled slot is also in the chain of its key. Slots nobody holds are
 * reused from the old end. Invariants: a slot with size 0 has no holders and
 * is in no chain; `held` counts slots with holders.
 */
#include <epk/cache.h>

#include "mem_internal.h"

#define NO_SLOT UINT32_MAX

size_t epk_cache_size(uint32_t slot_count, uint32_t block_size)
{
	const size_t each = sizeof(struct epk_cache_slot) + sizeof(uint32_t) +
			    (size_t)block_size;
	size_t size;

	/* Slots are 24 bytes, chains 4; the blocks begin at 8. */
	if (slot_count == 0 || __builtin_mul_overflow(each, slot_count, &size))
		return 0;
	return __builtin_add_overflow(size, (size_t)4, &size) ? 0 : size;
}

static void list_remove(struct epk_cache *cache, uint32_t slot)
{
	const uint32_t older = cache->slots[slot].older;
	const uint32_t newer = cache->slots[slot].newer;

	if (older == NO_SLOT)
		cache->oldest = newer;
	else
		cache->slots[older].newer = newer;
	if (newer == NO_SLOT)
		cache->newest = older;
	else
		cache->slots[newer].older = older;
}

static void list_add_newest(struct epk_cache *cache, uint32_t slot)
{
	cache->slots[slot].older = cache->newest;
	cache->slots[slot].newer = NO_SLOT;
	if (cache->newest == NO_SLOT)
		cache->oldest = slot;
	else
		cache->slots[cache->newest].newer = slot;
	cache->newest = slot;
}

static void list_add_oldest(struct epk_cache *cache, uint32_t slot)
{
	cache->slots[slot].newer = cache->oldest;
	cache->slots[slot].older = NO_SLOT;
	if (cache->oldest == NO_SLOT)
		cache->newest = slot;
	else
		cache->slots[cache->oldest].older = slot;
	cache->oldest = slot;
}

static uint32_t *chain_of(const struct epk_cache *cache, uint32_t key)
{
	return &cache->chains[key % cache->slot_count];
}

static uint32_t chain_find(const struct epk_cache *cache, uint32_t key)
{
	uint32_t slot = *chain_of(cache, key);

	while (slot != NO_SLOT && cache->slots[slot].key != key)
		slot = cache->slots[slot].next;
	return slot;
}

static void chain_add(struct epk_cache *cache, uint32_t slot)
{
	uint32_t *head = chain_of(cache, cache->slots[slot].key);

	cache->slots[slot].next = *head;
	*head = slot;
}

static void chain_remove(struct epk_cache *cache, uint32_t slot)
{
	uint32_t *link = chain_of(cache, cache->slots[slot].key);

	while (*link != slot)
		link = &cache->slots[*link].next;
	*link = cache->slots[slot].next;
}

static uint8_t *block_of(const struct epk_cache *cache, uint32_t slot)
{
	return cache->blocks + (size_t)slot * cache->block_size;
}

epk_status_t epk_cache_init(struct epk_cache *cache, void *memory,
			    size_t size_bytes, uint32_t block_size)
{
	const size_t each = sizeof(struct epk_cache_slot) + sizeof(uint32_t) +
			    (size_t)block_size;
	size_t count;
	size_t tables;

	if (cache == NULL || memory == NULL || block_size == 0 ||
	    !epk_mem_aligned(memory))
		return EPK_ERR_INVALID;
	count = size_bytes < 4 ? 0 : (size_bytes - 4) / each;
	if (count == 0)
		return EPK_ERR_SCRATCH;
	if (count > NO_SLOT - 1)
		count = NO_SLOT - 1;
	tables = count * (sizeof(struct epk_cache_slot) + sizeof(uint32_t));
	*cache = (struct epk_cache){
		.slots = memory,
		.chains = (uint32_t *)(void *)((struct epk_cache_slot *)memory +
					       count),
		.blocks = (uint8_t *)memory + ((tables + 7) & ~(size_t)7),
		.slot_count = (uint32_t)count,
		.block_size = block_size,
		.oldest = NO_SLOT,
		.newest = NO_SLOT,
	};
	for (uint32_t i = 0; i < cache->slot_count; i++) {
		cache->slots[i] = (struct epk_cache_slot){ .next = NO_SLOT };
		cache->chains[i] = NO_SLOT;
		list_add_newest(cache, i);
	}
	return EPK_OK;
}

static void hold(struct epk_cache *cache, uint32_t slot)
{
	if (cache->slots[slot].holders++ == 0)
		cache->held++;
	list_remove(cache, slot);
	list_add_newest(cache, slot);
}

static uint32_t find_victim(const struct epk_cache *cache)
{
	uint32_t slot = cache->oldest;

	while (slot != NO_SLOT && cache->slots[slot].holders != 0)
		slot = cache->slots[slot].newer;
	return slot;
}

static void make_empty(struct epk_cache *cache, uint32_t slot)
{
	if (cache->slots[slot].size_bytes != 0)
		chain_remove(cache, slot);
	cache->slots[slot].size_bytes = 0;
	list_remove(cache, slot);
	list_add_oldest(cache, slot);
}

static epk_status_t fill_slot(struct epk_cache *cache, uint32_t slot,
			      uint32_t key, epk_cache_fill fill, void *context)
{
	uint32_t size = 0;
	epk_status_t status;

	make_empty(cache, slot);
	status = fill(context, key, block_of(cache, slot), &size);
	if (status != EPK_OK)
		return status;
	if (size == 0 || size > cache->block_size)
		return EPK_ERR_INVALID;
	cache->slots[slot].key = key;
	cache->slots[slot].size_bytes = size;
	chain_add(cache, slot);
	return EPK_OK;
}

epk_status_t epk_cache_get(struct epk_cache *cache, uint32_t key,
			   epk_cache_fill fill, void *context,
			   const uint8_t **out_block, uint32_t *out_size)
{
	uint32_t slot = chain_find(cache, key);

	if (slot != NO_SLOT) {
		cache->hits++;
	} else {
		epk_status_t status;

		slot = find_victim(cache);
		if (slot == NO_SLOT)
			return EPK_ERR_BUSY;
		cache->misses++;
		status = fill_slot(cache, slot, key, fill, context);
		if (status != EPK_OK)
			return status;
	}
	hold(cache, slot);
	*out_block = block_of(cache, slot);
	*out_size = cache->slots[slot].size_bytes;
	return EPK_OK;
}

epk_status_t epk_cache_put(struct epk_cache *cache, uint32_t key)
{
	const uint32_t slot = chain_find(cache, key);

	if (slot == NO_SLOT || cache->slots[slot].holders == 0)
		return EPK_ERR_RANGE;
	if (--cache->slots[slot].holders == 0)
		cache->held--;
	return EPK_OK;
}

void epk_cache_trim(struct epk_cache *cache)
{
	for (uint32_t i = 0; i < cache->slot_count; i++) {
		if (cache->slots[i].holders == 0)
			make_empty(cache, i);
	}
}

uint32_t epk_cache_used(const struct epk_cache *cache)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < cache->slot_count; i++)
		used += cache->slots[i].size_bytes != 0;
	return used;
}

epk_status_t epk_cache_fini(struct epk_cache *cache)
{
	if (cache->held != 0)
		return EPK_ERR_BUSY;
	if (cache->slot_count != 0)
		epk_mem_zero(cache->blocks,
			     (size_t)cache->slot_count * cache->block_size);
	*cache = (struct epk_cache){ .oldest = NO_SLOT, .newest = NO_SLOT };
	return EPK_OK;
}

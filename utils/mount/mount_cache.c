/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "mount_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#define NONE UINT32_MAX

enum slot_state {
	SLOT_EMPTY, /* in no chain */
	SLOT_FILLING,
	SLOT_READY,
	SLOT_FAILED, /* until the last who waited has seen the verdict */
};

struct slot {
	uint32_t key;
	uint32_t holders; /* and threads that wait for it */
	uint32_t next;	  /* in its chain */
	uint32_t older;	  /* list of use */
	uint32_t newer;
	epk_status_t status;
	enum slot_state state;
};

struct block_cache {
	pthread_mutex_t lock; /* of everything but the blocks' bytes */
	/* A block is filled or failed, a slot or a scratch became free. */
	pthread_cond_t changed;
	struct block_cache_settings settings;
	struct slot *slots;
	uint32_t *chains;    /* heads, as many as slots */
	uint32_t *scratches; /* numbers of those that are free */
	uint32_t scratches_free;
	uint32_t oldest;
	uint32_t newest;
	uint8_t *memory; /* slots, then scratches */
	size_t memory_size;
	struct block_cache_counters counters;
};

static uint8_t *memory_at(const struct block_cache *cache, uint32_t number)
{
	return cache->memory + (size_t)number * cache->settings.block_size;
}

/* ---- list of use ---- */

static void list_remove(struct block_cache *cache, uint32_t index)
{
	const struct slot *slot = &cache->slots[index];

	if (slot->older != NONE)
		cache->slots[slot->older].newer = slot->newer;
	else
		cache->oldest = slot->newer;
	if (slot->newer != NONE)
		cache->slots[slot->newer].older = slot->older;
	else
		cache->newest = slot->older;
}

static void list_append(struct block_cache *cache, uint32_t index)
{
	struct slot *slot = &cache->slots[index];

	slot->newer = NONE;
	slot->older = cache->newest;
	if (cache->newest != NONE)
		cache->slots[cache->newest].newer = index;
	else
		cache->oldest = index;
	cache->newest = index;
}

/* The oldest that nobody holds; NONE if there is none. */
static uint32_t list_free(const struct block_cache *cache)
{
	uint32_t index = cache->oldest;

	while (index != NONE && cache->slots[index].holders != 0)
		index = cache->slots[index].newer;
	return index;
}

/* ---- chains of keys ---- */

static uint32_t *chain_of(struct block_cache *cache, uint32_t key)
{
	return &cache->chains[key % cache->settings.slots];
}

static uint32_t chain_find(struct block_cache *cache, uint32_t key)
{
	uint32_t index = *chain_of(cache, key);

	while (index != NONE && cache->slots[index].key != key)
		index = cache->slots[index].next;
	return index;
}

static void chain_remove(struct block_cache *cache, uint32_t index)
{
	uint32_t *at = chain_of(cache, cache->slots[index].key);

	while (*at != index)
		at = &cache->slots[*at].next;
	*at = cache->slots[index].next;
}

/* ---- life ---- */

struct block_cache *
block_cache_create(const struct block_cache_settings *settings)
{
	struct block_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->settings = *settings;
	cache->slots = calloc(settings->slots, sizeof(*cache->slots));
	cache->chains = calloc(settings->slots, sizeof(*cache->chains));
	cache->scratches =
		calloc(settings->scratches, sizeof(*cache->scratches));
	cache->memory_size = ((size_t)settings->slots + settings->scratches) *
			     settings->block_size;
	/* Pages that no block was decoded into cost nothing. */
	cache->memory = mmap(NULL, cache->memory_size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_mutex_init(&cache->lock, NULL);
	pthread_cond_init(&cache->changed, NULL);
	if (!cache->slots || !cache->chains || !cache->scratches ||
	    cache->memory == MAP_FAILED) {
		block_cache_destroy(cache);
		return NULL;
	}
	cache->oldest = cache->newest = NONE;
	for (uint32_t i = 0; i < settings->slots; i++) {
		cache->chains[i] = NONE;
		list_append(cache, i);
	}
	for (uint32_t i = 0; i < settings->scratches; i++)
		cache->scratches[i] = settings->slots + i;
	cache->scratches_free = settings->scratches;
	return cache;
}

void block_cache_destroy(struct block_cache *cache)
{
	if (!cache)
		return;
	if (cache->memory != MAP_FAILED)
		munmap(cache->memory, cache->memory_size);
	pthread_cond_destroy(&cache->changed);
	pthread_mutex_destroy(&cache->lock);
	free(cache->slots);
	free(cache->chains);
	free(cache->scratches);
	free(cache);
}

/* ---- getting ---- */

static void drop_hold(struct block_cache *cache, uint32_t index)
{
	struct slot *slot = &cache->slots[index];

	if (--slot->holders != 0)
		return;
	if (slot->state == SLOT_FAILED) {
		chain_remove(cache, index);
		slot->state = SLOT_EMPTY;
	}
	pthread_cond_broadcast(&cache->changed);
}

/* The slot's block; the lock is held on the way in and out, not between. */
static void fill_slot(struct block_cache *cache, uint32_t index)
{
	struct slot *slot = &cache->slots[index];
	epk_status_t status;
	uint32_t scratch;

	while (cache->scratches_free == 0)
		pthread_cond_wait(&cache->changed, &cache->lock);
	scratch = cache->scratches[--cache->scratches_free];
	cache->counters.fills++;
	pthread_mutex_unlock(&cache->lock);
	status = cache->settings.fill(cache->settings.context, slot->key,
				      memory_at(cache, scratch),
				      memory_at(cache, index));
	pthread_mutex_lock(&cache->lock);
	cache->scratches[cache->scratches_free++] = scratch;
	slot->status = status;
	slot->state = status ? SLOT_FAILED : SLOT_READY;
	pthread_cond_broadcast(&cache->changed);
}

/* Take over the oldest free slot for key. */
static void claim_slot(struct block_cache *cache, uint32_t index, uint32_t key)
{
	struct slot *slot = &cache->slots[index];
	uint32_t *chain = chain_of(cache, key);

	if (slot->state != SLOT_EMPTY)
		chain_remove(cache, index);
	slot->key = key;
	slot->state = SLOT_FILLING;
	slot->next = *chain;
	*chain = index;
}

/* A hold on the key's slot, filled or failed, with the lock held. */
static uint32_t hold_slot(struct block_cache *cache, uint32_t key)
{
	uint32_t index = chain_find(cache, key);
	bool claimed = false;

	while (index == NONE) {
		index = list_free(cache);
		if (index != NONE) {
			claim_slot(cache, index, key);
			claimed = true;
			break;
		}
		pthread_cond_wait(&cache->changed, &cache->lock);
		index = chain_find(cache, key);
	}
	cache->slots[index].holders++;
	list_remove(cache, index);
	list_append(cache, index);
	if (claimed) {
		fill_slot(cache, index);
		return index;
	}
	if (cache->slots[index].state == SLOT_FILLING)
		cache->counters.joins++;
	else
		cache->counters.hits++;
	while (cache->slots[index].state == SLOT_FILLING)
		pthread_cond_wait(&cache->changed, &cache->lock);
	return index;
}

epk_status_t block_cache_get(struct block_cache *cache, uint32_t key,
			     struct block_hold *out_hold)
{
	epk_status_t status;
	uint32_t index;

	pthread_mutex_lock(&cache->lock);
	index = hold_slot(cache, key);
	status = cache->slots[index].status;
	if (status)
		drop_hold(cache, index);
	else
		*out_hold =
			(struct block_hold){ .bytes = memory_at(cache, index),
					     .slot = index };
	pthread_mutex_unlock(&cache->lock);
	return status;
}

void block_cache_put(struct block_cache *cache, const struct block_hold *hold)
{
	pthread_mutex_lock(&cache->lock);
	drop_hold(cache, hold->slot);
	pthread_mutex_unlock(&cache->lock);
}

bool block_cache_has(struct block_cache *cache, uint32_t key)
{
	bool has;

	pthread_mutex_lock(&cache->lock);
	has = chain_find(cache, key) != NONE;
	pthread_mutex_unlock(&cache->lock);
	return has;
}

struct block_cache_counters block_cache_count(struct block_cache *cache)
{
	struct block_cache_counters counters;

	pthread_mutex_lock(&cache->lock);
	counters = cache->counters;
	pthread_mutex_unlock(&cache->lock);
	return counters;
}

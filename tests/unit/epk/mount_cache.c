/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoded blocks for many threads: once each, bounded, failures shared. */
#include "../../../utils/mount/mount_cache.c"

#include "support/tap.h"

#include <stdatomic.h>
#include <unistd.h>

#define BLOCK 4096u
#define THREADS 8u
#define BAD_KEY 1000u

static atomic_uint fills;
static atomic_uint at_once;
static atomic_uint at_once_most;
static atomic_bool gate_shut;

static epk_status_t fill(void *context, uint32_t key, uint8_t *scratch,
			 uint8_t *plain)
{
	const uint32_t now = atomic_fetch_add(&at_once, 1) + 1;
	uint32_t most = atomic_load(&at_once_most);

	(void)context;
	while (now > most &&
	       !atomic_compare_exchange_weak(&at_once_most, &most, now))
		;
	atomic_fetch_add(&fills, 1);
	while (atomic_load(&gate_shut))
		usleep(1000);
	memset(scratch, (int)(key + 1), BLOCK);
	usleep(key % 7 * 10);
	memset(plain, (int)key, BLOCK);
	/* Nobody else may have written into our scratch. */
	for (uint32_t i = 0; i < BLOCK; i++)
		if (scratch[i] != (uint8_t)(key + 1))
			plain[0] = (uint8_t)~key;
	atomic_fetch_sub(&at_once, 1);
	return key >= BAD_KEY ? EPK_ERR_BLOCK_DIGEST : EPK_OK;
}

static struct block_cache *create(uint32_t slots, uint32_t scratches)
{
	const struct block_cache_settings settings = {
		.slots = slots,
		.scratches = scratches,
		.block_size = BLOCK,
		.fill = fill,
	};

	fills = 0;
	at_once_most = 0;
	return block_cache_create(&settings);
}

static bool holds_key(const struct block_hold *hold, uint32_t key)
{
	for (uint32_t i = 0; i < BLOCK; i++)
		if (hold->bytes[i] != (uint8_t)key)
			return false;
	return true;
}

static bool touch(struct block_cache *cache, uint32_t key)
{
	struct block_hold hold;
	bool good = block_cache_get(cache, key, &hold) == EPK_OK &&
		    holds_key(&hold, key);

	if (good)
		block_cache_put(cache, &hold);
	return good;
}

static void check_order_of_use(void)
{
	struct block_cache *cache = create(3, 1);
	struct block_hold held;

	ok(touch(cache, 1) && touch(cache, 2) && touch(cache, 3),
	   "blocks are filled");
	is_u64(fills, 3, "once each");
	ok(touch(cache, 1) && touch(cache, 2) && touch(cache, 3),
	   "and are there the second time");
	is_u64(fills, 3, "without filling");
	(void)touch(cache, 1);
	(void)touch(cache, 4);
	ok(block_cache_has(cache, 1) && !block_cache_has(cache, 2),
	   "the one used longest ago makes room");
	ok(block_cache_get(cache, 3, &held) == EPK_OK && touch(cache, 5) &&
		   touch(cache, 6) && touch(cache, 7) && holds_key(&held, 3),
	   "what is held stays");
	block_cache_put(cache, &held);
	is_u64(block_cache_count(cache).hits, 5, "hits are counted");
	block_cache_destroy(cache);
}

static void check_failure(void)
{
	struct block_cache *cache = create(2, 1);
	struct block_hold hold;

	is_i64(block_cache_get(cache, BAD_KEY, &hold), EPK_ERR_BLOCK_DIGEST,
	       "a failure is handed on");
	ok(!block_cache_has(cache, BAD_KEY), "and not kept");
	is_i64(block_cache_get(cache, BAD_KEY, &hold), EPK_ERR_BLOCK_DIGEST,
	       "asked again it is tried again");
	is_u64(fills, 2, "once each");
	ok(touch(cache, 1) && touch(cache, 2) && touch(cache, 1),
	   "its slot is used for others");
	is_u64(fills, 4, "and both slots are");
	block_cache_destroy(cache);
}

struct asker {
	struct block_cache *cache;
	uint32_t key;
	epk_status_t status;
	bool right;
};

static void *ask(void *context)
{
	struct asker *asker = context;
	struct block_hold hold;

	asker->status = block_cache_get(asker->cache, asker->key, &hold);
	if (asker->status == EPK_OK) {
		asker->right = holds_key(&hold, asker->key);
		block_cache_put(asker->cache, &hold);
	}
	return NULL;
}

static void check_single_flight(uint32_t key, epk_status_t wanted)
{
	struct block_cache *cache = create(2, 2);
	struct asker askers[THREADS];
	pthread_t threads[THREADS];
	bool good = true;

	gate_shut = true;
	for (uint32_t i = 0; i < THREADS; i++) {
		askers[i] = (struct asker){ .cache = cache, .key = key };
		pthread_create(&threads[i], NULL, ask, &askers[i]);
	}
	while (block_cache_count(cache).joins < THREADS - 1)
		usleep(1000);
	gate_shut = false;
	for (uint32_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		good = good && askers[i].status == wanted &&
		       (wanted != EPK_OK || askers[i].right);
	}
	ok(good, "eight threads that want one block agree: %s",
	   epk_status_name(wanted));
	is_u64(fills, 1, "and it was filled once");
	block_cache_destroy(cache);
}

static void *wander(void *context)
{
	struct asker *asker = context;
	uint32_t seed = asker->key;

	asker->right = true;
	for (uint32_t i = 0; i < 2000; i++) {
		struct block_hold hold;
		uint32_t key;

		seed = seed * 1103515245u + 12345u;
		key = seed >> 16 & 15;
		if (key == 15)
			asker->right = asker->right &&
				       block_cache_get(asker->cache, BAD_KEY,
						       &hold) != EPK_OK;
		else
			asker->right = asker->right && touch(asker->cache, key);
	}
	return NULL;
}

static void check_load(uint32_t slots, uint32_t scratches)
{
	struct block_cache *cache = create(slots, scratches);
	struct asker askers[THREADS];
	pthread_t threads[THREADS];
	bool good = true;

	for (uint32_t i = 0; i < THREADS; i++) {
		askers[i] = (struct asker){ .cache = cache, .key = i + 1 };
		pthread_create(&threads[i], NULL, wander, &askers[i]);
	}
	for (uint32_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		good = good && askers[i].right;
	}
	ok(good, "eight threads get the right bytes out of %u slots", slots);
	ok(at_once_most <= scratches, "no more than %u are filled at once",
	   scratches);
	block_cache_destroy(cache);
}

int main(void)
{
	plan(0);
	check_order_of_use();
	check_failure();
	check_single_flight(7, EPK_OK);
	check_single_flight(BAD_KEY, EPK_ERR_BLOCK_DIGEST);
	check_load(1, 1);
	check_load(6, 2);
	return done();
}

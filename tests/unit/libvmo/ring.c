/* SPDX-License-Identifier: BSD-2-Clause
 * Rings: geometry, order, both limits, a peer that lies, and two threads
 * at once. */
#include "support/tap.h"

#include <vmo/ring.h>

#include <pthread.h>

static _Alignas(64) uint8_t memory[VMO_RING_HEADER_SIZE + 64 * 8];

static void test_geometry(void)
{
	struct vmo_ring ring;

	is_u64(vmo_ring_size(8, 64), sizeof(memory), "the size of a ring");
	is_u64(vmo_ring_size(0, 64), 0, "no entries of 0 bytes");
	is_u64(vmo_ring_size(VMO_RING_ENTRY_MAX + 1, 2), 0, "none too long");
	is_u64(vmo_ring_size(8, 0), 0, "not no entries");
	is_u64(vmo_ring_size(8, 48), 0, "only powers of two");
	is_u64(vmo_ring_size(8, 2 * VMO_RING_ENTRIES_MAX), 0, "none too many");
	is_i64(vmo_ring_init(memory, sizeof(memory) - 1, 8, 64, &ring),
	       NX_ERR_OUT_OF_RANGE, "a byte too little memory is refused");
	is_i64(vmo_ring_init(memory + 4, sizeof(memory) - 4, 8, 32, &ring),
	       NX_ERR_INVALID_ARGS, "memory has to be aligned");
	is_i64(vmo_ring_init(NULL, 1 << 20, 8, 64, &ring), NX_ERR_INVALID_ARGS,
	       "memory has to be there");
}

static void test_order(void)
{
	struct vmo_ring producer, consumer;
	unsigned pushed = 0, wrong = 0;
	uint64_t value;

	memset(memory, 0, sizeof(memory));
	vmo_ring_init(memory, sizeof(memory), 8, 64, &producer);
	vmo_ring_init(memory, sizeof(memory), 8, 64, &consumer);
	is_i64(vmo_ring_pop(&consumer, &value), NX_ERR_WOULD_BLOCK,
	       "a new ring is empty");
	for (value = 0; vmo_ring_push(&producer, &value) == NX_OK; value++)
		pushed++;
	is_u64(pushed, 64, "it takes as many entries as it has");
	for (uint64_t i = 0; i < 64; i++)
		if (vmo_ring_pop(&consumer, &value) != NX_OK || value != i)
			wrong++;
	is_u64(wrong, 0, "they come out in order");
	is_i64(vmo_ring_pop(&consumer, &value), NX_ERR_WOULD_BLOCK,
	       "and then it is empty again");
}

static void test_liar(void)
{
	struct vmo_ring producer, consumer;
	uint32_t *produced = (uint32_t *)(void *)memory;
	uint32_t *consumed = (uint32_t *)(void *)(memory + 64);
	uint64_t value = 1;

	memset(memory, 0, sizeof(memory));
	vmo_ring_init(memory, sizeof(memory), 8, 64, &producer);
	vmo_ring_init(memory, sizeof(memory), 8, 64, &consumer);
	*produced = 65;
	is_i64(vmo_ring_pop(&consumer, &value), NX_ERR_CORRUPT,
	       "more than all entries produced is a lie");
	*produced = UINT32_MAX;
	is_i64(vmo_ring_pop(&consumer, &value), NX_ERR_CORRUPT,
	       "fewer than none produced is a lie");
	is_u64(value, 1, "a lie writes nothing");
	*consumed = 1;
	is_i64(vmo_ring_push(&producer, &value), NX_ERR_CORRUPT,
	       "consuming what was not produced is a lie");
}

enum { MANY = 200000 };

static void *produce(void *argument)
{
	struct vmo_ring *ring = argument;

	for (uint64_t i = 0; i < MANY;)
		if (vmo_ring_push(ring, &i) == NX_OK)
			i++;
	return NULL;
}

static void test_threads(void)
{
	struct vmo_ring producer, consumer;
	uint64_t value, next = 0, wrong = 0;
	pthread_t thread;

	memset(memory, 0, sizeof(memory));
	vmo_ring_init(memory, sizeof(memory), 8, 64, &producer);
	vmo_ring_init(memory, sizeof(memory), 8, 64, &consumer);
	/* Both counters pass 2^32 on the way. */
	producer.mine = consumer.mine = UINT32_MAX - 1000;
	memcpy(memory, &producer.mine, 4);
	memcpy(memory + 64, &producer.mine, 4);
	pthread_create(&thread, NULL, produce, &producer);
	while (next < MANY)
		if (vmo_ring_pop(&consumer, &value) == NX_OK)
			wrong += value != next++;
	pthread_join(thread, NULL);
	is_u64(wrong, 0, "two threads move %d entries in order", MANY);
}

int main(void)
{
	plan(18);
	test_geometry();
	test_order();
	test_liar();
	test_threads();
	return done();
}

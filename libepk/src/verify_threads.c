/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads decode blocks ahead; the calling thread takes them in order and
 * hashes the files, so it meets the first failure first, as alone. */
#include <epk/verify.h>

#include "image_internal.h"
#include "ring_internal.h"

#include <string.h>

#define AHEAD_BYTES_MAX (UINT32_C(16) << 20)
#define AHEAD_BLOCKS_PER_THREAD 4u
#define THREADS_MAX 64u

struct slot {
	const uint8_t *bytes;
	epk_status_t status;
};

struct ahead {
	const struct epk_image *image;
	struct ring ring;
	struct slot *slots;
	uint8_t *buffers; /* two blocks for each slot: stored, plain */
	uint32_t offered; /* blocks, ever */
};

static void decode(void *context, uint32_t thread, uint32_t number)
{
	const struct ahead *ahead = context;
	const uint32_t at = number % ahead->ring.slot_count;
	const size_t size = epk_block_size(ahead->image);
	uint8_t *stored = ahead->buffers + 2 * size * at;
	struct slot *slot = &ahead->slots[at];

	(void)thread;
	slot->bytes = NULL;
	slot->status = epk_block_read(ahead->image, number, stored,
				      stored + size, &slot->bytes);
}

/** Blocks that have a free slot when `awaited` is the oldest in use. */
static void offer_up_to(struct ahead *ahead, uint32_t awaited)
{
	const uint32_t count = ahead->image->header.block_count;

	while (ahead->offered < count &&
	       ahead->offered - awaited < ahead->ring.slot_count) {
		ahead->offered++;
		epk_ring_offer(&ahead->ring);
	}
}

/** Called with 0, 1, 2...; a block stays valid until the next call. */
static epk_status_t fetch(void *context, uint32_t index,
			  const uint8_t **out_bytes)
{
	struct ahead *ahead = context;
	const struct slot *slot = &ahead->slots[index % ahead->ring.slot_count];

	offer_up_to(ahead, index);
	epk_ring_wait(&ahead->ring, index);
	*out_bytes = slot->bytes;
	return slot->status;
}

static void choose_sizes(struct ahead *ahead, uint32_t threads)
{
	const uint32_t slots =
		AHEAD_BYTES_MAX / (2 * epk_block_size(ahead->image));
	struct ring *ring = &ahead->ring;

	ring->thread_count = epk_ring_choose_threads(
		threads, slots < THREADS_MAX ? slots : THREADS_MAX);
	ring->slot_count = ring->thread_count * AHEAD_BLOCKS_PER_THREAD;
	if (ring->slot_count > slots)
		ring->slot_count = slots;
}

static epk_status_t check_ahead(struct ahead *ahead, struct epk_image *image,
				void *scratch, epk_progress progress,
				void *context)
{
	const struct epk_deep_blocks blocks = { .fetch = fetch,
						.context = ahead };
	epk_status_t status = epk_ring_start(&ahead->ring);

	if (status != EPK_OK)
		return status;
	status = epk_deep_check(image, &blocks, scratch, epk_deep_size(image),
				progress, context);
	epk_ring_stop(&ahead->ring);
	return status;
}

static void release(const struct epk_allocator *allocator, void *memory)
{
	if (memory != NULL)
		allocator->release(allocator->context, memory);
}

epk_status_t epk_verify_threads(struct epk_image *image, uint32_t threads,
				const struct epk_allocator *allocator,
				epk_progress progress, void *context)
{
	struct ahead ahead = { .image = image };
	epk_status_t status = EPK_ERR_NO_MEMORY;
	size_t slots_size;
	size_t buffers_size;
	void *scratch;

	if (image == NULL || threads > THREADS_MAX)
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	if (allocator == NULL)
		allocator = epk_allocator_heap();
	choose_sizes(&ahead, threads);
	ahead.ring.work = decode;
	ahead.ring.context = &ahead;
	ahead.ring.allocator = allocator;
	slots_size = ahead.ring.slot_count * sizeof(*ahead.slots);
	buffers_size =
		(size_t)2 * ahead.ring.slot_count * epk_block_size(image);
	ahead.slots = allocator->allocate(allocator->context, slots_size);
	ahead.buffers = allocator->allocate(allocator->context, buffers_size);
	scratch = allocator->allocate(allocator->context,
				      (size_t)epk_deep_size(image));
	if (ahead.slots != NULL && ahead.buffers != NULL && scratch != NULL)
		status = check_ahead(&ahead, image, scratch, progress, context);
	release(allocator, scratch);
	release(allocator, ahead.buffers);
	release(allocator, ahead.slots);
	return status;
}

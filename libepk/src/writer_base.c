/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of an older image that need not be encoded again. Each is read and
 * decoded as if for a reader, and found again by the digest of its plain
 * bytes; one that fails is simply not there. What a base says is never taken
 * for true: the worst it can do is to be of no use. */
#include "image_internal.h"
#include "ring_internal.h"
#include "writer_internal.h"

#include <string.h>

#define SLOTS_PER_THREAD 4u
#define THREADS_MAX 8u

struct known {
	uint8_t digest[EPK_DIGEST_SIZE]; /* of the plain bytes */
	uint32_t plain_size;		 /* 0: not to be used */
};

struct wbase {
	struct epk_writer *writer;
	const struct epk_image *image;
	struct ring ring;
	uint8_t *buffers;    /* two blocks for each thread */
	struct known *known; /* by block */
	uint32_t *table;     /* block numbers by digest; EPK_NO_INDEX: free */
	uint32_t mask;
};

static bool is_usable(const struct wbase *base, const struct epk_block *block)
{
	return !block->mapped &&
	       block->codec == base->writer->settings.codec->id &&
	       block->plain_size <= wblock_size(base->writer) &&
	       block->stored_size < block->plain_size;
}

static void learn(void *context, uint32_t thread, uint32_t number)
{
	const struct wbase *base = context;
	const size_t size = epk_block_size(base->image);
	uint8_t *stored = base->buffers + 2 * size * thread;
	struct known *known = &base->known[number];
	const uint8_t *bytes;
	struct epk_block block;

	epk_block_decode(base->image, number, &block);
	if (is_usable(base, &block) &&
	    epk_block_read(base->image, number, stored, stored + size,
			   &bytes) == EPK_OK &&
	    epk_sha256(base->writer->settings.ops, bytes, block.plain_size,
		       known->digest) == EPK_OK)
		known->plain_size = block.plain_size;
}

/** The slot of a block with these bytes, or the free one. */
static uint32_t find_slot(const struct wbase *base, const uint8_t *digest,
			  uint32_t plain_size)
{
	uint32_t slot = epk_load32(digest) & base->mask;

	while (base->table[slot] != EPK_NO_INDEX) {
		const struct known *known = &base->known[base->table[slot]];

		if (known->plain_size == plain_size &&
		    memcmp(known->digest, digest, EPK_DIGEST_SIZE) == 0)
			break;
		slot = (slot + 1) & base->mask;
	}
	return slot;
}

static void insert(struct wbase *base, uint32_t number)
{
	const struct known *known = &base->known[number];
	uint32_t slot;

	if (known->plain_size == 0)
		return;
	slot = find_slot(base, known->digest, known->plain_size);
	if (base->table[slot] == EPK_NO_INDEX)
		base->table[slot] = number;
}

static epk_status_t learn_all(struct wbase *base)
{
	const uint32_t count = base->image->header.block_count;
	struct ring *ring = &base->ring;
	uint32_t offered = 0;
	epk_status_t status = epk_ring_start(ring);

	if (status)
		return status;
	for (uint32_t i = 0; i < count; i++) {
		for (; offered < count && offered - i < ring->slot_count;
		     offered++)
			epk_ring_offer(ring);
		epk_ring_wait(ring, i);
		insert(base, i);
	}
	epk_ring_stop(ring);
	return EPK_OK;
}

static epk_status_t allocate(struct wbase *base)
{
	const struct epk_allocator *allocator = &base->writer->allocator;
	const uint32_t count = base->image->header.block_count;
	uint32_t slots = 2;

	while (slots / 2 < count)
		slots *= 2;
	base->mask = slots - 1;
	base->known = wmem_allocate(allocator, count, sizeof(*base->known));
	base->table = wmem_allocate(allocator, slots, sizeof(*base->table));
	base->buffers = wmem_allocate(allocator, base->ring.thread_count,
				      2 * (size_t)epk_block_size(base->image));
	if (!base->known || !base->table || !base->buffers)
		return EPK_ERR_NO_MEMORY;
	memset(base->known, 0, count * sizeof(*base->known));
	memset(base->table, 0xff, slots * sizeof(*base->table));
	return EPK_OK;
}

epk_status_t wbase_create(struct epk_writer *writer, struct wbase **out_base)
{
	const struct epk_image *image = writer->settings.base;
	struct wbase *base;
	epk_status_t status;

	*out_base = NULL;
	if (!image || !writer->settings.codec || image->header.block_count == 0)
		return EPK_OK;
	base = wmem_allocate(&writer->allocator, 1, sizeof(*base));
	if (!base)
		return EPK_ERR_NO_MEMORY;
	*base = (struct wbase){ .writer = writer, .image = image };
	base->ring = (struct ring){
		.work = learn,
		.context = base,
		.allocator = &writer->allocator,
		.thread_count = epk_ring_choose_threads(
			writer->settings.threads, THREADS_MAX),
	};
	base->ring.slot_count = base->ring.thread_count * SLOTS_PER_THREAD;
	status = allocate(base);
	if (status == EPK_OK)
		status = learn_all(base);
	wmem_release(&writer->allocator, base->buffers);
	base->buffers = NULL;
	if (status)
		wbase_destroy(base);
	else
		*out_base = base;
	return status;
}

void wbase_destroy(struct wbase *base)
{
	const struct epk_allocator *allocator;

	if (!base)
		return;
	allocator = &base->writer->allocator;
	wmem_release(allocator, base->buffers);
	wmem_release(allocator, base->known);
	wmem_release(allocator, base->table);
	wmem_release(allocator, base);
}

/** The stored bytes once more, and once more against their digest. */
static bool copy(const struct wbase *base, uint32_t number, uint8_t *stored,
		 uint32_t *out_size)
{
	uint8_t digest[EPK_DIGEST_SIZE];
	struct epk_block block;

	epk_block_decode(base->image, number, &block);
	if (epk_source_read(&base->image->source, block.image_offset, stored,
			    block.stored_size) != EPK_OK ||
	    epk_sha256(base->writer->settings.ops, stored, block.stored_size,
		       digest) != EPK_OK ||
	    memcmp(digest, block.digest, sizeof(digest)) != 0)
		return false;
	*out_size = block.stored_size;
	return true;
}

bool wbase_copy(const struct wbase *base, const uint8_t *plain,
		uint32_t plain_size, uint8_t *stored, uint32_t *out_size)
{
	uint8_t digest[EPK_DIGEST_SIZE];
	uint32_t number;

	if (!base || epk_sha256(base->writer->settings.ops, plain, plain_size,
				digest) != EPK_OK)
		return false;
	number = base->table[find_slot(base, digest, plain_size)];
	return number != EPK_NO_INDEX && copy(base, number, stored, out_size);
}

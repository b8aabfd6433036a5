/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks between the one thread that reads files and those that encode and
 * hash. They leave in the order in which they entered, written by the reading
 * thread, so neither the bytes nor their order depend on timing. */
#include "writer_internal.h"

#include "ring_internal.h"

#include <string.h>

#define POOL_BYTES_MAX (UINT32_C(16) << 20)
#define POOL_SLOTS_PER_THREAD 4u
/* Encoders and blocks; with what else packing needs it stays below 32 MiB. */
#define POOL_MEMORY_MAX (UINT32_C(28) << 20)

struct slot {
	uint8_t *plain;
	uint8_t *stored; /* as large as plain; NULL without an encoder */
	uint32_t plain_size;
	uint32_t stored_size;
	uint32_t codec;
	enum wblock_kind kind;
	bool reused;
	epk_status_t status;
	uint8_t digest[EPK_DIGEST_SIZE];
};

struct wpool {
	struct epk_writer *writer;
	const struct wbase *base; /* or NULL */
	uint64_t data_base;
	struct ring ring;
	bool started;
	struct slot *slots; /* by number of block mod ring.slot_count */
	void **encoders;    /* one for each thread; NULL without an encoder */
	uint32_t submitted; /* blocks, ever */
	uint32_t retired;
	uint32_t reused;
	uint64_t reused_bytes;
};

static struct slot *slot_of(const struct wpool *pool, uint32_t number)
{
	return &pool->slots[number % pool->ring.slot_count];
}

static epk_status_t encode(const struct wpool *pool, struct slot *slot,
			   uint32_t thread)
{
	const struct epk_codec *codec = pool->writer->settings.codec;
	size_t size = 0;
	epk_status_t status;

	slot->codec = EPK_CODEC_STORE;
	slot->stored_size = slot->plain_size;
	slot->reused = false;
	if (slot->kind == WBLOCK_MAPPED) {
		slot->stored_size = (uint32_t)epk_align_up(
			slot->plain_size, pool->writer->settings.align_log2);
		memset(slot->plain + slot->plain_size, 0,
		       slot->stored_size - slot->plain_size);
		return EPK_OK;
	}
	if (!codec || slot->plain_size < 2)
		return EPK_OK;
	if (wbase_copy(pool->base, slot->plain, slot->plain_size, slot->stored,
		       &slot->stored_size)) {
		slot->codec = codec->id;
		slot->reused = true;
		return EPK_OK;
	}
	status = codec->encode(pool->encoders[thread], slot->plain,
			       slot->plain_size, slot->stored,
			       slot->plain_size - 1, &size);
	if (status == EPK_OK && size) {
		slot->codec = codec->id;
		slot->stored_size = (uint32_t)size;
	}
	return status;
}

static const uint8_t *stored_bytes(const struct slot *slot)
{
	return slot->codec == EPK_CODEC_STORE ? slot->plain : slot->stored;
}

static void work(void *context, uint32_t thread, uint32_t number)
{
	const struct wpool *pool = context;
	struct slot *slot = slot_of(pool, number);

	slot->status = encode(pool, slot, thread);
	if (slot->status == EPK_OK)
		slot->status = epk_sha256(pool->writer->settings.ops,
					  stored_bytes(slot), slot->stored_size,
					  slot->digest);
}

static epk_status_t append_row(struct epk_writer *writer,
			       const struct slot *slot)
{
	uint8_t *row;
	epk_status_t status = wbuf_reserve(&writer->allocator, &writer->blocks,
					   EPK_BLOCK_ROW_SIZE);

	if (status)
		return status;
	row = writer->blocks.data + writer->blocks.size_bytes;
	epk_store64(row + EPK_BLOCK_OFFSET, writer->data_size);
	epk_store32(row + EPK_BLOCK_STORED_SIZE, slot->stored_size);
	epk_store32(row + EPK_BLOCK_INFO, slot->codec | slot->plain_size << 8);
	memcpy(row + EPK_BLOCK_DIGEST, slot->digest, EPK_DIGEST_SIZE);
	writer->blocks.size_bytes += EPK_BLOCK_ROW_SIZE;
	writer->data_size += slot->stored_size;
	return EPK_OK;
}

/** The oldest block goes to the sink. */
static epk_status_t retire(struct wpool *pool)
{
	const struct slot *slot = slot_of(pool, pool->retired);
	struct epk_writer *writer = pool->writer;
	const struct epk_writer_sink *sink = writer->sink;
	uint64_t offset = pool->data_base + writer->data_size;
	epk_status_t status;

	epk_ring_wait(&pool->ring, pool->retired++);
	status = slot->status;
	pool->reused += slot->reused;
	pool->reused_bytes += slot->reused ? slot->stored_size : 0;
	if (status == EPK_OK)
		status = append_row(writer, slot);
	if (status == EPK_OK)
		status = sink->write(sink->context, offset, stored_bytes(slot),
				     slot->stored_size);
	return status;
}

epk_status_t wpool_take(struct wpool *pool, uint8_t **out_plain)
{
	if (pool->submitted == EPK_BLOCK_COUNT_MAX)
		return EPK_ERR_LIMIT;
	if (pool->submitted - pool->retired == pool->ring.slot_count) {
		epk_status_t status = retire(pool);

		if (status)
			return status;
	}
	*out_plain = slot_of(pool, pool->submitted)->plain;
	return EPK_OK;
}

void wpool_submit(struct wpool *pool, uint32_t plain_size,
		  enum wblock_kind kind)
{
	struct slot *slot = slot_of(pool, pool->submitted++);

	slot->plain_size = plain_size;
	slot->kind = kind;
	epk_ring_offer(&pool->ring);
}

uint32_t wpool_submitted(const struct wpool *pool)
{
	return pool->submitted;
}

uint32_t wpool_threads(const struct wpool *pool)
{
	return pool->ring.running + 1;
}

uint32_t wpool_reused(const struct wpool *pool, uint64_t *out_bytes)
{
	*out_bytes = pool->reused_bytes;
	return pool->reused;
}

epk_status_t wpool_drain(struct wpool *pool)
{
	while (pool->retired != pool->submitted) {
		epk_status_t status = retire(pool);

		if (status)
			return status;
	}
	return EPK_OK;
}

/** Each thread has an encoder and at least one slot. */
static uint32_t threads_max(const struct epk_writer *writer, uint32_t slots)
{
	const struct epk_codec *codec = writer->settings.codec;
	const uint64_t slot_size = 2 * (uint64_t)wblock_size(writer);
	uint32_t threads = slots;

	if (!codec)
		return slots;
	for (; threads > 1; threads--) {
		uint64_t blocks =
			(uint64_t)threads * POOL_SLOTS_PER_THREAD * slot_size;
		uint64_t states = (uint64_t)threads *
				  codec->state_size(writer->settings.level);

		if (blocks > POOL_BYTES_MAX)
			blocks = POOL_BYTES_MAX;
		if (states <= POOL_MEMORY_MAX - blocks)
			break;
	}
	return threads;
}

static void choose_sizes(struct wpool *pool)
{
	const struct epk_writer *writer = pool->writer;
	struct ring *ring = &pool->ring;
	uint32_t per_slot = wblock_size(writer);
	uint32_t slots;

	if (writer->settings.codec)
		per_slot *= 2;
	slots = POOL_BYTES_MAX / per_slot;
	ring->thread_count = epk_ring_choose_threads(
		writer->settings.threads, threads_max(writer, slots));
	ring->slot_count = ring->thread_count * POOL_SLOTS_PER_THREAD;
	if (ring->slot_count > slots)
		ring->slot_count = slots;
}

static epk_status_t allocate_slots(struct wpool *pool)
{
	const struct epk_allocator *allocator = &pool->writer->allocator;
	uint32_t count = pool->ring.slot_count;
	uint32_t block_size = wblock_size(pool->writer);

	pool->slots = wmem_allocate(allocator, count, sizeof(*pool->slots));
	if (!pool->slots)
		return EPK_ERR_NO_MEMORY;
	memset(pool->slots, 0, count * sizeof(*pool->slots));
	for (uint32_t i = 0; i < count; i++) {
		struct slot *slot = &pool->slots[i];

		slot->plain = wmem_allocate(allocator, block_size, 1);
		if (!slot->plain)
			return EPK_ERR_NO_MEMORY;
		if (!pool->writer->settings.codec)
			continue;
		slot->stored = wmem_allocate(allocator, block_size, 1);
		if (!slot->stored)
			return EPK_ERR_NO_MEMORY;
	}
	return EPK_OK;
}

static epk_status_t open_encoders(struct wpool *pool)
{
	const struct epk_writer *writer = pool->writer;
	const struct epk_codec *codec = writer->settings.codec;
	uint32_t count = pool->ring.thread_count;
	epk_status_t status = EPK_OK;

	if (!codec)
		return EPK_OK;
	pool->encoders = wmem_allocate(&writer->allocator, count,
				       sizeof(*pool->encoders));
	if (!pool->encoders)
		return EPK_ERR_NO_MEMORY;
	memset(pool->encoders, 0, count * sizeof(*pool->encoders));
	for (uint32_t i = 0; i < count && !status; i++)
		status = codec->open(&writer->allocator, writer->settings.level,
				     &pool->encoders[i]);
	return status;
}

epk_status_t wpool_start(struct epk_writer *writer, uint64_t data_base,
			 const struct wbase *base, struct wpool **out_pool)
{
	struct wpool *pool =
		wmem_allocate(&writer->allocator, 1, sizeof(*pool));
	epk_status_t status;

	if (!pool)
		return EPK_ERR_NO_MEMORY;
	memset(pool, 0, sizeof(*pool));
	pool->writer = writer;
	pool->base = base;
	pool->data_base = data_base;
	pool->ring.work = work;
	pool->ring.context = pool;
	pool->ring.allocator = &writer->allocator;
	choose_sizes(pool);
	status = allocate_slots(pool);
	if (status == EPK_OK)
		status = open_encoders(pool);
	if (status == EPK_OK)
		status = epk_ring_start(&pool->ring);
	pool->started = status == EPK_OK;
	if (status) {
		wpool_stop(pool);
		return status;
	}
	*out_pool = pool;
	return EPK_OK;
}

void wpool_stop(struct wpool *pool)
{
	const struct epk_allocator *allocator = &pool->writer->allocator;
	const struct epk_codec *codec = pool->writer->settings.codec;
	const struct ring *ring = &pool->ring;

	if (pool->started)
		epk_ring_stop(&pool->ring);
	for (uint32_t i = 0; pool->encoders && i < ring->thread_count; i++) {
		if (pool->encoders[i])
			codec->close(pool->encoders[i]);
	}
	for (uint32_t i = 0; pool->slots && i < ring->slot_count; i++) {
		wmem_release(allocator, pool->slots[i].plain);
		wmem_release(allocator, pool->slots[i].stored);
	}
	wmem_release(allocator, pool->slots);
	wmem_release(allocator, pool->encoders);
	wmem_release(allocator, pool);
}

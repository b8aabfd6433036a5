/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of blocks between the one thread that reads files and the threads
 * that encode and hash. Blocks leave the ring in the order in which they
 * entered, written by the reading thread, so neither the bytes nor their
 * order depend on timing. When the ring is full that thread encodes too. */
#include "writer_internal.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define POOL_BYTES_MAX (UINT32_C(16) << 20)
#define POOL_SLOTS_PER_THREAD 4u

struct slot {
	uint8_t *plain;
	uint8_t *stored; /* as large as plain; NULL without an encoder */
	uint32_t plain_size;
	uint32_t stored_size;
	uint32_t codec;
	enum wblock_kind kind;
	epk_status_t status;
	bool done; /* pool lock */
	uint8_t digest[EPK_DIGEST_SIZE];
};

struct worker {
	struct wpool *pool;
	void *encoder; /* NULL without one */
	pthread_t thread;
	bool running;
};

struct wpool {
	struct epk_writer *writer;
	uint64_t data_base;
	uint32_t block_size;
	uint32_t slot_count;
	uint32_t worker_count; /* [0] is the reading thread */
	uint32_t running_count;
	struct slot *slots;
	struct worker *workers;

	/* Counts of blocks, ever; index = count mod slot_count. Written by
	 * the reading thread alone, but for taken; lock for the others. */
	uint32_t submitted;
	uint32_t taken;
	uint32_t retired;
	bool stop;
	pthread_mutex_t lock; /* the counts, stop and slot.done */
	pthread_cond_t work;  /* submitted or stop changed */
	pthread_cond_t done;  /* a slot is done */
};

static struct slot *slot_of(const struct wpool *pool, uint32_t count)
{
	return &pool->slots[count % pool->slot_count];
}

static epk_status_t encode(const struct wpool *pool, struct slot *slot,
			   void *encoder)
{
	const struct epk_codec *codec = pool->writer->settings.codec;
	size_t size = 0;
	epk_status_t status;

	slot->codec = EPK_CODEC_STORE;
	slot->stored_size = slot->plain_size;
	if (slot->kind == WBLOCK_MAPPED) {
		slot->stored_size = (uint32_t)epk_align_up(
			slot->plain_size, pool->writer->settings.align_log2);
		memset(slot->plain + slot->plain_size, 0,
		       slot->stored_size - slot->plain_size);
		return EPK_OK;
	}
	if (!encoder || slot->plain_size < 2)
		return EPK_OK;
	status = codec->encode(encoder, slot->plain, slot->plain_size,
			       slot->stored, slot->plain_size - 1, &size);
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

static void finish_slot(const struct wpool *pool, struct slot *slot,
			void *encoder)
{
	slot->status = encode(pool, slot, encoder);
	if (slot->status == EPK_OK)
		slot->status = epk_sha256(pool->writer->settings.ops,
					  stored_bytes(slot), slot->stored_size,
					  slot->digest);
}

/** Lock held, and something to take; dropped while the work is done. */
static void work_once_locked(struct wpool *pool, void *encoder)
{
	struct slot *slot = slot_of(pool, pool->taken++);

	pthread_mutex_unlock(&pool->lock);
	finish_slot(pool, slot, encoder);
	pthread_mutex_lock(&pool->lock);
	slot->done = true;
	pthread_cond_signal(&pool->done);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct wpool *pool = worker->pool;

	pthread_mutex_lock(&pool->lock);
	while (!pool->stop) {
		if (pool->taken == pool->submitted)
			pthread_cond_wait(&pool->work, &pool->lock);
		else
			work_once_locked(pool, worker->encoder);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static void wait_for(struct wpool *pool, const struct slot *slot)
{
	pthread_mutex_lock(&pool->lock);
	while (!slot->done) {
		if (pool->taken != pool->submitted)
			work_once_locked(pool, pool->workers[0].encoder);
		else
			pthread_cond_wait(&pool->done, &pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
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
	struct slot *slot = slot_of(pool, pool->retired);
	struct epk_writer *writer = pool->writer;
	const struct epk_writer_sink *sink = writer->sink;
	uint64_t offset = pool->data_base + writer->data_size;
	epk_status_t status;

	wait_for(pool, slot);
	status = slot->status;
	if (status == EPK_OK)
		status = append_row(writer, slot);
	if (status == EPK_OK)
		status = sink->write(sink->context, offset, stored_bytes(slot),
				     slot->stored_size);
	slot->done = false;
	pool->retired++;
	return status;
}

epk_status_t wpool_take(struct wpool *pool, uint8_t **out_plain)
{
	if (pool->submitted == EPK_BLOCK_COUNT_MAX)
		return EPK_ERR_LIMIT;
	if (pool->submitted - pool->retired == pool->slot_count) {
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
	struct slot *slot = slot_of(pool, pool->submitted);

	slot->plain_size = plain_size;
	slot->kind = kind;
	pthread_mutex_lock(&pool->lock);
	pool->submitted++;
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}

uint32_t wpool_submitted(const struct wpool *pool)
{
	return pool->submitted;
}

uint32_t wpool_threads(const struct wpool *pool)
{
	return pool->running_count + 1;
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

static uint32_t threads_wanted(const struct epk_writer *writer)
{
	long online;

	if (writer->settings.threads)
		return writer->settings.threads;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	if (online < 1)
		return 1;
	return online > EPK_WRITER_THREADS_MAX ? EPK_WRITER_THREADS_MAX
					       : (uint32_t)online;
}

static void choose_sizes(struct wpool *pool)
{
	uint32_t per_slot = pool->block_size;
	uint32_t slots;

	if (pool->writer->settings.codec)
		per_slot *= 2;
	slots = POOL_BYTES_MAX / per_slot;
	pool->worker_count = threads_wanted(pool->writer);
	if (pool->worker_count > slots)
		pool->worker_count = slots;
	pool->slot_count = pool->worker_count * POOL_SLOTS_PER_THREAD;
	if (pool->slot_count > slots)
		pool->slot_count = slots;
}

static epk_status_t allocate_slots(struct wpool *pool)
{
	const struct epk_allocator *allocator = &pool->writer->allocator;

	pool->slots = wmem_allocate(allocator, pool->slot_count,
				    sizeof(*pool->slots));
	if (!pool->slots)
		return EPK_ERR_NO_MEMORY;
	memset(pool->slots, 0, pool->slot_count * sizeof(*pool->slots));
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		struct slot *slot = &pool->slots[i];

		slot->plain = wmem_allocate(allocator, pool->block_size, 1);
		if (!slot->plain)
			return EPK_ERR_NO_MEMORY;
		if (!pool->writer->settings.codec)
			continue;
		slot->stored = wmem_allocate(allocator, pool->block_size, 1);
		if (!slot->stored)
			return EPK_ERR_NO_MEMORY;
	}
	return EPK_OK;
}

static epk_status_t open_workers(struct wpool *pool)
{
	const struct epk_writer *writer = pool->writer;
	const struct epk_codec *codec = writer->settings.codec;
	epk_status_t status = EPK_OK;

	pool->workers = wmem_allocate(&writer->allocator, pool->worker_count,
				      sizeof(*pool->workers));
	if (!pool->workers)
		return EPK_ERR_NO_MEMORY;
	memset(pool->workers, 0, pool->worker_count * sizeof(*pool->workers));
	for (uint32_t i = 0; i < pool->worker_count && !status; i++) {
		pool->workers[i].pool = pool;
		if (codec)
			status = codec->open(&writer->allocator,
					     writer->settings.level,
					     &pool->workers[i].encoder);
	}
	return status;
}

/** Fewer threads than wanted are no error: the bytes are the same. Signals
 * stay with the threads of the caller. */
static void start_threads(struct wpool *pool)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (uint32_t i = 1; i < pool->worker_count; i++) {
		struct worker *worker = &pool->workers[i];

		worker->running = pthread_create(&worker->thread, NULL, work,
						 worker) == 0;
		pool->running_count += worker->running;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

epk_status_t wpool_start(struct epk_writer *writer, uint64_t data_base,
			 struct wpool **out_pool)
{
	struct wpool *pool =
		wmem_allocate(&writer->allocator, 1, sizeof(*pool));
	epk_status_t status;

	if (!pool)
		return EPK_ERR_NO_MEMORY;
	*pool = (struct wpool){
		.writer = writer,
		.data_base = data_base,
		.block_size = wblock_size(writer),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.work = PTHREAD_COND_INITIALIZER,
		.done = PTHREAD_COND_INITIALIZER,
	};
	choose_sizes(pool);
	status = allocate_slots(pool);
	if (status == EPK_OK)
		status = open_workers(pool);
	if (status) {
		wpool_stop(pool);
		return status;
	}
	start_threads(pool);
	*out_pool = pool;
	return EPK_OK;
}

static void close_workers(struct wpool *pool)
{
	const struct epk_codec *codec = pool->writer->settings.codec;

	for (uint32_t i = 0; pool->workers && i < pool->worker_count; i++) {
		struct worker *worker = &pool->workers[i];

		if (worker->running)
			pthread_join(worker->thread, NULL);
		if (worker->encoder)
			codec->close(worker->encoder);
	}
}

void wpool_stop(struct wpool *pool)
{
	const struct epk_allocator *allocator = &pool->writer->allocator;

	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	close_workers(pool);
	for (uint32_t i = 0; pool->slots && i < pool->slot_count; i++) {
		wmem_release(allocator, pool->slots[i].plain);
		wmem_release(allocator, pool->slots[i].stored);
	}
	wmem_release(allocator, pool->slots);
	wmem_release(allocator, pool->workers);
	pthread_cond_destroy(&pool->done);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	wmem_release(allocator, pool);
}

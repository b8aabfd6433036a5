/* SPDX-License-Identifier: BSD-2-Clause */
/* Slices on a host: splice.c says which range is granted, here it is read
 * into a memory file, verified there, sealed, and kept while it fits. Reading
 * is done without the lock; who wants a range that somebody is reading waits
 * for that one and gets its slice, or its verdict. */
#include <epk/mount.h>
#include <epk/splice_host.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image_internal.h"
#include "memory_file.h"

/* Each is an open descriptor, and the list is searched from end to end. */
#define IDLE_MAX 256u

struct epk_slice {
	struct epk_splicer *splicer;
	struct epk_slice *older;
	struct epk_slice *newer;
	struct epk_splice range;
	struct epk_memory_file file; /* the reader's until it is filled */
	uint32_t holders;	     /* and those who wait; of the splicer */
	bool filling;
	epk_status_t status; /* when it is filled; a failure is in no list */
};

struct epk_splicer {
	pthread_mutex_t lock;  /* of everything below */
	pthread_cond_t filled; /* a slice is, or has failed */
	/* The rules' view of us: image and budget of a request. Its live
	 * bytes stay 0, for the budget of those is kept here. */
	struct epk_mount rules;
	struct epk_slice *oldest; /* list of use */
	struct epk_slice *newest;
	uint64_t live_max_bytes;
	uint32_t page_log2;
	uint32_t idle_count; /* slices that nobody holds */
	struct epk_splice_counters counters;
};

static uint32_t system_page_log2(void)
{
	const long size = sysconf(_SC_PAGESIZE);
	uint32_t log2 = 0;

	while (log2 < 30 && (1L << log2) < size)
		log2++;
	return log2;
}

static bool budgets_valid(const struct epk_splice_budgets *budgets)
{
	return budgets == NULL || (budgets->size_bytes == sizeof(*budgets) &&
				   budgets->reserved == 0);
}

/* Can this system make such files at all? */
static epk_status_t try_memory_file(uint32_t page_log2)
{
	struct epk_memory_file file;
	epk_status_t status =
		epk_memory_file_create(&file, (size_t)1 << page_log2, false);

	if (status != EPK_OK)
		return status;
	status = epk_memory_file_seal(&file);
	epk_memory_file_close(&file);
	return status;
}

epk_status_t epk_splicer_create(const struct epk_image *image,
				const struct epk_splice_budgets *budgets,
				struct epk_splicer **out_splicer)
{
	struct epk_splicer *splicer;
	epk_status_t status;

	if (image == NULL || out_splicer == NULL || !budgets_valid(budgets))
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	status = try_memory_file(system_page_log2());
	if (status != EPK_OK)
		return status;
	splicer = calloc(1, sizeof(*splicer));
	if (splicer == NULL)
		return EPK_ERR_NO_MEMORY;
	if (pthread_mutex_init(&splicer->lock, NULL) != 0) {
		free(splicer);
		return EPK_ERR_NO_MEMORY;
	}
	(void)pthread_cond_init(&splicer->filled, NULL);
	splicer->page_log2 = system_page_log2();
	splicer->rules = (struct epk_mount){
		.image = image,
		.splice_request_max = EPK_SPLICE_REQUEST_DEFAULT,
		.splice_live_max = UINT64_MAX,
	};
	splicer->live_max_bytes = EPK_SPLICE_LIVE_DEFAULT;
	if (budgets != NULL && budgets->request_max_bytes != 0)
		splicer->rules.splice_request_max = budgets->request_max_bytes;
	if (budgets != NULL && budgets->live_max_bytes != 0)
		splicer->live_max_bytes = budgets->live_max_bytes;
	*out_splicer = splicer;
	return EPK_OK;
}

/* ---- the list of use ---- */

static void unlink_slice(struct epk_splicer *splicer, struct epk_slice *slice)
{
	if (slice->older != NULL)
		slice->older->newer = slice->newer;
	else
		splicer->oldest = slice->newer;
	if (slice->newer != NULL)
		slice->newer->older = slice->older;
	else
		splicer->newest = slice->older;
}

static void link_newest(struct epk_splicer *splicer, struct epk_slice *slice)
{
	slice->newer = NULL;
	slice->older = splicer->newest;
	if (splicer->newest != NULL)
		splicer->newest->newer = slice;
	else
		splicer->oldest = slice;
	splicer->newest = slice;
}

static void drop(struct epk_splicer *splicer, struct epk_slice *slice)
{
	unlink_slice(splicer, slice);
	splicer->counters.live_bytes -= slice->range.size_bytes;
	epk_memory_file_close(&slice->file);
	free(slice);
}

static struct epk_slice *find(const struct epk_splicer *splicer,
			      const struct epk_splice *range)
{
	struct epk_slice *slice = splicer->newest;

	while (slice != NULL &&
	       (slice->range.image_offset != range->image_offset ||
		slice->range.size_bytes != range->size_bytes ||
		slice->range.executable != range->executable))
		slice = slice->older;
	return slice;
}

/* What is held decides; nothing is thrown away for a request that would not
 * fit all the same. */
static epk_status_t make_room(struct epk_splicer *splicer, uint64_t size)
{
	struct epk_splice_counters *counters = &splicer->counters;
	struct epk_slice *slice = splicer->oldest;

	if (counters->held_bytes > splicer->live_max_bytes ||
	    size > splicer->live_max_bytes - counters->held_bytes)
		return EPK_ERR_SPLICE_LIVE;
	while (slice != NULL &&
	       (counters->live_bytes > splicer->live_max_bytes - size ||
		splicer->idle_count >= IDLE_MAX)) {
		struct epk_slice *next = slice->newer;

		if (slice->holders == 0) {
			counters->evicted_bytes += slice->range.size_bytes;
			drop(splicer, slice);
			splicer->idle_count--;
		}
		slice = next;
	}
	return EPK_OK;
}

/* ---- filling ---- */

/* One block's part of a range. */
struct part {
	uint32_t block;
	uint32_t inside; /* where it begins in the block's stored bytes */
	uint32_t size;
	bool whole;
};

static struct part part_at(const struct epk_image *image, uint32_t block,
			   uint64_t image_offset, uint64_t left)
{
	struct epk_block row;
	struct part part = { .block = block };

	epk_block_decode(image, block, &row);
	part.inside = (uint32_t)(image_offset - row.image_offset);
	part.size = row.stored_size - part.inside;
	if (part.size > left)
		part.size = (uint32_t)left;
	part.whole = part.size == row.stored_size;
	return part;
}

/* What the reader of a range has for itself. */
struct filling {
	const struct epk_image *image;
	uint8_t *bounce; /* a block that lies only partly in the range */
	uint64_t copied_bytes;
};

/* A whole block is read where it will stay, and verified there: the memory
 * is ours alone until it is sealed. */
static epk_status_t fill_part(struct filling *filling, const struct part *part,
			      uint8_t *to)
{
	const uint8_t *bytes;
	epk_status_t status;

	if (!part->whole && filling->bounce == NULL) {
		filling->bounce = malloc(epk_block_size(filling->image));
		if (filling->bounce == NULL)
			return EPK_ERR_NO_MEMORY;
	}
	status = epk_block_read(filling->image, part->block, NULL,
				part->whole ? to : filling->bounce, &bytes);
	if (status != EPK_OK)
		return status;
	if (bytes != to)
		memcpy(to, bytes + part->inside, part->size);
	filling->copied_bytes += part->size;
	return EPK_OK;
}

static epk_status_t fill_blocks(struct filling *filling,
				const struct epk_splice *range, uint8_t *to)
{
	uint64_t done = 0;

	for (uint32_t i = 0; i < range->block_count; i++) {
		const struct part part = part_at(
			filling->image, range->first_block + i,
			range->image_offset + done, range->size_bytes - done);
		const epk_status_t status =
			fill_part(filling, &part, to + done);

		if (status != EPK_OK)
			return status;
		done += part.size;
	}
	return EPK_OK;
}

/* Without the lock: the slice's file, sealed. */
static epk_status_t fill(struct filling *filling, struct epk_slice *slice)
{
	const struct epk_splice *range = &slice->range;
	epk_status_t status = epk_memory_file_create(
		&slice->file, (size_t)range->size_bytes, range->executable);

	if (status != EPK_OK)
		return status;
	status = fill_blocks(filling, range, slice->file.bytes);
	if (status == EPK_OK)
		status = epk_memory_file_seal(&slice->file);
	if (status != EPK_OK)
		epk_memory_file_close(&slice->file);
	return status;
}

/* A slice that is being filled, held by us; its bytes are spoken for. */
static struct epk_slice *begin(struct epk_splicer *splicer,
			       const struct epk_splice *range)
{
	struct epk_slice *slice = calloc(1, sizeof(*slice));

	if (slice == NULL)
		return NULL;
	slice->splicer = splicer;
	slice->range = *range;
	slice->holders = 1;
	slice->filling = true;
	splicer->counters.live_bytes += range->size_bytes;
	splicer->counters.held_bytes += range->size_bytes;
	link_newest(splicer, slice);
	return slice;
}

/* The lock is held on the way in and out, not between. */
static void complete(struct epk_splicer *splicer, struct epk_slice *slice)
{
	struct filling filling = { .image = splicer->rules.image };
	epk_status_t status;

	(void)pthread_mutex_unlock(&splicer->lock);
	status = fill(&filling, slice);
	free(filling.bounce);
	(void)pthread_mutex_lock(&splicer->lock);
	splicer->counters.copied_bytes += filling.copied_bytes;
	slice->filling = false;
	slice->status = status;
	if (status != EPK_OK) {
		splicer->counters.live_bytes -= slice->range.size_bytes;
		splicer->counters.held_bytes -= slice->range.size_bytes;
		unlink_slice(splicer, slice);
	}
	(void)pthread_cond_broadcast(&splicer->filled);
}

static void hold(struct epk_splicer *splicer, struct epk_slice *slice)
{
	if (slice->holders++ == 0) {
		splicer->counters.held_bytes += slice->range.size_bytes;
		splicer->idle_count--;
	}
}

/* A hold on the slice of a range, filled or failed. */
static epk_status_t find_or_make(struct epk_splicer *splicer,
				 const struct epk_splice *range,
				 struct epk_slice **out_slice)
{
	struct epk_slice *slice = find(splicer, range);
	epk_status_t status;

	if (slice != NULL) {
		unlink_slice(splicer, slice);
		link_newest(splicer, slice);
		hold(splicer, slice);
		while (slice->filling)
			(void)pthread_cond_wait(&splicer->filled,
						&splicer->lock);
		splicer->counters.hits += slice->status == EPK_OK;
		*out_slice = slice;
		return EPK_OK;
	}
	status = make_room(splicer, range->size_bytes);
	if (status != EPK_OK)
		return status;
	slice = begin(splicer, range);
	if (slice == NULL)
		return EPK_ERR_NO_MEMORY;
	complete(splicer, slice);
	*out_slice = slice;
	return EPK_OK;
}

/* Whole pages are handed out, so a request within a page is one for it. */
static uint64_t whole_pages(const struct epk_splicer *splicer, uint64_t size)
{
	const uint64_t mask = (UINT64_C(1) << splicer->page_log2) - 1;

	return size > UINT64_MAX - mask ? size : (size + mask) & ~mask;
}

epk_status_t epk_splice(struct epk_splicer *splicer, uint32_t node,
			uint64_t offset, uint64_t size_bytes,
			struct epk_slice **out_slice)
{
	struct epk_slice *slice = NULL;
	struct epk_splice range;
	epk_status_t status;

	if (splicer == NULL || out_slice == NULL)
		return EPK_ERR_INVALID;
	(void)pthread_mutex_lock(&splicer->lock);
	status = epk_splice_check(&splicer->rules, node, offset,
				  whole_pages(splicer, size_bytes),
				  splicer->page_log2, &range);
	if (status == EPK_OK)
		status = find_or_make(splicer, &range, &slice);
	if (status == EPK_OK && slice->status != EPK_OK) {
		/* Its bytes were given back; the last who waited ends it. */
		status = slice->status;
		if (--slice->holders == 0)
			free(slice);
	} else if (status == EPK_OK) {
		splicer->counters.requests++;
		*out_slice = slice;
	}
	(void)pthread_mutex_unlock(&splicer->lock);
	return status;
}

void epk_slice_release(struct epk_slice *slice)
{
	struct epk_splicer *splicer;

	if (slice == NULL)
		return;
	splicer = slice->splicer;
	(void)pthread_mutex_lock(&splicer->lock);
	if (--slice->holders == 0) {
		splicer->counters.held_bytes -= slice->range.size_bytes;
		splicer->idle_count++;
	}
	(void)pthread_mutex_unlock(&splicer->lock);
}

epk_status_t epk_splicer_destroy(struct epk_splicer *splicer)
{
	struct epk_slice *slice, *newer;
	bool busy;

	if (splicer == NULL)
		return EPK_OK;
	(void)pthread_mutex_lock(&splicer->lock);
	busy = splicer->counters.held_bytes != 0;
	(void)pthread_mutex_unlock(&splicer->lock);
	if (busy)
		return EPK_ERR_BUSY;
	for (slice = splicer->oldest; slice != NULL; slice = newer) {
		newer = slice->newer;
		epk_memory_file_close(&slice->file);
		free(slice);
	}
	(void)pthread_cond_destroy(&splicer->filled);
	(void)pthread_mutex_destroy(&splicer->lock);
	free(splicer);
	return EPK_OK;
}

int epk_slice_fd(const struct epk_slice *slice)
{
	return slice->file.fd;
}

uint64_t epk_slice_size(const struct epk_slice *slice)
{
	return slice->range.size_bytes;
}

uint64_t epk_slice_content_size(const struct epk_slice *slice)
{
	return slice->range.content_size;
}

bool epk_slice_executable(const struct epk_slice *slice)
{
	return slice->range.executable;
}

void epk_splicer_counters(struct epk_splicer *splicer,
			  struct epk_splice_counters *out_counters)
{
	(void)pthread_mutex_lock(&splicer->lock);
	*out_counters = splicer->counters;
	(void)pthread_mutex_unlock(&splicer->lock);
}

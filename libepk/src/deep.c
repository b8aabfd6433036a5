/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage deep. The order that counts is: all blocks, then all runs by node,
 * then equal runs. Blocks and runs ascend together within a region, so one
 * pass decodes each block once and hashes each run once; a run's wrong digest
 * is only remembered, and reported when no block failed.
 */
#include "image_internal.h"

struct deep {
	struct epk_image *image;
	struct epk_deep_blocks blocks;
	uint32_t wrong_node; /* smallest with a wrong digest */
	bool running;	     /* hash is begun */
	struct epk_hash hash;
	struct epk_run_cursor cursor;
	struct epk_run run;
	bool has_run;
	epk_progress progress;
	void *context;
	uint64_t done;
};

static void next_run(struct deep *deep)
{
	deep->has_run =
		epk_run_next(deep->image, &deep->cursor, &deep->run) == EPK_OK;
}

static void judge(struct deep *deep, const uint8_t *digest)
{
	const uint8_t *row = epk_node_row(deep->image, deep->run.node);

	if (deep->run.node < deep->wrong_node &&
	    !epk_mem_equal(digest, row + EPK_NODE_SHA256, EPK_DIGEST_SIZE))
		deep->wrong_node = deep->run.node;
}

/* All runs that lie in a shared block. */
static epk_status_t feed_shared(struct deep *deep, uint32_t index,
				const uint8_t *bytes)
{
	uint8_t digest[EPK_DIGEST_SIZE];

	while (deep->has_run && deep->run.first == index) {
		const epk_status_t status =
			epk_sha256(deep->image->ops, bytes + deep->run.at,
				   (size_t)deep->run.size_bytes, digest);

		if (status != EPK_OK)
			return status;
		judge(deep, digest);
		next_run(deep);
	}
	return EPK_OK;
}

/* One block of the run that has it for its own. */
static epk_status_t feed_whole(struct deep *deep, uint32_t index,
			       const uint8_t *bytes)
{
	const struct epk_ops *ops = deep->image->ops;
	uint8_t digest[EPK_DIGEST_SIZE];
	epk_status_t status = EPK_OK;

	if (index == deep->run.first) {
		status = ops->sha256_init(&deep->hash);
		deep->running = status == EPK_OK;
	}
	if (status == EPK_OK)
		status = ops->sha256_update(
			&deep->hash, bytes,
			epk_block_plain_size(deep->image, index));
	if (status != EPK_OK || index - deep->run.first + 1 < deep->run.count)
		return status;
	ops->sha256_final(&deep->hash, digest);
	deep->running = false;
	judge(deep, digest);
	next_run(deep);
	return EPK_OK;
}

static epk_status_t tell_progress(struct deep *deep, uint32_t index)
{
	const struct epk_header *header = &deep->image->header;
	struct epk_block block;

	epk_block_decode(deep->image, index, &block);
	deep->done += block.stored_size;
	if (deep->progress == NULL)
		return EPK_OK;
	return deep->progress(deep->context, deep->done,
			      header->image_size - header->data_offset);
}

static epk_status_t check_block(struct deep *deep, uint32_t index)
{
	const uint8_t *bytes;
	epk_status_t status;

	status = deep->blocks.fetch(deep->blocks.context, index, &bytes);
	if (status == EPK_OK)
		status = deep->cursor.region == EPK_REGION_SHARED
				 ? feed_shared(deep, index, bytes)
				 : feed_whole(deep, index, bytes);
	if (status == EPK_OK)
		status = tell_progress(deep, index);
	if (status != EPK_OK)
		return epk_fail(deep->image, EPK_STAGE_DEEP, status, index);
	return EPK_OK;
}

static epk_status_t check_region(struct deep *deep, uint32_t region,
				 uint32_t first, uint32_t end)
{
	epk_status_t status = EPK_OK;

	epk_run_begin(&deep->cursor, region);
	next_run(deep);
	for (uint32_t i = first; status == EPK_OK && i < end; i++)
		status = check_block(deep, i);
	return status;
}

static epk_status_t check_regions(struct deep *deep)
{
	const struct epk_header *header = &deep->image->header;
	const uint32_t whole = header->map_blocks;
	const uint32_t shared = whole + header->whole_blocks;
	epk_status_t status;

	status = check_region(deep, EPK_REGION_MAPPED, 0, whole);
	if (status == EPK_OK)
		status = check_region(deep, EPK_REGION_WHOLE, whole, shared);
	if (status == EPK_OK)
		status = check_region(deep, EPK_REGION_SHARED, shared,
				      header->block_count);
	if (deep->running)
		deep->image->ops->sha256_final(&deep->hash, NULL);
	if (status != EPK_OK || deep->wrong_node == EPK_NO_INDEX)
		return status;
	return epk_fail(deep->image, EPK_STAGE_DEEP, EPK_ERR_FILE_DIGEST,
			deep->wrong_node);
}

uint64_t epk_deep_size(const struct epk_image *image)
{
	const uint64_t blocks = 2 * (uint64_t)epk_block_size(image);
	const uint64_t runs =
		(uint64_t)image->header.node_count * sizeof(uint32_t);

	return blocks > runs ? blocks : runs;
}

epk_status_t epk_deep_check(struct epk_image *image,
			    const struct epk_deep_blocks *blocks, void *scratch,
			    uint64_t scratch_size, epk_progress progress,
			    void *context)
{
	struct deep deep = {
		.image = image,
		.blocks = *blocks,
		.wrong_node = EPK_NO_INDEX,
		.progress = progress,
		.context = context,
	};
	epk_status_t status;

	epk_no_failure(image);
	status = check_regions(&deep);
	if (status != EPK_OK)
		return status;
	return epk_verify_canon(image, scratch, scratch_size);
}

/* Blocks read one by one, into the two halves of the scratch. */
struct one_by_one {
	const struct epk_image *image;
	uint8_t *scratch;
};

static epk_status_t fetch_one(void *context, uint32_t index,
			      const uint8_t **out_bytes)
{
	const struct one_by_one *one = context;

	return epk_block_read(one->image, index, one->scratch,
			      one->scratch + epk_block_size(one->image),
			      out_bytes);
}

epk_status_t epk_verify_deep(struct epk_image *image, void *scratch,
			     uint64_t scratch_size, epk_progress progress,
			     void *context)
{
	struct one_by_one one = { .image = image, .scratch = scratch };
	const struct epk_deep_blocks blocks = { .fetch = fetch_one,
						.context = &one };

	if (image == NULL || scratch == NULL)
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	if (scratch_size < epk_deep_size(image) || !epk_mem_aligned(scratch))
		return EPK_ERR_SCRATCH;
	return epk_deep_check(image, &blocks, scratch, scratch_size, progress,
			      context);
}

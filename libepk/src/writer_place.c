/* SPDX-License-Identifier: BSD-2-Clause */
/* Placement (section 7): mapped files, then whole ones, then small ones that
 * share blocks, each in node order; equal files share one run. */
#include "writer_internal.h"

#include <string.h>

enum region { REGION_MAPPED, REGION_WHOLE, REGION_SHARED };

struct place {
	struct epk_writer *writer;
	struct wpool *pool;
	uint8_t *open; /* shared block being filled, or NULL */
	uint32_t fill;
};

static bool has_bytes(const uint8_t *node)
{
	return node[EPK_NODE_TYPE] == EPK_TYPE_FILE && wnode_size(node) != 0;
}

static enum region region_of(const struct epk_writer *writer,
			     const uint8_t *node)
{
	if (node[EPK_NODE_FLAGS] & EPK_FLAG_MAPPED)
		return REGION_MAPPED;
	return wnode_size(node) < wblock_size(writer) ? REGION_SHARED
						      : REGION_WHOLE;
}

/** The file at `node` has the run that the file at `owner` opened. */
static void share_run(struct epk_writer *writer, uint32_t node, uint32_t owner)
{
	uint8_t *to = wnode(writer, node);
	const uint8_t *from = wnode(writer, owner);

	epk_store32(to + EPK_NODE_AT, epk_load32(from + EPK_NODE_AT));
	epk_store32(to + EPK_NODE_FIRST, epk_load32(from + EPK_NODE_FIRST));
	epk_store32(to + EPK_NODE_COUNT, epk_load32(from + EPK_NODE_COUNT));
	writer->shared_bytes += wnode_size(to);
}

static epk_status_t stream_blocks(struct place *place, struct wread *read,
				  enum wblock_kind kind)
{
	while (read->left) {
		uint32_t size = wblock_size(place->writer);
		uint8_t *plain;
		epk_status_t status = wpool_take(place->pool, &plain);

		if (status)
			return status;
		if (size > read->left)
			size = (uint32_t)read->left;
		status = wread_bytes(read, plain, size);
		if (status)
			return status;
		wpool_submit(place->pool, size, kind);
	}
	return EPK_OK;
}

/** The digest that a second reading gave must be that of the first. */
static epk_status_t settle_digest(struct epk_writer *writer, uint32_t node,
				  const uint8_t digest[EPK_DIGEST_SIZE])
{
	uint8_t *to = wnode(writer, node) + EPK_NODE_SHA256;

	if (wknown(writer, node) && memcmp(to, digest, EPK_DIGEST_SIZE) != 0)
		return wnode_error(writer, node, EPK_ERR_CHANGED);
	memcpy(to, digest, EPK_DIGEST_SIZE);
	return EPK_OK;
}

static epk_status_t open_run(struct place *place, uint32_t node,
			     enum wblock_kind kind)
{
	struct epk_writer *writer = place->writer;
	uint8_t *bytes = wnode(writer, node);
	uint32_t first = wpool_submitted(place->pool);
	uint8_t digest[EPK_DIGEST_SIZE];
	struct wread read;
	epk_status_t status = wread_open(&read, writer, node);

	if (status)
		return status;
	status = stream_blocks(place, &read, kind);
	if (status) {
		wread_abort(&read);
		return status;
	}
	status = wread_close(&read, digest);
	if (status)
		return status;
	epk_store32(bytes + EPK_NODE_FIRST, first);
	epk_store32(bytes + EPK_NODE_COUNT,
		    wpool_submitted(place->pool) - first);
	return settle_digest(writer, node, digest);
}

static epk_status_t place_blocks(struct place *place, uint32_t node,
				 enum wblock_kind kind)
{
	struct epk_writer *writer = place->writer;
	epk_status_t status;

	if (wknown(writer, node)) {
		uint32_t owner = wruns_find(writer, wnode(writer, node));

		if (owner != EPK_NO_INDEX) {
			share_run(writer, node, owner);
			wprogress_add(writer, wnode_size(wnode(writer, node)));
			return EPK_OK;
		}
	}
	status = open_run(place, node, kind);
	if (status == EPK_OK)
		wruns_insert(writer, node);
	return status;
}

static epk_status_t place_mapped(struct place *place, uint32_t node)
{
	return place_blocks(place, node, WBLOCK_MAPPED);
}

static epk_status_t place_whole(struct place *place, uint32_t node)
{
	return place_blocks(place, node, WBLOCK_PACKED);
}

static void close_shared_block(struct place *place)
{
	if (place->open)
		wpool_submit(place->pool, place->fill, WBLOCK_PACKED);
	place->open = NULL;
}

/** Appends the scratch block's size bytes; the node gets its place. */
static epk_status_t append_shared(struct place *place, uint8_t *node,
				  uint32_t size)
{
	if (!place->open || place->fill + size > wblock_size(place->writer)) {
		epk_status_t status;

		close_shared_block(place);
		status = wpool_take(place->pool, &place->open);
		if (status)
			return status;
		place->fill = 0;
	}
	memcpy(place->open + place->fill, place->writer->scratch, size);
	epk_store32(node + EPK_NODE_FIRST, wpool_submitted(place->pool));
	epk_store32(node + EPK_NODE_AT, place->fill);
	epk_store32(node + EPK_NODE_COUNT, 1);
	place->fill += size;
	return EPK_OK;
}

static epk_status_t place_shared(struct place *place, uint32_t node)
{
	struct epk_writer *writer = place->writer;
	uint8_t *bytes = wnode(writer, node);
	uint8_t digest[EPK_DIGEST_SIZE];
	uint32_t owner;
	epk_status_t status = wread_digest(writer, node, digest);

	if (status == EPK_OK)
		status = settle_digest(writer, node, digest);
	if (status)
		return status;
	bytes[EPK_NODE_FLAGS] |= EPK_FLAG_SHARED;
	owner = wruns_find(writer, bytes);
	if (owner != EPK_NO_INDEX) {
		share_run(writer, node, owner);
		return EPK_OK;
	}
	status = append_shared(place, bytes, (uint32_t)wnode_size(bytes));
	if (status == EPK_OK)
		wruns_insert(writer, node);
	return status;
}

static epk_status_t place_region(struct place *place, enum region region)
{
	static epk_status_t (*const place_file[])(struct place *, uint32_t) = {
		[REGION_MAPPED] = place_mapped,
		[REGION_WHOLE] = place_whole,
		[REGION_SHARED] = place_shared,
	};
	struct epk_writer *writer = place->writer;
	uint32_t before = wpool_submitted(place->pool);

	for (uint32_t node = 0; node < writer->node_count; node++) {
		const uint8_t *bytes = wnode(writer, node);
		epk_status_t status;

		if (!has_bytes(bytes) || region_of(writer, bytes) != region)
			continue;
		status = place_file[region](place, node);
		if (status)
			return status;
	}
	close_shared_block(place);
	writer->region_blocks[region] = wpool_submitted(place->pool) - before;
	return EPK_OK;
}

/** Empty files have the digest of nothing and no place; they are opened all
 * the same: that they cannot be read, or are no longer empty, is said. */
static epk_status_t hash_empty_files(struct epk_writer *writer)
{
	for (uint32_t i = 0; i < writer->node_count; i++) {
		uint8_t *node = wnode(writer, i);
		epk_status_t status;

		if (node[EPK_NODE_TYPE] != EPK_TYPE_FILE || wnode_size(node))
			continue;
		status = wread_digest(writer, i, node + EPK_NODE_SHA256);
		if (status)
			return status;
	}
	return EPK_OK;
}

static epk_status_t place_regions(struct epk_writer *writer, uint64_t data_base,
				  const struct wbase *base,
				  struct epk_writer_result *result)
{
	struct place place = { .writer = writer };
	epk_status_t status = wpool_start(writer, data_base, base, &place.pool);

	if (status)
		return status;
	for (int i = REGION_MAPPED; i <= REGION_SHARED && !status; i++)
		status = place_region(&place, (enum region)i);
	if (status == EPK_OK)
		status = wpool_drain(place.pool);
	result->threads = wpool_threads(place.pool);
	result->blocks = wpool_submitted(place.pool);
	result->reused_blocks = wpool_reused(place.pool, &result->reused_bytes);
	wpool_stop(place.pool);
	return status;
}

epk_status_t wplace_all(struct epk_writer *writer, uint64_t data_base,
			struct epk_writer_result *result)
{
	struct wbase *base = NULL;
	epk_status_t status = wruns_init(writer);

	if (status == EPK_OK)
		status = hash_empty_files(writer);
	if (status == EPK_OK)
		status = wbase_create(writer, &base);
	if (status == EPK_OK)
		status = place_regions(writer, data_base, base, result);
	wbase_destroy(base);
	return status;
}

uint64_t wplace_blocks_max(const struct epk_writer *writer)
{
	uint64_t blocks = 0;
	uint64_t small_files = 0;
	uint64_t small_bytes = 0;
	uint64_t shared;

	for (uint32_t i = 0; i < writer->node_count; i++) {
		const uint8_t *node = wnode(writer, i);
		uint64_t size = wnode_size(node);

		if (!has_bytes(node))
			continue;
		if (region_of(writer, node) != REGION_SHARED) {
			blocks += epk_blocks_of(size,
						writer->settings.block_log2);
			continue;
		}
		small_files++;
		small_bytes += size;
	}
	/* Two neighbours together hold more than one block's bytes. */
	shared = 2 * (small_bytes >> writer->settings.block_log2) + 2;
	blocks += shared < small_files ? shared : small_files;
	return blocks < EPK_BLOCK_COUNT_MAX ? blocks : EPK_BLOCK_COUNT_MAX;
}

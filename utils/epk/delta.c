/* SPDX-License-Identifier: BSD-2-Clause */
#include "delta.h"

#include <stdlib.h>
#include <string.h>

/* Where a block is, by the beginning of its digest. */
struct known {
	uint64_t key;
	uint32_t index;
};

static int compare_known(const void *left, const void *right)
{
	const struct known *a = left;
	const struct known *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static uint64_t key_of(const struct epk_block *block)
{
	return epk_load64(block->digest);
}

static bool same_block(const struct epk_block *a, const struct epk_block *b)
{
	return a->stored_size == b->stored_size &&
	       memcmp(a->digest, b->digest, EPK_DIGEST_SIZE) == 0;
}

static bool is_known(const struct epk_image *from, const struct known *known,
		     uint32_t count, const struct epk_block *wanted)
{
	uint32_t low = 0;
	uint32_t high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (known[middle].key < key_of(wanted))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < count && known[low].key == key_of(wanted); low++) {
		struct epk_block block;

		if (epk_block_get(from, known[low].index, &block) == EPK_OK &&
		    same_block(&block, wanted))
			return true;
	}
	return false;
}

static struct known *index_blocks(const struct epk_image *image)
{
	const uint32_t count = image->header.block_count;
	struct known *known = calloc((size_t)count + 1, sizeof(*known));

	for (uint32_t i = 0; known && i < count; i++) {
		struct epk_block block;

		if (epk_block_get(image, i, &block) == EPK_OK)
			known[i] = (struct known){ key_of(&block), i };
	}
	if (known)
		qsort(known, count, sizeof(*known), compare_known);
	return known;
}

bool delta_measure(const struct epk_image *from, const struct epk_image *to,
		   struct delta *out_delta)
{
	struct known *known = index_blocks(from);

	if (!known)
		return false;
	*out_delta = (struct delta){ 0 };
	if (memcmp(from->package_id, to->package_id, EPK_DIGEST_SIZE) != 0)
		out_delta->fetch_bytes = EPK_PAGE_SIZE;
	if (memcmp(from->header.meta_digest, to->header.meta_digest,
		   EPK_DIGEST_SIZE) != 0)
		out_delta->fetch_bytes += to->header.meta_stored;
	for (uint32_t i = 0; i < to->header.block_count; i++) {
		struct epk_block block;

		if (epk_block_get(to, i, &block) != EPK_OK ||
		    is_known(from, known, from->header.block_count, &block))
			continue;
		out_delta->new_blocks++;
		out_delta->fetch_bytes += block.stored_size;
	}
	free(known);
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 16: the rows of the block table tile the data. */
#include "image_internal.h"

static bool sizes_fit(const struct epk_image *image,
		      const struct epk_block *block)
{
	if (block->plain_size < 1 || block->plain_size > epk_block_size(image))
		return false;
	if (block->mapped)
		return block->codec == EPK_CODEC_STORE &&
		       block->stored_size ==
			       epk_align_up(block->plain_size,
					    image->header.align_log2);
	if (block->codec == EPK_CODEC_STORE)
		return block->stored_size == block->plain_size;
	return block->codec == EPK_CODEC_ZLIB && block->stored_size != 0 &&
	       block->stored_size < block->plain_size;
}

epk_status_t epk_blocks_check(struct epk_image *image)
{
	const struct epk_header *header = &image->header;
	uint64_t cursor = 0;

	for (uint32_t i = 0; i < header->block_count; i++) {
		const uint8_t *row = epk_block_row(image, i);
		struct epk_block block;

		epk_block_decode(image, i, &block);
		if (epk_load64(row + EPK_BLOCK_OFFSET) != cursor ||
		    !sizes_fit(image, &block))
			return epk_fail(image, EPK_STAGE_BLOCKS, EPK_ERR_BLOCK,
					i);
		cursor += block.stored_size; /* ≤ 2^20 times 2^20 */
	}
	if (cursor != header->image_size - header->data_offset)
		return epk_fail(image, EPK_STAGE_BLOCKS, EPK_ERR_SIZE,
				EPK_NO_INDEX);
	return EPK_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading one block: digest of what is stored first, then decoding. */
#include "image_internal.h"

void epk_block_decode(const struct epk_image *image, uint32_t index,
		      struct epk_block *out_block)
{
	const uint8_t *row = epk_block_row(image, index);
	const uint32_t info = epk_load32(row + EPK_BLOCK_INFO);

	*out_block = (struct epk_block){
		.image_offset = image->header.data_offset +
				epk_load64(row + EPK_BLOCK_OFFSET),
		.stored_size = epk_load32(row + EPK_BLOCK_STORED_SIZE),
		.plain_size = info >> 8,
		.codec = info & 0xff,
		.mapped = index < image->header.map_blocks,
		.digest = row + EPK_BLOCK_DIGEST,
	};
}

epk_status_t epk_block_get(const struct epk_image *image, uint32_t index,
			   struct epk_block *out_block)
{
	if (image == NULL || out_block == NULL)
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	if (index >= image->header.block_count)
		return EPK_ERR_RANGE;
	epk_block_decode(image, index, out_block);
	return EPK_OK;
}

static epk_status_t fetch(const struct epk_image *image,
			  const struct epk_block *block, void *buffer,
			  const uint8_t **out_stored)
{
	if (image->source.mapped != NULL) {
		*out_stored = (const uint8_t *)image->source.mapped +
			      block->image_offset;
		return EPK_OK;
	}
	*out_stored = buffer;
	return epk_source_read(&image->source, block->image_offset, buffer,
			       block->stored_size);
}

static epk_status_t check_stored(const struct epk_image *image,
				 const struct epk_block *block,
				 const uint8_t *stored)
{
	uint8_t digest[EPK_DIGEST_SIZE];
	const epk_status_t status =
		epk_sha256(image->ops, stored, block->stored_size, digest);

	if (status != EPK_OK)
		return status;
	if (!epk_mem_equal(digest, block->digest, sizeof(digest)))
		return EPK_ERR_BLOCK_DIGEST;
	if (block->codec == EPK_CODEC_STORE &&
	    !epk_mem_is_zero(stored + block->plain_size,
			     block->stored_size - block->plain_size))
		return EPK_ERR_PAD;
	return EPK_OK;
}

epk_status_t epk_block_read(const struct epk_image *image, uint32_t index,
			    void *scratch, void *plain,
			    const uint8_t **out_bytes)
{
	struct epk_block block;
	const uint8_t *stored;
	epk_status_t status;

	if (plain == NULL || out_bytes == NULL)
		return EPK_ERR_INVALID;
	status = epk_block_get(image, index, &block);
	if (status != EPK_OK)
		return status;
	if (block.codec != EPK_CODEC_STORE && scratch == NULL &&
	    image->source.mapped == NULL)
		return EPK_ERR_INVALID;
	status = fetch(image, &block,
		       block.codec == EPK_CODEC_STORE ? plain : scratch,
		       &stored);
	if (status == EPK_OK)
		status = check_stored(image, &block, stored);
	if (status != EPK_OK)
		return status;
	if (block.codec == EPK_CODEC_STORE) {
		*out_bytes = stored;
		return EPK_OK;
	}
	if (image->ops->inflate == NULL)
		return EPK_ERR_COMPAT;
	status = image->ops->inflate(stored, block.stored_size, plain,
				     block.plain_size);
	if (status == EPK_OK)
		*out_bytes = plain;
	return status;
}

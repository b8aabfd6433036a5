/* SPDX-License-Identifier: BSD-2-Clause */
/* The copying read of a loaded image. */
#include <epk/mount.h>

#include "image_internal.h"

/* Memory of a mount, in order: a bit per block of a mapped source or a stored
 * block of any other, then the cache. */
static uint64_t head_size(const struct epk_image *image)
{
	if (image->source.mapped == NULL)
		return epk_block_size(image);
	return epk_align_up((image->header.block_count + UINT64_C(7)) / 8, 3);
}

uint64_t epk_mount_size(const struct epk_image *image, uint32_t cached_blocks)
{
	const size_t cache =
		epk_cache_size(cached_blocks, epk_block_size(image));

	return cache == 0 ? 0 : head_size(image) + cache;
}

epk_status_t epk_mount_init(struct epk_mount *mount,
			    const struct epk_image *image, void *memory,
			    uint64_t size_bytes)
{
	uint8_t *bytes = memory;
	uint64_t head;

	if (mount == NULL || image == NULL || memory == NULL ||
	    !epk_mem_aligned(memory))
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	head = head_size(image);
	if (size_bytes < head)
		return EPK_ERR_SCRATCH;
	*mount = (struct epk_mount){
		.image = image,
		.splice_request_max = EPK_SPLICE_REQUEST_DEFAULT,
		.splice_live_max = EPK_SPLICE_LIVE_DEFAULT,
		.failed_block = EPK_NO_INDEX,
	};
	if (image->source.mapped != NULL) {
		mount->verified = bytes;
		epk_mem_zero(bytes, (size_t)head);
	} else {
		mount->scratch = bytes;
	}
	return epk_cache_init(&mount->cache, bytes + head,
			      (size_t)(size_bytes - head),
			      epk_block_size(image));
}

epk_status_t epk_mount_fini(struct epk_mount *mount)
{
	epk_status_t status;

	if (mount->splice_live != 0)
		return EPK_ERR_BUSY;
	status = epk_cache_fini(&mount->cache);
	if (status == EPK_OK)
		*mount = (struct epk_mount){ .failed_block = EPK_NO_INDEX };
	return status;
}

epk_status_t epk_block_verify(struct epk_mount *mount, uint32_t block)
{
	const uint8_t bit = (uint8_t)(1u << (block & 7));
	const struct epk_image *image = mount->image;
	const uint8_t *bytes;
	uint8_t unused;
	struct epk_block row;
	epk_status_t status = epk_block_get(image, block, &row);

	if (status != EPK_OK)
		return status;
	if (mount->verified == NULL || row.codec != EPK_CODEC_STORE)
		return EPK_ERR_UNSUPPORTED;
	if ((mount->verified[block >> 3] & bit) != 0)
		return EPK_OK;
	/* Stored and mapped: verified in place, nothing is written. */
	status = epk_block_read(image, block, NULL, &unused, &bytes);
	if (status == EPK_OK)
		mount->verified[block >> 3] |= bit;
	return status;
}

static epk_status_t fill(void *context, uint32_t key, uint8_t *block,
			 uint32_t *out_size)
{
	const struct epk_mount *mount = context;
	const uint8_t *bytes;
	const epk_status_t status = epk_block_read(
		mount->image, key, mount->scratch, block, &bytes);

	if (status == EPK_OK)
		*out_size = epk_block_plain_size(mount->image, key);
	return status;
}

/* Bytes of one block, in place or through the cache. */
static epk_status_t copy_from_block(struct epk_mount *mount, uint32_t index,
				    uint32_t offset, void *buffer, size_t size)
{
	const uint8_t *bytes;
	struct epk_block block;
	uint32_t plain_size;
	epk_status_t status;

	epk_block_decode(mount->image, index, &block);
	if (mount->verified != NULL && block.codec == EPK_CODEC_STORE) {
		status = epk_block_verify(mount, index);
		if (status != EPK_OK)
			return status;
		bytes = (const uint8_t *)mount->image->source.mapped +
			block.image_offset;
		epk_mem_copy(buffer, bytes + offset, size);
		return EPK_OK;
	}
	status = epk_cache_get(&mount->cache, index, fill, mount, &bytes,
			       &plain_size);
	if (status != EPK_OK)
		return status;
	epk_mem_copy(buffer, bytes + offset, size);
	return epk_cache_put(&mount->cache, index);
}

static epk_status_t copy_range(struct epk_mount *mount,
			       const struct epk_node *node, uint64_t offset,
			       uint8_t *buffer, size_t size)
{
	const uint32_t log2 = mount->image->header.block_log2;
	const uint32_t full = epk_block_size(mount->image);
	uint64_t at = node->at + offset;

	while (size != 0) {
		const uint32_t inside = (uint32_t)(at & (full - 1));
		const size_t part = size < full - inside ? size : full - inside;
		const uint32_t index = node->first + (uint32_t)(at >> log2);
		const epk_status_t status =
			copy_from_block(mount, index, inside, buffer, part);

		if (status != EPK_OK) {
			mount->failed_block = index;
			return status;
		}
		mount->bytes_copied += part;
		buffer += part;
		at += part;
		size -= part;
	}
	return EPK_OK;
}

epk_status_t epk_read(struct epk_mount *mount, uint32_t node, uint64_t offset,
		      void *buffer, size_t size_bytes, size_t *out_size)
{
	struct epk_node file;
	epk_status_t status;

	if (mount == NULL || out_size == NULL ||
	    (buffer == NULL && size_bytes != 0))
		return EPK_ERR_INVALID;
	status = epk_node_get(mount->image, node, &file);
	if (status != EPK_OK)
		return status;
	if (file.type != EPK_TYPE_FILE)
		return EPK_ERR_NOT_FILE;
	if (offset >= file.size_bytes)
		size_bytes = 0;
	else if (size_bytes > file.size_bytes - offset)
		size_bytes = (size_t)(file.size_bytes - offset);
	status = copy_range(mount, &file, offset, buffer, size_bytes);
	if (status == EPK_OK)
		*out_size = size_bytes;
	return status;
}

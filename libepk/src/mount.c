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

/* Some of a file's bytes and who takes them. */
struct reading {
	struct epk_mount *mount;
	struct epk_node file;
	uint64_t at; /* from the start of its first block */
	uint64_t left;
	epk_take take;
	void *context;
};

/* Bytes of one block, in place or through the cache. */
static epk_status_t take_from_block(const struct reading *reading,
				    uint32_t index, uint32_t offset,
				    size_t size)
{
	struct epk_mount *mount = reading->mount;
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
		return reading->take(reading->context, bytes + offset, size);
	}
	status = epk_cache_get(&mount->cache, index, fill, mount, &bytes,
			       &plain_size);
	if (status != EPK_OK)
		return status;
	status = reading->take(reading->context, bytes + offset, size);
	(void)epk_cache_put(&mount->cache, index);
	return status;
}

static epk_status_t take_all(struct reading *reading)
{
	struct epk_mount *mount = reading->mount;
	const uint32_t log2 = mount->image->header.block_log2;
	const uint32_t full = epk_block_size(mount->image);

	while (reading->left != 0) {
		const uint32_t inside = (uint32_t)(reading->at & (full - 1));
		const size_t part = reading->left < full - inside
					    ? (size_t)reading->left
					    : full - inside;
		const uint32_t index =
			reading->file.first + (uint32_t)(reading->at >> log2);
		const epk_status_t status =
			take_from_block(reading, index, inside, part);

		if (status != EPK_OK) {
			mount->failed_block = index;
			return status;
		}
		mount->bytes_copied += part;
		reading->at += part;
		reading->left -= part;
	}
	return EPK_OK;
}

epk_status_t epk_read_each(struct epk_mount *mount, uint32_t node,
			   uint64_t offset, uint64_t size_bytes, epk_take take,
			   void *context, uint64_t *out_size)
{
	struct reading reading = {
		.mount = mount,
		.take = take,
		.context = context,
	};
	epk_status_t status;

	if (mount == NULL || take == NULL || out_size == NULL)
		return EPK_ERR_INVALID;
	status = epk_node_get(mount->image, node, &reading.file);
	if (status != EPK_OK)
		return status;
	if (reading.file.type != EPK_TYPE_FILE)
		return EPK_ERR_NOT_FILE;
	if (offset >= reading.file.size_bytes)
		size_bytes = 0;
	else if (size_bytes > reading.file.size_bytes - offset)
		size_bytes = reading.file.size_bytes - offset;
	reading.at = reading.file.at + offset;
	reading.left = size_bytes;
	status = take_all(&reading);
	if (status == EPK_OK)
		*out_size = size_bytes;
	return status;
}

static epk_status_t copy(void *context, const void *bytes, size_t size_bytes)
{
	uint8_t **to = context;

	epk_mem_copy(*to, bytes, size_bytes);
	*to += size_bytes;
	return EPK_OK;
}

epk_status_t epk_read(struct epk_mount *mount, uint32_t node, uint64_t offset,
		      void *buffer, size_t size_bytes, size_t *out_size)
{
	uint8_t *to = buffer;
	uint64_t size = 0;
	epk_status_t status;

	if (out_size == NULL || (buffer == NULL && size_bytes != 0))
		return EPK_ERR_INVALID;
	status = epk_read_each(mount, node, offset, size_bytes, copy, &to,
			       &size);
	if (status == EPK_OK)
		*out_size = (size_t)size;
	return status;
}

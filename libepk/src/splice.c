/* SPDX-License-Identifier: BSD-2-Clause */
/* Section 10: which requests for memory are granted. Only decided here; the
 * memory objects belong to whoever serves the mount. */
#include <epk/mount.h>

#include "image_internal.h"

/* A range of a mapped file that begins at a page and ends in its pad. */
static bool range_fits(const struct epk_header *header,
		       const struct epk_node *node, uint64_t offset,
		       uint64_t size, uint32_t page_log2)
{
	const uint64_t page_mask = (UINT64_C(1) << page_log2) - 1;
	const uint64_t end = epk_align_up(node->size_bytes, header->align_log2);

	return (offset & page_mask) == 0 && size != 0 && offset < end &&
	       size <= end - offset;
}

static epk_status_t check_budgets(const struct epk_mount *mount, uint64_t size)
{
	if (size > mount->splice_request_max)
		return EPK_ERR_SPLICE_REQUEST;
	if (mount->splice_live > mount->splice_live_max ||
	    size > mount->splice_live_max - mount->splice_live)
		return EPK_ERR_SPLICE_LIVE;
	return EPK_OK;
}

static void describe(const struct epk_image *image, const struct epk_node *node,
		     uint64_t offset, uint64_t size, struct epk_splice *splice)
{
	const uint32_t log2 = image->header.block_log2;
	const uint64_t left =
		offset < node->size_bytes ? node->size_bytes - offset : 0;
	struct epk_block block;
	uint64_t first;

	epk_block_decode(image, node->first, &block);
	first = offset >> log2;
	splice->image_offset = block.image_offset + offset;
	splice->content_size = left < size ? left : size;
	splice->first_block = node->first + (uint32_t)first;
	splice->block_count =
		(uint32_t)(((offset + size - 1) >> log2) - first + 1);
	splice->executable = (node->flags & EPK_FLAG_EXEC) != 0;
}

epk_status_t epk_splice_check(const struct epk_mount *mount, uint32_t node,
			      uint64_t offset, uint64_t size_bytes,
			      uint32_t page_log2, struct epk_splice *out_splice)
{
	struct epk_splice splice = { 0 };
	struct epk_node file;
	epk_status_t status;

	if (mount == NULL || out_splice == NULL || page_log2 > 30)
		return EPK_ERR_INVALID;
	status = epk_node_get(mount->image, node, &file);
	if (status != EPK_OK)
		return status;
	if (file.type != EPK_TYPE_FILE || (file.flags & EPK_FLAG_MAPPED) == 0 ||
	    page_log2 > mount->image->header.align_log2 ||
	    !range_fits(&mount->image->header, &file, offset, size_bytes,
			page_log2))
		return EPK_ERR_NO_ZEROCOPY;
	splice.size_bytes = epk_align_up(size_bytes, page_log2);
	status = check_budgets(mount, splice.size_bytes);
	if (status != EPK_OK)
		return status;
	describe(mount->image, &file, offset, size_bytes, &splice);
	*out_splice = splice;
	return EPK_OK;
}

epk_status_t epk_splice_charge(struct epk_mount *mount,
			       const struct epk_splice *splice)
{
	const epk_status_t status = check_budgets(mount, splice->size_bytes);

	if (status == EPK_OK)
		mount->splice_live += splice->size_bytes;
	return status;
}

epk_status_t epk_splice_return(struct epk_mount *mount,
			       const struct epk_splice *splice)
{
	if (splice->size_bytes > mount->splice_live)
		return EPK_ERR_INVALID;
	mount->splice_live -= splice->size_bytes;
	return EPK_OK;
}

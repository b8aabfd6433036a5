/* SPDX-License-Identifier: BSD-2-Clause */
/* The runs of a region in order, found again without memory: a file opens a
 * run exactly if its place lies behind all places so far. */
#include "image_internal.h"

void epk_run_begin(struct epk_run_cursor *cursor, uint32_t region)
{
	*cursor = (struct epk_run_cursor){ .region = region };
}

static bool opens(const struct epk_run_cursor *cursor,
		  const struct epk_node *node)
{
	return node->type == EPK_TYPE_FILE && node->size_bytes != 0 &&
	       epk_region_of(node->flags) == cursor->region &&
	       ((uint64_t)node->first << 32 | node->at) >= cursor->next_place;
}

epk_status_t epk_run_next(const struct epk_image *image,
			  struct epk_run_cursor *cursor,
			  struct epk_run *out_run)
{
	struct epk_node node;

	if (image == NULL || cursor == NULL || out_run == NULL)
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	while (cursor->next_node < image->header.node_count) {
		epk_node_decode(image, cursor->next_node++, &node);
		if (!opens(cursor, &node))
			continue;
		cursor->next_place = ((uint64_t)node.first << 32 | node.at) + 1;
		*out_run = (struct epk_run){
			.node = node.index,
			.first = node.first,
			.count = node.count,
			.at = node.at,
			.size_bytes = node.size_bytes,
		};
		return EPK_OK;
	}
	return EPK_ERR_NOT_FOUND;
}

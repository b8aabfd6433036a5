/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes as callers see them; the table is used in place. */
#include <epk/name.h>

#include "image_internal.h"

void epk_node_decode(const struct epk_image *image, uint32_t index,
		     struct epk_node *out_node)
{
	const uint8_t *row = epk_node_row(image, index);
	const char *names = (const char *)image->names;
	const uint32_t first = epk_load32(row + EPK_NODE_FIRST);
	const uint8_t type = row[EPK_NODE_TYPE];

	*out_node = (struct epk_node){
		.size_bytes = epk_load64(row + EPK_NODE_SIZE_FIELD),
		.index = index,
		.parent = epk_load32(row + EPK_NODE_PARENT),
		.first = first,
		.count = epk_load32(row + EPK_NODE_COUNT),
		.at = epk_load32(row + EPK_NODE_AT),
		.type = type,
		.flags = row[EPK_NODE_FLAGS],
		.name_size = epk_load16(row + EPK_NODE_NAME_LEN),
		.name = names + epk_load32(row + EPK_NODE_NAME_OFF),
		.sha256 = type == EPK_TYPE_FILE ? row + EPK_NODE_SHA256 : NULL,
		.target = type == EPK_TYPE_LINK ? names + first : NULL,
	};
}

epk_status_t epk_node_get(const struct epk_image *image, uint32_t index,
			  struct epk_node *out_node)
{
	if (image == NULL || out_node == NULL)
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	if (index >= image->header.node_count)
		return EPK_ERR_RANGE;
	epk_node_decode(image, index, out_node);
	return EPK_OK;
}

uint32_t epk_node_mode(const struct epk_node *node)
{
	if (node->type == EPK_TYPE_LINK)
		return 0777;
	if (node->type == EPK_TYPE_FILE && (node->flags & EPK_FLAG_EXEC) == 0)
		return 0444;
	return 0555;
}

epk_status_t epk_node_path(const struct epk_image *image, uint32_t index,
			   char *buffer, size_t buffer_size, size_t *out_size)
{
	struct epk_node node;
	size_t size = 0;
	epk_status_t status = epk_node_get(image, index, &node);

	if (status != EPK_OK)
		return status;
	if (out_size == NULL || (buffer == NULL && buffer_size != 0))
		return EPK_ERR_INVALID;
	for (uint32_t i = index; i != 0; i = node.parent) {
		epk_node_decode(image, i, &node);
		size += node.name_size + (size_t)(node.parent != 0);
	}
	if (size > buffer_size)
		return EPK_ERR_SCRATCH;
	*out_size = size;
	if (size == 0)
		return EPK_OK;
	for (uint32_t i = index; i != 0; i = node.parent) {
		epk_node_decode(image, i, &node);
		size -= node.name_size;
		epk_mem_copy(buffer + size, node.name, node.name_size);
		if (node.parent != 0)
			buffer[--size] = '/';
	}
	return EPK_OK;
}

epk_status_t epk_child_find(const struct epk_image *image, uint32_t folder,
			    const void *name, size_t name_size,
			    uint32_t *out_index)
{
	const uint8_t *row = epk_node_row(image, folder);
	uint32_t low = epk_load32(row + EPK_NODE_FIRST);
	uint32_t high = low + epk_load32(row + EPK_NODE_COUNT);

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		size_t size;
		const char *other = epk_node_name(
			image, epk_node_row(image, middle), &size);
		const int order =
			epk_name_compare(other, size, name, name_size);

		if (order == 0) {
			*out_index = middle;
			return EPK_OK;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return EPK_ERR_NOT_FOUND;
}

epk_status_t epk_child_lookup(const struct epk_image *image, uint32_t folder,
			      const void *name, size_t name_size,
			      uint32_t *out_index)
{
	struct epk_node node;
	const epk_status_t status = epk_node_get(image, folder, &node);

	if (status != EPK_OK)
		return status;
	if (name == NULL || out_index == NULL)
		return EPK_ERR_INVALID;
	if (node.type != EPK_TYPE_FOLDER)
		return EPK_ERR_NOT_FOLDER;
	return epk_child_find(image, folder, name, name_size, out_index);
}

epk_status_t epk_child_get(const struct epk_image *image, uint32_t folder,
			   uint32_t position, struct epk_node *out_node)
{
	struct epk_node node;
	const epk_status_t status = epk_node_get(image, folder, &node);

	if (status != EPK_OK)
		return status;
	if (out_node == NULL)
		return EPK_ERR_INVALID;
	if (node.type != EPK_TYPE_FOLDER)
		return EPK_ERR_NOT_FOLDER;
	if (position >= node.count)
		return EPK_ERR_NOT_FOUND;
	epk_node_decode(image, node.first + position, out_node);
	return EPK_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "link.h"

#include <string.h>

static size_t alias_target(const struct epk_image *image,
			   const struct epk_node *node, char *target)
{
	uint32_t parent = node->parent;
	struct epk_node at;
	size_t size = 0;
	size_t path_size = 0;

	while (parent != 0 && epk_node_get(image, parent, &at) == EPK_OK) {
		for (const char *up = "../"; *up; up++)
			target[size++] = *up;
		parent = at.parent;
	}
	if (epk_node_path(image, node->first, target + size, EPK_PATH_MAX,
			  &path_size) == EPK_OK)
		size += path_size;
	if (size == 0)
		target[size++] = '.';
	else if (target[size - 1] == '/')
		size--;
	return size;
}

size_t link_target(const struct epk_image *image, const struct epk_node *node,
		   char target[LINK_TARGET_SIZE])
{
	size_t size = 0;

	if (node->type == EPK_TYPE_ALIAS) {
		size = alias_target(image, node, target);
	} else if (node->type == EPK_TYPE_LINK) {
		size = (size_t)node->size_bytes;
		memcpy(target, node->target, size);
	}
	target[size] = '\0';
	return size;
}

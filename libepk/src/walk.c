/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths. What is still to be walked is a stack of pieces: the path, and on
 * top of it the targets of links met on the way. A link pushes one piece and
 * at most 40 are crossed, so the stack is small and there is no recursion.
 */
#include <epk/name.h>

#include "image_internal.h"

struct piece {
	const uint8_t *bytes;
	size_t left;
};

struct walk {
	const struct epk_image *image;
	uint32_t current;
	uint32_t links;
	uint32_t flags;
	uint32_t depth; /* pieces on the stack */
	struct piece pieces[EPK_LINKS_MAX + 1];
};

static void push(struct walk *walk, const uint8_t *bytes, size_t size)
{
	walk->pieces[walk->depth++] = (struct piece){ bytes, size };
}

/* The next component of the topmost piece; false at the end of all. */
static bool take_component(struct walk *walk, struct piece *out_component)
{
	struct piece *top;
	size_t size = 0;

	if (walk->depth == 0)
		return false;
	top = &walk->pieces[walk->depth - 1];
	while (size < top->left && top->bytes[size] != '/')
		size++;
	*out_component = (struct piece){ top->bytes, size };
	if (size == top->left) {
		walk->depth--;
		return true;
	}
	top->bytes += size + 1;
	top->left -= size + 1;
	return true;
}

static epk_status_t follow_link(struct walk *walk, const uint8_t *row)
{
	if (walk->links == EPK_LINKS_MAX)
		return EPK_ERR_LOOP;
	walk->links++;
	walk->current = epk_load32(row + EPK_NODE_PARENT);
	push(walk, walk->image->names + epk_load32(row + EPK_NODE_FIRST),
	     (size_t)epk_load64(row + EPK_NODE_SIZE_FIELD));
	return EPK_OK;
}

static epk_status_t enter(struct walk *walk, uint32_t child, bool is_last)
{
	const uint8_t *row = epk_node_row(walk->image, child);
	const uint8_t type = row[EPK_NODE_TYPE];
	const bool stay = is_last && (walk->flags & EPK_WALK_NOFOLLOW) != 0;

	if (type == EPK_TYPE_LINK && !stay)
		return follow_link(walk, row);
	walk->current = type == EPK_TYPE_ALIAS && !stay
				? epk_load32(row + EPK_NODE_FIRST)
				: child;
	return EPK_OK;
}

static epk_status_t step(struct walk *walk, const struct piece *component)
{
	const uint8_t *row = epk_node_row(walk->image, walk->current);
	uint32_t child;
	epk_status_t status;

	if (row[EPK_NODE_TYPE] != EPK_TYPE_FOLDER)
		return EPK_ERR_NOT_FOLDER;
	if (epk_name_compare(component->bytes, component->left, "..", 2) == 0) {
		walk->current = epk_load32(row + EPK_NODE_PARENT);
		return EPK_OK;
	}
	status = epk_child_find(walk->image, walk->current, component->bytes,
				component->left, &child);
	if (status != EPK_OK)
		return status;
	return enter(walk, child, walk->depth == 0);
}

epk_status_t epk_walk_checked(const struct epk_image *image, uint32_t start,
			      const uint8_t *path, size_t path_size,
			      uint32_t flags, uint32_t *out_index)
{
	struct walk walk = {
		.image = image,
		.current = start,
		.flags = flags,
	};
	struct piece component;

	if (path_size != 0)
		push(&walk, path, path_size);
	while (take_component(&walk, &component)) {
		const epk_status_t status = step(&walk, &component);

		if (status != EPK_OK)
			return status;
	}
	*out_index = walk.current;
	return EPK_OK;
}

/* Names and .. in any order, joined by single slashes; nothing is fine. */
static bool path_fits(const uint8_t *path, size_t left)
{
	size_t size;

	if (left == 0)
		return true;
	for (;;) {
		for (size = 0; size < left && path[size] != '/'; size++)
			;
		if (!epk_name_valid(path, size) &&
		    epk_name_compare(path, size, "..", 2) != 0)
			return false;
		if (size == left)
			return true;
		path += size + 1;
		left -= size + 1;
	}
}

epk_status_t epk_walk(const struct epk_image *image, uint32_t start,
		      const void *path, size_t path_size, uint32_t flags,
		      uint32_t *out_index)
{
	const uint8_t *at = path;

	if (image == NULL || out_index == NULL ||
	    (path == NULL && path_size != 0) ||
	    (flags & ~EPK_WALK_NOFOLLOW) != 0)
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	if (start >= image->header.node_count)
		return EPK_ERR_RANGE;
	if (path_size != 0 && at[0] == '/') {
		start = 0;
		at++;
		path_size--;
	}
	if (!path_fits(at, path_size))
		return EPK_ERR_INVALID;
	return epk_walk_checked(image, start, at, path_size, flags, out_index);
}

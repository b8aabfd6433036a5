/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steps 14 and 15: the node table, each node once, in ascending order. When
 * a check looks at another node, that node is a smaller one and has passed;
 * the one exception is an alias, which looks at its target's type only.
 */
#include <epk/name.h>

#include "place_internal.h"

struct node_check {
	const struct epk_image *image;
	const uint8_t *row;
	uint32_t index;
	uint32_t child_cursor;
	uint32_t name_cursor;
	uint64_t files_size;
	uint16_t *paths; /* path length of each node, with leading slash */
	uint8_t *depths;
	struct epk_place place;
};

static uint8_t type_of(const struct node_check *check)
{
	return check->row[EPK_NODE_TYPE];
}

static uint32_t field32(const struct node_check *check, uint32_t offset)
{
	return epk_load32(check->row + offset);
}

static uint64_t size_of(const struct node_check *check)
{
	return epk_load64(check->row + EPK_NODE_SIZE_FIELD);
}

/* Which of a column's fields may be other than 0 (table of section 5). */
struct column {
	uint8_t flags;
	bool size;
	bool first;
	bool count;
	bool sha256;
};

static const struct column columns[] = {
	[EPK_TYPE_FOLDER] = { .first = true, .count = true },
	[EPK_TYPE_FILE] = { .flags = EPK_FLAGS_KNOWN,
			    .size = true,
			    .first = true,
			    .count = true,
			    .sha256 = true },
	[EPK_TYPE_ALIAS] = { .first = true },
	[EPK_TYPE_LINK] = { .size = true, .first = true },
};

static bool column_fits(const struct node_check *check,
			const struct column *column)
{
	const uint8_t flags = check->row[EPK_NODE_FLAGS];

	if ((flags & ~column->flags) != 0)
		return false;
	if ((flags & EPK_FLAG_SHARED) == 0 && field32(check, EPK_NODE_AT) != 0)
		return false;
	return (column->size || size_of(check) == 0) &&
	       (column->first || field32(check, EPK_NODE_FIRST) == 0) &&
	       (column->count || field32(check, EPK_NODE_COUNT) == 0) &&
	       (column->sha256 ||
		epk_mem_is_zero(check->row + EPK_NODE_SHA256, EPK_DIGEST_SIZE));
}

/* (a) */
static epk_status_t check_fields(struct node_check *check)
{
	const uint8_t type = type_of(check);

	if (type < EPK_TYPE_FOLDER || type > EPK_TYPE_LINK)
		return EPK_ERR_NODE;
	if (check->index == 0 && type != EPK_TYPE_FOLDER)
		return EPK_ERR_NODE;
	return column_fits(check, &columns[type]) ? EPK_OK : EPK_ERR_NODE;
}

static bool name_length_fits(const struct node_check *check, uint32_t length)
{
	if (check->index == 0)
		return length == 0;
	return length >= 1 && length <= EPK_NAME_MAX;
}

/* (b) */
static epk_status_t check_name_place(struct node_check *check)
{
	const uint32_t end = check->image->header.names_size;
	const uint32_t length = epk_load16(check->row + EPK_NODE_NAME_LEN);
	uint32_t cursor = check->name_cursor;

	if (field32(check, EPK_NODE_NAME_OFF) != cursor ||
	    !name_length_fits(check, length) || length > end - cursor)
		return EPK_ERR_NAME;
	cursor += length;
	if (type_of(check) == EPK_TYPE_LINK) {
		const uint64_t size = size_of(check);

		if (field32(check, EPK_NODE_FIRST) != cursor || size < 1 ||
		    size > EPK_TARGET_MAX || size > end - cursor)
			return EPK_ERR_NAME;
		cursor += (uint32_t)size;
	}
	check->name_cursor = cursor;
	return EPK_OK;
}

/* (c) */
static epk_status_t check_parent(struct node_check *check)
{
	const uint32_t parent = field32(check, EPK_NODE_PARENT);
	const uint8_t *row;
	uint32_t first;

	if (check->index == 0)
		return parent == 0 ? EPK_OK : EPK_ERR_TREE;
	if (parent >= check->index)
		return EPK_ERR_TREE;
	row = epk_node_row(check->image, parent);
	first = epk_load32(row + EPK_NODE_FIRST);
	if (row[EPK_NODE_TYPE] != EPK_TYPE_FOLDER || check->index < first ||
	    check->index - first >= epk_load32(row + EPK_NODE_COUNT))
		return EPK_ERR_TREE;
	return EPK_OK;
}

/* (d) */
static epk_status_t check_name_bytes(struct node_check *check)
{
	static const char reserved[] = "manifest.toml";
	size_t size;
	const char *name = epk_node_name(check->image, check->row, &size);

	if (check->index == 0)
		return EPK_OK;
	if (!epk_name_valid(name, size))
		return EPK_ERR_NAME;
	if (field32(check, EPK_NODE_PARENT) == 0 &&
	    epk_name_compare(name, size, reserved, sizeof(reserved) - 1) == 0)
		return EPK_ERR_NAME;
	return EPK_OK;
}

/* (e) The left sibling is the node before, as child ranges tile. */
static epk_status_t check_order(struct node_check *check)
{
	const struct epk_image *image = check->image;
	const uint8_t *parent;
	const char *left;
	const char *name;
	size_t left_size;
	size_t size;

	if (check->index == 0)
		return EPK_OK;
	parent = epk_node_row(image, field32(check, EPK_NODE_PARENT));
	if (epk_load32(parent + EPK_NODE_FIRST) == check->index)
		return EPK_OK;
	left = epk_node_name(image, check->row - EPK_NODE_SIZE, &left_size);
	name = epk_node_name(image, check->row, &size);
	return epk_name_compare(left, left_size, name, size) < 0
		       ? EPK_OK
		       : EPK_ERR_ORDER;
}

/* (f) */
static epk_status_t check_depth(struct node_check *check)
{
	const uint32_t parent = field32(check, EPK_NODE_PARENT);
	const uint32_t length = epk_load16(check->row + EPK_NODE_NAME_LEN);
	uint32_t depth = 0;
	uint32_t path = 0;

	if (check->index != 0) {
		depth = check->depths[parent] + 1u;
		path = check->paths[parent] + 1u + length;
	}
	if (depth > EPK_DEPTH_MAX || path > EPK_PATH_MAX)
		return EPK_ERR_LIMIT;
	check->depths[check->index] = (uint8_t)depth;
	check->paths[check->index] = (uint16_t)path;
	return EPK_OK;
}

static epk_status_t check_folder(struct node_check *check)
{
	const uint32_t first = field32(check, EPK_NODE_FIRST);
	const uint32_t count = field32(check, EPK_NODE_COUNT);
	const uint32_t left =
		check->image->header.node_count - check->child_cursor;

	if (count == 0)
		return first == 0 ? EPK_OK : EPK_ERR_TREE;
	if (first != check->child_cursor || count > left)
		return EPK_ERR_TREE;
	check->child_cursor += count;
	return EPK_OK;
}

/* SHA-256 of no bytes. */
static const uint8_t sha256_of_nothing[EPK_DIGEST_SIZE] = {
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
	0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
	0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
};

static bool empty_fits(const struct node_check *check)
{
	return (check->row[EPK_NODE_FLAGS] & ~EPK_FLAG_EXEC) == 0 &&
	       field32(check, EPK_NODE_FIRST) == 0 &&
	       field32(check, EPK_NODE_COUNT) == 0 &&
	       field32(check, EPK_NODE_AT) == 0 &&
	       epk_mem_equal(check->row + EPK_NODE_SHA256, sha256_of_nothing,
			     EPK_DIGEST_SIZE);
}

static epk_status_t check_file(struct node_check *check)
{
	const bool shared = (check->row[EPK_NODE_FLAGS] & EPK_FLAG_SHARED) != 0;
	const uint64_t size = size_of(check);
	uint64_t count;

	if (size > EPK_FILES_SIZE_MAX - check->files_size)
		return EPK_ERR_LIMIT;
	check->files_size += size;
	if (size == 0)
		return empty_fits(check) ? EPK_OK : EPK_ERR_NODE;
	count = epk_blocks_of(size, check->image->header.block_log2);
	if (field32(check, EPK_NODE_COUNT) != (shared ? 1 : count))
		return EPK_ERR_NODE;
	return EPK_OK;
}

/* (g) */
static epk_status_t check_content(struct node_check *check)
{
	if (type_of(check) == EPK_TYPE_FOLDER)
		return check_folder(check);
	if (type_of(check) == EPK_TYPE_FILE)
		return check_file(check);
	return EPK_OK;
}

/* (h) */
static epk_status_t check_place(struct node_check *check)
{
	if (type_of(check) != EPK_TYPE_FILE || size_of(check) == 0)
		return EPK_OK;
	return epk_place_file(&check->place, check->index);
}

/* (i) */
static epk_status_t check_alias(struct node_check *check)
{
	const uint32_t target = field32(check, EPK_NODE_FIRST);

	if (type_of(check) != EPK_TYPE_ALIAS)
		return EPK_OK;
	if (target >= check->image->header.node_count ||
	    epk_node_type(check->image, target) != EPK_TYPE_FOLDER)
		return EPK_ERR_ALIAS;
	return EPK_OK;
}

/* (j) */
static epk_status_t check_link(struct node_check *check)
{
	const uint8_t *target;

	if (type_of(check) != EPK_TYPE_LINK)
		return EPK_OK;
	target = check->image->names + field32(check, EPK_NODE_FIRST);
	return epk_target_valid(target, (size_t)size_of(check),
				check->depths[check->index] - 1u)
		       ? EPK_OK
		       : EPK_ERR_LINK;
}

static epk_status_t check_node(struct node_check *check)
{
	static epk_status_t (*const checks[])(struct node_check * check) = {
		check_fields, check_name_place, check_parent,  check_name_bytes,
		check_order,  check_depth,	check_content, check_place,
		check_alias,  check_link,
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		const epk_status_t status = checks[i](check);

		if (status != EPK_OK)
			return status;
	}
	return EPK_OK;
}

/* Step 15. */
static epk_status_t check_ends(const struct node_check *check)
{
	if (check->child_cursor != check->image->header.node_count)
		return EPK_ERR_TREE;
	if (check->name_cursor != check->image->header.names_size)
		return EPK_ERR_NAME;
	return epk_place_end(&check->place);
}

epk_status_t epk_nodes_check(struct epk_image *image, void *work)
{
	const uint32_t node_count = image->header.node_count;
	uint32_t *runs = work;
	struct node_check check = {
		.image = image,
		.child_cursor = 1,
		.paths = (uint16_t *)(void *)(runs + node_count),
	};
	epk_status_t status;

	check.depths = (uint8_t *)(void *)(check.paths + node_count);
	epk_place_begin(&check.place, image, runs);
	for (uint32_t i = 0; i < node_count; i++) {
		check.index = i;
		check.row = epk_node_row(image, i);
		status = check_node(&check);
		if (status != EPK_OK)
			return epk_fail(image, EPK_STAGE_NODES, status, i);
	}
	status = check_ends(&check);
	if (status != EPK_OK)
		return epk_fail(image, EPK_STAGE_ENDS, status, EPK_NO_INDEX);
	return EPK_OK;
}

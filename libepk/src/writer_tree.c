/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries in any order become nodes in the one order of the format: breadth
 * first, the children of a folder ascending by name as unsigned bytes. */
#include "writer_internal.h"

#include <epk/name.h>

#include <string.h>

/** Index arrays of entries, needed while the order is found. */
struct order {
	uint32_t *child_start; /* where a folder's children begin in children */
	uint32_t *children;
	uint32_t *entry_of; /* node index -> entry index */
	uint32_t *node_of;  /* entry index -> node index */
};

static int compare_names(const void *context, uint32_t a, uint32_t b)
{
	const struct epk_writer *writer = context;
	const struct wentry *left = wentry_get(writer, a);
	const struct wentry *right = wentry_get(writer, b);

	return epk_name_compare(
		writer->text.data + left->text_at, left->name_size,
		writer->text.data + right->text_at, right->name_size);
}

static void group_by_parent(const struct epk_writer *writer,
			    struct order *order)
{
	uint32_t count = writer->entry_count;
	uint32_t sum = 0;

	memset(order->child_start, 0, ((size_t)count + 1) * 4);
	for (uint32_t i = 1; i < count; i++)
		order->child_start[wentry_get(writer, i)->parent]++;
	for (uint32_t i = 0; i <= count; i++) {
		sum += order->child_start[i];
		order->child_start[i] = sum;
	}
	/* Each start now is its end; filling from behind moves it down. */
	for (uint32_t i = count; i-- > 1;) {
		uint32_t parent = wentry_get(writer, i)->parent;

		order->children[--order->child_start[parent]] = i;
	}
}

static epk_status_t check_names_differ(struct epk_writer *writer,
				       const uint32_t *sorted, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		if (compare_names(writer, sorted[i - 1], sorted[i]) == 0)
			return wentry_error(writer, sorted[i], EPK_ERR_ORDER);
	}
	return EPK_OK;
}

static void encode_node(struct epk_writer *writer, const struct order *order,
			uint32_t node, uint32_t first, uint32_t count)
{
	const struct wentry *entry = wentry_get(writer, order->entry_of[node]);
	uint32_t text_size = (uint32_t)entry->name_size + entry->target_size;
	uint8_t *to = wnode(writer, node);

	memset(to, 0, EPK_NODE_SIZE);
	epk_store32(to + EPK_NODE_PARENT, order->node_of[entry->parent]);
	epk_store32(to + EPK_NODE_NAME_OFF, writer->names_size);
	epk_store16(to + EPK_NODE_NAME_LEN, entry->name_size);
	to[EPK_NODE_TYPE] = entry->type;
	to[EPK_NODE_FLAGS] = entry->flags;
	epk_store64(to + EPK_NODE_SIZE_FIELD, entry->type == EPK_TYPE_LINK
						      ? entry->target_size
						      : entry->size);
	if (entry->type == EPK_TYPE_FOLDER) {
		epk_store32(to + EPK_NODE_FIRST, count ? first : 0);
		epk_store32(to + EPK_NODE_COUNT, count);
	}
	if (entry->type == EPK_TYPE_LINK)
		epk_store32(to + EPK_NODE_FIRST,
			    writer->names_size + entry->name_size);
	if (text_size)
		memcpy(writer->names + writer->names_size,
		       writer->text.data + entry->text_at, text_size);
	writer->names_size += text_size;
	writer->cookies[node] = entry->cookie;
	writer->file_count += entry->type == EPK_TYPE_FILE;
}

/** entry_of[0..cursor) is the queue of the breadth-first walk. */
static epk_status_t walk_breadth_first(struct epk_writer *writer,
				       struct order *order)
{
	uint32_t cursor = 1;

	order->entry_of[0] = 0;
	order->node_of[0] = 0;
	for (uint32_t node = 0; node < writer->entry_count; node++) {
		uint32_t entry = order->entry_of[node];
		uint32_t start = order->child_start[entry];
		uint32_t count = order->child_start[entry + 1] - start;
		uint32_t *children = order->children + start;
		epk_status_t status;

		wsort_indices(children, count, compare_names, writer);
		status = check_names_differ(writer, children, count);
		if (status)
			return status;
		for (uint32_t i = 0; i < count; i++) {
			order->entry_of[cursor + i] = children[i];
			order->node_of[children[i]] = cursor + i;
		}
		encode_node(writer, order, node, cursor, count);
		cursor += count;
	}
	return EPK_OK;
}

static void point_aliases(struct epk_writer *writer, const struct order *order)
{
	for (uint32_t node = 0; node < writer->node_count; node++) {
		uint8_t *bytes = wnode(writer, node);
		const struct wentry *entry;

		if (bytes[EPK_NODE_TYPE] != EPK_TYPE_ALIAS)
			continue;
		entry = wentry_get(writer, order->entry_of[node]);
		epk_store32(bytes + EPK_NODE_FIRST,
			    order->node_of[entry->alias_folder]);
	}
}

static epk_status_t order_nodes(struct epk_writer *writer, struct order *order)
{
	epk_status_t status;

	group_by_parent(writer, order);
	status = walk_breadth_first(writer, order);
	if (status == EPK_OK)
		point_aliases(writer, order);
	return status;
}

epk_status_t wtree_build(struct epk_writer *writer)
{
	const struct epk_allocator *allocator = &writer->allocator;
	size_t count = writer->entry_count;
	struct order order = {
		.child_start = wmem_allocate(allocator, count + 1, 4),
		.children = wmem_allocate(allocator, count, 4),
		.entry_of = wmem_allocate(allocator, count, 4),
		.node_of = wmem_allocate(allocator, count, 4),
	};
	epk_status_t status = EPK_ERR_NO_MEMORY;

	writer->nodes = wmem_allocate(allocator, count, EPK_NODE_SIZE);
	writer->names = wmem_allocate(allocator, writer->text.size_bytes, 1);
	writer->cookies = wmem_allocate(allocator, count, 8);
	writer->node_count = writer->entry_count;
	if (order.child_start && order.children && order.entry_of &&
	    order.node_of && writer->nodes && writer->names && writer->cookies)
		status = order_nodes(writer, &order);
	wmem_release(allocator, order.child_start);
	wmem_release(allocator, order.children);
	wmem_release(allocator, order.entry_of);
	wmem_release(allocator, order.node_of);
	wbuf_fini(allocator, &writer->entries);
	wbuf_fini(allocator, &writer->text);
	return status;
}

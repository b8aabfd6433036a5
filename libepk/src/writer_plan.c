/* SPDX-License-Identifier: BSD-2-Clause */
/* What must be known before the first block: which files are equal to a
 * mapped one (all of them are mapped then), and which whole files are equal
 * to each other. Only files of equal size can be equal, so only those are
 * read twice; small files that nobody maps are not among them. */
#include "writer_internal.h"

#include <string.h>

static int compare_sizes(const void *context, uint32_t a, uint32_t b)
{
	const struct epk_writer *writer = context;
	uint64_t left = wnode_size(wnode(writer, a));
	uint64_t right = wnode_size(wnode(writer, b));

	if (left != right)
		return left < right ? -1 : 1;
	return (a > b) - (a < b);
}

static bool is_mapped(const struct epk_writer *writer, uint32_t node)
{
	return wnode(writer, node)[EPK_NODE_FLAGS] & EPK_FLAG_MAPPED;
}

static uint32_t list_files(const struct epk_writer *writer, uint32_t *files)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < writer->node_count; i++) {
		const uint8_t *node = wnode(writer, i);

		if (node[EPK_NODE_TYPE] == EPK_TYPE_FILE && wnode_size(node))
			files[count++] = i;
	}
	wsort_indices(files, count, compare_sizes, writer);
	return count;
}

static uint32_t group_end(const struct epk_writer *writer,
			  const uint32_t *files, uint32_t start, uint32_t count)
{
	uint64_t size = wnode_size(wnode(writer, files[start]));
	uint32_t end = start + 1;

	while (end < count && wnode_size(wnode(writer, files[end])) == size)
		end++;
	return end;
}

static bool group_matters(const struct epk_writer *writer,
			  const uint32_t *files, uint32_t count)
{
	if (count < 2)
		return false;
	if (wnode_size(wnode(writer, files[0])) >= wblock_size(writer))
		return true;
	for (uint32_t i = 0; i < count; i++) {
		if (is_mapped(writer, files[i]))
			return true;
	}
	return false;
}

static int compare_digests(const void *context, uint32_t a, uint32_t b)
{
	const struct epk_writer *writer = context;
	int result = memcmp(wnode(writer, a) + EPK_NODE_SHA256,
			    wnode(writer, b) + EPK_NODE_SHA256, 32);

	return result ? result : (a > b) - (a < b);
}

/** files[0..count) are sorted by digest: equal ones stand together. */
static void complete_mapped(struct epk_writer *writer, const uint32_t *files,
			    uint32_t count)
{
	for (uint32_t start = 0, end; start < count; start = end) {
		const uint8_t *digest =
			wnode(writer, files[start]) + EPK_NODE_SHA256;
		bool mapped = is_mapped(writer, files[start]);

		for (end = start + 1; end < count; end++) {
			const uint8_t *other = wnode(writer, files[end]);

			if (memcmp(digest, other + EPK_NODE_SHA256, 32) != 0)
				break;
			mapped |= is_mapped(writer, files[end]);
		}
		for (uint32_t i = start; mapped && i < end; i++)
			wnode(writer, files[i])[EPK_NODE_FLAGS] |=
				EPK_FLAG_MAPPED;
	}
}

static epk_status_t hash_group(struct epk_writer *writer, uint32_t *files,
			       uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t node = files[i];
		epk_status_t status = wread_digest(
			writer, node, wnode(writer, node) + EPK_NODE_SHA256);

		if (status)
			return status;
		wknown_set(writer, node);
	}
	wsort_indices(files, count, compare_digests, writer);
	complete_mapped(writer, files, count);
	return EPK_OK;
}

/** Plain bytes that the second readings add. */
static uint64_t bytes_read_twice(const struct epk_writer *writer,
				 const uint32_t *files, uint32_t count)
{
	uint64_t bytes = 0;

	for (uint32_t start = 0, end; start < count; start = end) {
		end = group_end(writer, files, start, count);
		if (group_matters(writer, files + start, end - start))
			bytes += wnode_size(wnode(writer, files[start])) *
				 (end - start);
	}
	return bytes;
}

static epk_status_t hash_groups(struct epk_writer *writer, uint32_t *files,
				uint32_t count)
{
	epk_status_t status = EPK_OK;

	writer->progress_total =
		writer->plain_bytes + bytes_read_twice(writer, files, count);
	for (uint32_t start = 0, end; start < count; start = end) {
		end = group_end(writer, files, start, count);
		if (group_matters(writer, files + start, end - start))
			status = hash_group(writer, files + start, end - start);
		if (status)
			break;
	}
	return status;
}

epk_status_t wplan_make(struct epk_writer *writer)
{
	const struct epk_allocator *allocator = &writer->allocator;
	size_t known_bytes = ((size_t)writer->node_count + 7) / 8;
	uint32_t *files = wmem_allocate(allocator, writer->file_count, 4);
	epk_status_t status = EPK_ERR_NO_MEMORY;

	writer->known = wmem_allocate(allocator, known_bytes, 1);
	writer->scratch = wmem_allocate(allocator, wblock_size(writer), 1);
	if (files && writer->known && writer->scratch) {
		memset(writer->known, 0, known_bytes);
		status = hash_groups(writer, files, list_files(writer, files));
	}
	wmem_release(allocator, files);
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table of the files that opened a run of blocks: equal files name
 * the run instead of storing it again. Open addressing; its size is fixed
 * by the number of files, so it never fills. */
#include "writer_internal.h"

#include <string.h>

epk_status_t wruns_init(struct epk_writer *writer)
{
	uint32_t slots = 16;

	while (slots < writer->file_count + writer->file_count / 2)
		slots *= 2;
	writer->runs = wmem_allocate(&writer->allocator, slots, 4);
	if (!writer->runs)
		return EPK_ERR_NO_MEMORY;
	memset(writer->runs, 0xff, (size_t)slots * 4);
	writer->runs_mask = slots - 1;
	return EPK_OK;
}

/** The slot of an equal file, or the free one where it belongs. */
static uint32_t find_slot(const struct epk_writer *writer, const uint8_t *node)
{
	const uint8_t *digest = node + EPK_NODE_SHA256;
	uint32_t slot = epk_load32(digest) & writer->runs_mask;

	while (writer->runs[slot] != EPK_NO_INDEX) {
		const uint8_t *other = wnode(writer, writer->runs[slot]);

		if (wnode_size(other) == wnode_size(node) &&
		    memcmp(other + EPK_NODE_SHA256, digest, EPK_DIGEST_SIZE) ==
			    0)
			break;
		slot = (slot + 1) & writer->runs_mask;
	}
	return slot;
}

uint32_t wruns_find(const struct epk_writer *writer, const uint8_t *node)
{
	return writer->runs[find_slot(writer, node)];
}

void wruns_insert(struct epk_writer *writer, uint32_t node)
{
	writer->runs[find_slot(writer, wnode(writer, node))] = node;
}

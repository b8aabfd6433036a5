/* SPDX-License-Identifier: BSD-2-Clause */
/* The content id (section 3): what the package says, whatever way it is
 * compressed, mapped or aligned. */
#include "writer_internal.h"

#include <string.h>

static epk_status_t add(struct epk_writer *writer, struct epk_hash *hash,
			const void *bytes, size_t size_bytes)
{
	return writer->settings.ops->sha256_update(hash, bytes, size_bytes);
}

/** What follows a node's path, type, EXEC and size. */
static epk_status_t add_tail(struct epk_writer *writer, struct epk_hash *hash,
			     const uint8_t *node)
{
	switch (node[EPK_NODE_TYPE]) {
	case EPK_TYPE_FILE:
		return add(writer, hash, node + EPK_NODE_SHA256,
			   EPK_DIGEST_SIZE);
	case EPK_TYPE_ALIAS:
		return add(writer, hash, node + EPK_NODE_FIRST, 4);
	case EPK_TYPE_LINK:
		return add(writer, hash,
			   writer->names + epk_load32(node + EPK_NODE_FIRST),
			   (size_t)wnode_size(node));
	default:
		return EPK_OK;
	}
}

static epk_status_t add_node(struct epk_writer *writer, struct epk_hash *hash,
			     uint32_t index)
{
	const uint8_t *node = wnode(writer, index);
	size_t path_size;
	const char *path = wnode_path(writer, index, &path_size);
	uint8_t length[2];
	uint8_t fixed[10];
	epk_status_t status;

	epk_store16(length, (uint16_t)path_size);
	fixed[0] = node[EPK_NODE_TYPE];
	fixed[1] = node[EPK_NODE_FLAGS] & EPK_FLAG_EXEC ? 1 : 0;
	epk_store64(fixed + 2, wnode_size(node));
	status = add(writer, hash, length, sizeof(length));
	if (status == EPK_OK)
		status = add(writer, hash, path, path_size);
	if (status == EPK_OK)
		status = add(writer, hash, fixed, sizeof(fixed));
	if (status == EPK_OK)
		status = add_tail(writer, hash, node);
	return status;
}

epk_status_t wid_content(struct epk_writer *writer,
			 uint8_t out_id[EPK_DIGEST_SIZE])
{
	struct epk_hash hash;
	uint8_t count[4];
	epk_status_t status = writer->settings.ops->sha256_init(&hash);

	if (status)
		return status;
	epk_store32(count, writer->node_count);
	status = add(writer, &hash, count, sizeof(count));
	for (uint32_t i = 0; i < writer->node_count && !status; i++)
		status = add_node(writer, &hash, i);
	if (status == EPK_OK)
		status = add(writer, &hash, writer->manifest,
			     writer->manifest_size);
	writer->settings.ops->sha256_final(&hash, status ? NULL : out_id);
	return status;
}

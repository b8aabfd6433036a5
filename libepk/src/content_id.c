/* SPDX-License-Identifier: BSD-2-Clause */
/* content_id, section 3: the tree and the manifest, not their encoding. */
#include "image_internal.h"

struct content {
	const struct epk_image *image;
	struct epk_hash hash;
	epk_status_t status; /* the first failure sticks */
};

static void add(struct content *content, const void *bytes, size_t size)
{
	if (content->status == EPK_OK)
		content->status = content->image->ops->sha256_update(
			&content->hash, bytes, size);
}

/* Path length, then the path, from the root down, without building it. */
static void add_path(struct content *content, uint32_t index)
{
	uint32_t chain[EPK_DEPTH_MAX];
	struct epk_node node;
	uint32_t depth = 0;
	uint32_t size = 0;
	uint8_t length[2];

	for (uint32_t i = index; i != 0; i = node.parent) {
		epk_node_decode(content->image, i, &node);
		chain[depth++] = i;
		size += node.name_size + 1u;
	}
	epk_store16(length, (uint16_t)(size != 0 ? size - 1 : 0));
	add(content, length, sizeof(length));
	while (depth-- > 0) {
		epk_node_decode(content->image, chain[depth], &node);
		add(content, node.name, node.name_size);
		add(content, "/", depth != 0);
	}
}

static void add_node(struct content *content, uint32_t index)
{
	struct epk_node node;
	uint8_t fields[10];
	uint8_t first[4];

	epk_node_decode(content->image, index, &node);
	add_path(content, index);
	fields[0] = node.type;
	fields[1] = (node.flags & EPK_FLAG_EXEC) != 0;
	epk_store64(fields + 2, node.size_bytes);
	add(content, fields, sizeof(fields));
	epk_store32(first, node.first);
	if (node.type == EPK_TYPE_FILE)
		add(content, node.sha256, EPK_DIGEST_SIZE);
	else if (node.type == EPK_TYPE_LINK)
		add(content, node.target, (size_t)node.size_bytes);
	else if (node.type == EPK_TYPE_ALIAS)
		add(content, first, sizeof(first));
}

epk_status_t epk_content_id(const struct epk_image *image,
			    uint8_t out_id[EPK_DIGEST_SIZE])
{
	struct content content = { .image = image };
	uint8_t count[4];

	if (image == NULL || out_id == NULL)
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	content.status = image->ops->sha256_init(&content.hash);
	if (content.status != EPK_OK)
		return content.status;
	epk_store32(count, image->header.node_count);
	add(&content, count, sizeof(count));
	for (uint32_t i = 0; i < image->header.node_count; i++)
		add_node(&content, i);
	add(&content, image->manifest.text, image->manifest.text_size);
	image->ops->sha256_final(&content.hash,
				 content.status == EPK_OK ? out_id : NULL);
	return content.status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "image.h"

#include "options.h"
#include "policy.h"
#include "report.h"
#include "spool.h"
#include "transfer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CACHED_BYTES (4u << 20)

bool image_open_fd(struct tool_image *image, const struct options *options,
		   const char *file, int fd)
{
	struct epk_failure failure = { .index = EPK_NO_INDEX };
	const struct epk_options policy = policy_options(options);
	struct epk_source source;
	epk_status_t status = epk_source_from_fd(fd, &source);

	*image = (struct tool_image){ .file = file, .fd = -1 };
	if (status)
		failure = (struct epk_failure){ .status = status,
						.stage = EPK_STAGE_OPEN,
						.index = EPK_NO_INDEX };
	else
		status = epk_file_open(&source, &policy, &failure,
				       &image->opened);
	if (status) {
		failure.status = status;
		if (status == EPK_ERR_SIGPOLICY)
			return policy_error(options, file, fd, &failure);
		return image_error(options, file, "", &failure);
	}
	image->image = epk_file_image(image->opened);
	return true;
}

bool image_open(struct tool_image *image, const struct options *options,
		const char *file)
{
	/* A pipe must not block us here: only files and devices are read. */
	int fd = is_stdin(file) ? spool_stdin(options)
				: open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY |
						     O_NONBLOCK);

	if (fd < 0)
		return !is_stdin(file) && system_error(options, "open", file);
	if (is_stdin(file))
		file = "standard input";
	if (!image_open_fd(image, options, file, fd)) {
		close(fd);
		return false;
	}
	image->fd = fd;
	return true;
}

bool image_mount(struct tool_image *image, const struct options *options)
{
	uint32_t blocks = CACHED_BYTES >> image->image->header.block_log2;
	uint64_t size = epk_mount_size(image->image, blocks);
	epk_status_t status;

	image->mount_memory = size ? malloc((size_t)size) : NULL;
	if (!image->mount_memory)
		return memory_error(options, image->file);
	status = epk_mount_init(&image->mount, image->image,
				image->mount_memory, size);
	if (status)
		return tool_error(options, status, image->file,
				  "report this as a fault of epk");
	return true;
}

void image_close(struct tool_image *image)
{
	free(image->mount_memory);
	epk_file_close(image->opened);
	if (image->fd >= 0)
		close(image->fd);
}

const char *image_path(const struct tool_image *image, uint32_t node)
{
	static char path[EPK_PATH_MAX + 1];
	size_t size = 0;

	if (epk_node_path(image->image, node, path, sizeof(path) - 1, &size))
		size = 0;
	path[size] = '\0';
	return path;
}

uint64_t image_offset(const struct tool_image *image,
		      const struct epk_failure *failure)
{
	uint32_t index = failure->index;
	struct epk_block block;
	struct epk_node node;

	if (failure->status == EPK_ERR_FILE_DIGEST ||
	    failure->status == EPK_ERR_CANON) {
		if (epk_node_get(image->image, index, &node) || !node.count)
			return NO_OFFSET;
		index = node.first;
	}
	if (epk_block_get(image->image, index, &block))
		return NO_OFFSET;
	return block.image_offset;
}

bool image_read_error(const struct tool_image *image,
		      const struct options *options, uint32_t node,
		      epk_status_t status)
{
	const struct epk_failure failure = {
		.status = status,
		.stage = status == EPK_ERR_FILE_DIGEST ? EPK_STAGE_DEEP
						       : EPK_STAGE_READ,
		.index = status == EPK_ERR_FILE_DIGEST
				 ? node
				 : image->mount.failed_block,
	};

	return image_error_at(options, image->file, image_path(image, node),
			      &failure, image_offset(image, &failure));
}

bool is_manifest_path(const char *path)
{
	while (*path == '/')
		path++;
	return strcmp(path, "manifest.toml") == 0;
}

bool image_find(const struct tool_image *image, const struct options *options,
		const char *path, uint32_t *out_node)
{
	epk_status_t status;

	while (*path == '/')
		path++;
	*out_node = 0;
	if (*path == '\0')
		return true;
	status = epk_walk(image->image, 0, path, strlen(path), 0, out_node);
	if (status == EPK_ERR_INVALID)
		status = EPK_ERR_NOT_FOUND;
	if (status)
		return tool_error(options, status, image->file,
				  "\"%s\"; epk list shows what there is", path);
	return true;
}

/** Reads and hashes; false was reported. */
static bool copy_bytes(struct tool_image *image, const struct options *options,
		       const struct epk_node *node, int fd, const char *name,
		       struct epk_hash *hash)
{
	static uint8_t buffer[128 * 1024];
	const struct epk_ops *ops = image->image->ops;

	for (uint64_t at = 0; at < node->size_bytes;) {
		size_t count = 0;
		epk_status_t status = epk_read(&image->mount, node->index, at,
					       buffer, sizeof(buffer), &count);

		if (status == EPK_OK)
			status = ops->sha256_update(hash, buffer, count);
		if (status)
			return image_read_error(image, options, node->index,
						status);
		if (!write_all(fd, buffer, count))
			return system_error(options, "write", name);
		at += count;
	}
	return true;
}

bool image_copy(struct tool_image *image, const struct options *options,
		uint32_t index, int fd, const char *name)
{
	const struct epk_ops *ops = image->image->ops;
	uint8_t digest[EPK_DIGEST_SIZE];
	struct epk_node node;
	struct epk_hash hash;
	epk_status_t status = epk_node_get(image->image, index, &node);
	bool copied;

	if (status == EPK_OK)
		status = ops->sha256_init(&hash);
	if (status)
		return image_read_error(image, options, index, status);
	copied = copy_bytes(image, options, &node, fd, name, &hash);
	ops->sha256_final(&hash, digest);
	if (copied && memcmp(digest, node.sha256, sizeof(digest)) != 0)
		return image_read_error(image, options, index,
					EPK_ERR_FILE_DIGEST);
	return copied;
}

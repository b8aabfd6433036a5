/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_IMAGE_H
#define EPK_TOOL_IMAGE_H
/* An opened image (mount checks passed) and reading files from it. */
#include <epk/host.h>
#include <epk/mount.h>

#include <stdbool.h>

struct options;

struct tool_image {
	const char *file; /* its name, for messages */
	int fd;
	struct epk_file *opened;
	struct epk_image *image;
	struct epk_mount mount; /* after image_mount() */
	void *mount_memory;
};

/** Open and check (steps 1..18). On failure it is reported and closed. */
bool image_open(struct tool_image *image, const struct options *options,
		const char *file);
/** The same with an open descriptor, which stays the caller's. */
bool image_open_fd(struct tool_image *image, const struct options *options,
		   const char *file, int fd);
/** Make image->mount ready for epk_read(). */
bool image_mount(struct tool_image *image, const struct options *options);
void image_close(struct tool_image *image);

/** Path of a node, no leading '/', in a static buffer. */
const char *image_path(const struct tool_image *image, uint32_t node);

/** Where the bytes lie that a failure of reading or deep verification is
 * about: a block, or a file's first; or NO_OFFSET. */
uint64_t image_offset(const struct tool_image *image,
		      const struct epk_failure *failure);

/** Report that reading a node failed with status (stage read). */
bool image_read_error(const struct tool_image *image,
		      const struct options *options, uint32_t node,
		      epk_status_t status);

/** Find what a user named, links and aliases followed. */
bool image_find(const struct tool_image *image, const struct options *options,
		const char *path, uint32_t *out_node);

/**
 * Copy a file to a descriptor and check its digest on the way.
 *
 * @param name  of the destination, for messages.
 */
bool image_copy(struct tool_image *image, const struct options *options,
		uint32_t node, int fd, const char *name);

/** Readers show the manifest as this file of the root. */
bool is_manifest_path(const char *path);

#endif /* EPK_TOOL_IMAGE_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_LINK_H
#define EPK_TOOL_LINK_H
/* Where a link or an alias leads, as the target of a symbolic link. */
#include <epk/reader.h>

/* Up from the deepest folder, down the longest path, a NUL. */
#define LINK_TARGET_SIZE (3 * EPK_DEPTH_MAX + EPK_PATH_MAX + 1)

/**
 * An alias becomes a relative link: up to the root, down to the folder.
 *
 * @param node  a link or an alias.
 * @return bytes written without the NUL; 0 if the node is neither.
 */
size_t link_target(const struct epk_image *image, const struct epk_node *node,
		   char target[LINK_TARGET_SIZE]);

#endif /* EPK_TOOL_LINK_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_EXTRACT_SELECT_H
#define EPK_TOOL_EXTRACT_SELECT_H
/* What --include, --exclude and --strip leave of a tree. */
#include <stdbool.h>
#include <stdint.h>

struct options;
struct tool_image;

/** A byte for each node: it is to be made. NULL was reported; the caller
 * frees it. */
bool *extract_select(const struct tool_image *image,
		     const struct options *options);

/** The globs let this path through, be it a node's or not. */
bool extract_matches(const struct options *options, const char *path);

/** The path without its first `strip` names; NULL: it has no more. */
const char *extract_strip(const char *path, uint32_t strip);

/** The same for a folder: false if what it holds is left out; its own path
 * may become "". */
bool extract_strip_reached(const char *path, uint32_t strip,
			   const char **out_path);

#endif /* EPK_TOOL_EXTRACT_SELECT_H */

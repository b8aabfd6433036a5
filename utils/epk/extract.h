/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_EXTRACT_H
#define EPK_TOOL_EXTRACT_H
/* What the files extract*.c share. */
#include "image.h"

#include <stdbool.h>

struct extraction {
	struct tool_image image;
	const struct options *options;
	const char *target; /* as the user named it */
	int top;	    /* the open folder */
	bool *keep;	    /* by node: it is to be made */
	uint32_t files;
	uint64_t done_bytes;
};

/**
 * Make all files, in folders that are there, with as many threads as the
 * options say. The first failure in the order of the image's bytes ends it,
 * whatever the number of threads: files behind it are taken away again, and
 * none stands there whose digest is wrong or unknown.
 *
 * @return false was reported.
 */
bool extract_files(struct extraction *extraction);

/** Open the folder that the node becomes; -1 with errno. Any thread.
 *
 * @param path  EPK_PATH_MAX + 1 bytes to work in.
 */
int extract_open_folder(const struct extraction *extraction, uint32_t node,
			char *path);

/** --strip makes one folder of several. */
bool extract_merges(const struct extraction *extraction);

/** Report errno for what the node becomes. */
bool extract_failed(const struct extraction *extraction, const char *doing,
		    uint32_t node);

#endif /* EPK_TOOL_EXTRACT_H */

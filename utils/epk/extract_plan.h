/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_EXTRACT_PLAN_H
#define EPK_TOOL_EXTRACT_PLAN_H
/* The files to be made, in the order in which their bytes lie in the image,
 * cut into pieces that threads take one by one: all files of a shared block,
 * or some blocks of one file. No block but one of equal files is read twice. */
#include <epk/reader.h>
#include <stdbool.h>

struct extract_piece {
	uint32_t first; /* of the plan's nodes */
	uint32_t count; /* of files, at least 1 */
	uint32_t block; /* its first; EPK_NO_INDEX if all files are empty */
	uint32_t block_count;
	uint32_t made; /* files that are complete since this piece */
};

struct extract_plan {
	uint32_t *nodes; /* files */
	uint32_t node_count;
	struct extract_piece *pieces;
	uint32_t piece_count;
	uint32_t blocks_max; /* of a piece */
	uint64_t size_bytes; /* of all files */
};

/**
 * @param keep  for each node: it is wanted.
 * @return EPK_OK or EPK_ERR_NO_MEMORY; extract_plan_fini() is due on both.
 */
epk_status_t extract_plan_init(struct extract_plan *plan,
			       const struct epk_image *image, const bool *keep);
void extract_plan_fini(struct extract_plan *plan);

/** The piece is the whole of its files. */
bool extract_piece_is_whole(const struct extract_piece *piece,
			    const struct epk_node *file);

#endif /* EPK_TOOL_EXTRACT_PLAN_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract_plan.h"

#include <stdlib.h>

/* Enough that taking turns costs nothing, little enough for a cache. */
#define PIECE_BYTES (UINT32_C(256) << 10)
#define EMPTY_FILES_MAX 256u
/* A byte of a block has at most 20 bits (section 3). */
#define AT_BITS 20

struct place {
	uint64_t order; /* 0: the file is empty */
	uint32_t node;
};

static int compare(const void *a, const void *b)
{
	const struct place *left = a;
	const struct place *right = b;

	if (left->order != right->order)
		return left->order < right->order ? -1 : 1;
	return left->node < right->node ? -1 : left->node > right->node;
}

static struct place place_of(const struct epk_node *file)
{
	struct place place = { .node = file->index };

	if (file->size_bytes != 0)
		place.order = ((uint64_t)file->first << AT_BITS | file->at) + 1;
	return place;
}

/** The files in their order into plan->nodes. */
static epk_status_t sort_files(struct extract_plan *plan,
			       const struct epk_image *image, const bool *keep)
{
	const uint32_t count = image->header.node_count;
	struct place *places = malloc(count * sizeof(*places));
	struct epk_node node;

	plan->nodes = malloc(count * sizeof(*plan->nodes));
	if (!places || !plan->nodes) {
		free(places);
		return EPK_ERR_NO_MEMORY;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!keep[i] || epk_node_get(image, i, &node) ||
		    node.type != EPK_TYPE_FILE)
			continue;
		places[plan->node_count++] = place_of(&node);
		plan->size_bytes += node.size_bytes;
	}
	qsort(places, plan->node_count, sizeof(*places), compare);
	for (uint32_t i = 0; i < plan->node_count; i++)
		plan->nodes[i] = places[i].node;
	free(places);
	return EPK_OK;
}

/** Room for one more; pieces grow by doubling. */
static struct extract_piece *add_piece(struct extract_plan *plan)
{
	const uint32_t count = plan->piece_count;
	struct extract_piece *more = plan->pieces;

	if ((count & (count - 1)) == 0) {
		size_t room = count ? (size_t)count * 2 : 1;

		more = realloc(plan->pieces, room * sizeof(*more));
		if (!more)
			return NULL;
		plan->pieces = more;
	}
	plan->piece_count++;
	return &more[count];
}

/** Files from `first` on that are empty or lie in the block of the first. */
static uint32_t count_together(const struct extract_plan *plan,
			       const struct epk_image *image, uint32_t first,
			       const struct epk_node *file)
{
	const bool empty = file->size_bytes == 0;
	uint32_t count = 1;

	while (first + count < plan->node_count &&
	       (!empty || count < EMPTY_FILES_MAX)) {
		struct epk_node next;

		if (epk_node_get(image, plan->nodes[first + count], &next))
			break;
		if (empty ? next.size_bytes != 0 : next.first != file->first)
			break;
		count++;
	}
	return count;
}

/** Pieces of one file with blocks of its own. */
static bool add_parts(struct extract_plan *plan, const struct epk_node *file,
		      uint32_t at)
{
	for (uint32_t done = 0; done < file->count;) {
		const uint32_t left = file->count - done;
		struct extract_piece *piece = add_piece(plan);

		if (!piece)
			return false;
		*piece = (struct extract_piece){
			.first = at,
			.count = 1,
			.block = file->first + done,
			.block_count = left < plan->blocks_max
					       ? left
					       : plan->blocks_max,
		};
		done += piece->block_count;
	}
	return true;
}

static bool add_together(struct extract_plan *plan, const struct epk_node *file,
			 uint32_t at, uint32_t count)
{
	struct extract_piece *piece = add_piece(plan);

	if (!piece)
		return false;
	*piece = (struct extract_piece){
		.first = at,
		.count = count,
		.block = file->size_bytes ? file->first : EPK_NO_INDEX,
		.block_count = file->size_bytes != 0,
	};
	return true;
}

static epk_status_t cut(struct extract_plan *plan,
			const struct epk_image *image)
{
	for (uint32_t at = 0; at < plan->node_count;) {
		uint32_t count = 1;
		struct epk_node file;
		bool good;
		epk_status_t status =
			epk_node_get(image, plan->nodes[at], &file);

		if (status)
			return status;
		if (file.size_bytes != 0 &&
		    (file.flags & EPK_FLAG_SHARED) == 0) {
			good = add_parts(plan, &file, at);
		} else {
			count = count_together(plan, image, at, &file);
			good = add_together(plan, &file, at, count);
		}
		if (!good)
			return EPK_ERR_NO_MEMORY;
		at += count;
	}
	return EPK_OK;
}

epk_status_t extract_plan_init(struct extract_plan *plan,
			       const struct epk_image *image, const bool *keep)
{
	const uint32_t blocks = PIECE_BYTES >> image->header.block_log2;
	epk_status_t status;

	*plan = (struct extract_plan){ .blocks_max = blocks ? blocks : 1 };
	status = sort_files(plan, image, keep);
	return status ? status : cut(plan, image);
}

void extract_plan_fini(struct extract_plan *plan)
{
	free(plan->nodes);
	free(plan->pieces);
}

bool extract_piece_is_whole(const struct extract_piece *piece,
			    const struct epk_node *file)
{
	return piece->block == EPK_NO_INDEX ||
	       (file->flags & EPK_FLAG_SHARED) != 0 ||
	       piece->block_count == file->count;
}

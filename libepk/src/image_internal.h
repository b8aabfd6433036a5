/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_IMAGE_INTERNAL_H
#define EPK_IMAGE_INTERNAL_H
/* What the files of the reader share: rows, states, steps. */
#include <epk/reader.h>

#include "mem_internal.h"

/* Values of epk_image.state; odd ones, so that garbage is no state. */
#define EPK_STATE_PROBED UINT32_C(0x70726f62)
#define EPK_STATE_LOADED UINT32_C(0x6c6f6164)

/* Least work memory of epk_load(): a decoded path of the manifest. */
#define EPK_WORK_MIN 1024u

/* Step 14's work: a run's node, a path's length, a depth. */
#define EPK_WORK_PER_NODE 7u

/* Remember where it stopped; returns status. */
static inline epk_status_t epk_fail(struct epk_image *image, uint32_t stage,
				    epk_status_t status, uint32_t index)
{
	image->failure = (struct epk_failure){
		.status = status,
		.stage = stage,
		.index = index,
	};
	return status;
}

static inline void epk_no_failure(struct epk_image *image)
{
	epk_fail(image, EPK_STAGE_NONE, EPK_OK, EPK_NO_INDEX);
}

static inline bool epk_is_loaded(const struct epk_image *image)
{
	return image != NULL && image->state == EPK_STATE_LOADED;
}

static inline const uint8_t *epk_node_row(const struct epk_image *image,
					  uint32_t index)
{
	return image->nodes + (size_t)index * EPK_NODE_SIZE;
}

static inline const uint8_t *epk_block_row(const struct epk_image *image,
					   uint32_t index)
{
	return image->blocks + (size_t)index * EPK_BLOCK_ROW_SIZE;
}

static inline uint32_t epk_block_plain_size(const struct epk_image *image,
					    uint32_t index)
{
	return epk_load32(epk_block_row(image, index) + EPK_BLOCK_INFO) >> 8;
}

static inline uint8_t epk_node_type(const struct epk_image *image,
				    uint32_t index)
{
	return epk_node_row(image, index)[EPK_NODE_TYPE];
}

static inline const char *epk_node_name(const struct epk_image *image,
					const uint8_t *row, size_t *out_size)
{
	*out_size = epk_load16(row + EPK_NODE_NAME_LEN);
	return (const char *)image->names + epk_load32(row + EPK_NODE_NAME_OFF);
}

/* source.c: exactly size bytes or IO; never beyond the object. */
epk_status_t epk_source_check(const struct epk_source *source);
epk_status_t epk_source_read(const struct epk_source *source, uint64_t offset,
			     void *buffer, size_t size_bytes);

/* header.c: steps 2..9, from the first 4,096 bytes. */
epk_status_t epk_header_check(struct epk_image *image, const uint8_t *page);

/* sigarea.c, policy.c: steps 10 and 11; the second half of step 17. */
epk_status_t epk_sigarea_check(struct epk_image *image, const uint8_t *page);
epk_status_t epk_policy_check(struct epk_image *image, const uint8_t *page);
epk_status_t epk_policy_check_name(struct epk_image *image, void *work);

/* sigarea.c: the form alone; out_slot is the bad one, or NO_INDEX. */
bool epk_sigarea_decode(const uint8_t *page, uint32_t *out_count,
			uint32_t *out_slot);

/* load.c: the memory that epk_load() asks for. */
void epk_need_tell(const struct epk_image *image, struct epk_need *need);

/* metadata.c: steps 12 and 13. */
epk_status_t epk_metadata_load(struct epk_image *image, void *metadata,
			       void *work);
epk_status_t epk_pads_check(struct epk_image *image, uint8_t *work,
			    size_t work_size);

/* nodes.c: steps 14 and 15. work has EPK_WORK_PER_NODE bytes per node. */
epk_status_t epk_nodes_check(struct epk_image *image, void *work);

/* block_table.c: step 16. */
epk_status_t epk_blocks_check(struct epk_image *image);

/* targets.c: the last part of step 17. work has EPK_WORK_MIN bytes. */
epk_status_t epk_targets_check(struct epk_image *image, uint8_t *work);

/* node.c, walk.c, block.c: the public calls without their checks. */
void epk_node_decode(const struct epk_image *image, uint32_t index,
		     struct epk_node *out_node);
epk_status_t epk_child_find(const struct epk_image *image, uint32_t folder,
			    const void *name, size_t name_size,
			    uint32_t *out_index);
epk_status_t epk_walk_checked(const struct epk_image *image, uint32_t start,
			      const uint8_t *path, size_t path_size,
			      uint32_t flags, uint32_t *out_index);
void epk_block_decode(const struct epk_image *image, uint32_t index,
		      struct epk_block *out_block);

/*
 * deep.c: stage deep over blocks that `fetch` gives, verified, decoded and
 * asked for in order; a block is used until the next call. The image is
 * loaded, scratch as for epk_verify_canon().
 */
struct epk_deep_blocks {
	epk_status_t (*fetch)(void *context, uint32_t index,
			      const uint8_t **out_bytes);
	void *context;
};
epk_status_t epk_deep_check(struct epk_image *image,
			    const struct epk_deep_blocks *blocks, void *scratch,
			    uint64_t scratch_size, epk_progress progress,
			    void *context);

/* name.c: bytes of the character that begins here, 1..4, or 0. */
size_t epk_utf8_length(const uint8_t *bytes, size_t left);

#endif /* EPK_IMAGE_INTERNAL_H */

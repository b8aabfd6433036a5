/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_PLACE_INTERNAL_H
#define EPK_PLACE_INTERNAL_H
/* The placement rule of section 7 as a machine that is fed file by file. */
#include "image_internal.h"

struct epk_place {
	const struct epk_image *image;
	/* Node indices of the runs of each region, in ascending place. */
	uint32_t *runs[EPK_REGION_COUNT];
	uint32_t run_count[EPK_REGION_COUNT];
	uint32_t cursor[EPK_REGION_COUNT]; /* next block */
	uint32_t end[EPK_REGION_COUNT];
	uint32_t open; /* shared block being filled, or EPK_NO_INDEX */
	uint32_t fill; /* bytes in it */
};

/* runs has room for one u32 per node. */
void epk_place_begin(struct epk_place *place, const struct epk_image *image,
		     uint32_t *runs);

/* A file with bytes: EPK_OK or PLACE. */
epk_status_t epk_place_file(struct epk_place *place, uint32_t index);

/* After the last file: EPK_OK or PLACE. */
epk_status_t epk_place_end(const struct epk_place *place);

#endif /* EPK_PLACE_INTERNAL_H */

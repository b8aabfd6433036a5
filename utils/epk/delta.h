/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_DELTA_H
#define EPK_TOOL_DELTA_H
/* What an update that knows blocks by their digests would have to fetch. */
#include <epk/reader.h>

#include <stdbool.h>
#include <stdint.h>

struct delta {
	uint64_t fetch_bytes; /* first page, metadata and new blocks */
	uint32_t new_blocks;
};

/** From one loaded image to another; false: memory is short. */
bool delta_measure(const struct epk_image *from, const struct epk_image *to,
		   struct delta *out_delta);

#endif /* EPK_TOOL_DELTA_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_PROGRESS_H
#define EPK_TOOL_PROGRESS_H
/* One line that is rewritten, on a terminal only, silent into pipes; or a JSON
 * object for each per cent. Both on standard error. */
#include <stdbool.h>
#include <stdint.h>

#include "options.h"

struct progress {
	const char *doing; /* "packing" */
	enum progress_kind kind;
	double began; /* seconds of some clock */
	bool line_open;
	int step; /* last shown: a per cent, or 16 MiB of an unknown total */
};

void progress_begin(struct progress *progress, const struct options *options,
		    const char *doing);
/** @param total  0: nobody knows. */
void progress_update(struct progress *progress, uint64_t done, uint64_t total);
/** Clears the line. */
void progress_end(struct progress *progress);

#endif /* EPK_TOOL_PROGRESS_H */

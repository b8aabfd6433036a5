/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_DEEP_H
#define EPK_TOOL_DEEP_H
/* Stage deep of an opened image, with progress. */
#include <stdbool.h>

struct options;
struct tool_image;

/** False: refused, and reported. */
bool deep_verify(struct tool_image *image, const struct options *options,
		 const char *doing);

#endif /* EPK_TOOL_DEEP_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_SPOOL_H
#define EPK_TOOL_SPOOL_H
#include <stdbool.h>

struct options;

/** The operand that means standard input. */
bool is_stdin(const char *file);

/**
 * An image from standard input as a file that can be read anywhere: itself,
 * or a copy without a name in $TMPDIR. No more is copied than the image's
 * header announces, and never more than 4 GiB.
 *
 * @return a descriptor, or -1 (reported).
 */
int spool_stdin(const struct options *options);

#endif /* EPK_TOOL_SPOOL_H */

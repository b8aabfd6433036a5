/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_SPOOL_H
#define EPK_TOOL_SPOOL_H
#include <stdbool.h>

struct options;

/** The operand that means standard input, or output. */
bool is_stdin(const char *file);

/** A file without a name in this folder, or in $TMPDIR if it is NULL; -1 with
 * errno. */
int spool_nameless(const char *folder);
/** The same in the folder of a file; in $TMPDIR for standard output. */
int spool_beside(const char *file);

/**
 * An image from standard input as a file that can be read anywhere: itself,
 * or a copy without a name in $TMPDIR. No more is copied than the image's
 * header announces, and never more than 4 GiB.
 *
 * @return a descriptor, or -1 (reported).
 */
int spool_stdin(const struct options *options);

#endif /* EPK_TOOL_SPOOL_H */

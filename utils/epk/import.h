/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_IMPORT_H
#define EPK_TOOL_IMPORT_H
/* An image from an archive's bytes, wherever they come from. */
#include "tar_bytes.h"

struct options;

/**
 * Write options->output from an archive. Reported.
 *
 * @param file    of the archive, for messages.
 * @param total   its bytes, or 0 if nobody knows.
 * @param at_end  may be NULL: called when no more is read, which may be before
 *                the end if the archive was not good; false, reported, is a
 *                source that failed, and is all that is reported.
 */
bool import_archive(const struct options *options, const char *file,
		    const struct tar_bytes *bytes, uint64_t total,
		    bool (*at_end)(void *context, bool good), void *context);

#endif /* EPK_TOOL_IMPORT_H */

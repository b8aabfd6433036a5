/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_MAKING_H
#define EPK_TOOL_MAKING_H
/* What pack, import and convert have in common: a writer with the settings
 * that the user chose, and an image that is written, read back, put in its
 * place and told about. */
#include "image.h"
#include "output.h"
#include "progress.h"

struct making {
	const struct options *options;
	struct tool_image base; /* with --base */
	struct epk_writer *writer;
	struct output output;
	struct progress progress;
	struct epk_writer_result result;
};

/** Check the manifest and make the writer; else reported. The manifest is
 * named for messages. making_end() in either case. */
bool making_begin(struct making *making, const struct options *options,
		  const char *manifest_file, const char *manifest,
		  size_t manifest_size);

/**
 * Write the image to options->output, all entries being added. Reported.
 *
 * @param failed  reports a failure that is not the output's; path is that of
 *                the entry it is about, or "". Returns false.
 */
bool making_write(struct making *making, const struct epk_writer_source *source,
		  bool (*failed)(void *context, epk_status_t status,
				 const char *path),
		  void *context);
void making_end(struct making *making);

#endif /* EPK_TOOL_MAKING_H */

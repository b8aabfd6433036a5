/* SPDX-License-Identifier: BSD-2-Clause */
#include "deep.h"

#include "image.h"
#include "options.h"
#include "progress.h"
#include "report.h"

#include <stdlib.h>

static epk_status_t show(void *context, uint64_t done_bytes,
			 uint64_t total_bytes)
{
	progress_update(context, done_bytes, total_bytes);
	return EPK_OK;
}

/** The failure's index is a node after these codes, else a block. */
static const char *path_of_failure(const struct tool_image *image,
				   const struct epk_failure *failure)
{
	if (failure->status != EPK_ERR_FILE_DIGEST &&
	    failure->status != EPK_ERR_CANON)
		return "";
	if (failure->index >= image->image->header.node_count)
		return "";
	return image_path(image, failure->index);
}

bool deep_verify(struct tool_image *image, const struct options *options,
		 const char *doing)
{
	uint64_t size = epk_deep_size(image->image);
	void *scratch = malloc((size_t)size);
	struct progress progress;
	epk_status_t status;

	if (!scratch)
		return tool_error(options, EPK_ERR_NO_MEMORY, image->file,
				  "close other programs and try again");
	progress_begin(&progress, options, doing);
	status = epk_verify_deep(image->image, scratch, size, show, &progress);
	progress_end(&progress);
	free(scratch);
	if (status == EPK_OK)
		return true;
	return image_error(options, image->file,
			   path_of_failure(image, &image->image->failure),
			   &image->image->failure);
}

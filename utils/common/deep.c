/* SPDX-License-Identifier: BSD-2-Clause */
#include "deep.h"

#include "image.h"
#include "options.h"
#include "progress.h"
#include "report.h"

#include <epk/verify.h>

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
	struct progress progress;
	epk_status_t status;

	progress_begin(&progress, options, doing);
	status = epk_verify_threads(image->image, options->jobs, NULL, show,
				    &progress);
	progress_end(&progress);
	if (status == EPK_OK)
		return true;
	if (image->image->failure.status == EPK_OK)
		return tool_error(options, status, image->file,
				  "close other programs and try again");
	return image_error_at(options, image->file,
			      path_of_failure(image, &image->image->failure),
			      &image->image->failure,
			      image_offset(image, &image->image->failure));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening an image with memory from malloc. */
#include <epk/host.h>

#include <stdlib.h>

struct epk_file {
	struct epk_image image;
	void *metadata;
	/* Step 1's page; of no use later, but part of one allocation. */
	uint8_t page[EPK_PAGE_SIZE];
};

static epk_status_t load(struct epk_file *file, const struct epk_need *need)
{
	void *work = malloc((size_t)need->work_size_bytes);
	epk_status_t status = EPK_ERR_NO_MEMORY;

	if (need->metadata_size_bytes != 0)
		file->metadata = malloc((size_t)need->metadata_size_bytes);
	if (work != NULL &&
	    (file->metadata != NULL || need->metadata_size_bytes == 0))
		status = epk_load(&file->image, file->metadata,
				  need->metadata_size_bytes, work,
				  need->work_size_bytes);
	free(work);
	return status;
}

epk_status_t epk_file_open(const struct epk_source *source,
			   const struct epk_options *options,
			   struct epk_failure *out_failure,
			   struct epk_file **out_file)
{
	struct epk_need need;
	struct epk_file *file;
	epk_status_t status;

	if (out_file == NULL)
		return EPK_ERR_INVALID;
	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return EPK_ERR_NO_MEMORY;
	status = epk_probe(&file->image, source, epk_ops_default(), options,
			   file->page, &need);
	if (status == EPK_OK)
		status = load(file, &need);
	if (out_failure != NULL) {
		*out_failure = file->image.failure;
		out_failure->status = status;
	}
	if (status != EPK_OK) {
		(void)epk_file_close(file);
		return status;
	}
	*out_file = file;
	return EPK_OK;
}

struct epk_image *epk_file_image(struct epk_file *file)
{
	return &file->image;
}

struct epk_file *epk_file_close(struct epk_file *file)
{
	if (file != NULL) {
		free(file->metadata);
		free(file);
	}
	return NULL;
}

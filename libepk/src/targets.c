/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 17's last part: entry and commands reach a file with EXEC. */
#include "image_internal.h"

static uint32_t detail_of(epk_status_t status)
{
	return status == EPK_ERR_LOOP ? EPK_MANIFEST_TARGET_LOOP
				      : EPK_MANIFEST_TARGET_MISSING;
}

/* An enum epk_manifest_error. The path's form has been checked. */
static uint32_t check_target(const struct epk_image *image,
			     const struct epk_string *path, uint8_t *work)
{
	const uint8_t *row;
	uint32_t index;
	size_t size = 0;
	epk_status_t status;

	status = epk_string_copy(&image->manifest, path, work, EPK_WORK_MIN,
				 &size);
	if (status == EPK_OK)
		status = epk_walk_checked(image, 0, work + 1, size - 1, 0,
					  &index);
	if (status != EPK_OK)
		return detail_of(status);
	row = epk_node_row(image, index);
	if (row[EPK_NODE_TYPE] != EPK_TYPE_FILE)
		return EPK_MANIFEST_TARGET_FILE;
	if ((row[EPK_NODE_FLAGS] & EPK_FLAG_EXEC) == 0)
		return EPK_MANIFEST_TARGET_EXEC;
	return EPK_MANIFEST_OK;
}

static epk_status_t check(struct epk_image *image,
			  const struct epk_string *path, uint8_t *work)
{
	const uint32_t detail = check_target(image, path, work);

	if (detail == EPK_MANIFEST_OK)
		return EPK_OK;
	epk_fail(image, EPK_STAGE_MANIFEST, EPK_ERR_MANIFEST, EPK_NO_INDEX);
	image->failure.detail = detail;
	image->failure.line = path->line;
	image->failure.column = path->column;
	return EPK_ERR_MANIFEST;
}

epk_status_t epk_targets_check(struct epk_image *image, uint8_t *work)
{
	const struct epk_manifest *manifest = &image->manifest;
	const struct epk_string *entry = &manifest->keys[EPK_KEY_ENTRY];
	epk_status_t status = EPK_OK;

	if (epk_string_present(entry))
		status = check(image, entry, work);
	for (uint32_t i = 0; status == EPK_OK && i < manifest->command_count;
	     i++)
		status = check(image, &manifest->commands[i].value, work);
	return status;
}

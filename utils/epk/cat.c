/* SPDX-License-Identifier: BSD-2-Clause */
/* epk cat: files of an image, each checked block by block as it goes out,
 * and as a whole at its end. */
#include "command.h"

#include "image.h"
#include "report.h"
#include "transfer.h"

#include <stdio.h>
#include <unistd.h>

static bool cat_manifest(const struct tool_image *image,
			 const struct options *options)
{
	const struct epk_manifest *manifest = &image->image->manifest;

	if (write_all(STDOUT_FILENO, manifest->text, manifest->text_size))
		return true;
	return system_error(options, "write", "standard output");
}

static bool cat_file(struct tool_image *image, const struct options *options,
		     const char *path)
{
	struct epk_node node;
	uint32_t index;

	if (is_manifest_path(path))
		return cat_manifest(image, options);
	if (!image_find(image, options, path, &index))
		return false;
	if (epk_node_get(image->image, index, &node) ||
	    node.type != EPK_TYPE_FILE)
		return tool_error(options, EPK_ERR_NOT_FILE, image->file,
				  "\"%s\"; epk list --long shows the files",
				  path);
	return image_copy(image, options, index, STDOUT_FILENO,
			  "standard output");
}

bool command_cat(struct options *options)
{
	struct tool_image image;
	bool good;

	if (!image_open(&image, options, options->operands[0]))
		return false;
	good = image_mount(&image, options);
	for (uint32_t i = 1; good && i < options->operand_count; i++)
		good = cat_file(&image, options, options->operands[i]);
	image_close(&image);
	return good;
}

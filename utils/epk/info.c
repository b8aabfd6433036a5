/* SPDX-License-Identifier: BSD-2-Clause */
/* epk info: who a package is and how it is stored. */
#include "command.h"

#include "describe.h"
#include "image.h"
#include "report.h"

bool command_info(struct options *options)
{
	struct tool_image image;
	json_t *object;

	if (!image_open(&image, options, options->operands[0]))
		return false;
	object = json_object();
	json_object_set_new(object, "file", json_text(image.file));
	describe_manifest(object, &image.image->manifest);
	describe_identity(object, image.image);
	describe_storage(object, image.image);
	image_close(&image);
	if (options->json)
		return report_json(object);
	describe_print(object);
	json_decref(object);
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* package inspect: who a package is, what it offers and wants, and what the
 * store knows of its name. */
#include "command.h"

#include "describe.h"
#include "find.h"
#include "policy.h"
#include "report.h"

#include <epk/trust.h>

static bool describe(const struct options *options, struct tool_image *image)
{
	json_t *object = json_object();

	json_object_set_new(object, "file", json_text(image->file));
	describe_manifest(object, &image->image->manifest);
	describe_identity(object, image->image);
	policy_json(options, image->image, object);
	describe_storage(object, image->image);
	if (options->json) {
		json_object_set_new(object, "command", json_string("inspect"));
		json_object_set_new(object, "ok", json_true());
		return report_json(object);
	}
	describe_print(object);
	json_decref(object);
	return true;
}

bool command_inspect(struct options *options)
{
	return with_image(options, options->operands[0], describe);
}

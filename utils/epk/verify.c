/* SPDX-License-Identifier: BSD-2-Clause */
/* epk verify: the mount checks, and with --deep every block and file. */
#include "command.h"

#include "deep.h"
#include "image.h"
#include "policy.h"
#include "progress.h"
#include "report.h"
#include "shown.h"

#include <stdio.h>

static bool report_sound(const struct tool_image *image,
			 const struct options *options)
{
	const struct epk_image *core = image->image;

	json_t *object;

	if (options->json) {
		object = json_pack("{s:s, s:b, s:o, s:b, s:o, s:i}", "command",
				   "verify", "ok", 1, "file",
				   json_text(image->file), "deep",
				   options->deep ? 1 : 0, "package_id",
				   json_hex(core->package_id, 32), "signatures",
				   (int)core->slot_count);
		policy_json(options, core, object);
		return report_json(object);
	}
	if (!options->quiet) {
		print_file(image->file, "%s%s\n",
			   options->deep
				   ? "every block and file is sound"
				   : "sound (blocks are checked when read, "
				     "or now with --deep)",
			   policy_words(options, core));
	}
	return true;
}

static bool verify_one(const struct options *options, const char *file)
{
	struct tool_image image;
	bool good = true;

	if (!image_open(&image, options, file))
		return false;
	if (options->deep)
		good = deep_verify(&image, options, "verifying");
	if (good)
		good = report_sound(&image, options);
	image_close(&image);
	return good;
}

bool command_verify(struct options *options)
{
	bool good = true;

	for (uint32_t i = 0; i < options->operand_count; i++)
		good = verify_one(options, options->operands[i]) && good;
	return good;
}

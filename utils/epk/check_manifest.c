/* SPDX-License-Identifier: BSD-2-Clause */
/* epk check-manifest: the rules of manifests, before anything is packed. That
 * its paths exist is seen when a tree is packed. */
#include "command.h"

#include "report.h"
#include "select.h"
#include "shown.h"

#include <epk/manifest.h>

#include <stdio.h>
#include <stdlib.h>

static bool check_one(const struct options *options, const char *file)
{
	struct epk_manifest manifest;
	struct epk_failure failure;
	size_t size = 0;
	bool good;
	char *text = read_small_file(options, file, false,
				     EPK_MANIFEST_SIZE_MAX, &size);

	if (!text)
		return false;
	good = epk_manifest_parse(text, size, &manifest, &failure) == EPK_OK;
	if (!good)
		image_error(options, file, "", &failure);
	else if (options->json)
		good = report_json(json_pack("{s:s, s:b, s:o}", "command",
					     "check-manifest", "ok", 1, "file",
					     json_text(file)));
	else if (!options->quiet)
		print_file(file, "sound\n");
	free(text);
	return good;
}

bool command_check_manifest(struct options *options)
{
	bool good = true;

	for (uint32_t i = 0; i < options->operand_count; i++)
		good = check_one(options, options->operands[i]) && good;
	return good;
}

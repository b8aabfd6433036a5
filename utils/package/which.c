/* SPDX-License-Identifier: BSD-2-Clause */
/* package which: who offers a command. */
#include "command.h"

#include "find.h"
#include "report.h"
#include "shown.h"

#include <stdio.h>
#include <string.h>

static bool say(const struct options *options, const struct found *found)
{
	char ref[PACKAGE_REF_SIZE];
	const char *version;

	package_ref_write(&found->stored.ref, ref);
	version = strchr(ref, '@') + 1;
	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:o, s:s, s:s, s:o, s:o, s:o}", "command",
			"which", "ok", 1, "word",
			json_text(options->operands[0]), "name",
			found->stored.ref.name, "version", version, "program",
			json_text(found->program), "file",
			json_text(found->stored.path), "package_id",
			json_hex(found->stored.image.image->package_id, 32)));
	printf("%s ", ref);
	print_shown(stdout, found->program, strlen(found->program));
	putchar('\n');
	return true;
}

bool command_which(struct options *options)
{
	struct found found;
	bool good;

	if (!find_command(&found, options, options->operands[0]))
		return false;
	good = say(options, &found);
	found_close(&found);
	return good;
}

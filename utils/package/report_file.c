/* SPDX-License-Identifier: BSD-2-Clause */
/* package report: everything that add and run would say to a file, one line
 * for each question. Nothing is changed. The first answer that is no decides
 * the exit status; a package that is none has no further answers. */
#include "command.h"

#include "deep.h"
#include "image.h"
#include "judge.h"
#include "platform.h"
#include "policy.h"
#include "report.h"
#include "stored.h"

#include <stdio.h>
#include <string.h>

static void say(const struct options *options, const char *question,
		const char *answer)
{
	if (options->json)
		report_json(json_pack("{s:s, s:b, s:s, s:s}", "command",
				      "report", "ok", 1, "question", question,
				      "answer", answer));
	else
		printf("%-10s %s\n", question, answer);
}

/** "" for a store that never had the name. */
static void say_verdict(const struct options *options,
			const struct judged *judged)
{
	char before[PACKAGE_REF_SIZE];
	char answer[PACKAGE_REF_SIZE + 64] = "add would put it in; the name is "
					     "new there";

	package_ref_write(&judged->highest.ref, before);
	if (judged->judgement == JUDGED_THERE)
		snprintf(answer, sizeof(answer), "it is there already");
	else if (judged->judgement == JUDGED_MEND)
		snprintf(answer, sizeof(answer),
			 "add would put it in place of a broken copy");
	else if (judged->judgement == JUDGED_SIGNED)
		snprintf(answer, sizeof(answer),
			 "add would put it in place of one that lacks its "
			 "signatures");
	else if (judged->known)
		snprintf(answer, sizeof(answer),
			 "add would put it in; the highest so far is %s",
			 before);
	say(options, "store", answer);
}

static bool ask_store(const struct options *options,
		      const struct tool_image *image)
{
	struct version_row row = { .id_known = true };
	struct judged judged;
	struct store store;
	bool good;

	if (!package_ref_of(&image->image->manifest, &row.ref))
		return tool_error(options, EPK_ERR_MANIFEST, image->file,
				  "the packager must mend the manifest");
	if (!store_open_to_ask(&store, options))
		return false;
	memcpy(row.package_id, image->image->package_id, 32);
	good = judge(&store, &row, image->fd, &judged);
	if (good && judged.judgement == JUDGED_REFUSED)
		good = judge_error(&store, image->file, &row, &judged);
	else if (good)
		say_verdict(options, &judged);
	store_close(&store);
	return good;
}

static void say_identity(const struct options *options,
			 const struct tool_image *image)
{
	struct package_ref ref;
	char text[PACKAGE_REF_SIZE];

	if (!package_ref_of(&image->image->manifest, &ref))
		return;
	package_ref_write(&ref, text);
	say(options, "package", text);
	/* Its words begin with "; ". */
	say(options, "signature", policy_words(options, image->image) + 2);
}

bool command_report(struct options *options)
{
	struct tool_image image;
	bool good;

	if (!image_open(&image, options, options->operands[0]))
		return false;
	say_identity(options, &image);
	good = deep_verify(&image, options, "verifying");
	if (good)
		say(options, "content", "every block and file is sound");
	if (platform_check(&image, options))
		say(options, "platform", "this system can run it");
	else
		good = false;
	good = ask_store(options, &image) && good;
	image_close(&image);
	return good;
}

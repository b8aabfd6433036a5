/* SPDX-License-Identifier: BSD-2-Clause */
/* package run: the package, the program and the user's folder for it are
 * found here; run.c makes it run. */
#define _GNU_SOURCE /* realpath */
#include "command.h"

#include "files.h"
#include "find.h"
#include "platform.h"
#include "report.h"
#include "run.h"
#include "running.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** The folder for /user-data, made if it is missing; NULL was reported. */
static char *make_user_data(const struct options *options, const char *name)
{
	const char *base = options->user_data ? options->user_data
					      : user_data_place("user-data");
	char path[STORE_PLACE_MAX + PACKAGE_NAME_MAX + 2];
	char *real;

	if (!base) {
		usage_error(options, "there is no $HOME: say --user-data DIR");
		return NULL;
	}
	if (options->user_data)
		snprintf(path, sizeof(path), "%s", base);
	else
		snprintf(path, sizeof(path), "%s/%s", base, name);
	if (!options->user_data && !folder_make(options, base))
		return NULL;
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		system_error(options, "make the folder", path);
		return NULL;
	}
	real = realpath(path, NULL);
	if (!real)
		system_error(options, "find the folder", path);
	return real;
}

static bool run_found(const struct options *options, struct found *found)
{
	struct package_run run = {
		.options = options,
		.image = &found->stored.image,
		.name = found->stored.ref.name,
		.program = found->program,
		.arguments = options->operands + 1,
		.argument_count = options->operand_count - 1,
	};
	char *user_data;
	int status;

	if (!platform_check(run.image, options) ||
	    !running_mark(options, found->stored.path, run.image->fd))
		return false;
	user_data = make_user_data(options, run.name);
	if (!user_data)
		return false;
	run.user_data = user_data;
	status = package_run(&run);
	free(user_data);
	if (status >= 0)
		report_set_exit_code(status);
	return status == 0;
}

bool command_run(struct options *options)
{
	struct found found;
	bool good;

	if (!find_program(&found, options, options->operands[0]))
		return false;
	good = run_found(options, &found);
	found_close(&found);
	return good;
}

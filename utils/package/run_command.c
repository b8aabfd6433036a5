/* SPDX-License-Identifier: BSD-2-Clause */
/* package run: the package, the program and the user's folder for it are
 * found here; run.c makes it run. */
#define _GNU_SOURCE /* asprintf, realpath */
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
#include <sys/stat.h>

/** Make a folder for this user alone, if it is missing. */
static bool make_private(const struct options *options, const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ||
	       system_error(options, "make the folder", path);
}

static char *real_folder(const struct options *options, const char *path)
{
	char *real = realpath(path, NULL);

	if (!real)
		system_error(options, "find the folder", path);
	return real;
}

/* What stands at the package's own name is not followed: run.c refuses a
 * link there, or somebody else's folder. */
static char *make_default(const struct options *options, const char *name)
{
	const char *base = user_data_place("user-data");
	char *real;
	char *path = NULL;

	if (!base) {
		usage_error(options, "there is no $HOME: say --user-data DIR");
		return NULL;
	}
	if (!folder_make(options, base))
		return NULL;
	real = real_folder(options, base);
	if (!real)
		return NULL;
	if (asprintf(&path, "%s/%s", real, name) < 0) {
		path = NULL;
		memory_error(options, base);
	} else if (!make_private(options, path)) {
		free(path);
		path = NULL;
	}
	free(real);
	return path;
}

/** The folder for /user-data, made if it is missing; NULL was reported. */
static char *make_user_data(const struct options *options, const char *name)
{
	if (!options->user_data)
		return make_default(options, name);
	if (!make_private(options, options->user_data))
		return NULL;
	return real_folder(options, options->user_data);
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* From the keeper's last child to the program: descriptors, environment,
 * working folder, and the signals as they were. */
#define _GNU_SOURCE
#include "run_internal.h"

#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the user's environment may tell: how to talk to the user. A name that
 * ends in `_` stands for all that begin so. */
static const char *const kept[] = {
	"COLORTERM", "COLUMNS",	 "LANG", "LANGUAGE", "LC_",  "LINES",
	"LOGNAME",   "NO_COLOR", "TERM", "TZ",	     "USER",
};

/* The loader looks into the package first and into the system's runtime
 * second; no other folder has anything that may be executed. */
static char *const given[] = {
	"HOME=/user-data",
	"LD_LIBRARY_PATH=/package/binary",
	"PATH=/package/binary:/usr/bin:/bin",
	"PWD=/user-data",
	"TMPDIR=/tmp",
};

#define GIVEN_COUNT (sizeof(given) / sizeof(given[0]))

static bool is_kept(const char *variable)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const size_t size = strlen(kept[i]);

		if (strncmp(variable, kept[i], size) == 0 &&
		    (variable[size] == '=' || kept[i][size - 1] == '_'))
			return true;
	}
	return false;
}

/* Never freed: it goes with exec. NULL: memory is short. */
static char **make_environment(void)
{
	char **all;
	size_t count = GIVEN_COUNT;

	for (char **at = environ; *at; at++)
		count += is_kept(*at);
	all = calloc(count + 1, sizeof(*all));
	if (!all)
		return NULL;
	memcpy(all, given, sizeof(given));
	count = GIVEN_COUNT;
	for (char **at = environ; *at; at++) {
		if (is_kept(*at))
			all[count++] = *at;
	}
	return all;
}

/* Likewise. execve() changes no word, though its type does not say so. */
static char **make_arguments(const struct package_run *request, char *program)
{
	const size_t count = request->argument_count;
	char **all = calloc(count + 2, sizeof(*all));

	if (!all)
		return NULL;
	all[0] = program;
	if (count)
		memcpy(all + 1, request->arguments, count * sizeof(*all));
	return all;
}

static void execute(const struct run *run)
{
	const struct package_run *request = run->request;
	static char **environment;
	static char **arguments;
	static char *program;

	environment = make_environment();
	if (asprintf(&program, "/package%s", request->program) < 0)
		return;
	arguments = make_arguments(request, program);
	if (!environment || !arguments)
		return;
	if (chdir("/user-data") != 0 || close_range(3, ~0U, 0) != 0 ||
	    sigaction(SIGCHLD, &run->child_died, NULL) != 0 ||
	    sigprocmask(SIG_SETMASK, &run->mask, NULL) != 0)
		return;
	execve(program, arguments, environment);
}

/* Steps 1..18 found a file there that may be executed: what is missing is
 * its loader, or the system does not know what it is. */
static _Noreturn void become(const struct run *run)
{
	if (!run_filter_enter(run)) {
		fflush(NULL);
		_exit(report_exit_code());
	}
	execute(run);
	if (errno == ENOEXEC || errno == ENOENT)
		stage_error(run->request->options, run->request->image->file,
			    RUN_STAGE_START, EPK_ERR_COMPAT,
			    errno == ENOENT
				    ? "the program's loader is not here"
				    : "the program is of no kind known here",
			    "get the package for this system");
	else
		run_error(run, RUN_STAGE_START, "start the program");
	fflush(NULL);
	_exit(report_exit_code());
}

bool run_program_start(struct run *run)
{
	run->program = fork();
	if (run->program == 0)
		become(run);
	return run->program > 0 ||
	       run_error(run, RUN_STAGE_START, "start a process");
}

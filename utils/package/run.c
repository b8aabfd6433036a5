/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "run_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Signals wait while there are two of us; the keeper and the waiter take
 * them one by one, and the program gets them as they were. */
static void hold_signals(struct run *run)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &run->mask);
	/* A caller that ignores it would take our children's status away. */
	sigaction(SIGCHLD, &usual, &run->child_died);
}

static void release_signals(const struct run *run)
{
	sigaction(SIGCHLD, &run->child_died, NULL);
	sigprocmask(SIG_SETMASK, &run->mask, NULL);
}

static int start_and_wait(struct run *run, const int ends[2])
{
	int status = -1;
	pid_t keeper = run_namespace_fork();

	if (keeper == 0) {
		close(ends[0]);
		run->told = ends[1];
		run_keeper(run);
	}
	close(ends[1]);
	if (keeper < 0)
		run_forbidden(run, "make a user namespace");
	else
		status = run_wait(keeper, ends[0]);
	close(ends[0]);
	return status;
}

/* NULL was reported. */
static char *find_store(const struct run *run)
{
	char *file = realpath(run->request->image->file, NULL);

	if (file)
		*strrchr(file, '/') = '\0';
	else
		run_error(run, RUN_STAGE_MOUNT, "find the store");
	return file;
}

static int run_held(struct run *run)
{
	int ends[2];
	int status;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		run_error(run, RUN_STAGE_MOUNT, "make a pipe");
		return -1;
	}
	hold_signals(run);
	status = start_and_wait(run, ends);
	release_signals(run);
	return status;
}

int package_run(const struct package_run *request)
{
	struct run run = { .request = request,
			   .uid = geteuid(),
			   .gid = getegid() };
	char *store = find_store(&run);
	int status;

	if (!store)
		return -1;
	run.store = store;
	fflush(NULL);
	status = run_held(&run);
	free(store);
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "run_internal.h"

#include <fcntl.h>
#include <stdio.h>
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

int package_run(const struct package_run *request)
{
	struct run run = { .request = request,
			   .uid = geteuid(),
			   .gid = getegid() };
	int ends[2];
	int status;

	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		run_error(&run, RUN_STAGE_MOUNT, "make a pipe");
		return -1;
	}
	hold_signals(&run);
	status = start_and_wait(&run, ends);
	release_signals(&run);
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The first process of the namespace. When it ends, by itself or by any
 * signal, the kernel kills all the others and takes the mounts down. */
#define _GNU_SOURCE
#include "run_internal.h"

#include "report.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int run_exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What is stopped cannot be waited for by a shell unless we stop too. */
static void tell_stopped(const struct run *run)
{
	ssize_t count = write(run->told, "s", 1);

	(void)count; /* a full pipe has told it already */
}

/* @return the exit status to end with, or -1. */
static int reap(const struct run *run)
{
	bool served = true;
	int result = -1;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status)) {
			if (pid == run->program)
				tell_stopped(run);
		} else if (pid == run->program) {
			result = run_exit_status(status);
		} else if (pid == run->server) {
			served = false;
		}
	}
	if (served || result >= 0)
		return result;
	stage_error(run->request->options, run->request->image->file, "read",
		    EPK_ERR_IO, "the process that serves the package has ended",
		    "run it again");
	return report_exit_code();
}

/* Signals of the terminal reach the program without us, being in the same
 * group; inside, nobody has to tell us anything. */
static void pass_on(const struct run *run, const siginfo_t *info)
{
	if (info->si_pid == 0 &&
	    (info->si_code == SI_USER || info->si_code == SI_QUEUE))
		kill(run->program, info->si_signo);
}

static int keep(const struct run *run)
{
	sigset_t all;
	siginfo_t info;
	int status = -1;

	sigfillset(&all);
	while (status < 0) {
		int number = sigwaitinfo(&all, &info);

		if (number == SIGCHLD)
			status = reap(run);
		else if (number > 0)
			pass_on(run, &info);
	}
	return status;
}

void run_keeper(struct run *run)
{
	int status = -1;

	if (run_namespace_enter(run) && run_root_enter(run) &&
	    run_namespace_drop(run) && run_server_start(run) &&
	    run_program_start(run))
		status = keep(run);
	fflush(NULL);
	_exit(status < 0 ? report_exit_code() : status);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* `package` while a program runs: for those who started it, it is the
 * program. It stops when the program stops, and what others send to it the
 * program gets. */
#define _GNU_SOURCE
#include "run_internal.h"

#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The kernel's own signals come from the terminal and went to everybody. */
static void pass_on(pid_t keeper, const struct signalfd_siginfo *info)
{
	if (info->ssi_code == SI_USER || info->ssi_code == SI_QUEUE ||
	    info->ssi_code == SI_TKILL)
		kill(keeper, (int)info->ssi_signo);
}

/* @return false: there will be no more. */
static bool stop_if_told(int told)
{
	char byte;
	ssize_t count = read(told, &byte, 1);

	if (count == 1)
		kill(getpid(), SIGSTOP);
	return count > 0 || (count < 0 && errno == EINTR);
}

/* @return the exit status, or -1: it still runs. */
static int take_signal(int signals, pid_t keeper)
{
	struct signalfd_siginfo info;
	int status;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return -1;
	if (info.ssi_signo != SIGCHLD)
		pass_on(keeper, &info);
	else if (waitpid(keeper, &status, WNOHANG) == keeper)
		return run_exit_status(status);
	return -1;
}

/* Without a descriptor for signals, waiting is all that is left. */
static int wait_only(pid_t keeper)
{
	int status;

	while (waitpid(keeper, &status, 0) < 0) {
		if (errno != EINTR)
			return 128 + SIGKILL;
	}
	return run_exit_status(status);
}

int run_wait(pid_t keeper, int told)
{
	struct pollfd ends[2] = { { .events = POLLIN }, { .events = POLLIN } };
	sigset_t all;
	int status = -1;

	sigfillset(&all);
	ends[0].fd = signalfd(-1, &all, SFD_CLOEXEC);
	ends[1].fd = told;
	if (ends[0].fd < 0)
		return wait_only(keeper);
	while (status < 0) {
		if (poll(ends, 2, -1) < 0)
			continue;
		if (ends[0].revents)
			status = take_signal(ends[0].fd, keeper);
		if (status < 0 && ends[1].revents && !stop_if_told(told))
			ends[1].fd = -1;
	}
	close(ends[0].fd);
	return status;
}

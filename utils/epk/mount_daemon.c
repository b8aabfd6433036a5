/* SPDX-License-Identifier: BSD-2-Clause */
/* The command ends when the mount is there; a child serves it. */
#define _GNU_SOURCE
#include "mount_server.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child has said what failed; its exit status is ours. */
static void end_like(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status)
						       : 5);
}

static void wait_for(pid_t child, int fd)
{
	char byte;
	ssize_t count;

	do
		count = read(fd, &byte, 1);
	while (count < 0 && errno == EINTR);
	close(fd);
	if (count != 1)
		end_like(child);
}

bool mount_daemon_start(struct mount_server *server,
			void (*done)(const struct mount_server *server))
{
	int ends[2];
	pid_t child;

	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return system_error(server->options, "make a pipe",
				    server->folder);
	child = fork();
	if (child < 0) {
		close(ends[0]);
		close(ends[1]);
		return system_error(server->options, "start a process for",
				    server->folder);
	}
	if (child == 0) {
		close(ends[0]);
		server->ready_fd = ends[1];
		setsid();
		return true;
	}
	close(ends[1]);
	wait_for(child, ends[0]);
	done(server);
	return false;
}

void mount_daemon_ready(struct mount_server *server)
{
	int null;

	if (server->ready_fd < 0)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (write(server->ready_fd, "r", 1) != 1)
		mount_log_line(&server->log, "%s: nobody waited for the mount",
			       server->folder);
	close(server->ready_fd);
	server->ready_fd = -1;
}

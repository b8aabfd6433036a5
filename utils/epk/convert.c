/* SPDX-License-Identifier: BSD-2-Clause */
/* epk convert: a squashfs image by way of tar. sqfs2tar, of
 * squashfs-tools-ng, is run with arguments that no shell sees, refuses what it
 * would have to leave out, and must end well. */
#include "command.h"

#include "import.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define PROGRAM "sqfs2tar"

struct child {
	const struct options *options;
	pid_t pid;
	int fd; /* its standard output */
};

/** Signals as a program expects them: dead when nobody reads. */
static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t set;
	int error;

	sigemptyset(&set);
	error = posix_spawnattr_setsigmask(attributes, &set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	if (!error)
		error = posix_spawnattr_setsigdefault(attributes, &set);
	if (!error)
		error = posix_spawnattr_setflags(attributes,
						 POSIX_SPAWN_SETSIGMASK |
							 POSIX_SPAWN_SETSIGDEF);
	return error;
}

static int spawn_writing(struct child *child, const char *file, int fd)
{
	char *const words[] = {
		(char[]){ PROGRAM },	  (char[]){ "--no-skip" },
		(char[]){ "--no-xattr" }, (char[]){ "--" },
		(char *)(uintptr_t)file,  NULL
	};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error) {
		posix_spawn_file_actions_destroy(&actions);
		return error;
	}
	error = posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addopen(
			&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!error)
		error = set_signals(&attributes);
	if (!error)
		error = posix_spawnp(&child->pid, PROGRAM, &actions,
				     &attributes, words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static bool start(struct child *child, const char *file)
{
	int ends[2];
	int error;

	if (pipe(ends) != 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0)
		return system_error(child->options, "make a pipe for", PROGRAM);
	error = spawn_writing(child, file, ends[1]);
	close(ends[1]);
	child->fd = ends[0];
	if (!error)
		return true;
	close(ends[0]);
	if (error == ENOENT)
		return tool_error(child->options, EPK_ERR_UNSUPPORTED, file,
				  "install " PROGRAM
				  ", which squashfs-tools-ng has");
	errno = error;
	return system_error(child->options, "run", PROGRAM);
}

/** Directly, or as a shell tells it. */
static bool ended_by_pipe(int status)
{
	return (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) ||
	       (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE);
}

/** All was read, or reading was given up; how did it end? */
static bool end(void *context, bool good)
{
	struct child *child = context;
	int status = 0;
	pid_t pid;

	close(child->fd);
	do
		pid = waitpid(child->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return system_error(child->options, "wait for", PROGRAM);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	/* Nobody read on, for a reason that is told by who stopped. */
	if (!good && ended_by_pipe(status))
		return true;
	return tool_error(
		child->options, EPK_ERR_IO, child->options->operands[0],
		PROGRAM " ended with %s %d and says why above",
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

bool command_convert(struct options *options)
{
	struct child child = { .options = options };
	const char *file = options->operands[0];

	if (!options->output)
		return usage_error(options, "name the image with --output");
	if (access(file, R_OK) != 0)
		return system_error(options, "read", file);
	if (!start(&child, file))
		return false;
	const struct tar_bytes bytes = tar_bytes_of_fd(&child.fd);

	return import_archive(options, file, &bytes, 0, end, &child);
}

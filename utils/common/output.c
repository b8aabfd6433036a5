/* SPDX-License-Identifier: BSD-2-Clause */
#include "output.h"

#include "options.h"
#include "report.h"
#include "spool.h"
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the signal handler removes; NULL: nothing. */
static char *volatile doomed;

static void on_signal(int number)
{
	if (doomed)
		unlink(doomed);
	/* Handled once only (SA_RESETHAND): this ends the program. */
	raise(number);
}

static void watch_signals(void)
{
	static const int numbers[] = { SIGINT,	SIGTERM, SIGHUP,
				       SIGQUIT, SIGPIPE, SIGXCPU };
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_RESETHAND | SA_NODEFER };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigaction before;

		sigaction(numbers[i], NULL, &before);
		if (before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	/* A write over the limit is an error like others, not a death. */
	signal(SIGXFSZ, SIG_IGN);
}

/** No signal comes between a file and what its handler knows of it. */
static int create_doomed(char *name)
{
	sigset_t all;
	sigset_t before;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	fd = mkstemp(name);
	if (fd >= 0)
		doomed = name;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return fd;
}

/** ".NAME.XXXXXX" beside the file. */
static char *temporary_name(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	size_t size = strlen(file) + 16;
	char *text = malloc(size);

	if (text)
		snprintf(text, size, "%.*s.%.200s.XXXXXX", (int)(name - file),
			 file, name);
	return text;
}

static bool place_is_free(const struct options *options, const char *file)
{
	struct stat info;

	if (lstat(file, &info) != 0 || S_ISREG(info.st_mode))
		return true;
	errno = EEXIST;
	return system_error(options, "replace what is no ordinary file", file);
}

bool output_is_stdout(const char *file)
{
	return strcmp(file, "-") == 0;
}

/** Offsets do not only ascend: what goes to a pipe is made in a file. */
static bool create_for_stdout(struct output *output)
{
	const struct options *options = output->options;

	if (options->json)
		return usage_error(options, "standard output cannot take both "
					    "the file and --json: name a file");
	if (isatty(STDOUT_FILENO) == 1)
		return usage_error(options, "a terminal is no place for this: "
					    "name a file, or pipe it on");
	output->file = "standard output";
	output->fd = spool_nameless(NULL);
	return output->fd >= 0 ||
	       system_error(options, "make a file in $TMPDIR for",
			    output->file);
}

static bool copy_to_stdout(struct output *output)
{
	static char buffer[64 * 1024];
	uint64_t at = 0;

	for (;;) {
		const ssize_t count =
			read_full_at(output->fd, buffer, sizeof(buffer), at);

		if (count < 0)
			return system_error(output->options, "read back for",
					    output->file);
		if (count == 0)
			return true;
		if (!write_all(STDOUT_FILENO, buffer, (size_t)count))
			return system_error(output->options, "write",
					    output->file);
		at += (uint64_t)count;
	}
}

bool output_create(struct output *output, const struct options *options,
		   const char *file)
{
	mode_t mask = umask(0);

	umask(mask);
	*output = (struct output){ .options = options, .file = file };
	if (output_is_stdout(file))
		return create_for_stdout(output);
	if (!place_is_free(options, file))
		return false;
	output->temporary = temporary_name(file);
	if (!output->temporary)
		return memory_error(options, file);
	watch_signals();
	output->fd = create_doomed(output->temporary);
	if (output->fd < 0) {
		system_error(options, "create a file beside it", file);
		free(output->temporary);
		return false;
	}
	if (fcntl(output->fd, F_SETFD, FD_CLOEXEC) == 0 &&
	    fchmod(output->fd, 0666 & ~mask) == 0)
		return true;
	system_error(options, "set the permissions", file);
	output_discard(output);
	return false;
}

static epk_status_t sink_write(void *context, uint64_t offset, const void *data,
			       size_t size_bytes)
{
	struct output *output = context;

	if (write_all_at(output->fd, data, size_bytes, offset))
		return EPK_OK;
	output->error = errno;
	return EPK_ERR_IO;
}

static epk_status_t sink_read(void *context, uint64_t offset, void *data,
			      size_t size_bytes)
{
	struct output *output = context;

	if (read_all_at(output->fd, data, size_bytes, offset))
		return EPK_OK;
	output->error = errno;
	return EPK_ERR_IO;
}

static epk_status_t sink_set_size(void *context, uint64_t size_bytes)
{
	struct output *output = context;

	if (ftruncate(output->fd, (off_t)size_bytes) == 0)
		return EPK_OK;
	output->error = errno;
	return EPK_ERR_IO;
}

struct epk_writer_sink output_sink(struct output *output)
{
	return (struct epk_writer_sink){
		.write = sink_write,
		.read = sink_read,
		.set_size = sink_set_size,
		.context = output,
	};
}

/** The name is durable when its folder is. */
static bool sync_folder(const struct output *output)
{
	const char *slash = strrchr(output->file, '/');
	size_t size = slash ? (size_t)(slash - output->file) + 1 : 0;
	char *folder = strndup(size ? output->file : ".", size ? size : 1);
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	/* A file system without fsync of folders says EINVAL. */
	bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	if (fd >= 0)
		close(fd);
	free(folder);
	return good;
}

bool output_commit(struct output *output)
{
	bool good;

	if (!output->temporary) {
		good = copy_to_stdout(output);
		close(output->fd);
		return good;
	}
	good = fsync(output->fd) == 0 &&
	       rename(output->temporary, output->file) == 0;

	if (!good) {
		system_error(output->options, "put the image in its place",
			     output->file);
		output_discard(output);
		return false;
	}
	doomed = NULL;
	close(output->fd);
	free(output->temporary);
	if (sync_folder(output))
		return true;
	return system_error(output->options, "make the name durable",
			    output->file);
}

void output_discard(struct output *output)
{
	if (output->temporary)
		unlink(output->temporary);
	doomed = NULL;
	close(output->fd);
	free(output->temporary);
}

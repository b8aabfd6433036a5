/* SPDX-License-Identifier: BSD-2-Clause */
#include "spool.h"

#include "image.h"
#include "options.h"
#include "report.h"
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPOOL_MAX (UINT64_C(4) << 30)

bool is_stdin(const char *file)
{
	return strcmp(file, "-") == 0;
}

int spool_nameless(const char *folder)
{
	char name[4096];
	int size;
	int fd;

	if (!folder) {
		folder = getenv("TMPDIR");
		if (!folder || *folder != '/')
			folder = "/tmp";
	}
	size = snprintf(name, sizeof(name), "%s/.epk.XXXXXX", folder);
	if (size < 0 || (size_t)size >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	/* A write over the limit is an error like others, not a death. */
	signal(SIGXFSZ, SIG_IGN);
	fd = mkstemp(name);
	if (fd >= 0) {
		unlink(name);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	return fd;
}

int spool_beside(const char *file)
{
	const char *slash = strrchr(file, '/');
	char *folder;
	int fd;

	if (is_stdin(file))
		return spool_nameless(NULL);
	folder =
		slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
	fd = folder ? spool_nameless(folder) : -1;
	free(folder);
	return fd;
}

/** Bytes to copy at the most, one more than there should be. What is no
 * image is not copied on, and refused by who reads the copy. */
static uint64_t most_of(const uint8_t *page, size_t size)
{
	uint64_t most;

	if (size < EPK_PAGE_SIZE ||
	    memcmp(page, EPK_MAGIC, EPK_MAGIC_SIZE) != 0)
		return size;
	most = epk_load64(page + EPK_HEADER_IMAGE_SIZE);
	return most < SPOOL_MAX ? most + 1 : SPOOL_MAX + 1;
}

static bool copy_stdin(const struct options *options, int fd)
{
	static uint8_t buffer[64 * 1024];
	uint64_t done = 0;
	uint64_t most = EPK_PAGE_SIZE;

	while (done < most) {
		const uint64_t left = most - done;
		const size_t part =
			left < sizeof(buffer) ? (size_t)left : sizeof(buffer);
		const ssize_t count = read_full(STDIN_FILENO, buffer, part);

		if (count < 0)
			return system_error(options, "read", "standard input");
		if (!write_all(fd, buffer, (size_t)count))
			return system_error(options, "keep in $TMPDIR",
					    "standard input");
		if (done == 0)
			most = most_of(buffer, (size_t)count);
		done += (uint64_t)count;
		if ((size_t)count < part)
			return true;
	}
	if (done > SPOOL_MAX)
		return tool_error(options, EPK_ERR_BUDGET, "standard input",
				  "more than 4 GiB cannot be kept: write it to "
				  "a file first");
	return true;
}

int spool_stdin(const struct options *options)
{
	struct stat info;
	int fd;

	if (fstat(STDIN_FILENO, &info) == 0 && S_ISREG(info.st_mode)) {
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			system_error(options, "open", "standard input");
		return fd;
	}
	fd = spool_nameless(NULL);
	if (fd < 0) {
		system_error(options, "make a file in $TMPDIR for",
			     "standard input");
		return -1;
	}
	if (copy_stdin(options, fd))
		return fd;
	close(fd);
	return -1;
}

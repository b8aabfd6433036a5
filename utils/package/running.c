/* SPDX-License-Identifier: BSD-2-Clause */
#include "running.h"

#include "report.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Removing and replacing a package hold its lock for as long as that takes. */
#define POLL_NS 20000000
#define POLLS_MAX 50

/* Whoever may read the file may hold a lock of it, for ever: then it is run
 * without one. That costs no more than that it can be removed meanwhile. */
static void lock_or_leave_it(int fd)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	int polls = POLLS_MAX;

	while (flock(fd, LOCK_SH | LOCK_NB) != 0 && polls-- > 0 &&
	       (errno == EWOULDBLOCK || errno == EINTR))
		nanosleep(&pause, NULL);
}

bool running_mark(const struct options *options, const char *path, int fd)
{
	struct stat info;

	lock_or_leave_it(fd);
	if (fstat(fd, &info) == 0 && info.st_nlink == 0)
		return tool_error(options, EPK_ERR_NOT_FOUND, path,
				  "it was removed just now");
	/* A file system without locks: nobody can ask for them either. */
	return true;
}

bool running_exclude(const struct store *store, const char *file, int *out_fd)
{
	struct stat info;
	int fd = openat(store->folder, file,
			O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY |
				O_NONBLOCK);

	*out_fd = -1;
	if (fd < 0)
		return true;
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
	    flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		close(fd);
		return tool_error(store->options, EPK_ERR_BUSY,
				  store_path(store, file),
				  "it is running: end it first");
	}
	*out_fd = fd;
	return true;
}

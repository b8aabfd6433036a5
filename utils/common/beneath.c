/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE /* syscall */
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAME_SIZE_MAX 255

/** One step; the name is path[0..size). */
static int open_step(int folder, const char *path, size_t size)
{
	char name[NAME_SIZE_MAX + 1];

	if (size == 0 || size > NAME_SIZE_MAX ||
	    (size <= 2 && memcmp(path, "..", size) == 0)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(name, path, size);
	name[size] = '\0';
	return openat(folder, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/** Name by name: what every kernel can. */
static int open_steps(int top, const char *path)
{
	int folder = fcntl(top, F_DUPFD_CLOEXEC, 0);

	while (folder >= 0 && *path) {
		size_t size = strcspn(path, "/");
		int next = open_step(folder, path, size);
		int error = errno;

		close(folder);
		errno = error;
		folder = next;
		path += size;
		if (*path == '/')
			path++;
	}
	return folder;
}

/** Names that open_step() takes, all of them. */
static bool is_plain(const char *path)
{
	while (*path) {
		size_t size = strcspn(path, "/");

		if (size == 0 || size > NAME_SIZE_MAX ||
		    (size <= 2 && memcmp(path, "..", size) == 0))
			return false;
		path += size;
		path += *path == '/';
	}
	return true;
}

/** In one call; -1 with ENOSYS or EPERM where the system has none. */
static int open_at_once(int top, const char *path)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, top, path, &how, sizeof(how));
}

int beneath_open_folder(int top, const char *path)
{
	int folder = -1;

	if (*path && is_plain(path))
		folder = open_at_once(top, path);
	/* Steps judge the rest, and say which error it is. */
	return folder >= 0 ? folder : open_steps(top, path);
}

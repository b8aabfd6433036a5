/* SPDX-License-Identifier: BSD-2-Clause */
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

int beneath_open_folder(int top, const char *path)
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

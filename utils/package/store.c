/* SPDX-License-Identifier: BSD-2-Clause */
#include "store.h"

#include "options.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define POLL_NS 20000000 /* how often a lock is asked for */

/** Its place fits, too. */
static bool init(struct store *store, const struct options *options,
		 const char *place)
{
	size_t size = strlen(place);

	*store = (struct store){ .options = options, .folder = -1, .lock = -1 };
	if (size >= sizeof(store->place)) {
		errno = ENAMETOOLONG;
		return system_error(options, "open the store", place);
	}
	memcpy(store->place, place, size + 1);
	return true;
}

/** False with errno. */
static bool open_folder(struct store *store)
{
	store->folder = open(store->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return store->folder >= 0;
}

static bool open_to_read(struct store *store, const struct options *options,
			 const char *place, bool may_miss)
{
	if (!init(store, options, place))
		return false;
	if (open_folder(store) || (errno == ENOENT && may_miss))
		return true;
	if (errno == ENOENT)
		return tool_error(options, EPK_ERR_NOT_FOUND, place,
				  "package add makes a store");
	return system_error(options, "open the store", place);
}

bool store_open(struct store *store, const struct options *options,
		const char *place)
{
	return open_to_read(store, options, place, !options->place);
}

bool store_open_to_ask(struct store *store, const struct options *options)
{
	const char *place = store_place_to_change(options);

	return place && open_to_read(store, options, place, true);
}

/** The folder that holds the last name of path[0..size) is made durable. */
static bool sync_above(const char *path, size_t size)
{
	char above[STORE_PLACE_MAX];
	bool good;
	int fd;

	while (size && path[size - 1] != '/')
		size--;
	memcpy(above, path, size);
	memcpy(above + size, ".", 2);
	fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = fsync(fd) == 0 || errno == EINVAL;
	close(fd);
	return good;
}

/** The folder and those above it; false with errno. */
static bool make_folders(const char *place)
{
	char path[STORE_PLACE_MAX];
	size_t size = 0;

	while (place[size]) {
		size += strspn(place + size, "/");
		size += strcspn(place + size, "/");
		memcpy(path, place, size);
		path[size] = '\0';
		if (mkdir(path, 0777) == 0 ? !sync_above(path, size)
					   : errno != EEXIST)
			return false;
	}
	return true;
}

static bool lock_is_taken(struct store *store)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	uint64_t polls = (uint64_t)store->options->wait_s *
			 (UINT64_C(1000000000) / POLL_NS);

	while (flock(store->lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return system_error(store->options, "lock",
					    store_path(store, STORE_LOCK));
		if (polls-- == 0)
			return tool_error(store->options, EPK_ERR_BUSY,
					  store->place,
					  "somebody else changes the store: "
					  "try again, or say --wait SECONDS");
		nanosleep(&pause, NULL);
	}
	return true;
}

static bool lock(struct store *store)
{
	struct stat info;

	/* O_NONBLOCK: a pipe in its place must not stop us. */
	store->lock = openat(store->folder, STORE_LOCK,
			     O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
				     O_NOCTTY | O_NONBLOCK,
			     0600);
	if (store->lock < 0)
		return system_error(store->options, "open",
				    store_path(store, STORE_LOCK));
	if (fstat(store->lock, &info) != 0 || !S_ISREG(info.st_mode))
		return store_refused(store, STORE_LOCK, "no regular file");
	return lock_is_taken(store);
}

bool store_open_to_change(struct store *store, const struct options *options)
{
	const char *place = store_place_to_change(options);
	bool good;

	if (!place || !init(store, options, place))
		return false;
	good = open_folder(store) ||
	       (errno == ENOENT && options->command[0] == 'a' &&
		make_folders(place) && open_folder(store));
	if (!good && errno == ENOENT)
		return tool_error(options, EPK_ERR_NOT_FOUND, place,
				  "there is no store: package add makes one");
	if (!good)
		return system_error(options, "open the store", place);
	if (!lock(store)) {
		store_close(store);
		return false;
	}
	store_clear_new(store);
	return true;
}

void store_close(struct store *store)
{
	if (store->lock >= 0)
		close(store->lock);
	if (store->folder >= 0)
		close(store->folder);
	store->lock = -1;
	store->folder = -1;
}

int store_open_file(const struct store *store, const char *file)
{
	int fd = openat(store->folder, file,
			O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY |
				O_NONBLOCK);
	struct stat info;

	if (fd < 0 && errno == ELOOP) {
		store_refused(store, file, "a symbolic link");
	} else if (fd < 0) {
		system_error(store->options, "open", store_path(store, file));
	} else if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		store_refused(store, file, "no regular file");
		close(fd);
		fd = -1;
	}
	return fd;
}

const char *store_path(const struct store *store, const char *file)
{
	static char text[STORE_PLACE_MAX + 260];

	snprintf(text, sizeof(text), "%s/%s", store->place, file);
	return text;
}

bool store_refused(const struct store *store, const char *file, const char *why)
{
	return tool_error(store->options, EPK_ERR_STORE,
			  store_path(store, file),
			  "%s; package did not make it so: remove it", why);
}

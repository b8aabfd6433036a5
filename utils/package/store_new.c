/* SPDX-License-Identifier: BSD-2-Clause */
#include "store.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/** ".new-0123456789abcdef" */
static bool choose_name(struct store_new *new_)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return false;
	snprintf(new_->file, sizeof(new_->file), STORE_NEW "%016llx",
		 (unsigned long long)number);
	return true;
}

bool store_new_create(const struct store *store, struct store_new *new_)
{
	new_->fd = -1;
	if (choose_name(new_))
		new_->fd = openat(store->folder, new_->file,
				  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
					  O_CLOEXEC,
				  0600);
	return new_->fd >= 0 ||
	       system_error(store->options, "create a file in", store->place);
}

/* A file system without fsync of folders says EINVAL. */
static bool sync_folder(const struct store *store)
{
	return fsync(store->folder) == 0 || errno == EINVAL;
}

bool store_new_commit(const struct store *store, struct store_new *new_,
		      const char *file, mode_t mode)
{
	bool good =
		fchmod(new_->fd, mode) == 0 && fsync(new_->fd) == 0 &&
		renameat(store->folder, new_->file, store->folder, file) == 0;

	if (!good) {
		system_error(store->options, "put in its place",
			     store_path(store, file));
		store_new_discard(store, new_);
		return false;
	}
	close(new_->fd);
	new_->fd = -1;
	return sync_folder(store) ||
	       system_error(store->options, "make the name durable",
			    store_path(store, file));
}

void store_new_discard(const struct store *store, struct store_new *new_)
{
	if (new_->fd < 0)
		return;
	unlinkat(store->folder, new_->file, 0);
	close(new_->fd);
	new_->fd = -1;
}

bool store_unlink(const struct store *store, const char *file)
{
	return (unlinkat(store->folder, file, 0) == 0 && sync_folder(store)) ||
	       system_error(store->options, "remove", store_path(store, file));
}

static bool clear(void *context, const char *file)
{
	const struct store *store = context;

	if (strncmp(file, STORE_NEW, strlen(STORE_NEW)) == 0)
		unlinkat(store->folder, file, 0);
	return true;
}

/* What cannot be cleared is in nobody's way. */
void store_clear_new(struct store *store)
{
	store_scan(store, clear, store);
}

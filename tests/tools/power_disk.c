/* SPDX-License-Identifier: BSD-2-Clause */
#include "power_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const disk_fault_names[DISK_FAULTS] = {
	[DISK_SOUND] = "nothing",
	[DISK_ERROR] = "EIO once",
	[DISK_DEAD] = "EIO from then on",
	[DISK_FULL] = "ENOSPC from then on",
	[DISK_KILL] = "death",
	[DISK_LOSE_DATA] = "death and lost bytes",
	[DISK_LOSE_NAMES] = "death and lost names",
	[DISK_LOSE_ALL] = "death and both lost",
};

enum change_kind { CREATED, MADE_FOLDER, RENAMED, UNLINKED };

/* A change of names that is not durable yet. */
struct change {
	enum change_kind kind;
	int folder;
	dev_t device;
	ino_t inode; /* of the folder */
	char name[300];
	char to[300];
	char kept[40]; /* in the side folder: what the change did away with */
};

/* A file with bytes that are not durable yet. */
struct dirty {
	int fd;
	dev_t device;
	ino_t inode;
	off_t durable; /* bytes that are */
};

#define CHANGES_MAX 64
#define DIRTY_MAX 16

static struct {
	enum disk_fault fault;
	uint32_t at;
	int side; /* -1: not begun */
	uint32_t kept_count;
	volatile uint32_t *calls;
	struct change changes[CHANGES_MAX];
	uint32_t change_count;
	struct dirty dirty[DIRTY_MAX];
	uint32_t dirty_count;
} disk = { .side = -1 };

int __real_open(const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);
int __real_mkdir(const char *path, mode_t mode);
int __real_fchmod(int fd, mode_t mode);
int __real_fsync(int fd);
int __real_ftruncate(int fd, off_t size);
ssize_t __real_write(int fd, const void *bytes, size_t size);
int __real_renameat(int from_folder, const char *from, int to_folder,
		    const char *to);
int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fsync(int fd);
int __wrap_ftruncate(int fd, off_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __wrap_renameat(int from_folder, const char *from, int to_folder,
		    const char *to);
int __wrap_unlinkat(int folder, const char *name, int flags);

void disk_begin(enum disk_fault fault, uint32_t at, const char *side,
		volatile uint32_t *calls)
{
	disk.fault = fault;
	disk.at = at;
	disk.calls = calls;
	disk.side = __real_open(side, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (disk.side < 0)
		abort();
}

/* ---- what can be lost ---- */

/** Keeps a file that a change does away with, if there is one. */
static void keep(struct change *change, int folder, const char *name)
{
	snprintf(change->kept, sizeof(change->kept), "kept%u",
		 disk.kept_count++);
	__real_unlinkat(disk.side, change->kept, 0); /* of an earlier run */
	if (linkat(folder, name, disk.side, change->kept, 0) != 0)
		change->kept[0] = '\0';
}

static struct change *add_change(enum change_kind kind, int folder,
				 const char *name)
{
	struct change *change = &disk.changes[disk.change_count++];
	struct stat info;

	if (disk.change_count == CHANGES_MAX || fstat(folder, &info) != 0)
		abort();
	*change = (struct change){ .kind = kind,
				   .folder = fcntl(folder, F_DUPFD_CLOEXEC, 3),
				   .device = info.st_dev,
				   .inode = info.st_ino };
	snprintf(change->name, sizeof(change->name), "%s", name);
	return change;
}

static void take_back(const struct change *change)
{
	char lost[32];

	switch (change->kind) {
	case CREATED:
		__real_unlinkat(change->folder, change->name, 0);
		break;
	case MADE_FOLDER:
		/* With all that is in it. */
		snprintf(lost, sizeof(lost), "lost.%d", (int)getpid());
		__real_renameat(change->folder, change->name, disk.side, lost);
		break;
	case RENAMED:
		__real_renameat(change->folder, change->to, change->folder,
				change->name);
		if (change->kept[0])
			linkat(disk.side, change->kept, change->folder,
			       change->to, 0);
		break;
	case UNLINKED:
		linkat(disk.side, change->kept, change->folder, change->name,
		       0);
		break;
	}
}

static void note_write(int fd)
{
	struct stat info;
	struct dirty *dirty;

	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
		return;
	for (uint32_t i = 0; i < disk.dirty_count; i++) {
		if (disk.dirty[i].inode == info.st_ino &&
		    disk.dirty[i].device == info.st_dev)
			return;
	}
	dirty = &disk.dirty[disk.dirty_count++];
	if (disk.dirty_count == DIRTY_MAX)
		abort();
	*dirty = (struct dirty){ .fd = fcntl(fd, F_DUPFD_CLOEXEC, 3),
				 .device = info.st_dev,
				 .inode = info.st_ino,
				 .durable = info.st_size };
}

/** Bytes of a file, names of a folder. */
static void note_fsync(int fd)
{
	struct stat info;
	uint32_t left = 0;

	if (fstat(fd, &info) != 0)
		abort();
	for (uint32_t i = 0; i < disk.dirty_count; i++) {
		if (disk.dirty[i].inode != info.st_ino ||
		    disk.dirty[i].device != info.st_dev)
			disk.dirty[left++] = disk.dirty[i];
	}
	disk.dirty_count = left;
	left = 0;
	for (uint32_t i = 0; i < disk.change_count; i++) {
		if (disk.changes[i].inode != info.st_ino ||
		    disk.changes[i].device != info.st_dev)
			disk.changes[left++] = disk.changes[i];
	}
	disk.change_count = left;
}

static void lose(void)
{
	if (disk.fault == DISK_LOSE_DATA || disk.fault == DISK_LOSE_ALL) {
		for (uint32_t i = 0; i < disk.dirty_count; i++)
			if (__real_ftruncate(disk.dirty[i].fd,
					     disk.dirty[i].durable) != 0)
				abort();
	}
	if (disk.fault == DISK_LOSE_NAMES || disk.fault == DISK_LOSE_ALL) {
		while (disk.change_count)
			take_back(&disk.changes[--disk.change_count]);
	}
}

void disk_end(void)
{
	lose();
}

/** True if this call fails, with errno. */
static bool meets_fault(bool takes_room)
{
	uint32_t number;

	if (disk.side < 0)
		return false;
	number = ++*disk.calls;
	if (disk.fault == DISK_SOUND || number < disk.at)
		return false;
	if (disk.fault >= DISK_KILL) {
		lose();
		_exit(DISK_POWER_GONE);
	}
	errno = disk.fault == DISK_FULL ? ENOSPC : EIO;
	return disk.fault == DISK_FULL
		       ? takes_room
		       : disk.fault == DISK_DEAD || number == disk.at;
}

/* ---- the calls ---- */

static int open_wrapped(int folder, const char *path, int flags, mode_t mode)
{
	bool there = faccessat(folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	int fd;

	if ((flags & O_CREAT) && meets_fault(true))
		return -1;
	fd = __real_openat(folder, path, flags, mode);
	if (fd >= 0 && (flags & O_CREAT) && !there && disk.side >= 0)
		add_change(CREATED, folder, path);
	return fd;
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_wrapped(AT_FDCWD, path, flags, mode);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_wrapped(folder, path, flags, mode);
}

/** The folder that holds the last name of a path. */
static int open_above(const char *path, const char **out_name)
{
	const char *slash = strrchr(path, '/');
	char above[4096];

	*out_name = slash ? slash + 1 : path;
	snprintf(above, sizeof(above), "%.*s.", (int)(*out_name - path), path);
	return __real_open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	const char *name;
	int result;
	int above;

	if (meets_fault(true))
		return -1;
	result = __real_mkdir(path, mode);
	if (result == 0 && disk.side >= 0) {
		above = open_above(path, &name);
		add_change(MADE_FOLDER, above, name);
		close(above);
	}
	return result;
}

int __wrap_fchmod(int fd, mode_t mode)
{
	return meets_fault(false) ? -1 : __real_fchmod(fd, mode);
}

/* Nothing is really synchronised: the power does not really go. */
int __wrap_fsync(int fd)
{
	if (disk.side < 0)
		return __real_fsync(fd);
	if (meets_fault(true))
		return -1;
	note_fsync(fd);
	return 0;
}

int __wrap_ftruncate(int fd, off_t size)
{
	return meets_fault(true) ? -1 : __real_ftruncate(fd, size);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	if (meets_fault(true))
		return -1;
	if (disk.side >= 0)
		note_write(fd);
	return __real_write(fd, bytes, size);
}

int __wrap_renameat(int from_folder, const char *from, int to_folder,
		    const char *to)
{
	struct change *change;

	if (meets_fault(true))
		return -1;
	if (disk.side >= 0) {
		change = add_change(RENAMED, from_folder, from);
		snprintf(change->to, sizeof(change->to), "%s", to);
		keep(change, to_folder, to);
	}
	return __real_renameat(from_folder, from, to_folder, to);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
	if (meets_fault(false))
		return -1;
	if (disk.side >= 0)
		keep(add_change(UNLINKED, folder, name), folder, name);
	return __real_unlinkat(folder, name, flags);
}

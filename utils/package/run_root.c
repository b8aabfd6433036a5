/* SPDX-License-Identifier: BSD-2-Clause */
/* The root of a program: a folder in memory that hangs nowhere else, with
 * mounts below it. No folder of the host is made for it or covered by it. */
#define _GNU_SOURCE
#include "run_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NO_EXEC (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define NO_EXEC_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* A folder in memory that is mounted nowhere yet; -1 with errno. */
static int make_root(void)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int root = -1;
	int error;

	if (context < 0)
		return -1;
	if (fsconfig(context, FSCONFIG_SET_STRING, "mode", "755", 0) == 0 &&
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		root = fsmount(context, FSMOUNT_CLOEXEC, NO_EXEC);
	error = errno;
	close(context);
	errno = error;
	return root;
}

/* Names resolve below the old root until it is left, for it is not looked at
 * again after what was mounted on top of it. */
static bool hang_root(int root)
{
	return move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) ==
		       0 &&
	       fchdir(root) == 0;
}

/* The folder was made for this package by whom we run for: a link, or a
 * folder of somebody else, is a trap. */
static bool attach_user_data(const struct run *run, int root)
{
	int fd = open(run->request->user_data,
		      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat stat;
	bool good = fd >= 0 && fstat(fd, &stat) == 0;
	int error;

	if (good && stat.st_uid != run->uid) {
		errno = EPERM;
		good = false;
	}
	good = good && mkdirat(root, "user-data", 0755) == 0 &&
	       run_host_bind(fd, "", root, "user-data", NO_EXEC);
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return good || run_error(run, RUN_STAGE_MOUNT, "show the user's data");
}

static bool mount_memory(int root, const char *name)
{
	return mkdirat(root, name, 0755) == 0 &&
	       mount("tmpfs", name, "tmpfs", NO_EXEC_FLAGS, "mode=1777") == 0;
}

/* Processes of this namespace and nothing about the machine. Where a /proc
 * that is partly hidden keeps us from having our own, it stays empty: the
 * host's would show processes of others. */
static bool mount_proc(int root)
{
	return mkdirat(root, "proc", 0755) == 0 &&
	       (mount("proc", "proc", "proc", NO_EXEC_FLAGS, "subset=pid") ==
			0 ||
		errno == EPERM);
}

/* A store that lies below what is shown, /usr/local perhaps, is covered. The
 * path has no links and so leads to the same folder here or to none. */
static bool cover(int root, const char *store)
{
	bool good;
	int fd;

	if (!*store) /* the host's root, of which nothing is here */
		return true;
	fd = openat(root, store + 1,
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
	good = fchdir(fd) == 0 &&
	       mount("tmpfs", ".", "tmpfs", NO_EXEC_FLAGS | MS_RDONLY,
		     "mode=555") == 0 &&
	       fchdir(root) == 0;
	close(fd);
	return good;
}

static bool fill_root(struct run *run, int root)
{
	if (!run_host_attach(run, root) || !attach_user_data(run, root))
		return false;
	if (!cover(root, run->store))
		return run_error(run, RUN_STAGE_MOUNT, "cover the store");
	if (!mount_memory(root, "tmp") || !mount_memory(root, "dev/shm"))
		return run_error(run, RUN_STAGE_MOUNT, "make /tmp");
	if (!mount_proc(root))
		return run_error(run, RUN_STAGE_MOUNT, "make /proc");
	if (mkdirat(root, "package", 0755) != 0)
		return run_error(run, RUN_STAGE_MOUNT, "make /package");
	return run_server_mount(run);
}

/* The old root, below the new one after this, is let go with all of it. */
static bool turn_root(int root)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };

	return syscall(SYS_pivot_root, ".", ".") == 0 &&
	       umount2(".", MNT_DETACH) == 0 && chdir("/") == 0 &&
	       mount_setattr(root, "", AT_EMPTY_PATH, &read_only,
			     sizeof(read_only)) == 0;
}

bool run_root_enter(struct run *run)
{
	int root;
	bool good;

	if (!run_server_open(run))
		return false;
	root = make_root();
	if (root < 0 || !hang_root(root))
		return run_error(run, RUN_STAGE_MOUNT, "make a root");
	good = fill_root(run, root) &&
	       (turn_root(root) ||
		run_error(run, RUN_STAGE_MOUNT, "change the root"));
	close(root);
	return good;
}

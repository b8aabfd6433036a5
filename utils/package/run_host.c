/* SPDX-License-Identifier: BSD-2-Clause */
/* What of the host a program sees: the system's runtime and what that reads,
 * all of it read only. */
#define _GNU_SOURCE
#include "run_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_ONLY (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define FOR_DEVICES (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

struct host_tree {
	const char *path;
	uint64_t attributes;
};

/* What is not there is left out. Of /etc only what the C library, the loader
 * and common libraries read, and nothing that may hold a secret. */
static const struct host_tree trees[] = {
	{ "/usr", READ_ONLY },
	{ "/bin", READ_ONLY },
	{ "/sbin", READ_ONLY },
	{ "/lib", READ_ONLY },
	{ "/lib32", READ_ONLY },
	{ "/lib64", READ_ONLY },
	{ "/libx32", READ_ONLY },
	{ "/etc/alternatives", READ_ONLY },
	{ "/etc/ca-certificates", READ_ONLY },
	{ "/etc/fonts", READ_ONLY },
	{ "/etc/group", READ_ONLY },
	{ "/etc/host.conf", READ_ONLY },
	{ "/etc/hosts", READ_ONLY },
	{ "/etc/ld.so.cache", READ_ONLY },
	{ "/etc/locale.alias", READ_ONLY },
	{ "/etc/localtime", READ_ONLY },
	{ "/etc/nsswitch.conf", READ_ONLY },
	{ "/etc/passwd", READ_ONLY },
	{ "/etc/pki/tls/certs", READ_ONLY },
	{ "/etc/protocols", READ_ONLY },
	{ "/etc/resolv.conf", READ_ONLY },
	{ "/etc/services", READ_ONLY },
	{ "/etc/ssl/certs", READ_ONLY },
	{ "/dev/full", FOR_DEVICES },
	{ "/dev/null", FOR_DEVICES },
	{ "/dev/random", FOR_DEVICES },
	{ "/dev/tty", FOR_DEVICES },
	{ "/dev/urandom", FOR_DEVICES },
	{ "/dev/zero", FOR_DEVICES },
};

static const char *const links[][2] = {
	{ "/proc/self/fd", "dev/fd" },
	{ "/proc/self/fd/0", "dev/stdin" },
	{ "/proc/self/fd/1", "dev/stdout" },
	{ "/proc/self/fd/2", "dev/stderr" },
};

/* The folders above name, and at name what can be mounted upon. */
static bool make_place(int root, const char *name, bool is_folder)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s", name);
	for (char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdirat(root, path, 0755) != 0 && errno != EEXIST)
			return false;
		*at = '/';
	}
	if (is_folder)
		return mkdirat(root, path, 0755) == 0 || errno == EEXIST;
	fd = openat(root, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool attach(int tree, int root, const char *path, const char *name,
		   uint64_t attributes)
{
	struct mount_attr wanted = { .attr_set = attributes };
	struct stat stat;

	if (fstat(tree, &stat) != 0)
		return false;
	if (!name) {
		name = path + 1;
		if (!make_place(root, name, S_ISDIR(stat.st_mode)))
			return false;
	}
	return mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &wanted,
			     sizeof(wanted)) == 0 &&
	       move_mount(tree, "", root, name, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

bool run_host_bind(int from, const char *path, int root, const char *name,
		   uint64_t attributes)
{
	int tree = open_tree(from, path,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
				     AT_RECURSIVE | AT_EMPTY_PATH);
	bool good;
	int error;

	if (tree < 0)
		return false;
	good = attach(tree, root, path, name, attributes);
	error = errno;
	close(tree);
	errno = error;
	return good;
}

/* On a system whose /bin is a link, it is the same link here. */
static bool copy_link(int root, const char *path, const char *target)
{
	return symlinkat(target, root, path + 1) == 0;
}

static bool add_tree(int root, const struct host_tree *tree)
{
	char target[PATH_MAX];
	ssize_t size = -1;

	if (!strchr(tree->path + 1, '/'))
		size = readlink(tree->path, target, sizeof(target) - 1);
	if (size >= 0) {
		target[size] = '\0';
		return copy_link(root, tree->path, target);
	}
	return run_host_bind(AT_FDCWD, tree->path, root, NULL,
			     tree->attributes) ||
	       errno == ENOENT || errno == ENOTDIR || errno == EACCES;
}

bool run_host_attach(const struct run *run, int root)
{
	char doing[128];

	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		if (add_tree(root, &trees[i]))
			continue;
		snprintf(doing, sizeof(doing), "show %s", trees[i].path);
		return run_error(run, RUN_STAGE_MOUNT, doing);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (symlinkat(links[i][0], root, links[i][1]) != 0)
			return run_error(run, RUN_STAGE_MOUNT, "make /dev");
	}
	return true;
}

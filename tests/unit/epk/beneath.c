/* SPDX-License-Identifier: BSD-2-Clause */
/* Folders are opened beneath a folder only, and never through a link. */
#include "../../../utils/common/beneath.c"

#include "support/tap.h"

#include <stdlib.h>
#include <sys/stat.h>

static char place[] = "/tmp/beneath.XXXXXX";
static int top = -1;

static bool same_folder(int fd, const char *path)
{
	struct stat a;
	struct stat b;

	return fd >= 0 && fstat(fd, &a) == 0 &&
	       fstatat(top, path, &b, 0) == 0 && a.st_ino == b.st_ino;
}

static void opens(const char *path)
{
	int fd = beneath_open_folder(top, path);

	ok(same_folder(fd, *path ? path : "."), "\"%s\" is opened", path);
	if (fd >= 0)
		close(fd);
}

static void refuses(const char *path, int error, const char *why)
{
	int fd = beneath_open_folder(top, path);
	int got = errno;

	ok(fd < 0 && (got == error || got == ENOTDIR), "\"%s\" is refused: %s",
	   path, why);
	if (fd >= 0)
		close(fd);
}

static void build(void)
{
	(void)mkdirat(top, "a", 0700);
	(void)mkdirat(top, "a/b", 0700);
	(void)mkdirat(top, "outer", 0700);
	(void)symlinkat("b", top, "a/link");
	(void)symlinkat("/", top, "root");
	(void)symlinkat("a", top, "first");
	close(openat(top, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void clean(void)
{
	static const char *const files[] = { "a/link", "root", "first",
					     "file" };
	static const char *const folders[] = { "a/b", "a", "outer" };

	for (size_t i = 0; i < 4; i++)
		unlinkat(top, files[i], 0);
	for (size_t i = 0; i < 3; i++)
		unlinkat(top, folders[i], AT_REMOVEDIR);
	close(top);
	rmdir(place);
}

int main(void)
{
	plan(12);
	if (!mkdtemp(place))
		return bail_out("no temporary folder");
	top = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	build();
	opens("");
	opens("a");
	opens("a/b");
	refuses("a/link", ELOOP, "the last name is a link");
	refuses("first/b", ELOOP, "a name on the way is a link");
	refuses("root/etc", ELOOP, "a link leads out");
	refuses("file", ENOTDIR, "a file");
	refuses("none", ENOENT, "nothing");
	refuses("..", EINVAL, "it leads out");
	refuses("a/../..", EINVAL, "it leads out later");
	refuses("/etc", EINVAL, "it is absolute");
	refuses("a//b", EINVAL, "an empty name");
	clean();
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Preloaded: the call number FAULT_AT of those below fails, in whatever
 * process it is; FAULT_FILE, a struct counts, counts them for all. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

struct counts {
	_Atomic unsigned calls;
	char name[28]; /* of the one that failed */
};

static struct counts *counts;
static unsigned fault_at;

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void start(void)
{
	const char *file = getenv("FAULT_FILE");
	const char *at = getenv("FAULT_AT");
	int (*open_)(const char *, int, ...);
	void *mapped;
	int fd;

	*(void **)&open_ = next("open");
	fd = file && at ? open_(file, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	close(fd);
	fault_at = (unsigned)atoi(at);
	counts = mapped == MAP_FAILED ? NULL : mapped;
}

static bool fails(const char *name)
{
	if (!counts || atomic_fetch_add(&counts->calls, 1) + 1 != fault_at)
		return false;
	strncpy(counts->name, name, sizeof(counts->name) - 1);
	errno = EIO;
	return true;
}

#define HOOK(type, name, parameters, arguments)                                \
	type name parameters                                                   \
	{                                                                      \
		static type(*real) parameters;                                 \
		if (!real)                                                     \
			*(void **)&real = next(#name);                         \
		return fails(__func__) ? (type)-1 : real arguments;            \
	}

HOOK(ssize_t, pread, (int fd, void *to, size_t size, off_t at),
     (fd, to, size, at))
HOOK(ssize_t, pread64, (int fd, void *to, size_t size, off64_t at),
     (fd, to, size, at))
HOOK(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size))
HOOK(int, fstat, (int fd, struct stat *stat_), (fd, stat_))
HOOK(int, flock, (int fd, int how), (fd, how))
HOOK(int, uname, (struct utsname * name), (name))
HOOK(int, mkdir, (const char *path, mode_t mode), (path, mode))
HOOK(int, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode))
HOOK(int, symlinkat, (const char *to, int at, const char *path), (to, at, path))
HOOK(int, pipe2, (int ends[2], int flags), (ends, flags))
HOOK(int, poll, (struct pollfd * ends, nfds_t count, int ms), (ends, count, ms))
HOOK(int, signalfd, (int fd, const sigset_t *mask, int flags),
     (fd, mask, flags))
HOOK(int, chdir, (const char *path), (path))
HOOK(int, fchdir, (int fd), (fd))
HOOK(int, mount,
     (const char *from, const char *to, const char *type, unsigned long flags,
      const void *data),
     (from, to, type, flags, data))
HOOK(int, umount2, (const char *path, int flags), (path, flags))
HOOK(int, fsopen, (const char *type, unsigned flags), (type, flags))
HOOK(int, fsconfig,
     (int fd, unsigned command, const char *key, const void *value, int aux),
     (fd, command, key, value, aux))
HOOK(int, fsmount, (int fd, unsigned flags, unsigned attributes),
     (fd, flags, attributes))
HOOK(int, open_tree, (int at, const char *path, unsigned flags),
     (at, path, flags))
HOOK(int, move_mount,
     (int at, const char *path, int to, const char *name, unsigned flags),
     (at, path, to, name, flags))
HOOK(int, mount_setattr,
     (int at, const char *path, unsigned flags, struct mount_attr *wanted,
      size_t size),
     (at, path, flags, wanted, size))
HOOK(pid_t, fork, (void), ())
HOOK(int, close_range, (unsigned first, unsigned last, int flags),
     (first, last, flags))
HOOK(int, execve, (const char *path, char *const *words, char *const *environ_),
     (path, words, environ_))

#define OPEN_HOOK(name, parameters, arguments)                                 \
	int name parameters                                                    \
	{                                                                      \
		static int(*real) parameters;                                  \
		va_list more;                                                  \
		mode_t mode = 0;                                               \
		if (!real)                                                     \
			*(void **)&real = next(#name);                         \
		va_start(more, flags);                                         \
		if (flags & O_CREAT)                                           \
			mode = va_arg(more, mode_t);                           \
		va_end(more);                                                  \
		return fails(__func__) ? -1 : real arguments;                  \
	}

OPEN_HOOK(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN_HOOK(openat, (int at, const char *path, int flags, ...),
	  (at, path, flags, mode))

int prctl(int what, ...)
{
	static int (*real)(int, ...);
	unsigned long arguments[4];
	va_list more;

	if (!real)
		*(void **)&real = next("prctl");
	va_start(more, what);
	for (int i = 0; i < 4; i++)
		arguments[i] = va_arg(more, unsigned long);
	va_end(more);
	return fails(__func__) ? -1
			       : real(what, arguments[0], arguments[1],
				      arguments[2], arguments[3]);
}

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long arguments[6];
	va_list more;

	if (!real)
		*(void **)&real = next("syscall");
	va_start(more, number);
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(more, long);
	va_end(more);
	return fails(__func__)
		       ? -1
		       : real(number, arguments[0], arguments[1], arguments[2],
			      arguments[3], arguments[4], arguments[5]);
}

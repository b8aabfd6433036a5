/* SPDX-License-Identifier: BSD-2-Clause */
/* Namespaces to be in, and the rights in them to be rid of again. */
#define _GNU_SOURCE
#include "run_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the system call takes it: the C library has no fork with flags. This
 * process has one thread. */
pid_t run_namespace_fork(void)
{
	const long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
			   CLONE_NEWIPC | SIGCHLD;

	return (pid_t)syscall(SYS_clone, flags, 0L, 0L, 0L, 0L);
}

static bool write_text(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	ssize_t count;
	int error;

	if (fd < 0)
		return false;
	count = write(fd, text, strlen(text));
	error = errno;
	close(fd);
	errno = error;
	return count == (ssize_t)strlen(text);
}

/* One user and one group, the caller's, under their own numbers. */
static bool map_ids(const struct run *run)
{
	char user[64];
	char group[64];

	snprintf(user, sizeof(user), "%u %u 1", (unsigned)run->uid,
		 (unsigned)run->uid);
	snprintf(group, sizeof(group), "%u %u 1", (unsigned)run->gid,
		 (unsigned)run->gid);
	return write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/uid_map", user) &&
	       write_text("/proc/self/gid_map", group);
}

/* In a user namespace below this one a program would have every capability
 * there, and more of the kernel to attack. Where /proc/sys is read only, as
 * in some containers, that cannot be kept from it: all the rest holds. */
static bool allow_no_more(void)
{
	return write_text("/proc/sys/user/max_user_namespaces", "0") ||
	       errno == ENOENT || errno == EROFS || errno == EACCES;
}

/* The waiter may have died before the kernel was asked to tell us: then
 * nobody reads the pipe any more. */
static bool die_with_waiter(const struct run *run)
{
	struct pollfd end = { .fd = run->told };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return false;
	if (poll(&end, 1, 0) < 0)
		return false;
	if (end.revents & POLLERR)
		_exit(128 + SIGKILL);
	return true;
}

bool run_namespace_enter(const struct run *run)
{
	if (!die_with_waiter(run))
		return run_error(run, RUN_STAGE_MOUNT,
				 "die with the one who waits");
	if (!map_ids(run))
		return run_forbidden(run, "be a user in a user namespace");
	if (!allow_no_more())
		return run_forbidden(run, "forbid more user namespaces");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return run_forbidden(run, "have mounts of our own");
	return true;
}

/* No program gets rights by being root's or by what its file says. */
static bool drop_bounds(void)
{
	const unsigned long bits =
		SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
		SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
		SECBIT_NO_CAP_AMBIENT_RAISE |
		SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	unsigned long bit = 0;

	if (prctl(PR_SET_SECUREBITS, bits) != 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return false;
	while (prctl(PR_CAPBSET_DROP, bit, 0, 0, 0) == 0)
		bit++;
	return errno == EINVAL && bit > 0; /* behind the last there is */
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };

	return syscall(SYS_capset, &header, none) == 0;
}

/* The descriptors and memory of keeper and server are not the program's to
 * look at, though it is the same user. */
bool run_namespace_drop(const struct run *run)
{
	if (drop_bounds() && drop_capabilities() &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
		return true;
	return run_error(run, RUN_STAGE_START, "give up rights");
}

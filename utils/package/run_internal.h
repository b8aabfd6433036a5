/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_RUN_INTERNAL_H
#define PACKAGE_RUN_INTERNAL_H
/* What the files run_*.c share.
 *
 * Three processes run a program. The waiter is `package` itself: it stays
 * where it was started, passes signals on and returns the exit status. The
 * keeper is its child and the first process of new user, mount, pid and
 * ipc namespaces: it makes their files, starts the other two, and when
 * it ends the kernel ends all others in them. The server answers
 * the kernel's questions about the image. The program is started last. */
#include "run.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct run {
	const struct package_run *request;
	const char *store; /* the image's folder: absolute, without links,
			    * "" for the root */
	uid_t uid;
	gid_t gid;
	sigset_t mask;		     /* of signals, as the waiter found it */
	struct sigaction child_died; /* likewise, SIGCHLD's */
	int told;		     /* pipe: keeper to waiter */
	int fuse;		     /* keeper's: connection of the image */
	pid_t server;
	pid_t program;
};

/* The arrows of a start behind open, validate and compatibility. */
#define RUN_STAGE_MOUNT "mount"
#define RUN_STAGE_START "start"

/* ---- run_error.c ---- */

/** A system call failed with errno. Returns false. */
bool run_error(const struct run *run, const char *stage, const char *doing);
/** The system lacks what running takes, or forbids it; errno says why. */
bool run_forbidden(const struct run *run, const char *doing);

/* ---- run_namespace.c ---- */

/** Like fork(), the child in namespaces of its own; -1 with errno. */
pid_t run_namespace_fork(void);
/** In the keeper: die with the waiter, be the caller's user, keep mounts to
 * ourselves; false was reported. */
bool run_namespace_enter(const struct run *run);
/** Give up for good what the namespace gave us; false was reported. */
bool run_namespace_drop(const struct run *run);

/* ---- run_root.c ---- */

/** In the keeper: make the files that the program will see, and see nothing
 * else from now on; false was reported. */
bool run_root_enter(struct run *run);

/* ---- run_host.c ---- */

/** What of the host is seen, below the folder `root`; false was reported. */
bool run_host_attach(const struct run *run, int root);
/**
 * Attach a tree of mounts, with these MOUNT_ATTR_* on all of it.
 *
 * @param from  folder that `path` begins at, or the tree itself if that is "".
 * @param name  in root, must exist; NULL: what it needs there is made, and its
 *              name is `path` without the first slash.
 * @return false with errno.
 */
bool run_host_bind(int from, const char *path, int root, const char *name,
		   uint64_t attributes);

/* ---- run_server.c ---- */

/** Open a connection to be served; false was reported. */
bool run_server_open(struct run *run);
/** Mount it at `package` in the working folder; false was reported. */
bool run_server_mount(const struct run *run);
/** Start the process that serves it; false was reported. */
bool run_server_start(struct run *run);

/* ---- run_filter.c ---- */

/** For good, after run_namespace_drop(): nothing is typed into a terminal.
 * false was reported. */
bool run_filter_enter(const struct run *run);

/* ---- run_program.c ---- */

/** Start the program; false was reported. That it cannot be executed is
 * reported by the process that should have become it. */
bool run_program_start(struct run *run);

/* ---- run_keeper.c ---- */

/** The life of the keeper. */
_Noreturn void run_keeper(struct run *run);
/** What a shell would say of a process that ended. */
int run_exit_status(int status);

/* ---- run_wait.c ---- */

/** The life of the waiter: the exit status of the keeper. */
int run_wait(pid_t keeper, int told);

#endif /* PACKAGE_RUN_INTERNAL_H */

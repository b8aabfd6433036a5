/* SPDX-License-Identifier: BSD-2-Clause */
/* The session with the kernel: mounting, threads, signals, the end. */
#define _GNU_SOURCE
#include "mount_fuse.h"

#include "options.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MIN 4
#define THREADS_MAX 16

/* libfuse's own words about what failed, kept for our one line. */
static char fuse_said[512];
static int fuse_errno = EIO;

static void keep_words(enum fuse_log_level level, const char *format,
		       va_list args)
{
	if (level > FUSE_LOG_ERR || fuse_said[0])
		return;
	fuse_errno = errno;
	vsnprintf(fuse_said, sizeof(fuse_said), format, args);
	fuse_said[strcspn(fuse_said, "\n")] = '\0';
}

static bool session_error(const struct mount_server *server)
{
	char doing[sizeof(fuse_said) + 64];

	snprintf(doing, sizeof(doing), "mount%s%s%s", *fuse_said ? " (" : "",
		 fuse_said, *fuse_said ? ")" : "");
	errno = fuse_errno;
	return system_error(server->options, doing, server->folder);
}

static bool add_options(const struct mount_server *server, const char *words,
			struct fuse_args *args)
{
	char *name = realpath(server->image.file, NULL);
	char *source = NULL;
	char *all = NULL;
	bool good = asprintf(&source, "fsname=%s",
			     name ? name : server->image.file) >= 0;

	good = good &&
	       fuse_opt_add_opt(&all, "ro,nosuid,nodev,default_permissions,"
				      "subtype=epk") == 0 &&
	       fuse_opt_add_opt_escaped(&all, source) == 0 &&
	       (!*words || fuse_opt_add_opt(&all, words) == 0) &&
	       fuse_opt_add_arg(args, "epk") == 0 &&
	       fuse_opt_add_arg(args, "-o") == 0 &&
	       fuse_opt_add_arg(args, all) == 0;
	free(name);
	free(source);
	free(all);
	if (!good)
		memory_error(server->options, server->folder);
	return good;
}

static bool loop(struct mount_server *server, struct fuse_session *session)
{
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	long threads = 2 * sysconf(_SC_NPROCESSORS_ONLN);
	int result;

	if (!config)
		return memory_error(server->options, server->folder);
	threads = threads < THREADS_MIN ? THREADS_MIN : threads;
	threads = threads > THREADS_MAX ? THREADS_MAX : threads;
	fuse_loop_cfg_set_max_threads(config, (unsigned)threads);
	result = fuse_session_loop_mt(session, config);
	fuse_loop_cfg_destroy(config);
	/* A signal is a way to end it as good as umount. */
	return result >= 0 || session_error(server);
}

/* Folder: where to mount, or "/dev/fd/N" for what is mounted already. */
static bool serve(struct mount_server *server, struct fuse_session *session,
		  const char *folder)
{
	bool good = fuse_session_mount(session, folder) == 0;

	if (!good)
		return session_error(server);
	good = mount_read_init(server) && mount_idle_start(server) &&
	       loop(server, session);
	fuse_session_unmount(session);
	mount_read_fini(server);
	return good;
}

static bool serve_until_signal(struct mount_server *server,
			       struct fuse_session *session)
{
	bool good;

	if (fuse_set_signal_handlers(session) != 0)
		return session_error(server);
	good = serve(server, session, server->folder);
	fuse_remove_signal_handlers(session);
	return good;
}

static struct fuse_session *new_session(struct mount_server *server,
					struct fuse_args *args)
{
	struct fuse_session *session;

	fuse_set_log_func(keep_words);
	session = fuse_session_new(args, &mount_operations,
				   sizeof(mount_operations), server);
	if (!session)
		session_error(server);
	return session;
}

bool mount_session_run(struct mount_server *server)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session = NULL;
	char *words = NULL;
	bool good = mount_options_parse(server, &words) &&
		    add_options(server, words, &args);

	if (good)
		session = new_session(server, &args);
	good = session && serve_until_signal(server, session);
	if (session)
		fuse_session_destroy(session);
	fuse_opt_free_args(&args);
	free(words);
	return good;
}

bool mount_session_serve(struct mount_server *server, int fd)
{
	char name[] = "epk";
	char *words[] = { name, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, words);
	struct fuse_session *session = new_session(server, &args);
	char folder[32];
	bool good;

	snprintf(folder, sizeof(folder), "/dev/fd/%d", fd);
	good = session && serve(server, session, folder);
	if (session)
		fuse_session_destroy(session);
	fuse_opt_free_args(&args);
	return good;
}

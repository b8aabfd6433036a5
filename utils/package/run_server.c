/* SPDX-License-Identifier: BSD-2-Clause */
/* The image as a file system: mounted by ourselves, for in our own namespace
 * that takes no helper, and served by a process that nobody else can reach. */
#define _GNU_SOURCE
#include "run_internal.h"

#include "mount_server.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

bool run_server_open(struct run *run)
{
	run->fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	return run->fuse >= 0 || run_forbidden(run, "open /dev/fuse");
}

bool run_server_mount(const struct run *run)
{
	char options[128];

	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40555,user_id=%u,group_id=%u,"
		 "default_permissions",
		 run->fuse, (unsigned)run->uid, (unsigned)run->gid);
	return mount(run->request->name, "package", "fuse.epk",
		     MS_RDONLY | MS_NOSUID | MS_NODEV, options) == 0 ||
	       run_forbidden(run, "mount the package");
}

/* It needs neither input nor output, and keeps stderr for bad blocks. */
static bool leave_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return false;
	dup2(null, 0);
	dup2(null, 1);
	if (null > 2)
		close(null);
	return true;
}

static _Noreturn void serve(const struct run *run)
{
	struct mount_server server = {
		.image = *run->request->image,
		.options = run->request->options,
		.uid = run->uid,
		.gid = run->gid,
		.ready_fd = -1,
	};
	char folder[] = "/package";

	server.folder = folder;
	prctl(PR_SET_NAME, "package-server");
	close(run->told);
	if (!leave_streams())
		run_error(run, RUN_STAGE_START, "open /dev/null");
	else if (!mount_log_init(&server.log,
				 server.image.image->header.block_count, true))
		memory_error(server.options, server.image.file);
	else
		mount_session_serve(&server, run->fuse);
	fflush(NULL);
	_exit(report_exit_code());
}

bool run_server_start(struct run *run)
{
	run->server = fork();
	if (run->server == 0)
		serve(run);
	if (run->server < 0)
		return run_error(run, RUN_STAGE_START, "start a process");
	/* The connection ends when the server does. */
	close(run->fuse);
	return true;
}

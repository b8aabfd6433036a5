/* SPDX-License-Identifier: BSD-2-Clause */
/* A mount that nobody uses goes away. The kernel answers much from what it
 * keeps and does not ask us, but it does not let go what is open. */
#define _GNU_SOURCE
#include "mount_server.h"

#include "mount_detach.h"
#include "options.h"

#include <time.h>

int64_t mount_clock_s(void)
{
	struct timespec clock;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &clock);
	return clock.tv_sec;
}

/* Ends with the mount, and so with the process. */
static void *run(void *context)
{
	struct mount_server *server = context;
	const int64_t timeout_s = server->idle_timeout_s;

	for (;;) {
		int64_t left = atomic_load(&server->last_request_s) +
			       timeout_s - mount_clock_s();
		struct timespec pause = { .tv_sec = left > 0 ? left : 1 };

		if (left <= 0) {
			epk_status_t status =
				mount_detach(server->folder, false);

			if (status != EPK_ERR_BUSY)
				return NULL;
			/* In use all the same: begin anew. */
			atomic_store(&server->last_request_s, mount_clock_s());
		}
		nanosleep(&pause, NULL);
	}
}

bool mount_idle_start(struct mount_server *server)
{
	pthread_t thread;

	if (!server->idle_timeout_s)
		return true;
	atomic_store(&server->last_request_s, mount_clock_s());
	if (!mount_thread(&thread, run, server))
		return false;
	pthread_detach(thread);
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "mount_server.h"

#include <signal.h>

bool mount_thread(pthread_t *out_thread, void *(*run)(void *), void *context)
{
	sigset_t all;
	sigset_t old;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	started = pthread_create(out_thread, NULL, run, context) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started;
}

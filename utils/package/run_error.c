/* SPDX-License-Identifier: BSD-2-Clause */
#include "run_internal.h"

#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool say(const struct run *run, const char *stage, epk_status_t status,
		const char *doing, const char *advice)
{
	char message[512];

	snprintf(message, sizeof(message), "cannot %s: %s", doing,
		 strerror(errno));
	return stage_error(run->request->options, run->request->image->file,
			   stage, status, message, advice);
}

bool run_error(const struct run *run, const char *stage, const char *doing)
{
	return say(run, stage, EPK_ERR_IO, doing,
		   "mend what the system says and run it again");
}

/* A kernel without the feature will not run it, whoever asks; one that says
 * no may say yes to another user or under other settings. */
static bool is_lacking(int error)
{
	return error == ENOSYS || error == ENODEV || error == EINVAL ||
	       error == ENOENT || error == ENXIO;
}

bool run_forbidden(const struct run *run, const char *doing)
{
	return say(run, RUN_STAGE_MOUNT,
		   is_lacking(errno) ? EPK_ERR_COMPAT : EPK_ERR_IO, doing,
		   "the system must have and allow user namespaces and "
		   "/dev/fuse: see NAMESPACES in man package");
}

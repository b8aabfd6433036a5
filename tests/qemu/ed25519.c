/* SPDX-License-Identifier: BSD-2-Clause */
/* The signature rule over the machine's library: the verdicts of the host. */
#include <crt/program.h>
#include <stdlib.h>

#include "support/tap.h"

#include <nexus/syscalls.h>

#include "unit/libepk/ed25519_check.h"

static int ed25519_main(struct program *program)
{
	const nx_job_t job = { program_handle(program, NX_ROLE_JOB) };
	int status;

	plan(0);
	ed25519_check_all(epk_ops_default());
	status = done();
	nx_job_reset(job, NX_RESET_SHUTDOWN, (uint32_t)status);
	return status;
}
PROGRAM(ed25519)

/* SPDX-License-Identifier: BSD-2-Clause
 * For programs that are plain C: a main() and no PROGRAM() line. In an
 * archive of its own, so that it is linked only when nothing else is the
 * program.
 *
 * The first process of the machine has nobody to go back to: when such a
 * program is the first, its end is the machine's.
 */
#include <crt/program.h>

#include <nexus/syscalls.h>
#include <stdint.h>
#include <stdio.h>

#define FIRST_SERVICE_ID 1

int main(int argc, char **argv);
int program_main(struct program *program);

int program_main(struct program *program)
{
	/* C says that main may write its strings; they are our copy. */
	char **args = (char **)(uintptr_t)program->args;
	const nx_job_t job = { program_handle(program, NX_ROLE_JOB) };
	const int status = main((int)program->arg_count, args);

	fflush(stdout);
	if (program->startup.record.service_id == FIRST_SERVICE_ID)
		nx_job_reset(job, NX_RESET_SHUTDOWN, status != 0);
	return status;
}

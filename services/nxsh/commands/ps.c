/* SPDX-License-Identifier: BSD-2-Clause */
#include "../shell.h"

#include <nexus/options.h>
#include <nexus/syscalls.h>

static const char *state_name(uint32_t state)
{
	static const char *const names[] = {
		[NX_PROCESS_NEW] = "new",
		[NX_PROCESS_RUNNING] = "runs",
		[NX_PROCESS_EXITED] = "ended",
		[NX_PROCESS_KILLED] = "killed",
		[NX_PROCESS_CRASHED] = "crashed",
	};

	return state <= NX_PROCESS_CRASHED ? names[state] : "?";
}

static void unpack_name(uint64_t low, uint64_t high, char name[17])
{
	for (unsigned i = 0; i < 16; i++) {
		uint64_t word = i < 8 ? low : high;
		char byte = (char)(word >> i % 8 * 8 & 0xff);

		name[i] =
			byte == 0 || (byte >= 0x20 && byte < 0x7f) ? byte : '?';
	}
	name[16] = '\0';
}

int shell_ps(struct shell *shell, unsigned count, char **words)
{
	uint64_t id = 0;
	nx_status_t status;

	(void)count;
	(void)words;
	shell_print(shell, "%6s %6s %8s %-8s %8s %10s %s\n", "ID", "JOB",
		    "SERVICE", "STATE", "HANDLES", "CPU ms", "NAME");
	for (;;) {
		uint64_t job, handles, cpu_ns, low, high;
		uint32_t service, state;
		char name[17];

		status = nx_job_next(shell->machine, id, &id, &job, &service,
				     &state, &handles, &cpu_ns, &low, &high);
		if (status != NX_OK)
			break;
		unpack_name(low, high, name);
		shell_print(shell, "%6lu %6lu %8u %-8s %8lu %10lu %s\n", id,
			    job, service, state_name(state), handles,
			    cpu_ns / 1000000, name);
	}
	return status == NX_ERR_NOT_FOUND
		       ? 0
		       : shell_error(shell, "ps", "processes", status);
}

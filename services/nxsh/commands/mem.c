/* SPDX-License-Identifier: BSD-2-Clause */
#include "../shell.h"

#include <nexus/counters.h>
#include <nexus/syscalls.h>

/* Of the processor: what budgets have of it, and who gives it. */
static nx_status_t show_processor(struct shell *shell)
{
	uint64_t shares, shares_max, online, count = 0;
	nx_status_t status;
	uint32_t here;

	status = nx_job_shares(shell->machine, &shares, &shares_max);
	if (status != NX_OK)
		return status;
	status = nx_hart_list(shell->machine, &online, &here);
	if (status != NX_OK)
		return status;
	for (; online != 0; online &= online - 1)
		count++;
	shell_print(shell, "%-16s %10lu of %lu\n", "shares", shares,
		    shares_max);
	shell_print(shell, "%-16s %10lu\n", "harts", count);
	return NX_OK;
}

static nx_status_t show_job(struct shell *shell)
{
	uint64_t pages, pages_max, handles, handles_max;
	uint64_t threads, threads_max, cpu_ns;
	nx_status_t status;

	status = nx_job_stats(shell->machine, &pages, &pages_max, &handles,
			      &handles_max, &threads, &threads_max, &cpu_ns);
	if (status != NX_OK)
		return status;
	shell_print(shell, "%-16s %10lu of %lu KiB\n", "memory", pages * 4,
		    pages_max * 4);
	shell_print(shell, "%-16s %10lu of %lu\n", "handles", handles,
		    handles_max);
	shell_print(shell, "%-16s %10lu of %lu\n", "threads", threads,
		    threads_max);
	return show_processor(shell);
}

int shell_mem(struct shell *shell, unsigned count, char **words)
{
	nx_status_t status = show_job(shell);

	(void)count;
	(void)words;
	if (status != NX_OK)
		return shell_error(shell, "mem", "job", status);
	for (uint32_t i = 1; i < NX_COUNTER_END; i++) {
		uint64_t value;

		status = nx_counter_read(shell->trace, i, &value);
		if (status != NX_OK)
			return shell_error(shell, "mem", nx_counter_name(i),
					   status);
		shell_print(shell, "%-16s %10lu\n", nx_counter_name(i), value);
	}
	shell_print(shell, "%-16s %10lu\n", "ticks_to_prompt",
		    shell->prompt_ticks);
	return 0;
}

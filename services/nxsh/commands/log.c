/* SPDX-License-Identifier: BSD-2-Clause */
#include "../shell.h"

#include <nexus/syscalls.h>

/* What we print is logged as well: stop where the log ended before. */
static uint64_t log_end(struct shell *shell)
{
	char text[256];
	uint64_t position = 0, count, next;

	while (nx_log_read(shell->trace, position, text, sizeof(text), &count,
			   &next) == NX_OK &&
	       count)
		position = next;
	return position;
}

int shell_log(struct shell *shell, unsigned count, char **words)
{
	uint64_t end = log_end(shell);
	uint64_t position = 0;

	(void)count;
	(void)words;
	while (position < end) {
		char text[256];
		uint64_t got, next;
		nx_status_t status;

		status = nx_log_read(shell->trace, position, text, sizeof(text),
				     &got, &next);
		if (status != NX_OK)
			return shell_error(shell, "log", "kernel", status);
		if (got == 0)
			break;
		shell_write(shell, text, got);
		position = next;
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause
 * Start a program and wait for its end; Ctrl-C ends it.
 */
#include "../shell.h"

#include <nexus/options.h>
#include <nexus/syscalls.h>
#include <proto/exec.h>

#define KILLED_CODE 130
#define CRASHED_CODE 139

static size_t join(unsigned count, char **words, char *text, size_t room)
{
	size_t used = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t size = strlen(words[i]) + 1;

		if (size > room - used)
			return 0;
		memcpy(text + used, words[i], size);
		used += size;
	}
	return used;
}

static nx_status_t wait_for(struct shell *shell, uint32_t task)
{
	for (;;) {
		uint64_t bits;
		nx_status_t status;

		status = nx_wait(shell->event,
				 SHELL_BIT_INTERRUPT | SHELL_BIT_ENDED,
				 NX_DEADLINE_NEVER, &bits);
		if (status != NX_OK || bits & SHELL_BIT_ENDED)
			return status;
		exec_kill(shell->program->buffer, shell->exec, task);
	}
}

static int report(struct shell *shell, uint32_t task)
{
	uint64_t cause, pc, address;
	uint32_t state;
	int64_t code;
	nx_status_t status;

	status = exec_result(shell->program->buffer, shell->exec, task, &state,
			     &code, &cause, &pc, &address);
	if (status != NX_OK)
		return shell_error(shell, "run", "result", status);
	if (state == NX_PROCESS_CRASHED) {
		shell_print(shell,
			    "crashed: cause %lu at 0x%lx, address 0x%lx\n",
			    cause, pc, address);
		return CRASHED_CODE;
	}
	if (state == NX_PROCESS_KILLED) {
		shell_print(shell, "ended by Ctrl-C\n");
		return KILLED_CODE;
	}
	return (int)code;
}

int shell_run(struct shell *shell, unsigned count, char **words)
{
	char text[1024];
	size_t size = join(count - 1, words + 1, text, sizeof(text));
	nx_status_t status;
	uint32_t task;
	uint64_t bits;

	if (size == 0)
		return shell_error(shell, "run", words[1], NX_ERR_TOO_BIG);
	shell_flush(shell);
	/* A Ctrl-C from before is not for this program. */
	nx_wait(shell->event, SHELL_BIT_INTERRUPT | SHELL_BIT_ENDED,
		NX_DEADLINE_NOW, &bits);
	status = exec_start(shell->program->buffer, shell->exec, text, size,
			    shell->event, SHELL_BIT_ENDED, &task);
	if (status == NX_OK)
		status = wait_for(shell, task);
	if (status != NX_OK)
		return shell_error(shell, "run", words[1], status);
	return report(shell, task);
}

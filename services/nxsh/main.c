/* SPDX-License-Identifier: BSD-2-Clause
 * nxsh: the shell at the console.
 */
#include "shell.h"

#include <lib/roles.h>
#include <nexus/syscalls.h>

#define PROMPT "nexus> "

static void prompt_loop(struct shell *shell)
{
	static const char prompt[] = PROMPT;

	for (;;) {
		char line[CONSOLE_LINE_MAX + 1];
		size_t size;
		nx_status_t status;

		shell_flush(shell);
		status = console_read_line(
			shell->program->buffer, shell->console, prompt,
			sizeof(prompt) - 1, line, CONSOLE_LINE_MAX, &size);
		if (status == NX_ERR_CANCELED)
			continue;
		if (status == NX_ERR_PEER_CLOSED) {
			shell_print(shell, "type `reboot off` to stop\n");
			continue;
		}
		if (status != NX_OK)
			return;
		line[size] = '\0';
		shell->code = shell_line(shell, line);
		if (shell->code)
			shell_print(shell, "[exit %d]\n", shell->code);
	}
}

static int nxsh_main(struct program *program)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	struct shell *shell =
		heap_allocate_zero(&program->heap, 1, sizeof(*shell));
	nx_status_t status;

	if (!shell)
		return NX_ERR_NO_MEMORY;
	shell->program = program;
	shell->console.handle = program_handle(program, ROLE_CONSOLE);
	shell->packages.handle = program_handle(program, ROLE_PACKAGEFS);
	shell->exec.handle = program_handle(program, ROLE_EXEC);
	shell->system.handle = program_handle(program, ROLE_SYSTEM);
	shell->trace.handle = program_handle(program, NX_ROLE_TRACE);
	shell->machine.handle = program_handle(program, ROLE_MACHINE_JOB);
	status = nx_event_create(job, &shell->event);
	if (status != NX_OK)
		return status;
	console_watch_interrupt(program->buffer, shell->console, shell->event,
				SHELL_BIT_INTERRUPT);
	shell_print(shell, "Nexus. Type `help`.\n");
	prompt_loop(shell);
	return 0;
}

PROGRAM(nxsh)

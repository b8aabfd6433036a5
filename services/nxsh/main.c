/* SPDX-License-Identifier: BSD-2-Clause
 * nxsh: the shell at the console.
 */
#include "shell.h"

#include <lib/roles.h>
#include <nexus/syscalls.h>
#include <proto/exec.h>
#include <proto/system.h>
#include <string.h>

#define PROMPT "nexus> "
/** So long the prompt waits for services that do not come up. */
#define BEGIN_NS UINT64_C(5000000000)

/* For each line anew: the console may have been started again, and the new one
 * does not know us. */
static void watch_interrupt(struct shell *shell)
{
	console_watch_interrupt(shell->program->buffer, shell->console,
				shell->event, SHELL_BIT_INTERRUPT);
}

static nx_status_t read_line(struct shell *shell, char *line)
{
	static const char prompt[] = PROMPT;
	size_t size = 0;
	nx_status_t status;

	status = console_read_line(shell->program->buffer, shell->console,
				   prompt, sizeof(prompt) - 1, line,
				   CONSOLE_LINE_MAX, &size);
	line[status == NX_OK ? size : 0] = '\0';
	return status;
}

/* One request to a service, its answer or the deadline awaited. */
static void await(struct shell *shell, nx_client_t service, unsigned method,
		  unsigned words, size_t frame, uint64_t deadline_ns)
{
	struct nx_message_buffer *buffer = shell->program->buffer;
	struct nx_message message = {
		.header = proto_header(method, words, frame, 0) |
			  NX_HEADER_DEADLINE,
	};

	memset(buffer->send_frame, '-', frame);
	buffer->deadline_ns = deadline_ns;
	nx_call(service, &message);
}

/* What services say while they begin shall not stand behind the prompt. They
 * answer when they have said it, init when all are started. */
static void await_services(struct shell *shell)
{
	uint64_t deadline = program_now_ns(shell->program) + BEGIN_NS;

	await(shell, shell->system, system_METHOD_restarts, 0, 1, deadline);
	await(shell, shell->packages, packagefs_METHOD_mount_info, 1, 0,
	      deadline);
	await(shell, shell->exec, exec_METHOD_result, 1, 0, deadline);
}

static nx_status_t prompt_loop(struct shell *shell)
{
	shell->prompt_ticks = nx_ticks();
	for (;;) {
		char line[CONSOLE_LINE_MAX + 1];
		nx_status_t status;

		shell_flush(shell);
		status = read_line(shell, line);
		if (status == NX_OK) {
			watch_interrupt(shell);
			shell->code = shell_line(shell, line);
			if (shell->code)
				shell_print(shell, "[exit %d]\n", shell->code);
		} else if (status == NX_ERR_NOT_FOUND) {
			shell_print(shell, "type `reboot off` to stop\n");
		} else if (status != NX_ERR_CANCELED &&
			   status != NX_ERR_PEER_CLOSED) {
			return status;
		}
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
	await_services(shell);
	shell_print(shell, "Nexus. Type `help`.\n");
	return prompt_loop(shell);
}

PROGRAM(nxsh)

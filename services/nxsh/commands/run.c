/* SPDX-License-Identifier: BSD-2-Clause
 * Start a program and wait for its end; Ctrl-C ends it.
 */
#include "../shell.h"

#include <nexus/options.h>
#include <nexus/syscalls.h>
#include <proto/exec.h>

#define KILLED_CODE 130
#define CRASHED_CODE 139
#define ASK_NS UINT64_C(500000000)

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

/** How a program ended. */
struct ending {
	uint32_t state;
	int64_t code;
	uint64_t cause;
	uint64_t pc;
	uint64_t address;
};

/* execd may die as well, and then nobody signals: ask now and then. */
static nx_status_t wait_for(struct shell *shell, uint32_t task,
			    struct ending *out_ending)
{
	struct nx_message_buffer *buffer = shell->program->buffer;
	nx_status_t status = NX_ERR_WOULD_BLOCK;

	while (status == NX_ERR_WOULD_BLOCK) {
		uint64_t deadline = program_now_ns(shell->program) + ASK_NS;
		uint64_t bits = 0;

		nx_wait(shell->event, SHELL_BIT_INTERRUPT | SHELL_BIT_ENDED,
			deadline, &bits);
		if (bits & SHELL_BIT_INTERRUPT)
			exec_kill(buffer, shell->exec, task);
		status = exec_result(buffer, shell->exec, task,
				     &out_ending->state, &out_ending->code,
				     &out_ending->cause, &out_ending->pc,
				     &out_ending->address);
	}
	return status == NX_ERR_NOT_FOUND ? NX_ERR_PEER_CLOSED : status;
}

static int report(struct shell *shell, const struct ending *ending)
{
	if (ending->state == NX_PROCESS_CRASHED) {
		shell_print(shell,
			    "crashed: cause %lu at 0x%lx, address 0x%lx\n",
			    ending->cause, ending->pc, ending->address);
		return CRASHED_CODE;
	}
	if (ending->state == NX_PROCESS_KILLED) {
		shell_print(shell, "ended by Ctrl-C\n");
		return KILLED_CODE;
	}
	return (int)ending->code;
}

int shell_run(struct shell *shell, unsigned count, char **words)
{
	char text[1024];
	size_t size = join(count - 1, words + 1, text, sizeof(text));
	struct ending ending = { 0 };
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
		status = wait_for(shell, task, &ending);
	if (status != NX_OK)
		return shell_error(shell, "run", words[1], status);
	return report(shell, &ending);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include <crt/thread.h>

#include <nexus/syscalls.h>

#define STACK_BYTES 8192

/** Where a new thread begins: on the machine a few instructions that set
 * up gp, in the simulator the function behind them. */
void crt_thread_entry(uint64_t argument, uint64_t buffer);
_Noreturn void crt_thread_run(uint64_t argument, uint64_t buffer);

_Noreturn void crt_thread_run(uint64_t argument, uint64_t buffer)
{
	const struct program_thread *what =
		(const struct program_thread *)(uintptr_t)argument;

	what->run(what->argument,
		  (struct nx_message_buffer *)(uintptr_t)buffer);
	for (;;)
		nx_exit(0, 0);
}

#if !defined(__riscv)
void crt_thread_entry(uint64_t argument, uint64_t buffer)
{
	crt_thread_run(argument, buffer);
}
#endif

nx_status_t program_thread_start(struct program *program,
				 const struct program_thread *what)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	const nx_budget_t budget = { NX_HANDLE_NONE };
	char *stack = heap_allocate(&program->heap, STACK_BYTES);
	nx_thread_t thread;
	nx_status_t status;

	if (!stack)
		return NX_ERR_NO_MEMORY;
	status = nx_thread_create(self, budget, &thread);
	if (status == NX_OK) {
		status = nx_thread_start(
			thread, (nx_uaddr_t)(uintptr_t)crt_thread_entry,
			(nx_uaddr_t)(uintptr_t)(stack + STACK_BYTES),
			(uint64_t)(uintptr_t)what);
		nx_handle_close(thread.handle);
	}
	if (status != NX_OK)
		heap_free(&program->heap, stack);
	return status;
}

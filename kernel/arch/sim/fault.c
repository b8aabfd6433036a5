/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions of programs. The host reports them as signals: the handler notes
 * what happened and lets the fiber go on in fiber_fault(), on an empty stack,
 * from where it traps like any other. A signal while the kernel runs is a bug
 * of ours and takes its usual way. */
#include "machine.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define ALT_STACK_BYTES 65536

static const int fault_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE };

static struct {
	struct sigaction before[ARRAY_COUNT(fault_signals)];
	void *stack; /* NULL: not installed */
} state;

static uint64_t cause_of(int number, const mcontext_t *context)
{
	uint64_t error = (uint64_t)context->gregs[REG_ERR];

	if (number == SIGTRAP)
		return SIM_CAUSE_BREAKPOINT;
	if (number == SIGILL || number == SIGFPE)
		return SIM_CAUSE_ILLEGAL;
	if (error & 16)
		return SIM_CAUSE_FETCH;
	return error & 2 ? SIM_CAUSE_STORE : SIM_CAUSE_LOAD;
}

/* Of the registers that a signal's frame keeps apart. */
static size_t floating_bytes(const mcontext_t *context)
{
	const struct _libc_fpstate *kept = context->fpregs;
	const struct _fpx_sw_bytes *words =
		(const struct _fpx_sw_bytes *)(const void *)((const char *)
								     kept +
							     464);
	size_t bytes = words->magic1 == FP_XSTATE_MAGIC1 ? words->extended_size
							 : sizeof(*kept);
	const size_t room = sizeof(((struct machine_context *)0)->floating);

	return bytes < room ? bytes : room;
}

static void context_save(const mcontext_t *context, struct machine_context *to)
{
	memcpy(to->registers, context->gregs, sizeof(context->gregs));
	memcpy(to->floating, context->fpregs, floating_bytes(context));
}

static void context_restore(mcontext_t *context,
			    const struct machine_context *from)
{
	memcpy(context->gregs, from->registers, sizeof(context->gregs));
	memcpy(context->fpregs, from->floating, floating_bytes(context));
}

static void hand_back(int number)
{
	for (unsigned i = 0; i < ARRAY_COUNT(fault_signals); i++)
		if (fault_signals[i] == number)
			sigaction(number, &state.before[i], NULL);
	/* The instruction is run again, and the signal comes again. */
	if (number == SIGTRAP)
		abort();
}

static void on_signal(int number, siginfo_t *info, void *argument)
{
	mcontext_t *context = &((ucontext_t *)argument)->uc_mcontext;
	struct fiber *fiber = fiber_running();
	struct fault fault;
	nx_uaddr_t pc;

	if (!machine.running || !fiber) {
		hand_back(number);
		return;
	}
	if (fiber_takes_up(fiber, &pc)) {
		context_restore(context, fiber_context(fiber));
		context->gregs[REG_RIP] = (greg_t)pc;
		return;
	}
	fault = (struct fault){
		.cause = cause_of(number, context),
		.pc = (uint64_t)context->gregs[REG_RIP],
		.address = (uintptr_t)info->si_addr,
		.stack = (uint64_t)context->gregs[REG_RSP],
	};
	context_save(context, fiber_context(fiber));
	context->gregs[REG_RSP] = (greg_t)fiber_note_fault(fiber, &fault);
	context->gregs[REG_RIP] = (greg_t)(uintptr_t)fiber_fault;
}

void fault_prepare(void)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t stack = { .ss_size = ALT_STACK_BYTES };

	if (state.stack)
		return;
	state.stack = malloc(ALT_STACK_BYTES);
	if (!state.stack)
		abort();
	stack.ss_sp = state.stack;
	sigaltstack(&stack, NULL);
	for (unsigned i = 0; i < ARRAY_COUNT(fault_signals); i++)
		sigaction(fault_signals[i], &action, &state.before[i]);
}

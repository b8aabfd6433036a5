/* SPDX-License-Identifier: BSD-2-Clause */
/* Leave one stack for another. Only what a function must keep is saved; the
 * signal mask is the same everywhere, so no system call is made. */
#include "machine.h"

#ifndef __x86_64__
#error "the simulator knows hosts of x86-64 only"
#endif

__asm__(".text\n"
	".globl fiber_switch\n"
	".type fiber_switch, @function\n"
	"fiber_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size fiber_switch, . - fiber_switch\n");

void *fiber_first_frame(void *top, void (*function)(void))
{
	/* Six registers, then the return address, which leaves the stack as
	 * a call of `function` would, with nowhere to return to. */
	uint64_t *frame = (uint64_t *)top - 8;

	for (unsigned i = 0; i < 8; i++)
		frame[i] = 0;
	frame[6] = (uint64_t)(uintptr_t)function;
	return frame;
}

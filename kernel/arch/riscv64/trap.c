/* SPDX-License-Identifier: BSD-2-Clause */
/* What trap_entry.S calls. Interrupts stay off in the kernel: they are taken
 * from user mode, or polled while idle. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/machine_internal.h"

#include <kernel/hart.h>
#include <kernel/string.h>
#include <kernel/thread.h>

#define AT(member) FRAME_AT + offsetof(struct user_frame, member)
_Static_assert(AT(registers) == FRAME_A0, "a0");
_Static_assert(AT(call) == FRAME_T0, "t0");
_Static_assert(AT(arch.pc) == FRAME_PC, "pc");
_Static_assert(AT(arch.ra) == FRAME_RA, "ra");
_Static_assert(AT(arch.sp) == FRAME_SP, "sp");
_Static_assert(AT(arch.gp) == FRAME_GP, "gp");
_Static_assert(AT(arch.tp) == FRAME_TP, "tp");
_Static_assert(AT(arch.s) == FRAME_S0, "s0");
_Static_assert(AT(arch.t) == FRAME_T1, "t1");
_Static_assert(AT(arch.all_saved) == FRAME_ALL_SAVED, "all_saved");

/** Registers at the last exception inside the kernel. */
struct user_frame kernel_registers;

struct thread *trap_call(void);
struct thread *trap_other(void);
void trap_kernel(void);

struct thread *trap_call(void)
{
	kernel_syscall();
	return kernel_schedule();
}

void interrupts_handle(void)
{
	uint64_t pending = csr_read(sip) & csr_read(sie);
	uint32_t line;

	if ((pending & INTERRUPT_SOFTWARE) != 0)
		csr_clear(sip, INTERRUPT_SOFTWARE);
	if ((pending & INTERRUPT_TIMER) != 0)
		kernel_timer();
	if ((pending & INTERRUPT_EXTERNAL) == 0)
		return;
	line = plic_claim();
	if (line == 0)
		return;
	uart_interrupt();
	plic_done(line);
}

struct thread *trap_other(void)
{
	const struct arch_frame *frame = &current_thread()->frame.arch;
	uint64_t cause = csr_read(scause);

	if (cause >> CAUSE_INTERRUPT_BIT != 0) {
		interrupts_handle();
	} else {
		struct fault fault = {
			.cause = cause,
			.pc = frame->pc,
			.address = csr_read(stval),
			.stack = frame->sp,
			.caller = frame->ra,
		};

		kernel_fault(&fault);
	}
	return kernel_schedule();
}

/* An exception at an instruction that may fault goes on elsewhere; any
 * other is ours. */
void trap_kernel(void)
{
	struct arch_frame *frame = &kernel_registers.arch;

	for (const struct fix_up *row = fix_up_table; row->target != 0; row++) {
		if (frame->pc < row->first || frame->pc >= row->last)
			continue;
		frame->pc = row->target;
		return;
	}
	panic("exception %lu in the kernel at %lx, address %lx",
	      csr_read(scause), frame->pc, csr_read(stval));
}

void arch_frame_init(struct user_frame *frame, nx_uaddr_t entry,
		     nx_uaddr_t stack, uint64_t a0, uint64_t a1)
{
	memset(frame, 0, sizeof(*frame));
	frame->registers.a[0] = a0;
	frame->registers.a[1] = a1;
	frame->arch.pc = entry;
	frame->arch.sp = stack;
}

nx_status_t arch_thread_init(struct thread *thread)
{
	(void)thread;
	return NX_OK;
}

void arch_thread_fini(struct thread *thread)
{
	(void)thread;
}

/* wfi ends when an enabled interrupt is pending, also with interrupts off. */
void arch_idle(void)
{
	__asm__ volatile("wfi" ::: "memory");
	interrupts_handle();
}

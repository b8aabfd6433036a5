/* SPDX-License-Identifier: BSD-2-Clause */
/* What trap_entry.S calls. Interrupts stay off in the kernel: they are taken
 * from user mode, or polled while idle. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/machine_internal.h"

#include <kernel/hart.h>
#include <kernel/process.h>
#include <kernel/space.h>
#include <kernel/string.h>
#include <kernel/thread.h>

/* Looks at the lock before a hart sleeps, and for how long. */
#define RELAX_TURNS 200
#define RELAX_NS UINT64_C(5000)

HELD struct thread *trap_call(void);
HELD struct thread *trap_other(void);
bool trap_enter_call(void) ACQUIRES(kernel_lock);
bool trap_enter_other(void) ACQUIRES(kernel_lock);
struct thread *trap_leave(struct thread *thread) RELEASES(kernel_lock);
HELD void trap_kernel(void);

void trap_set_entry(bool fast)
{
	const char *entry = fast ? trap_entry_fast : trap_entry;

	if (hart_many)
		entry = fast ? trap_entry_fast_many : trap_entry_many;
	csr_write(stvec, (uintptr_t)entry);
}

struct thread *trap_call(void)
{
	kernel_syscall();
	return kernel_schedule();
}

bool arch_interrupt_pending(void)
{
	return (csr_read(sip) & csr_read(sie)) != 0;
}

HELD OUT_OF_THE_WAY static void interrupts(uint64_t pending)
{
	if ((pending & INTERRUPT_SOFTWARE) != 0) {
		csr_clear(sip, INTERRUPT_SOFTWARE);
		kernel_kicked();
	}
	if ((pending & INTERRUPT_TIMER) != 0)
		kernel_timer();
	if ((pending & INTERRUPT_EXTERNAL) != 0)
		kernel_interrupt(plic_claim());
}

/* A device alone has a way of its own, on which nothing need be saved. */
void arch_interrupts(void)
{
	uint64_t pending = csr_read(sip) & csr_read(sie);

	if (pending == INTERRUPT_EXTERNAL)
		kernel_interrupt(plic_claim());
	else
		interrupts(pending);
}

HELD static bool write_fault(uint64_t cause)
{
	return cause == CAUSE_PAGE_STORE &&
	       space_write_fault(&current_process()->space, csr_read(stval));
}

HELD static void handle_other(void)
{
	const struct arch_frame *frame = &current_thread()->frame.arch;
	uint64_t cause = csr_read(scause);

	if (cause >> CAUSE_INTERRUPT_BIT != 0) {
		arch_interrupts();
	} else if (!write_fault(cause)) {
		struct fault fault = {
			.cause = cause,
			.pc = frame->pc,
			.address = csr_read(stval),
			.stack = frame->sp,
			.caller = frame->ra,
		};

		kernel_fault(&fault);
	}
}

struct thread *trap_other(void)
{
	handle_other();
	return kernel_schedule();
}

/* With the lock, which the fast path may have taken. False: there is nothing
 * to do for the thread, which was killed before this hart had the lock. */
bool trap_enter_call(void)
{
	if (!kernel_lock_is_held())
		kernel_lock_take();
	else
		kernel_lock_assert();
	return current_thread()->state == THREAD_RUNNING;
}

/* The same for what is not a call: nor if the exception was of the past. */
bool trap_enter_other(void)
{
	return trap_enter_call() &&
	       !mmu_was_stale(csr_read(scause), csr_read(stval));
}

struct thread *trap_leave(struct thread *thread)
{
	kernel_lock_give();
	return thread;
}

/* An exception at an instruction that may fault goes on elsewhere; any
 * other is ours. */
void trap_kernel(void)
{
	struct arch_frame *frame = &this_hart()->arch.registers.arch;

	for (const struct fix_up *row = fix_up_table; row->target != 0; row++) {
		if (frame->pc < row->first || frame->pc >= row->last)
			continue;
		if ((!hart_many ||
		     !mmu_was_stale(csr_read(scause), csr_read(stval))) &&
		    (!write_fault(csr_read(scause)) ||
		     current_process()->space.is_sought))
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

/* trap_entry.S let pc pass the ecall, which has four bytes. */
void arch_frame_again(struct user_frame *frame)
{
	frame->arch.pc -= 4;
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
void arch_wait(void)
{
	__asm__ volatile("wfi" ::: "memory");
}

/* Whoever has the lock gives it back soon, if its hart runs at all: where harts
 * share a processor of somebody else's machine it may not, and this one had
 * better sleep. This assembler knows no `pause`. */
void arch_relax(uint32_t turn)
{
	if (turn < RELAX_TURNS) {
		__asm__ volatile(".word 0x0100000f" ::: "memory");
		return;
	}
	arch_timer_set(arch_ticks() + time_ns_to_ticks(RELAX_NS));
	arch_wait();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The way in and out. In user mode sscratch is the current thread; in the
 * kernel it is 0. */
#include "csr.h"
#include "registers.h"

	.section .text.trap, "ax"
	.balign	4
	.global trap_entry, trap_user, trap_from_kernel
trap_entry:
	csrrw	tp, sscratch, tp
	beqz	tp, trap_from_kernel
trap_user:
	sd	t0, FRAME_T0(tp)
	csrr	t0, scause
	sd	a0, FRAME_A0(tp)
	each_argument_but_a0 sd, tp
	each_kept sd, tp
	csrrw	a0, sscratch, zero
	sd	a0, FRAME_TP(tp)
	csrr	a0, sepc
	la	sp, hart_stack_end
	addi	t0, t0, -CAUSE_USER_ECALL
	bnez	t0, not_a_call

	addi	a0, a0, 4
	sd	a0, FRAME_PC(tp)
	call	trap_call
	j	trap_resume

not_a_call:
	sd	a0, FRAME_PC(tp)
	each_temporary sd, tp
	li	t1, 1
	sd	t1, FRAME_ALL_SAVED(tp)
	call	trap_other

	/* a0: the thread to go on with. */
	.global trap_resume
trap_resume:
	ld	t0, FRAME_PC(a0)
	csrw	sepc, t0
	csrw	sscratch, a0
	ld	t0, FRAME_ALL_SAVED(a0)
	ld	tp, FRAME_TP(a0)
	each_kept ld, a0
	beqz	t0, 1f
	sd	zero, FRAME_ALL_SAVED(a0)
	each_temporary ld, a0
	j	2f
1:	clear_temporaries
2:	ld	t0, FRAME_T0(a0)
	each_argument_but_a0 ld, a0
	ld	a0, FRAME_A0(a0)
	sret

	/* An exception of the kernel itself: a user address that cannot be
	 * copied, or our own fault. All registers go to kernel_registers;
	 * trap_kernel() changes the pc there or does not return. */
trap_from_kernel:
	csrrw	tp, sscratch, tp
	csrw	sscratch, t0
	la	t0, kernel_registers - FRAME_AT
	each_kept sd, t0
	sd	tp, FRAME_TP(t0)
	sd	a0, FRAME_A0(t0)
	each_argument_but_a0 sd, t0
	each_temporary sd, t0
	csrrw	t1, sscratch, zero
	sd	t1, FRAME_T0(t0)
	csrr	t1, sepc
	sd	t1, FRAME_PC(t0)
	la	sp, trap_stack_end
	call	trap_kernel
	la	t0, kernel_registers - FRAME_AT
	ld	t1, FRAME_PC(t0)
	csrw	sepc, t1
	each_kept ld, t0
	ld	tp, FRAME_TP(t0)
	ld	a0, FRAME_A0(t0)
	each_argument_but_a0 ld, t0
	each_temporary ld, t0
	ld	t0, FRAME_T0(t0)
	sret

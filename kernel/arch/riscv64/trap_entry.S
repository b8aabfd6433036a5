/* SPDX-License-Identifier: BSD-2-Clause */
/* The way in and out. In user mode sscratch is the frame of the current
 * thread; in the kernel it is 0. */
#include "csr.h"
#include <arch/frame.h>

	.macro	each_kept, op, base
	\op	ra, FRAME_RA(\base)
	\op	sp, FRAME_SP(\base)
	\op	gp, FRAME_GP(\base)
	\op	s0, FRAME_S0 + 0(\base)
	\op	s1, FRAME_S0 + 8(\base)
	\op	s2, FRAME_S0 + 16(\base)
	\op	s3, FRAME_S0 + 24(\base)
	\op	s4, FRAME_S0 + 32(\base)
	\op	s5, FRAME_S0 + 40(\base)
	\op	s6, FRAME_S0 + 48(\base)
	\op	s7, FRAME_S0 + 56(\base)
	\op	s8, FRAME_S0 + 64(\base)
	\op	s9, FRAME_S0 + 72(\base)
	\op	s10, FRAME_S0 + 80(\base)
	\op	s11, FRAME_S0 + 88(\base)
	.endm

	.macro	each_argument_but_a0, op, base
	\op	a1, FRAME_A0 + 8(\base)
	\op	a2, FRAME_A0 + 16(\base)
	\op	a3, FRAME_A0 + 24(\base)
	\op	a4, FRAME_A0 + 32(\base)
	\op	a5, FRAME_A0 + 40(\base)
	\op	a6, FRAME_A0 + 48(\base)
	\op	a7, FRAME_A0 + 56(\base)
	.endm

	.macro	each_temporary, op, base
	\op	t1, FRAME_T1 + 0(\base)
	\op	t2, FRAME_T1 + 8(\base)
	\op	t3, FRAME_T1 + 16(\base)
	\op	t4, FRAME_T1 + 24(\base)
	\op	t5, FRAME_T1 + 32(\base)
	\op	t6, FRAME_T1 + 40(\base)
	.endm

	.section .text.trap, "ax"
	.balign	4
	.global trap_entry
trap_entry:
	csrrw	tp, sscratch, tp
	beqz	tp, from_kernel
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
	sd	zero, FRAME_ALL_SAVED(tp)
	call	trap_call
	j	trap_resume

not_a_call:
	sd	a0, FRAME_PC(tp)
	each_temporary sd, tp
	li	t1, 1
	sd	t1, FRAME_ALL_SAVED(tp)
	call	trap_other

	/* a0: the frame to go on with. */
	.global trap_resume
trap_resume:
	ld	t0, FRAME_PC(a0)
	csrw	sepc, t0
	csrw	sscratch, a0
	ld	t0, FRAME_ALL_SAVED(a0)
	ld	tp, FRAME_TP(a0)
	each_kept ld, a0
	beqz	t0, 1f
	each_temporary ld, a0
	j	2f
1:	li	t1, 0
	li	t2, 0
	li	t3, 0
	li	t4, 0
	li	t5, 0
	li	t6, 0
2:	ld	t0, FRAME_T0(a0)
	each_argument_but_a0 ld, a0
	ld	a0, FRAME_A0(a0)
	sret

	/* An exception of the kernel itself: a user address that cannot be
	 * copied, or our own fault. All registers go to kernel_registers;
	 * trap_kernel() changes the pc there or does not return. */
from_kernel:
	csrrw	tp, sscratch, tp
	csrw	sscratch, t0
	la	t0, kernel_registers
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
	la	t0, kernel_registers
	ld	t1, FRAME_PC(t0)
	csrw	sepc, t1
	each_kept ld, t0
	ld	tp, FRAME_TP(t0)
	ld	a0, FRAME_A0(t0)
	each_argument_but_a0 ld, t0
	each_temporary ld, t0
	ld	t0, FRAME_T0(t0)
	sret

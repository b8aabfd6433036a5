/* SPDX-License-Identifier: BSD-2-Clause */
/* The way in and out. In user mode sscratch is the current thread; in the
 * kernel it is 0, and tp is the hart. */
#include "csr.h"
#include "offsets.h"
#include "registers.h"

	.section .text.trap, "ax"

	/* The C functions say in a0 who goes on. With `many`, the first ones
	 * take the lock, if the fast path has not, and say whether there is
	 * anything to do; the last one gives it back. */
	.macro	save_more
	sd	a0, FRAME_A0(tp)
	each_argument_but_a0 sd, tp
	each_kept sd, tp
	csrrw	a0, sscratch, zero
	sd	a0, FRAME_TP(tp)
	csrr	a0, sepc
	.endm

	/* `call` is where the fast path goes on when it knows that it is a
	 * call. */
	.macro	enter, call, many
	sd	t0, FRAME_T0(tp)
	csrr	t0, scause
	addi	t0, t0, -CAUSE_USER_ECALL
	bnez	t0, 1f
	j	4f
\call:
	sd	t0, FRAME_T0(tp)
4:	save_more
	addi	a0, a0, 4
	sd	a0, FRAME_PC(tp)
	.if \many
	ld	tp, THREAD_HART(tp)
	ld	sp, HART_STACK(tp)
	call	trap_enter_call
	beqz	a0, 2f
	call	trap_call
	j	3f
	.else
	mv	s0, tp
	ld	tp, THREAD_HART(tp)
	ld	sp, HART_STACK(tp)
	call	trap_call
	bne	a0, s0, trap_resume
	/* The same thread on the only hart: but for these, what a function
	 * keeps is still its own. */
	ld	t0, FRAME_PC(a0)
	csrw	sepc, t0
	csrw	sscratch, a0
	ld	tp, FRAME_TP(a0)
	ld	ra, FRAME_RA(a0)
	ld	sp, FRAME_SP(a0)
	ld	s0, FRAME_S0(a0)
	j	trap_resume_cleared
	.endif

1:	save_more
	sd	a0, FRAME_PC(tp)
	each_temporary sd, tp
	li	t1, 1
	sd	t1, FRAME_ALL_SAVED(tp)
	ld	tp, THREAD_HART(tp)
	ld	sp, HART_STACK(tp)
	.if \many
	call	trap_enter_other
	beqz	a0, 2f
	call	trap_other
	j	3f
2:	call	kernel_schedule
3:	call	trap_leave
	j	trap_resume
	.else
	call	trap_other
	.endif
	.endm

	.balign	4
	.global trap_entry_many, trap_user_many, trap_user_call_many
trap_entry_many:
	csrrw	tp, sscratch, tp
	beqz	tp, trap_from_kernel
trap_user_many:
	enter	trap_user_call_many, 1

	.balign	4
	.global trap_entry, trap_user, trap_user_call, trap_from_kernel
trap_entry:
	csrrw	tp, sscratch, tp
	beqz	tp, trap_from_kernel
trap_user:
	enter	trap_user_call, 0

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
trap_resume_cleared:
1:	clear_temporaries
2:	ld	t0, FRAME_T0(a0)
	each_argument_but_a0 ld, a0
	ld	a0, FRAME_A0(a0)
	sret

	/* An exception of the kernel itself: a user address that cannot be
	 * copied, or our own fault. All registers go to the hart's;
	 * trap_kernel() changes the pc there or does not return. */
	.set	SAVED, HART_REGISTERS - FRAME_AT
trap_from_kernel:
	csrrw	tp, sscratch, tp
	csrw	sscratch, t0
	addi	t0, tp, SAVED
	each_kept sd, t0
	sd	tp, FRAME_TP(t0)
	sd	a0, FRAME_A0(t0)
	each_argument_but_a0 sd, t0
	each_temporary sd, t0
	csrrw	t1, sscratch, zero
	sd	t1, FRAME_T0(t0)
	csrr	t1, sepc
	sd	t1, FRAME_PC(t0)
	ld	sp, HART_TRAP_STACK(tp)
	call	trap_kernel
	addi	t0, tp, SAVED
	ld	t1, FRAME_PC(t0)
	csrw	sepc, t1
	each_kept ld, t0
	ld	a0, FRAME_A0(t0)
	each_argument_but_a0 ld, t0
	each_temporary ld, t0
	ld	t0, FRAME_T0(t0)
	sret

/* SPDX-License-Identifier: BSD-2-Clause */
/* The fast path: call and reply_recv of nothing but words, between threads
 * of this hart, when the other side is waiting. It does what sys_call() and
 * sys_reply_recv() do then, and leaves every structure as they leave it;
 * they are the specification. Whatever is not plain goes to trap_user with
 * nothing changed, as if this file did not exist; without it the machine
 * enters at trap_entry.
 *
 * tp is the thread that calls. What is in a1..a7 stays there: the header and
 * the words of one side are those of the other. The registers a0..a7 of a
 * thread that waits are not in its frame (see thread_wake_with), but for the
 * handle it receives through. No user memory is touched, so nothing in here
 * can fault. */
#include "csr.h"
#include "offsets.h"
#include "registers.h"

	.section .text.trap, "ax"

	/* The lock, if it is free: whoever has to wait does so in C. t4 is the
	 * hart from now on; it may have been told meanwhile that this thread
	 * is dead. Uses t1..t3. */
	.macro	take_lock, slow
	ld	t4, THREAD_HART(tp)
	la	t3, kernel_lock
	lw	t2, LOCK_OWNER(t3)
	lr.w.aq	t1, (t3)
	bne	t1, t2, \slow
	addi	t1, t1, 1
	sc.w	t2, t1, (t3)
	bnez	t2, \slow
	fence	r, rw
	li	t1, 1
	sb	t1, HART_HAS_LOCK(t4)
	lw	t1, THREAD_STATE(tp)
	bnez	t1, \slow
	.endm

	.macro	give_lock
	sb	zero, HART_HAS_LOCK(t4)
	la	t3, kernel_lock
	lw	t1, LOCK_OWNER(t3)
	addi	t1, t1, 1
	fence	rw, w
	sw	t1, LOCK_OWNER(t3)
	.endm

	/* Nothing in the header but a method, a transaction and at most 6
	 * words, and nobody wants to see this thread's calls. */
	.macro	check_header, slow
	ld	t1, THREAD_SLOW_HEADERS(tp)
	addi	t2, a1, HEADER_WORDS_ONE
	or	t2, t2, a1
	and	t2, t2, t1
	bnez	t2, \slow
	.endm

	/* t1: the handle a0. Place and slot are cut to the size of directory
	 * and page, so that no guess of the machine leads out of them. Number
	 * and a0 are equal only if the generation and the upper half are. A
	 * handle with one of these rights is one of a port. t3: process. */
	.macro	find_handle, right, slow
	ld	t3, THREAD_PROCESS(tp)
	ld	t1, PROCESS_HANDLE_PAGES(t3)
	slli	t2, a0, 64 - HANDLE_SLOT_BITS - HANDLE_PLACE_BITS
	srli	t2, t2, 64 - HANDLE_PLACE_BITS - 3
	andi	t2, t2, -8
	add	t1, t1, t2
	ld	t1, 0(t1)
	andi	t2, a0, (1 << HANDLE_SLOT_BITS) - 1
	slli	t2, t2, HANDLE_SIZE_SHIFT
	add	t1, t1, t2
	lwu	t2, HANDLE_NUMBER(t1)
	bne	t2, a0, \slow
	lhu	t2, HANDLE_RIGHTS(t1)
	andi	t2, t2, \right
	beqz	t2, \slow
	.endm

	/* t2: its port. */
	.macro	find_port
	ld	t2, HANDLE_OBJECT(t1)
	.endm

	/* The other thread, t5, must be one of this hart, which has nothing to
	 * forget about its space. t0 is the call. */
	.macro	check_hart, call, slow
	ld	t6, THREAD_HART(t5)
	bne	t6, t4, \slow
	ld	t6, THREAD_PROCESS(t5)
	lw	t6, PROCESS_STALE(t6)
	lw	t0, HART_BIT(t4)
	and	t6, t6, t0
	li	t0, \call
	bnez	t6, \slow
	.endm

	/* From here on everything is known to be right. Save what a call
	 * keeps; in the kernel sscratch is 0. */
	.macro	leave_self
	each_kept sd, tp
	csrrw	t6, sscratch, zero
	sd	t6, FRAME_TP(tp)
	csrr	t6, sepc
	addi	t6, t6, 4
	sd	t6, FRAME_PC(tp)
	.endm

	/* t5 becomes the current thread of t4, in the space t0; a0 is the
	 * identity it learns. Time goes to whoever used it; the budget is the
	 * same. The translation changes only if the space does: kernel pages
	 * are in all of them, and numbers keep the users' apart. What the
	 * current thread of a hart needs stays without the lock, too. */
	.macro	go_on_with_other, many
	sd	t5, HART_CURRENT(t4)
	csrr	t1, time
	ld	t2, HART_THREAD_TICKS(t4)
	ld	t3, THREAD_CPU_TICKS(tp)
	sd	t1, HART_THREAD_TICKS(t4)
	sub	t1, t1, t2
	add	t3, t3, t1
	sd	t3, THREAD_CPU_TICKS(tp)
	ld	t1, HART_FAST_COUNT(t4)
	addi	t1, t1, 1
	sd	t1, HART_FAST_COUNT(t4)
	.if \many
	give_lock
	.endif
	csrr	t1, satp
	beq	t1, t0, 1f
	csrw	satp, t0
1:	ld	t1, FRAME_PC(t5)
	csrw	sepc, t1
	csrw	sscratch, t5
	ld	tp, FRAME_TP(t5)
	each_kept ld, t5
	li	t0, 0 /* NX_OK */
	clear_temporaries
	sret
	.endm

	/* `slow` is where trap_entry.S goes on, `call` the same when it is known
	 * to be a call; `name` parts the two. */
	.macro	fast_path, name, slow, call, many
	.balign	4
	.global \name
\name:
	/* A call of a user, and which one? t1..t6 are lost by calls. */
	csrrw	tp, sscratch, tp
	beqz	tp, trap_from_kernel
	sd	t1, FRAME_T1(tp)
	csrr	t1, scause
	addi	t1, t1, -CAUSE_USER_ECALL
	bnez	t1, \name\()_other
	bnez	t0, \name\()_reply_recv

	.if \many
	take_lock \call
	.else
	ld	t4, THREAD_HART(tp)
	.endif
	check_header \call
	find_handle RIGHT_CALL, \call
	find_port
	/* t5: the first that waits in the port, if one does; it can be
	 * resumed from here. If not, t0 is 0 again, as it was. */
	addi	t3, t2, PORT_RECEIVERS
	ld	t5, LIST_NEXT(t3)
	beq	t5, t3, \call
	addi	t5, t5, -THREAD_QUEUE
	.if \many
	check_hart CALL_CALL, \call
	.endif
	ld	t0, THREAD_RESUME(t5)
	beqz	t0, \call
	leave_self
	ld	a0, HANDLE_IDENTITY(t1)
	/* It leaves the list; its reference on the port is the caller's. */
	ld	t1, THREAD_QUEUE + LIST_NEXT(t5)
	sd	t1, LIST_NEXT(t3)
	sd	t3, LIST_PREV(t1)
	sd	t2, THREAD_PORT(tp)
	/* They point to each other, which donates the budget. */
	li	t1, STATE_AWAITING_REPLY
	sw	t1, THREAD_STATE(tp)
	sw	zero, THREAD_STATE(t5)
	sd	t5, THREAD_CALLEE(tp)
	sd	tp, THREAD_CALLER(t5)
	go_on_with_other \many

\name\()_other:
	ld	t1, FRAME_T1(tp)
	j	\slow

\name\()_not_resumable:
	li	t0, CALL_REPLY_RECV
	j	\call

\name\()_reply_recv:
	addi	t1, t0, -CALL_REPLY_RECV
	bnez	t1, \call
	.if \many
	take_lock \call
	.else
	ld	t4, THREAD_HART(tp)
	.endif
	check_header \call
	find_handle RIGHT_RECV, \call
	find_port
	/* Nobody else waits for this thread in the port. */
	ld	t1, PORT_WAITING(t2)
	bnez	t1, \call
	/* t5: who has been received, through this very port, and can be
	 * resumed from here. */
	ld	t5, THREAD_CALLER(tp)
	beqz	t5, \call
	ld	t1, THREAD_PORT(t5)
	bne	t1, t2, \call
	.if \many
	check_hart CALL_REPLY_RECV, \call
	.endif
	ld	t0, THREAD_RESUME(t5)
	beqz	t0, \name\()_not_resumable
	leave_self
	sd	a0, FRAME_A0(tp)
	lwu	a0, PROCESS_SERVICE_ID(t3)
	slli	a0, a0, 32
	/* They part. */
	sd	zero, THREAD_CALLEE(t5)
	sd	zero, THREAD_CALLER(tp)
	sw	zero, THREAD_STATE(t5)
	/* To the end of the list, with the caller's reference. */
	li	t1, STATE_RECEIVING
	sw	t1, THREAD_STATE(tp)
	sd	t2, THREAD_PORT(tp)
	addi	t1, tp, THREAD_QUEUE
	addi	t2, t2, PORT_RECEIVERS
	ld	t3, LIST_PREV(t2)
	sd	t1, LIST_PREV(t2)
	sd	t1, LIST_NEXT(t3)
	sd	t2, THREAD_QUEUE + LIST_NEXT(tp)
	sd	t3, THREAD_QUEUE + LIST_PREV(tp)
	go_on_with_other \many
	.endm

	fast_path trap_entry_fast, trap_user, trap_user_call, 0
	fast_path trap_entry_fast_many, trap_user_many, trap_user_call_many, 1

/* SPDX-License-Identifier: BSD-2-Clause */
/* From firmware (supervisor mode, no translation, a0 hart, a1 device tree;
 * SBI specification 2.0, section 2) to C in the upper half. */
#include "csr.h"
#include "layout.h"
#include "offsets.h"

	.global layout_image_base
	.set	layout_image_base, IMAGE_BASE

	/* Firmware jumps to the first byte of the image, once; OpenSBI up to
	 * 1.1 may send a hart here, too, that is just being started, since it
	 * tells the hart so before it writes down where to. */
	.section .entry, "ax"
	la	t0, booted
	li	t1, 1
	amoswap.w.aqrl t1, t1, (t0)
	bnez	t1, 1f
	tail	start
1:	tail	start_other

	.macro	no_interrupts
	csrw	sie, zero
	csrw	sscratch, zero
	csrci	sstatus, STATUS_SIE
	.endm

	/* The fetch behind the first csrw of satp has faulted, and set SPP:
	 * clear it, so that sret leads to users. */
	.macro	enter_upper, vector
	li	t0, STATUS_SIE | STATUS_SPP | STATUS_FS | STATUS_VS | \
		STATUS_SUM | STATUS_MXR
	csrc	sstatus, t0
	la	t0, \vector
	csrw	stvec, t0
	.endm

	.section .boot.start, "ax"
	.global start
start:
	no_interrupts
	csrr	s3, time
	mv	s0, a0
	mv	s1, a1

	la	t0, bss_start
	la	t1, bss_end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b

	/* Addresses are physical until the jump. */
	la	sp, hart_stack_end
	la	s2, image_start
	mv	a0, s2
	call	early_map

	/* The fetch behind csrw faults, and stvec is the upper half. */
	li	t0, IMAGE_BASE
	sub	t0, t0, s2
	la	t1, upper
	add	t1, t1, t0
	csrw	stvec, t1
	sfence.vma
	csrw	satp, a0

	.balign	4
upper:
	enter_upper trap_entry
	la	tp, harts
	la	sp, hart_stack_end
	mv	a0, s0
	mv	a1, s1
	mv	a2, s2
	mv	a3, s3
	call	machine_start
	/* This code is gone when machine_run() returns. */
	lla	ra, trap_resume
	tail	machine_run

	.text
	/* Another hart: which one a0 says, a1 may be what it will. */
	.global start_other
start_other:
	no_interrupts
	fence
	la	t0, harts
	li	t1, HART_COUNT
1:	ld	t2, HART_NUMBER(t0)
	beq	t2, a0, 2f
	addi	t0, t0, HART_SIZE
	addi	t1, t1, -1
	bnez	t1, 1b
0:	wfi
	j	0b
2:	la	t2, image_start
	li	t1, IMAGE_BASE
	sub	t1, t1, t2
	add	tp, t0, t1
	la	t0, upper_other
	add	t1, t1, t0
	csrw	stvec, t1
	la	t3, hart_satp
	ld	t3, 0(t3)
	sfence.vma
	csrw	satp, t3

	.balign	4
upper_other:
	sfence.vma
	fence.i
	enter_upper trap_entry_many
	ld	sp, HART_STACK(tp)
	call	hart_begin
	j	trap_resume

	.section .data
	.balign	8
	.global hart_satp
hart_satp:
	.dword	0
booted:
	.word	0

	/* One stack of the hart and one for traps taken inside the kernel,
	 * each above a page that is not mapped. */
	.section .bss.stack, "aw", @nobits
	.balign	4096
	.global hart_stack_guard, trap_stack_guard
	.global hart_stack_end, trap_stack_end
hart_stack_guard:
	.skip	4096
	.skip	HART_STACK_SIZE
hart_stack_end:
trap_stack_guard:
	.skip	4096
	.skip	TRAP_STACK_SIZE
trap_stack_end:

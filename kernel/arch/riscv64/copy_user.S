/* SPDX-License-Identifier: BSD-2-Clause */
/* The only instructions that touch user memory, and others that may fault
 * by right. Between the labels of a row of the fix-up table an exception
 * goes on at the third. */
#include "csr.h"

	.macro	fix_up, first, last, target
	.section .rodata.fix_up, "a"
	.dword	\first, \last, \target
	.section .text.copy, "ax"
	.endm

	.section .rodata.fix_up, "a"
	.balign	8
	.global fix_up_table
fix_up_table:
	.section .text.copy, "ax"

	/* Both ways, to or from a user: false when a byte cannot be accessed.
	 * Ascending. */
	.global arch_copy_in, arch_copy_out
arch_copy_in:
arch_copy_out:
	li	t6, STATUS_SUM
	csrs	sstatus, t6
copy_first:
	xor	t0, a0, a1
	andi	t0, t0, 7
	bnez	t0, 5f
	li	t1, 8
1:	andi	t0, a0, 7
	beqz	t0, 2f
	beqz	a2, 6f
	lb	t0, 0(a1)
	sb	t0, 0(a0)
	addi	a0, a0, 1
	addi	a1, a1, 1
	addi	a2, a2, -1
	j	1b
2:	li	t2, 32
	bltu	a2, t2, 4f
3:	ld	t0, 0(a1)
	ld	t3, 8(a1)
	ld	t4, 16(a1)
	ld	t5, 24(a1)
	sd	t0, 0(a0)
	sd	t3, 8(a0)
	sd	t4, 16(a0)
	sd	t5, 24(a0)
	addi	a0, a0, 32
	addi	a1, a1, 32
	addi	a2, a2, -32
	bgeu	a2, t2, 3b
4:	bltu	a2, t1, 5f
	ld	t0, 0(a1)
	sd	t0, 0(a0)
	addi	a0, a0, 8
	addi	a1, a1, 8
	addi	a2, a2, -8
	j	4b
5:	beqz	a2, 6f
	lb	t0, 0(a1)
	sb	t0, 0(a0)
	addi	a0, a0, 1
	addi	a1, a1, 1
	addi	a2, a2, -1
	j	5b
6:	li	a0, 1
copy_last:
	csrc	sstatus, t6
	ret
copy_failed:
	li	t6, STATUS_SUM
	csrc	sstatus, t6
	li	a0, 0
	ret
	fix_up copy_first, copy_last, copy_failed

	/* bool probe_stimecmp(void): may this mode write stimecmp? It is set
	 * to "never". */
	.global probe_stimecmp
probe_stimecmp:
	li	t0, -1
	li	a0, 1
probe_first:
	csrw	CSR_STIMECMP, t0
probe_last:
	ret
probe_failed:
	li	a0, 0
	ret
	fix_up probe_first, probe_last, probe_failed

	.section .rodata.fix_up, "a"
	.dword	0, 0, 0

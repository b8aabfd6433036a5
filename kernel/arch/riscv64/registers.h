/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RISCV64_REGISTERS_H
#define RISCV64_REGISTERS_H
/** @file registers.h
 * For assembly: groups of registers, between themselves and the frame of a
 * thread. `op` is sd or ld, `base` holds a struct thread. */
#include "offsets.h"

	.macro	each_kept, op, base
	\op	ra, FRAME_RA(\base)
	\op	sp, FRAME_SP(\base)
	\op	gp, FRAME_GP(\base)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	\op	s\n, FRAME_S0 + 8 * \n(\base)
	.endr
	.endm

	.macro	each_argument_but_a0, op, base
	.irp	n, 1, 2, 3, 4, 5, 6, 7
	\op	a\n, FRAME_A0 + 8 * \n(\base)
	.endr
	.endm

	.macro	each_temporary, op, base
	.irp	n, 1, 2, 3, 4, 5, 6
	\op	t\n, FRAME_T1 + 8 * \n - 8(\base)
	.endr
	.endm

	.macro	clear_temporaries
	.irp	n, 1, 2, 3, 4, 5, 6
	li	t\n, 0
	.endr
	.endm
#endif /* RISCV64_REGISTERS_H */

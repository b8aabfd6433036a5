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

	.macro	clear_temporaries
	li	t1, 0
	li	t2, 0
	li	t3, 0
	li	t4, 0
	li	t5, 0
	li	t6, 0
	.endm
#endif /* RISCV64_REGISTERS_H */

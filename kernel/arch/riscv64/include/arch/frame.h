/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H
/** @file frame.h
 * The part of struct user_frame that is this machine's. trap_entry.S knows the
 * offsets; trap.c holds them against the structure. */
#if !defined(__ASSEMBLER__)
#include <stdint.h>

struct arch_frame {
	uint64_t pc;
	uint64_t ra;
	uint64_t sp;
	uint64_t gp;
	uint64_t tp;
	uint64_t s[12];
	uint64_t t[6]; /* t1..t6; only if all_saved */
	/** 1 while it is interrupted and shall get all temporaries back; 0
	 * while it runs, and in a call, which loses them. */
	uint64_t all_saved;
};
#endif

/* Offsets in struct thread. */
#define FRAME_AT 24
#define FRAME_A0 (FRAME_AT + 0)
#define FRAME_T0 (FRAME_AT + 64)
#define FRAME_PC (FRAME_AT + 72)
#define FRAME_RA (FRAME_AT + 80)
#define FRAME_SP (FRAME_AT + 88)
#define FRAME_GP (FRAME_AT + 96)
#define FRAME_TP (FRAME_AT + 104)
#define FRAME_S0 (FRAME_AT + 112)
#define FRAME_T1 (FRAME_AT + 208)
#define FRAME_ALL_SAVED (FRAME_AT + 256)
#endif /* ARCH_FRAME_H */

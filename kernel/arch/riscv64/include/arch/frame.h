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
	/** 0: the thread made a call, its temporaries are lost; 1: it was
	 * interrupted and gets all of them back. */
	uint64_t all_saved;
};
#endif

/* Offsets in struct user_frame. */
#define FRAME_A0 0
#define FRAME_T0 64
#define FRAME_PC 72
#define FRAME_RA 80
#define FRAME_SP 88
#define FRAME_GP 96
#define FRAME_TP 104
#define FRAME_S0 112
#define FRAME_T1 208
#define FRAME_ALL_SAVED 256
#endif /* ARCH_FRAME_H */

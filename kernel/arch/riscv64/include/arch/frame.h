/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H
/** @file frame.h
 * The part of struct user_frame that is this machine's; offsets.c tells
 * assembly of it. */
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
#endif /* ARCH_FRAME_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H
/** @file frame.h
 * What the simulator keeps of a thread that does not run: where it shall
 * begin, and the fiber that it became. The fiber's own stack holds the
 * callee-saved registers. */
#include <nexus/types.h>

#include <stdbool.h>

struct fiber;

struct arch_frame {
	nx_uaddr_t entry;
	nx_uaddr_t stack; /* as asked for; the fiber has its own */
	struct fiber *fiber;
	bool again; /* its call is not finished */
	nx_uaddr_t pc; /* where it goes on behind an exception */
};
#endif /* ARCH_FRAME_H */

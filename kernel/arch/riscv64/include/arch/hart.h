/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_HART_H
#define ARCH_HART_H
/** @file hart.h
 * In the kernel tp is the hart. */
#include <stdint.h>

struct hart;

struct arch_hart {
	uint64_t stack;	     /* its ends: of calls and interrupts, */
	uint64_t trap_stack; /* and of exceptions inside the kernel */
	uint64_t number;     /* as the firmware knows it */
	/** Registers at the last exception inside the kernel. */
	struct user_frame registers;
	volatile uint32_t *plic; /* its context; NULL: there is none */
};

static inline struct hart *this_hart(void)
{
	return (struct hart *)__builtin_thread_pointer();
}
#endif /* ARCH_HART_H */

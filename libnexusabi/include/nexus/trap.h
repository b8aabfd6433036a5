/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_TRAP_H
#define NEXUS_TRAP_H
/** @file trap.h
 * The one way into the kernel: number in t0, a0..a7 in and out, status in
 * t0. All temporaries and argument registers are lost; ra, sp, gp, tp and
 * s0..s11 are kept. On a host, the simulator defines nx_trap(). */
#include <nexus/types.h>

struct nx_registers {
	uint64_t a[8];
};

NX_BEGIN_DECLS
#if defined(__riscv)
static inline nx_status_t nx_trap(uint64_t number, struct nx_registers *regs)
{
	register uint64_t t0 __asm__("t0") = number;
	register uint64_t a0 __asm__("a0") = regs->a[0];
	register uint64_t a1 __asm__("a1") = regs->a[1];
	register uint64_t a2 __asm__("a2") = regs->a[2];
	register uint64_t a3 __asm__("a3") = regs->a[3];
	register uint64_t a4 __asm__("a4") = regs->a[4];
	register uint64_t a5 __asm__("a5") = regs->a[5];
	register uint64_t a6 __asm__("a6") = regs->a[6];
	register uint64_t a7 __asm__("a7") = regs->a[7];

	__asm__ volatile("ecall"
			 : "+r"(t0), "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3),
			   "+r"(a4), "+r"(a5), "+r"(a6), "+r"(a7)
			 :
			 : "t1", "t2", "t3", "t4", "t5", "t6", "memory");
	regs->a[0] = a0;
	regs->a[1] = a1;
	regs->a[2] = a2;
	regs->a[3] = a3;
	regs->a[4] = a4;
	regs->a[5] = a5;
	regs->a[6] = a6;
	regs->a[7] = a7;
	return (nx_status_t)t0;
}

/** The time counter; see ticks_per_second of struct nx_startup. */
static inline uint64_t nx_ticks(void)
{
	uint64_t ticks;

	__asm__ volatile("rdtime %0" : "=r"(ticks));
	return ticks;
}
#else
nx_status_t nx_trap(uint64_t number, struct nx_registers *regs);
uint64_t nx_ticks(void);
#endif
NX_END_DECLS
#endif /* NEXUS_TRAP_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_PROVOKE_H
#define SYSTEM_PROVOKE_H
/** @file provoke.h
 * Instructions that a program should not run, for the machine and for the
 * host that the simulator runs on. Plain C would not do: compilers may leave
 * out what has no defined meaning, and sanitizers see it first. */
#include <stdint.h>

#if defined(__riscv)
static inline void provoke_illegal(void)
{
	__asm__ volatile(".word 0");
}

static inline void provoke_privileged(void)
{
	__asm__ volatile("csrw sstatus, zero");
}

static inline void provoke_return(void)
{
	__asm__ volatile("sret");
}

static inline void provoke_breakpoint(void)
{
	__asm__ volatile("ebreak");
}

static inline void provoke_load(uint64_t address)
{
	__asm__ volatile("lb t0, (%0)" : : "r"(address) : "t0", "memory");
}

static inline void provoke_store(uint64_t address)
{
	__asm__ volatile("sb zero, (%0)" : : "r"(address) : "memory");
}

static inline void provoke_jump(uint64_t address)
{
	__asm__ volatile("jr %0" : : "r"(address) : "memory");
}

/* Plain misaligned accesses work on this machine; atomic ones never do. */
static inline void provoke_misaligned_load(uint64_t address)
{
	__asm__ volatile("lr.d t0, (%0)" : : "r"(address) : "t0", "memory");
}

static inline void provoke_misaligned_store(uint64_t address)
{
	__asm__ volatile("amoadd.d t0, zero, (%0)"
			 :
			 : "r"(address)
			 : "t0", "memory");
}

static inline void provoke_overflow(void)
{
	__asm__ volatile("1: addi sp, sp, -16\n"
			 "   sd zero, (sp)\n"
			 "   j 1b\n");
}
#elif defined(__x86_64__)
static inline void provoke_illegal(void)
{
	__asm__ volatile("ud2");
}

static inline void provoke_privileged(void)
{
	__asm__ volatile("hlt");
}

static inline void provoke_return(void)
{
	__asm__ volatile("cli");
}

static inline void provoke_breakpoint(void)
{
	__asm__ volatile("int3");
}

static inline void provoke_load(uint64_t address)
{
	__asm__ volatile("movb (%0), %%al" : : "r"(address) : "rax", "memory");
}

static inline void provoke_store(uint64_t address)
{
	__asm__ volatile("movb $0, (%0)" : : "r"(address) : "memory");
}

static inline void provoke_jump(uint64_t address)
{
	__asm__ volatile("jmp *%0" : : "r"(address) : "memory");
}

static inline void provoke_overflow(void)
{
	__asm__ volatile("1: pushq $0\n"
			 "   jmp 1b\n");
}
#endif
#endif /* SYSTEM_PROVOKE_H */

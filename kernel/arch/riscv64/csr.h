/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RISCV64_CSR_H
#define RISCV64_CSR_H
/** @file csr.h
 * Control registers and their bits, after the privileged architecture,
 * version 1.12. Usable from assembly. */
#define STATUS_SIE 0x2
#define STATUS_SPP 0x100
#define STATUS_VS 0x600
#define STATUS_FS 0x6000
#define STATUS_SUM 0x40000
#define STATUS_MXR 0x80000

#define CAUSE_INTERRUPT_BIT 63
#define CAUSE_USER_ECALL 8
#define CAUSE_PAGE_FETCH 12
#define CAUSE_PAGE_LOAD 13
#define CAUSE_PAGE_STORE 15
#define INTERRUPT_SOFTWARE 0x2
#define INTERRUPT_TIMER 0x20
#define INTERRUPT_EXTERNAL 0x200

/* scounteren: cycle, time, instret for users. */
#define COUNTERS_USER 0x7

#define CSR_STIMECMP 0x14d

#if !defined(__ASSEMBLER__)
#include <stdint.h>

#define CSR_NAME_(name) #name
#define CSR_NAME(name) CSR_NAME_(name)
#define csr_read(name)                                                         \
	({                                                                     \
		uint64_t csr_value_;                                           \
		__asm__ volatile("csrr %0, " CSR_NAME(name)                    \
				 : "=r"(csr_value_)::"memory");                \
		csr_value_;                                                    \
	})
#define csr_write(name, value)                                                 \
	__asm__ volatile(                                                      \
		"csrw " CSR_NAME(name) ", %0" ::"rK"((uint64_t)(value))        \
		: "memory")
#define csr_set(name, bits)                                                    \
	__asm__ volatile(                                                      \
		"csrs " CSR_NAME(name) ", %0" ::"rK"((uint64_t)(bits))         \
		: "memory")
#define csr_clear(name, bits)                                                  \
	__asm__ volatile(                                                      \
		"csrc " CSR_NAME(name) ", %0" ::"rK"((uint64_t)(bits))         \
		: "memory")
#endif
#endif /* RISCV64_CSR_H */

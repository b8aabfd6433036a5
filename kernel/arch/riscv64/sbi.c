/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of the firmware (SBI specification 2.0). */
#include "arch/riscv64/machine_internal.h"

#define SBI_TIMER UINT64_C(0x54494d45)
#define SBI_SYSTEM_RESET UINT64_C(0x53525354)
/* Of version 0.1; used before the serial port is known. */
#define SBI_LEGACY_PUTCHAR UINT64_C(1)
#define SBI_LEGACY_SHUTDOWN UINT64_C(8)

static uint64_t sbi_call(uint64_t extension, uint64_t function, uint64_t first,
			 uint64_t second)
{
	register uint64_t a0 __asm__("a0") = first;
	register uint64_t a1 __asm__("a1") = second;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a6), "r"(a7)
			 : "memory");
	return a0;
}

void sbi_timer_set(uint64_t ticks)
{
	sbi_call(SBI_TIMER, 0, ticks, 0);
}

void sbi_putchar(char byte)
{
	sbi_call(SBI_LEGACY_PUTCHAR, 0, (uint8_t)byte, 0);
}

void sbi_reset(uint32_t type, uint32_t reason)
{
	sbi_call(SBI_SYSTEM_RESET, 0, type, reason);
	sbi_call(SBI_LEGACY_SHUTDOWN, 0, 0, 0);
	for (;;)
		__asm__ volatile("wfi");
}

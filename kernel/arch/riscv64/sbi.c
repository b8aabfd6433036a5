/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of the firmware (SBI specification 2.0). */
#include "arch/riscv64/machine_internal.h"

#include <kernel/hart.h>

#define SBI_TIMER UINT64_C(0x54494d45)
#define SBI_SYSTEM_RESET UINT64_C(0x53525354)
#define SBI_IPI UINT64_C(0x735049)
#define SBI_FENCE UINT64_C(0x52464e43)
#define SBI_FENCE_CODE 0
#define SBI_FENCE_ALL 1	  /* pages of all numbers */
#define SBI_FENCE_PAGES 2 /* of one address space number */
#define SBI_HART UINT64_C(0x48534d)
#define SBI_HART_START 0
#define SBI_HART_STOP 1
/* Of version 0.1; used before the serial port is known. */
#define SBI_LEGACY_PUTCHAR UINT64_C(1)
#define SBI_LEGACY_SHUTDOWN UINT64_C(8)

static uint64_t sbi_call(uint64_t extension, uint64_t function, uint64_t first,
			 uint64_t second, uint64_t third, uint64_t fourth,
			 uint64_t fifth)
{
	/* What assembly reads. */
	/* cppcheck-suppress constStatement */
	register uint64_t a0 __asm__("a0") = first;
	/* cppcheck-suppress constStatement */
	register uint64_t a1 __asm__("a1") = second;
	register uint64_t a2 __asm__("a2") = third;
	register uint64_t a3 __asm__("a3") = fourth;
	register uint64_t a4 __asm__("a4") = fifth;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
			 : "memory");
	return a0;
}

/* Harts are named by a mask that begins at a number, 64 at a time. */
struct hart_set {
	uint64_t mask;
	uint64_t base;
};

/* Take from `ids` those that one mask can name: the first one, and what lies
 * within 64 of it. */
static struct hart_set take_set(uint32_t *ids)
{
	struct hart_set set = { 0, 0 };

	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		uint64_t number = harts[i].arch.number;

		if ((*ids >> i & 1) == 0)
			continue;
		if (set.mask == 0)
			set.base = number;
		if (number < set.base || number - set.base >= 64)
			continue;
		set.mask |= UINT64_C(1) << (number - set.base);
		*ids &= ~(UINT32_C(1) << i);
	}
	return set;
}

static void call_each(uint32_t ids, uint64_t extension, uint64_t function,
		      uint64_t start, uint64_t size_bytes, uint64_t asid)
{
	while (ids != 0) {
		struct hart_set set = take_set(&ids);

		sbi_call(extension, function, set.mask, set.base, start,
			 size_bytes, asid);
	}
}

void sbi_kick(uint32_t ids)
{
	call_each(ids, SBI_IPI, 0, 0, 0, 0);
}

void sbi_fence_code(uint32_t ids)
{
	call_each(ids, SBI_FENCE, SBI_FENCE_CODE, 0, 0, 0);
}

void sbi_fence_all(uint32_t ids)
{
	call_each(ids, SBI_FENCE, SBI_FENCE_ALL, 0, UINT64_MAX, 0);
}

void sbi_fence_pages(uint32_t ids, uint64_t address, uint64_t size_bytes,
		     uint64_t asid)
{
	call_each(ids, SBI_FENCE, SBI_FENCE_PAGES, address, size_bytes, asid);
}

bool sbi_hart_start(uint64_t number, paddr_t entry, uint64_t argument)
{
	return sbi_call(SBI_HART, SBI_HART_START, number, entry, argument, 0,
			0) == 0;
}

void sbi_hart_stop(void)
{
	sbi_call(SBI_HART, SBI_HART_STOP, 0, 0, 0, 0, 0);
	for (;;)
		__asm__ volatile("wfi");
}

void sbi_timer_set(uint64_t ticks)
{
	sbi_call(SBI_TIMER, 0, ticks, 0, 0, 0, 0);
}

void sbi_putchar(char byte)
{
	sbi_call(SBI_LEGACY_PUTCHAR, 0, (uint8_t)byte, 0, 0, 0, 0);
}

void sbi_reset(uint32_t type, uint32_t reason)
{
	sbi_call(SBI_SYSTEM_RESET, 0, type, reason, 0, 0, 0);
	sbi_call(SBI_LEGACY_SHUTDOWN, 0, 0, 0, 0, 0, 0);
	for (;;)
		__asm__ volatile("wfi");
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RISCV64_MACHINE_INTERNAL_H
#define RISCV64_MACHINE_INTERNAL_H
/** @file machine_internal.h
 * What the files of this machine say to one another. */
#include "boot/machine.h"

#include <kernel/arch.h>

/* kernel.ld: where parts of the image begin, and its end. */
extern const char image_start[], image_rodata[], image_data[];
extern const char image_boot[], image_boot_text[], image_end[];

/* copy_user.S */
struct fix_up {
	uint64_t first; /* exceptions at [first, last) */
	uint64_t last;
	uint64_t target; /* go on here; 0 ends the table */
};
extern const struct fix_up fix_up_table[];
bool probe_stimecmp(void);

/* mmu_kernel.c, mmu_upper.c */
/** Where the image was loaded; set before anything is translated. */
extern paddr_t image_physical;
/** Build the kernel's tables for good and use them. Their pages are taken
 * from the beginning of the free ranges, which shrink. */
void mmu_init(const struct machine *machine, const struct boot_range *tree,
	      struct boot_range *ranges, uint32_t range_count);
/** Take what only booting needed out of the upper half, which must run on
 * no other hart yet. It is memory like any other then. */
struct boot_range mmu_forget_boot(void);
/* asid.c: none is used yet. */
HELD void asid_boot(void);

/* plic.c */
/** `line` is the kernel's own, for the first hart; 0: it has none. */
HELD void plic_init(const struct machine_plic *plic, uint32_t hart_count,
		    uint32_t line);
/** Each hart when it starts: firmware lets no line through to one. */
void plic_begin(void);
/** Once there was an interrupt: the line that asks this hart, or 0 when it
 * asks no more. It asks again only after arch_irq_done(). */
uint32_t plic_claim(void);

/* uart.c */
/** What is typed interrupts from now on, once the controller lets it. */
void uart_init(const struct machine_uart *uart);
/** If this is its line, what has come is taken. */
HELD void uart_interrupt(uint32_t line);

/* timer.c */
void timer_boot(const struct machine *machine);
/* random.c: takes the seed, and wipes it. */
HELD void random_init(uint8_t *seed, uint32_t size_bytes);

/* sbi.c */
void sbi_timer_set(uint64_t ticks);
void sbi_putchar(char byte);
_Noreturn void sbi_reset(uint32_t type, uint32_t reason);
/** Of harts[]: bit n is harts[n]. These interrupt them, */
void sbi_kick(uint32_t ids);
/** and these return when all of them have forgotten: code they have fetched, */
void sbi_fence_code(uint32_t ids);
/** all translations, */
void sbi_fence_all(uint32_t ids);
/** translations of this address space number; size UINT64_MAX: all. */
void sbi_fence_pages(uint32_t ids, uint64_t address, uint64_t size_bytes,
		     uint64_t asid);
/** Let a hart begin at a physical address; its a1 is the argument. */
bool sbi_hart_start(uint64_t number, paddr_t entry, uint64_t argument);
_Noreturn void sbi_hart_stop(void);

/* harts.c */
/** What the device tree says of them; may they use the fast path? */
void harts_find(const struct machine *machine, bool fast);
/** From booting to running: what booted is given back, then all harts begin.
 */
HELD struct thread *machine_run(void);
/** The first thread of a hart, which gives the lock back. */
struct thread *hart_begin(void);
extern uint64_t hart_satp; /* start.S: of a hart that begins */

/* Addresses for stvec: trap_entry.S, fast.S; with several harts _many. */
extern const char trap_entry[], trap_entry_many[];
extern const char trap_entry_fast[], trap_entry_fast_many[];
/** The one that is used. */
void trap_set_entry(bool fast);

/* mmu_tables.c */
/** Was an exception at this address of a user about what the tables allow
 * by now? Then this hart knows it, too. */
HELD bool mmu_was_stale(uint64_t cause, nx_uaddr_t address);
#endif /* RISCV64_MACHINE_INTERNAL_H */

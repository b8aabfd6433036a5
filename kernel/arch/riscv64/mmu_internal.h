/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RISCV64_MMU_INTERNAL_H
#define RISCV64_MMU_INTERNAL_H
/** @file mmu_internal.h
 * Sv39 (privileged architecture 1.12, section 4.4): three levels of tables
 * of 512 entries; level 2 is the first table, level 0 the last. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/layout.h"

#include <kernel/kernel.h>

#define PTE_VALID (UINT64_C(1) << 0)
#define PTE_READ (UINT64_C(1) << 1)
#define PTE_WRITE (UINT64_C(1) << 2)
#define PTE_EXEC (UINT64_C(1) << 3)
#define PTE_READ_EXEC (PTE_READ | PTE_EXEC) /* neither: of a table */
#define PTE_USER (UINT64_C(1) << 4)
#define PTE_GLOBAL (UINT64_C(1) << 5)
#define PTE_ACCESSED (UINT64_C(1) << 6)
#define PTE_DIRTY (UINT64_C(1) << 7)
#define PTE_ADDRESS_SHIFT 10
#define PTE_ADDRESS_MASK ((UINT64_C(1) << 44) - 1)

#define SATP_SV39 (UINT64_C(8) << 60)
#define SATP_ASID_SHIFT 44
#define SATP_ASID_MASK UINT64_C(0xffff)

/* The controller's registers; see plic.c. */
#define PLIC_ENABLE_OFFSET(context) (0x2000 + UINT64_C(0x80) * (context))
#define PLIC_ENABLE_BYTES 0x80
#define PLIC_CONTEXT_OFFSET(context) (0x200000 + UINT64_C(0x1000) * (context))

/* The first table of the kernel, and the upper half of all. */
extern uint64_t kernel_root[TABLE_ENTRIES];
/** Take a page of the image, which is mapped by pages, out of it. */
void kernel_unmap(uint64_t virtual);

struct space;

/* asid.c */
/** A number that nobody has, and no hart remembers anything of; or 0, which
 * is what those without one share. */
HELD uint64_t asid_take(void);
/** Nobody has it any more. This hart has forgotten it; if it is `dirty`
 * another one may not have. */
HELD void asid_give(uint64_t asid, bool dirty);

/* mmu.c */
/** This hart forgets these pages of a space, or all of it. */
HELD void mmu_flush(const struct space *space, nx_uaddr_t address,
		    uint64_t count);
/** Code has come: no hart runs in the space what it has fetched before. */
HELD void mmu_fence_code(struct space *space);

static inline uint64_t table_index(uint64_t address, unsigned level)
{
	return address >> (NX_PAGE_BITS + 9 * level) & (TABLE_ENTRIES - 1);
}

/* The address is that of a page. */
static inline uint64_t pte_make(paddr_t address, uint64_t bits)
{
	return address >> (NX_PAGE_BITS - PTE_ADDRESS_SHIFT) | bits;
}

static inline paddr_t pte_address(uint64_t pte)
{
	return (pte >> PTE_ADDRESS_SHIFT & PTE_ADDRESS_MASK) << NX_PAGE_BITS;
}

static inline uint64_t satp_make(paddr_t root, uint64_t asid)
{
	return SATP_SV39 | asid << SATP_ASID_SHIFT | root >> NX_PAGE_BITS;
}

static inline void satp_write(uint64_t satp)
{
	csr_write(satp, satp);
}

static inline void sfence_all(void)
{
	__asm__ volatile("sfence.vma" ::: "memory");
}

static inline void sfence_asid(uint64_t asid)
{
	__asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
}

static inline void sfence_page(uint64_t address, uint64_t asid)
{
	__asm__ volatile("sfence.vma %0, %1" ::"r"(address), "r"(asid)
			 : "memory");
}
#endif /* RISCV64_MMU_INTERNAL_H */

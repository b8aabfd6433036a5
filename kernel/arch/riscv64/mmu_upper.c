/* SPDX-License-Identifier: BSD-2-Clause */
/* The upper half once it is built: where things are in it, and how what only
 * booting needed leaves it. */
#include "arch/riscv64/machine_internal.h"
#include "arch/riscv64/mmu_internal.h"

#include <kernel/page.h>

uint64_t kernel_root[TABLE_ENTRIES] __attribute__((aligned(NX_PAGE_SIZE)));
paddr_t image_physical;

void *phys_to_virt(paddr_t address)
{
	return (void *)(uintptr_t)(DIRECT_BASE + address);
}

paddr_t virt_to_phys(const void *pointer)
{
	uint64_t address = (uint64_t)(uintptr_t)pointer;

	if (address >= IMAGE_BASE)
		return address - IMAGE_BASE + image_physical;
	return address - DIRECT_BASE;
}

void kernel_unmap(uint64_t virtual)
{
	uint64_t *middle =
		phys_to_virt(pte_address(kernel_root[table_index(virtual, 2)]));
	uint64_t *leaf =
		phys_to_virt(pte_address(middle[table_index(virtual, 1)]));

	leaf[table_index(virtual, 0)] = 0;
}

struct boot_range mmu_forget_boot(void)
{
	uint64_t first = (uintptr_t)image_boot;
	uint64_t last = (uintptr_t)image_end;

	for (uint64_t at = first; at < last; at += NX_PAGE_SIZE)
		kernel_unmap(at);
	sfence_all();
	return (struct boot_range){ virt_to_phys(image_boot), last - first };
}

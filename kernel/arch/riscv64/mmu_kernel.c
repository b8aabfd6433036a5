/* SPDX-License-Identifier: BSD-2-Clause */
/* The upper half. It is built once and shared by all spaces, which copy the
 * upper half of the first table: no table of the second level is added
 * later. Image: text RX, constants R, data RW. Memory and registers: RW at
 * DIRECT_BASE; of memory only what the kernel uses, of the image only what is
 * memory later (mmu_upper.c). */
#include "arch/riscv64/machine_internal.h"
#include "arch/riscv64/mmu_internal.h"

#include <kernel/hart.h>
#include <kernel/page.h>
#include <kernel/string.h>

#define KERNEL_BITS                                                            \
	(PTE_VALID | PTE_READ | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY)
#define LARGE_MASK (UINT64_C(LARGE_PAGE_SIZE) - 1)
#define GIANT_SIZE (UINT64_C(1) << 30)

extern char hart_stack_guard[], trap_stack_guard[];
extern char hart_stack_end[], trap_stack_end[];

static uint64_t early_root[TABLE_ENTRIES]
	__attribute__((aligned(NX_PAGE_SIZE)));
static uint64_t early_image[TABLE_ENTRIES]
	__attribute__((aligned(NX_PAGE_SIZE)));

uint64_t early_map(paddr_t image);

/* Runs before translation, at physical addresses: all of the image, and all
 * physical memory, writable. Returns satp. */
uint64_t early_map(paddr_t image)
{
	uint64_t size = (uintptr_t)image_end - (uintptr_t)image_start;
	uint64_t bits = KERNEL_BITS | PTE_WRITE;
	uint64_t first = table_index(IMAGE_BASE, 1);

	for (uint64_t i = 0; i * LARGE_PAGE_SIZE < size; i++)
		early_image[first + i] =
			pte_make(image + i * LARGE_PAGE_SIZE, bits | PTE_EXEC);
	for (uint64_t i = 0; i < DIRECT_SIZE / GIANT_SIZE; i++)
		early_root[table_index(DIRECT_BASE, 2) + i] =
			pte_make(i * GIANT_SIZE, bits);
	early_root[table_index(IMAGE_BASE, 2)] =
		pte_make((uint64_t)(uintptr_t)early_image, PTE_VALID);
	return satp_make((uint64_t)(uintptr_t)early_root, 0);
}

/* Where tables come from at boot. */
static struct {
	struct boot_range *ranges;
	uint32_t count;
} source;

static uint64_t *take_table(void)
{
	for (uint32_t i = 0; i < source.count; i++) {
		struct boot_range *range = &source.ranges[i];
		uint64_t *table = phys_to_virt(range->base);

		if (range->size_bytes < NX_PAGE_SIZE)
			continue;
		range->base += NX_PAGE_SIZE;
		range->size_bytes -= NX_PAGE_SIZE;
		memset(table, 0, NX_PAGE_SIZE);
		return table;
	}
	panic("no memory for the kernel's tables");
}

/* The table below an entry, made if there is none. */
static uint64_t *next_table(uint64_t *entry)
{
	KASSERT((*entry & (PTE_READ | PTE_WRITE | PTE_EXEC)) == 0);
	if (*entry == 0)
		*entry = pte_make(virt_to_phys(take_table()), PTE_VALID);
	return phys_to_virt(pte_address(*entry));
}

/* As many pages as there are, or have a place in this table; how many bytes
 * that is. */
static uint64_t map_pages(uint64_t *leaf, uint64_t virtual, paddr_t physical,
			  uint64_t size_bytes, uint64_t bits)
{
	uint64_t first = table_index(virtual, 0);
	uint64_t count = TABLE_ENTRIES - first;

	if (count > size_bytes >> NX_PAGE_BITS)
		count = size_bytes >> NX_PAGE_BITS;
	for (uint64_t i = 0; i < count; i++)
		leaf[first + i] = pte_make(physical + i * NX_PAGE_SIZE, bits);
	return count << NX_PAGE_BITS;
}

/* Map whole pages, large ones where they fit. */
static void map(uint64_t virtual, paddr_t physical, uint64_t size_bytes,
		uint64_t bits)
{
	bits |= KERNEL_BITS;
	while (size_bytes > 0) {
		uint64_t *middle =
			next_table(&kernel_root[table_index(virtual, 2)]);
		uint64_t *entry = &middle[table_index(virtual, 1)];
		uint64_t step = LARGE_PAGE_SIZE;

		if (((virtual | physical) & LARGE_MASK) != 0 ||
		    size_bytes < step || *entry != 0)
			step = map_pages(next_table(entry), virtual, physical,
					 size_bytes, bits);
		else
			*entry = pte_make(physical, bits);
		virtual += step;
		physical += step;
		size_bytes -= step;
	}
}

static void map_direct(paddr_t base, uint64_t size_bytes)
{
	paddr_t first = base & ~(NX_PAGE_SIZE - 1);

	if (size_bytes > 0)
		map(DIRECT_BASE + first, first,
		    page_round_up(base + size_bytes) - first, PTE_WRITE);
}

static void map_image(const char *start, const char *end, uint64_t bits)
{
	map((uint64_t)(uintptr_t)start, virt_to_phys(start),
	    (uint64_t)(end - start), bits);
}

/* Pages of their own, with nothing around them. */
static void map_stack(uint64_t virtual, uint64_t size_bytes)
{
	for (uint64_t at = 0; at < size_bytes; at += NX_PAGE_SIZE)
		map(virtual + at, virt_to_phys(take_table()), NX_PAGE_SIZE,
		    PTE_WRITE);
}

static void map_stacks(uint32_t hart_count)
{
	uint64_t virtual = HART_STACKS_BASE;

	harts[0].arch.stack = (uintptr_t)hart_stack_end;
	harts[0].arch.trap_stack = (uintptr_t)trap_stack_end;
	for (uint32_t i = 1; i < hart_count; i++) {
		uint64_t stack = virtual + NX_PAGE_SIZE;
		uint64_t trap_stack = stack + HART_STACK_SIZE + NX_PAGE_SIZE;

		map_stack(stack, HART_STACK_SIZE);
		map_stack(trap_stack, TRAP_STACK_SIZE);
		harts[i].arch.stack = stack + HART_STACK_SIZE;
		harts[i].arch.trap_stack = trap_stack + TRAP_STACK_SIZE;
		virtual += HART_STACKS_STRIDE;
	}
}

/* Only the pages that plic.c uses. */
static void map_plic(const struct machine_plic *plic, uint32_t hart_count)
{
	paddr_t base = plic->registers.base;

	if (plic->registers.size_bytes == 0)
		return;
	map_direct(base, NX_PAGE_SIZE);
	for (uint32_t i = 0; i < hart_count; i++) {
		uint32_t context = plic->contexts[i];

		map_direct(base + PLIC_ENABLE_OFFSET(context),
			   PLIC_ENABLE_BYTES);
		map_direct(base + PLIC_CONTEXT_OFFSET(context), NX_PAGE_SIZE);
	}
}

void mmu_init(const struct machine *machine, const struct boot_range *tree,
	      struct boot_range *ranges, uint32_t range_count)
{
	/* Tables are taken while this goes on: they must be mapped, too. */
	struct boot_range all[BOOT_RANGES_MAX];

	source.ranges = ranges;
	source.count = range_count;
	memcpy(all, ranges, range_count * sizeof(all[0]));
	map_image(image_start, image_rodata, PTE_EXEC);
	map_image(image_rodata, image_data, 0);
	map_image(image_data, image_boot_text, PTE_WRITE);
	map_image(image_boot_text, image_end, PTE_EXEC);
	kernel_unmap((uintptr_t)hart_stack_guard);
	kernel_unmap((uintptr_t)trap_stack_guard);
	map_stacks(machine->hart_count);
	for (uint32_t i = 0; i < range_count; i++)
		map_direct(all[i].base, all[i].size_bytes);
	map_direct(virt_to_phys(image_boot),
		   (uintptr_t)image_end - (uintptr_t)image_boot);
	map_direct(tree->base, tree->size_bytes);
	map_direct(machine->package.base, machine->package.size_bytes);
	map_direct(machine->uart.registers.base,
		   machine->uart.registers.size_bytes);
	map_plic(&machine->plic, machine->hart_count);
	satp_write(satp_make(virt_to_phys(kernel_root), 0));
	sfence_all();
}

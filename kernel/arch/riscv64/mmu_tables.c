/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of users. The tag of a table's page counts its entries in use, so
 * that an empty table goes back at once. The machine may remember entries
 * above the last level, too, and what is flushed by address is the last level
 * only: a table that comes or goes flushes its space. */
#include "arch/riscv64/machine_internal.h"
#include "arch/riscv64/mmu_internal.h"

#include <kernel/arch_space.h>
#include <kernel/hart.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/space.h>

/* Entries that are written without a look at who waits. */
#define ENTRIES_A_STEP 128

static uint64_t *table_of(uint64_t pte)
{
	return phys_to_virt(pte_address(pte));
}

/* How many there are in the table then. */
static uint64_t count_entries(const uint64_t *entry, int64_t change)
{
	paddr_t page = virt_to_phys(entry) & ~(NX_PAGE_SIZE - 1);
	uint64_t count = page_get_tag(page) + (uint64_t)change;

	page_set_tag(page, count);
	return count;
}

/* The entry for an address in the table of a level; NULL if a table above
 * is missing. */
HELD static inline uint64_t *find_entry(const struct space *space,
					nx_uaddr_t address, unsigned level)
{
	uint64_t *table = phys_to_virt(space->arch.root);
	uint64_t *entry = &table[table_index(address, 2)];

	if (level == 2)
		return entry;
	if (*entry == 0)
		return NULL;
	entry = &table_of(*entry)[table_index(address, 1)];
	if (level == 1)
		return entry;
	return *entry != 0 ? &table_of(*entry)[table_index(address, 0)] : NULL;
}

/* The entry that shows an address, and for how many pages; NULL: none does. */
HELD static inline uint64_t *find_leaf(const struct space *space,
				       nx_uaddr_t address, uint64_t *out_count)
{
	uint64_t *entry = find_entry(space, address, 1);

	*out_count = TABLE_ENTRIES;
	if (entry == NULL || *entry == 0 || (*entry & PTE_READ_EXEC) != 0)
		return entry;
	*out_count = 1;
	return &table_of(*entry)[table_index(address, 0)];
}

/* Take empty tables above an address out. */
OUT_OF_THE_WAY void arch_space_trim(struct space *space, nx_uaddr_t address,
				    paddr_t *chain)
{
	for (unsigned level = 1; level <= 2; level++) {
		uint64_t *entry = find_entry(space, address, level);
		paddr_t table;

		if (entry == NULL || *entry == 0)
			continue;
		table = pte_address(*entry);
		if (page_get_tag(table) != 0)
			return;
		*entry = 0;
		if (level == 1)
			count_entries(entry, -1);
		page_chain_push(chain, table);
	}
}

HELD static nx_status_t make_table(struct space *space, uint64_t *entry)
{
	paddr_t table;
	nx_status_t status = page_alloc(space->job, 0, &table);

	if (status != NX_OK)
		return status;
	page_set_tag(table, 0);
	*entry = pte_make(table, PTE_VALID);
	sfence_asid(space->arch.asid);
	return NX_OK;
}

/* Those that miss above the entry of a level, which is there then. What comes
 * is kept for the next time, so that it may as well be a step. */
HELD OUT_OF_THE_WAY static nx_status_t make_tables(struct space *space,
						   nx_uaddr_t address,
						   unsigned last,
						   uint64_t **out_entry)
{
	if (kernel_poll() && current_thread()->coming == NULL)
		return SYS_AGAIN;
	for (unsigned level = 2;; level--) {
		uint64_t *entry = find_entry(space, address, level);
		nx_status_t status;

		KASSERT(entry != NULL); /* what is above it was made */
		if (level == last) {
			*out_entry = entry;
			return NX_OK;
		}
		if (*entry != 0)
			continue;
		status = make_table(space, entry);
		if (status != NX_OK)
			return status;
		if (level == 1)
			count_entries(entry, 1);
		if (kernel_poll())
			return SYS_AGAIN;
	}
}

/* Entries of a step from an address to the end of its last table. */
static uint64_t step_length(nx_uaddr_t address, uint64_t count)
{
	uint64_t left = TABLE_ENTRIES - table_index(address, 0);

	if (count > ENTRIES_A_STEP)
		count = ENTRIES_A_STEP;
	return count < left ? count : left;
}

/* A writable page is readable: the machine has no other. */
static uint64_t access_bits(uint32_t access)
{
#define BITS(more) (PTE_VALID | PTE_USER | PTE_ACCESSED | PTE_DIRTY | (more))
	static const uint8_t bits[NX_MAP_ACCESS + 1] = {
		[0] = BITS(0),
		[NX_MAP_READ] = BITS(PTE_READ),
		[NX_MAP_READ | NX_MAP_WRITE] = BITS(PTE_READ | PTE_WRITE),
		[NX_MAP_EXEC] = BITS(PTE_EXEC),
		[NX_MAP_READ | NX_MAP_EXEC] = BITS(PTE_READ | PTE_EXEC),
	};
#undef BITS

	return bits[access];
}

static inline void write_entries(uint64_t *entry, const struct page_run *run,
				 uint64_t count, uint64_t bits)
{
	const paddr_t *pages = run->pages;

	if (pages == NULL) {
		for (uint64_t i = 0; i < count; i++)
			entry[i] = pte_make(run->base + i * NX_PAGE_SIZE, bits);
		return;
	}
	for (; count >= 8; count -= 8, pages += 8, entry += 8) {
#pragma GCC unroll 8
		for (unsigned i = 0; i < 8; i++)
			entry[i] = pte_make(pages[i], bits);
	}
	for (; count > 0; count--)
		*entry++ = pte_make(*pages++, bits);
}

/* Does one entry of the table above show all that a table would? */
static bool is_large(nx_uaddr_t address, const struct page_run *run)
{
	return run->pages == NULL && run->count >= SPACE_LARGE_PAGES &&
	       ((address | run->base) & (SPACE_LARGE_BYTES - 1)) == 0;
}

nx_status_t arch_space_map(struct space *space, nx_uaddr_t address,
			   const struct page_run *run, uint32_t access,
			   uint64_t *out_count)
{
	bool large = is_large(address, run);
	uint64_t count = large ? 1 : step_length(address, run->count);
	uint64_t *entry = find_entry(space, address, large);

	if (entry == NULL) {
		nx_status_t status = make_tables(space, address, large, &entry);

		if (status != NX_OK)
			return status;
	}
	write_entries(
		entry, run, count,
		access_bits(run->shared ? access & ~NX_MAP_WRITE : access));
	count_entries(entry, (int64_t)count);
	/* Absence may have been cached, too; other harts find out themselves:
	 * see mmu_was_stale(). */
	mmu_flush(space, address, count);
	if ((access & NX_MAP_EXEC) != 0)
		mmu_fence_code(space);
	*out_count = large ? SPACE_LARGE_PAGES : count;
	return NX_OK;
}

OUT_OF_THE_WAY bool mmu_was_stale(uint64_t cause, nx_uaddr_t address)
{
	static const uint64_t needed[] = {
		[CAUSE_PAGE_FETCH] = PTE_EXEC,
		[CAUSE_PAGE_LOAD] = PTE_READ,
		[CAUSE_PAGE_STORE] = PTE_WRITE,
	};
	const struct space *space = &current_process()->space;
	const uint64_t *entry;
	uint64_t count;

	if (cause >= ARRAY_COUNT(needed) || needed[cause] == 0 ||
	    address >= SPACE_DEVICE_HIGH)
		return false;
	entry = find_leaf(space, address, &count);
	if (entry == NULL || (*entry & needed[cause]) == 0)
		return false;
	sfence_page(address & ~(NX_PAGE_SIZE - 1), space->arch.asid);
	return true;
}

void arch_space_show(struct space *space, nx_uaddr_t address, paddr_t page,
		     uint32_t access)
{
	uint64_t *entry = find_entry(space, address, 0);

	if (entry == NULL)
		return;
	*entry = pte_make(page, access_bits(access));
	if ((access & NX_MAP_EXEC) != 0)
		mmu_fence_code(space);
}

uint64_t arch_space_protect(struct space *space, nx_uaddr_t address,
			    uint64_t count, uint32_t access)
{
	uint64_t bits = access_bits(access), each;
	uint64_t *entry = find_leaf(space, address, &each);
	uint64_t entries = each == 1 ? step_length(address, count) : 1;

	KASSERT(entry != NULL);
	for (uint64_t i = 0; i < entries; i++)
		entry[i] = pte_make(pte_address(entry[i]), bits);
	return entries * each;
}

uint64_t arch_space_clear(struct space *space, nx_uaddr_t address,
			  uint64_t count, paddr_t *chain)
{
	nx_uaddr_t last = address + ((count - 1) << NX_PAGE_BITS);
	uint64_t entries = table_index(last, 0) + 1, each;
	uint64_t *entry = find_leaf(space, last, &each);

	KASSERT(entry != NULL);
	if (each != 1)
		entries = 1;
	else if (entries > count)
		entries = count;
#pragma GCC unroll 8
	for (uint64_t i = 0; i < entries; i++)
		*(entry - i) = 0;
	if (count_entries(entry, -(int64_t)entries) == 0)
		arch_space_trim(space, last, chain);
	return entries * each;
}

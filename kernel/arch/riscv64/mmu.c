/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces of users. The tag of a table's page counts its entries in
 * use, so that an empty table goes back at once. A space has its address
 * space number for life and nothing of it is cached when the next one gets
 * the number, so that no switch flushes. A space that found none left, or a
 * machine that has none, shares number 0 and is flushed whenever it becomes
 * active. The machine may remember entries above the last level, too, and
 * what is flushed by address is the last level only: a table that comes or
 * goes flushes its space.
 *
 * Of several harts, those that run the space forget at once: the firmware
 * interrupts them, also while they wait for the lock. The others forget all
 * of it before they run it again. A number that such a hart may remember is
 * used again only after all harts have forgotten everything, which happens
 * when no number is left. */
#include "arch/riscv64/machine_internal.h"
#include "arch/riscv64/mmu_internal.h"

#include <kernel/arch_space.h>
#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/space.h>
#include <kernel/string.h>
#include <kernel/thread.h>

/* Above so many pages one flush of the whole space is cheaper. */
#define SFENCE_PAGES_MAX 16
/* Entries that are written without a look at who waits. */
#define ENTRIES_A_STEP 128

/* So many spaces have a number of their own at a time. */
#define ASID_MAX UINT64_C(4095)
#define ASID_WORDS ((ASID_MAX + 1) / 64)

static struct {
	uint64_t max;		    /* 0: the machine has none */
	uint64_t first_word;	    /* no number is free below it */
	uint64_t used[ASID_WORDS];  /* a bit for each number */
	uint64_t dirty[ASID_WORDS]; /* of these: only remembered somewhere */
	bool any_dirty;
} asids;

/* Number 0 is what those without one share. */
static void asid_boot(uint64_t max)
{
	memset(&asids, 0, sizeof(asids));
	asids.max = max < ASID_MAX ? max : ASID_MAX;
	asids.used[0] = 1;
}

static uint64_t asid_find(void)
{
	for (uint64_t i = asids.first_word; i <= asids.max / 64; i++) {
		uint64_t bit = 0;

		asids.first_word = i;
		if (asids.used[i] == UINT64_MAX)
			continue;
		while ((asids.used[i] >> bit & 1) != 0)
			bit++;
		if (i * 64 + bit > asids.max)
			break;
		asids.used[i] |= UINT64_C(1) << bit;
		return i * 64 + bit;
	}
	return 0;
}

/* All harts forget everything, so the dirty numbers are free. */
OUT_OF_THE_WAY static uint64_t asid_clean(void)
{
	sbi_fence_all(harts_online & ~this_hart()->bit);
	sfence_all();
	for (uint64_t i = 0; i < ASID_WORDS; i++)
		asids.used[i] &= ~asids.dirty[i];
	memset(asids.dirty, 0, sizeof(asids.dirty));
	asids.any_dirty = false;
	asids.first_word = 0;
	return asid_find();
}

static uint64_t asid_take(void)
{
	uint64_t asid = asid_find();

	return asid == 0 && asids.any_dirty ? asid_clean() : asid;
}

static void asid_give(uint64_t asid, bool dirty)
{
	uint64_t word = asid / 64;

	if (asid == 0)
		return;
	if (dirty) {
		asids.dirty[word] |= UINT64_C(1) << asid % 64;
		asids.any_dirty = true;
		return;
	}
	asids.used[word] &= ~(UINT64_C(1) << asid % 64);
	if (word < asids.first_word)
		asids.first_word = word;
}

void space_boot(void)
{
	uint64_t satp = csr_read(satp);

	satp_write(satp | SATP_ASID_MASK << SATP_ASID_SHIFT);
	asid_boot(csr_read(satp) >> SATP_ASID_SHIFT & SATP_ASID_MASK);
	satp_write(satp);
	sfence_all();
}

nx_status_t arch_space_init(struct space *space)
{
	const size_t half = TABLE_ENTRIES / 2;
	nx_status_t status;
	paddr_t root;

	status = page_alloc(space->job, 0, &root);
	if (status != NX_OK)
		return status;
	memcpy((uint64_t *)phys_to_virt(root) + half, kernel_root + half,
	       half * sizeof(uint64_t));
	space->arch.root = root;
	space->arch.asid = asid_take();
	space->arch.satp = satp_make(root, space->arch.asid);
	space->arch.stale = space->arch.asid == 0 ? UINT32_MAX : 0;
	return NX_OK;
}

/* Harts but this one that may remember something of it. */
static uint32_t others(const struct space *space)
{
	return space->harts & ~this_hart()->bit;
}

void arch_space_fini(struct space *space)
{
	if (space->arch.root == 0)
		return;
	sfence_asid(space->arch.asid);
	asid_give(space->arch.asid, others(space) != 0);
	page_free(space->job, space->arch.root, 0);
	space->arch.root = 0;
}

void arch_space_none(void)
{
	satp_write(satp_make(virt_to_phys(kernel_root), 0));
}

/* This hart may remember what has changed, code that it has fetched, too. */
OUT_OF_THE_WAY static struct thread *forget(struct thread *thread)
{
	struct space *space = &thread->process->space;
	uint32_t bit = this_hart()->bit;

	if ((space->arch.stale & bit) == 0)
		return thread;
	sfence_asid(space->arch.asid);
	__asm__ volatile("fence.i" ::: "memory");
	if (space->arch.asid != 0)
		space->arch.stale &= ~bit;
	return thread;
}

struct thread *arch_space_enter(struct thread *thread)
{
	const struct space *space = &thread->process->space;

	if (csr_read(satp) == space->arch.satp)
		return thread;
	satp_write(space->arch.satp);
	return space->arch.stale != 0 ? forget(thread) : thread;
}

static void flush(const struct space *space, nx_uaddr_t address, uint64_t count)
{
	if (count > SFENCE_PAGES_MAX) {
		sfence_asid(space->arch.asid);
		return;
	}
	for (; count > 0; count--, address += NX_PAGE_SIZE)
		sfence_page(address, space->arch.asid);
}

/* Of these harts, those that run the space, or wait for the lock to go on
 * with it. */
static uint32_t running(const struct space *space, uint32_t ids)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		const struct thread *current = harts[i].current;

		if ((ids >> i & 1) != 0 && current != NULL &&
		    &current->process->space == space)
			found |= harts[i].bit;
	}
	return found;
}

OUT_OF_THE_WAY static void shoot_down_others(struct space *space,
					     nx_uaddr_t address, uint64_t count)
{
	bool whole = count > SFENCE_PAGES_MAX;
	uint32_t now = running(space, others(space));

	space->arch.stale |= others(space) & ~now;
	if (now == 0)
		return;
	counters[NX_COUNTER_SHOOTDOWNS]++;
	sbi_fence_pages(now, whole ? 0 : address,
			whole ? UINT64_MAX : count * NX_PAGE_SIZE,
			space->arch.asid);
}

/* No hart remembers these pages when it next runs the space; count UINT64_MAX:
 * any page, and any table. */
static void shoot_down(struct space *space, nx_uaddr_t address, uint64_t count)
{
	flush(space, address, count);
	if (others(space) != 0)
		shoot_down_others(space, address, count);
}

/* The kernel's own tables have no user half. */
void arch_space_leave(struct space *space)
{
	if (csr_read(satp) == space->arch.satp)
		arch_space_none();
}

uint64_t arch_space_resume(const struct space *space)
{
	return space->arch.asid != 0 ? space->arch.satp : 0;
}

nx_uaddr_t arch_space_base(const struct space *space)
{
	(void)space;
	return 0;
}

bool arch_space_is_user(const struct space *space, nx_uaddr_t address,
			uint64_t size_bytes)
{
	(void)space;
	return address <= SPACE_USER_END &&
	       size_bytes <= SPACE_USER_END - address;
}

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
static inline uint64_t *find_entry(const struct space *space,
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
static inline uint64_t *find_leaf(const struct space *space, nx_uaddr_t address,
				  uint64_t *out_count)
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

static nx_status_t make_table(struct space *space, uint64_t *entry)
{
	nx_status_t status;
	paddr_t table;

	status = page_alloc(space->job, 0, &table);
	if (status != NX_OK)
		return status;
	page_set_tag(table, 0);
	*entry = pte_make(table, PTE_VALID);
	sfence_asid(space->arch.asid);
	return NX_OK;
}

/* Those that miss above the entry of a level, which is there then. */
OUT_OF_THE_WAY static nx_status_t make_tables(struct space *space,
					      nx_uaddr_t address, unsigned last,
					      uint64_t **out_entry)
{
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

/* What is executed from now on may lie where something else has been. */
OUT_OF_THE_WAY static void fence_code_others(struct space *space)
{
	uint32_t all = HARTS_ALL & ~this_hart()->bit;
	uint32_t now = running(space, all);

	space->arch.stale |= all & ~now;
	sbi_fence_code(now);
}

static void fence_code(struct space *space)
{
	__asm__ volatile("fence.i" ::: "memory");
	if (hart_many)
		fence_code_others(space);
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
	flush(space, address, count);
	if ((access & NX_MAP_EXEC) != 0)
		fence_code(space);
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
		fence_code(space);
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

void arch_space_flush(struct space *space, nx_uaddr_t address, uint64_t count,
		      bool tables_went)
{
	shoot_down(space, address, tables_went ? UINT64_MAX : count);
}

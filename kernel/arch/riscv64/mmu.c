/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces of users, and what harts remember of them. A space has its
 * address space number for life and nothing of it is cached when the next one
 * gets the number, so that no switch flushes. A space that found none left, or
 * a machine that has none, shares number 0 and is flushed whenever it becomes
 * active.
 *
 * Of several harts, those that run the space forget at once: the firmware
 * interrupts them, also while they wait for the lock. The others forget all
 * of it before they run it again. */
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

/* Which entries of the upper half there are, in all spaces. */
static uint16_t upper[TABLE_ENTRIES / 2];
static unsigned upper_count;

nx_status_t arch_space_init(struct space *space)
{
	paddr_t root;
	nx_status_t status = page_alloc(space->job, 0, &root);
	uint64_t *table;

	if (status != NX_OK)
		return status;
	if (upper_count == 0)
		for (uint16_t i = TABLE_ENTRIES / 2; i < TABLE_ENTRIES; i++)
			if (kernel_root[i] != 0)
				upper[upper_count++] = i;
	table = phys_to_virt(root);
	for (unsigned i = 0; i < upper_count; i++)
		table[upper[i]] = kernel_root[upper[i]];
	space->arch.root = root;
	space->arch.asid = asid_take();
	space->arch.satp = satp_make(root, space->arch.asid);
	space->arch.stale = space->arch.asid == 0 ? UINT32_MAX : 0;
	return NX_OK;
}

/* Harts but this one that may remember something of it. */
HELD static uint32_t others(const struct space *space)
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
HELD OUT_OF_THE_WAY static struct thread *forget(struct thread *thread)
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

void mmu_flush(const struct space *space, nx_uaddr_t address, uint64_t count)
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
HELD static uint32_t running(const struct space *space, uint32_t ids)
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

HELD OUT_OF_THE_WAY static void
shoot_down_others(struct space *space, nx_uaddr_t address, uint64_t count)
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

/* No hart remembers these pages when it next runs the space. */
void arch_space_flush(struct space *space, nx_uaddr_t address, uint64_t count,
		      bool tables_went)
{
	if (tables_went)
		count = UINT64_MAX;
	mmu_flush(space, address, count);
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

/* What is executed from now on may lie where something else has been. */
HELD OUT_OF_THE_WAY static void fence_code_others(struct space *space)
{
	uint32_t all = HARTS_ALL & ~this_hart()->bit;
	uint32_t now = running(space, all);

	space->arch.stale |= all & ~now;
	sbi_fence_code(now);
}

void mmu_fence_code(struct space *space)
{
	__asm__ volatile("fence.i" ::: "memory");
	if (hart_many)
		fence_code_others(space);
}

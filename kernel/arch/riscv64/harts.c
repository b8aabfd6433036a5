/* SPDX-License-Identifier: BSD-2-Clause */
/* The harts of this machine: who they are, how they start and stop, and how
 * one interrupts another. A hart is there when it has said so itself, so one
 * that never starts is never waited for. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/machine_internal.h"
#include "arch/riscv64/mmu_internal.h"

#include <kernel/hart.h>
#include <kernel/log.h>
#include <kernel/page.h>

extern const char start_other[]; /* start.S */

static struct {
	uint32_t count;
	bool fast;
} found;

void harts_find(const struct machine *machine, bool fast)
{
	found.fast = fast;
	found.count = machine->hart_count;
	for (uint32_t i = 0; i < machine->hart_count; i++)
		harts[i].arch.number = machine->harts[i];
}

void arch_fast_path(bool on)
{
	trap_set_entry(on && found.fast);
}

static void set_up(void)
{
	csr_write(scounteren, COUNTERS_USER);
	plic_begin();
	csr_set(sie, INTERRUPT_SOFTWARE | INTERRUPT_TIMER | INTERRUPT_EXTERNAL);
}

HELD static void start_all(void)
{
	hart_satp = satp_make(virt_to_phys(kernel_root), 0);
	if (found.count > 1)
		hart_expect_others();
	set_up();
	for (uint32_t i = 1; i < found.count; i++)
		if (!arch_hart_start(&harts[i]))
			klog("hart %lu does not start", harts[i].arch.number);
}

/* The first one has had the lock since it booted; if it is the only one it
 * keeps it for ever. */
NOT_CHECKED struct thread *hart_begin(void)
{
	struct thread *thread;

	if (this_hart() != &harts[0]) {
		set_up(); /* its alarm may wake it while it waits */
		kernel_lock_take();
		hart_join(this_hart());
	}
	/* Calls may be traced since just now: only who has the lock knows. */
	arch_fast_path(this_hart()->trace_events == 0);
	thread = kernel_schedule();
	if (hart_many)
		kernel_lock_give();
	return thread;
}

struct thread *machine_run(void)
{
	struct boot_range range = mmu_forget_boot();

	kernel_give_back(&range);
	start_all();
	return hart_begin();
}

bool arch_hart_start(struct hart *hart)
{
	if (hart->id >= found.count)
		return false;
	hart->has_lock = false;
	return sbi_hart_start(hart->arch.number, virt_to_phys(start_other),
			      (uintptr_t)hart);
}

void arch_hart_stop(void)
{
	csr_write(sie, 0);
	kernel_lock_give();
	sbi_hart_stop();
}

void arch_kick(struct hart *hart)
{
	sbi_kick(hart->bit);
}

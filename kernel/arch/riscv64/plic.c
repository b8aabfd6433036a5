/* SPDX-License-Identifier: BSD-2-Clause */
/* The platform interrupt controller (RISC-V PLIC specification 1.0). Each hart
 * has a context: lines that are on for it, and a register that says which one
 * asks. A line that was claimed there is masked until that context is told
 * that it is done. */
#include "arch/riscv64/machine_internal.h"
#include "arch/riscv64/mmu_internal.h"

#include <kernel/hart.h>
#include <kernel/page.h>

/* Registers of a context. */
enum { PLIC_THRESHOLD, PLIC_CLAIM };

static struct {
	volatile uint32_t *priorities;
	volatile uint32_t *enabled[HARTS_MAX];
} plic GUARDED;

void plic_init(const struct machine_plic *found, uint32_t hart_count,
	       uint32_t line)
{
	paddr_t base = found->registers.base;

	if (found->registers.size_bytes == 0)
		return;
	plic.priorities = phys_to_virt(base);
	for (uint32_t i = 0; i < hart_count; i++) {
		uint32_t context = found->contexts[i];

		harts[i].arch.plic =
			phys_to_virt(base + PLIC_CONTEXT_OFFSET(context));
		plic.enabled[i] =
			phys_to_virt(base + PLIC_ENABLE_OFFSET(context));
		for (uint32_t k = 0; k <= found->line_last / 32; k++)
			plic.enabled[i][k] = 0;
	}
	if (line != 0 && line < PLIC_LINES_MAX)
		arch_irq_on(line, 0);
}

void plic_begin(void)
{
	if (this_hart()->arch.plic != NULL)
		this_hart()->arch.plic[PLIC_THRESHOLD] = 0;
}

void arch_irq_on(uint32_t line, uint32_t hart)
{
	plic.priorities[line] = 1;
	plic.enabled[hart][line / 32] |= UINT32_C(1) << line % 32;
}

void arch_irq_off(uint32_t line, uint32_t hart)
{
	plic.enabled[hart][line / 32] &= ~(UINT32_C(1) << line % 32);
}

/* A context is told in vain about a line that is off, as firmware makes all
 * of them for a hart that has stopped and started since. */
void arch_irq_done(uint32_t line, uint32_t hart)
{
	if (hart != this_hart()->id)
		arch_irq_on(line, hart);
	harts[hart].arch.plic[PLIC_CLAIM] = line;
}

OUT_OF_THE_WAY void arch_irq_stray(uint32_t line)
{
	if (line == 0)
		return;
	uart_interrupt(line);
	arch_irq_done(line, this_hart()->id);
}

uint32_t plic_claim(void)
{
	return this_hart()->arch.plic[PLIC_CLAIM];
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The platform interrupt controller (RISC-V PLIC specification 1.0). Each hart
 * has a context: lines that are on for it, and a register that says which one
 * asks. A line that was claimed there is masked until that context is told
 * that it is done. */
#include "arch/riscv64/machine_internal.h"
#include "arch/riscv64/mmu_internal.h"

#include <kernel/hart.h>

#define PLIC_LINES_MAX 1024u
/* Registers of a context. */
enum { PLIC_THRESHOLD, PLIC_CLAIM };

static struct {
	volatile uint32_t *priorities; /* NULL: there is no controller */
	struct {
		volatile uint32_t *enabled;
		volatile uint32_t *registers;
	} harts[HARTS_MAX];
} plic;

uint32_t plic_line_last(const struct machine_plic *found)
{
	if (found->registers.size_bytes == 0)
		return 0;
	return found->line_last < PLIC_LINES_MAX ? found->line_last
						 : PLIC_LINES_MAX - 1;
}

void plic_init(const struct machine_plic *found, uint32_t hart_count,
	       uint32_t line)
{
	paddr_t base = found->registers.base;

	if (found->registers.size_bytes == 0)
		return;
	plic.priorities = mmu_device(base);
	for (uint32_t i = 0; i < hart_count; i++) {
		uint32_t context = found->contexts[i];

		plic.harts[i].enabled =
			mmu_device(base + PLIC_ENABLE_OFFSET(context));
		plic.harts[i].registers =
			mmu_device(base + PLIC_CONTEXT_OFFSET(context));
		for (uint32_t k = 0; k <= plic_line_last(found) / 32; k++)
			plic.harts[i].enabled[k] = 0;
	}
	if (line != 0 && line < PLIC_LINES_MAX)
		arch_irq_on(line, 0);
}

void plic_begin(void)
{
	if (plic.priorities != NULL)
		plic.harts[this_hart()->id].registers[PLIC_THRESHOLD] = 0;
}

void arch_irq_on(uint32_t line, uint32_t hart)
{
	plic.priorities[line] = 1;
	plic.harts[hart].enabled[line / 32] |= UINT32_C(1) << line % 32;
}

void arch_irq_off(uint32_t line, uint32_t hart)
{
	plic.harts[hart].enabled[line / 32] &= ~(UINT32_C(1) << line % 32);
}

/* A context is told in vain about a line that is off, as firmware makes all
 * of them for a hart that has stopped and started since. */
void arch_irq_done(uint32_t line, uint32_t hart)
{
	if (hart != this_hart()->id)
		arch_irq_on(line, hart);
	plic.harts[hart].registers[PLIC_CLAIM] = line;
}

uint32_t plic_claim(void)
{
	return plic.harts[this_hart()->id].registers[PLIC_CLAIM];
}

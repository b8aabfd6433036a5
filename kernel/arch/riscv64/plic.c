/* SPDX-License-Identifier: BSD-2-Clause */
/* The platform interrupt controller (RISC-V PLIC specification 1.0), as far
 * as one hart goes. A line that was claimed is masked until it is done. */
#include "arch/riscv64/machine_internal.h"

#define PLIC_LINES_MAX 1024u
#define PLIC_PRIORITY 4u /* times the line */
#define PLIC_ENABLE 0x2000u
#define PLIC_ENABLE_STRIDE 0x80u
#define PLIC_CONTEXT 0x200000u
#define PLIC_CONTEXT_STRIDE 0x1000u
#define PLIC_THRESHOLD 0u
#define PLIC_CLAIM 4u

static struct {
	paddr_t base; /* 0: there is none */
	paddr_t enable;
	paddr_t context;
} plic;

static volatile uint32_t *plic_register(paddr_t address)
{
	return mmu_device(address);
}

uint32_t plic_line_last(const struct machine_plic *found)
{
	if (found->registers.size_bytes == 0)
		return 0;
	return found->line_last < PLIC_LINES_MAX ? found->line_last
						 : PLIC_LINES_MAX - 1;
}

void plic_init(const struct machine_plic *found, uint32_t line)
{
	paddr_t base = found->registers.base;

	if (found->registers.size_bytes == 0)
		return;
	plic.base = base;
	plic.enable = base + PLIC_ENABLE +
		      (uint64_t)found->context * PLIC_ENABLE_STRIDE;
	plic.context = base + PLIC_CONTEXT +
		       (uint64_t)found->context * PLIC_CONTEXT_STRIDE;
	for (uint32_t i = 0; i <= plic_line_last(found) / 32; i++)
		*plic_register(plic.enable + i * 4) = 0;
	*plic_register(plic.context + PLIC_THRESHOLD) = 0;
	if (line != 0 && line < PLIC_LINES_MAX)
		arch_irq_on(line);
}

void arch_irq_on(uint32_t line)
{
	*plic_register(plic.base + line * PLIC_PRIORITY) = 1;
	*plic_register(plic.enable + line / 32 * 4) |= UINT32_C(1) << line % 32;
}

void arch_irq_off(uint32_t line)
{
	*plic_register(plic.enable + line / 32 * 4) &=
		~(UINT32_C(1) << line % 32);
}

void arch_irq_done(uint32_t line)
{
	*plic_register(plic.context + PLIC_CLAIM) = line;
}

uint32_t plic_claim(void)
{
	if (plic.base == 0)
		return 0;
	return *plic_register(plic.context + PLIC_CLAIM);
}

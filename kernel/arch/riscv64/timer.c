/* SPDX-License-Identifier: BSD-2-Clause */
/* The time counter and the one alarm of the hart: stimecmp where the hart
 * has it and firmware lets us, else a call of the firmware. */
#include "arch/riscv64/machine_internal.h"

#include "arch/riscv64/csr.h"

static uint64_t ticks_per_second;
static bool has_stimecmp;

void timer_boot(const struct machine *machine)
{
	ticks_per_second = machine->ticks_per_second;
	has_stimecmp =
		machine->has_sstc && !machine->lacks_sstc && probe_stimecmp();
}

uint64_t arch_ticks(void)
{
	return csr_read(time);
}

uint64_t arch_ticks_per_second(void)
{
	return ticks_per_second;
}

void arch_timer_set(uint64_t ticks)
{
	if (has_stimecmp)
		csr_write(CSR_STIMECMP, ticks);
	else
		sbi_timer_set(ticks);
}

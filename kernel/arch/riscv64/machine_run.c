/* SPDX-License-Identifier: BSD-2-Clause */
/* From booting to running: what booted is given back, then all harts begin. */
#include "arch/riscv64/machine_internal.h"

struct thread *machine_run(void);

struct thread *machine_run(void)
{
	struct boot_range range = mmu_forget_boot();

	kernel_give_back(&range);
	harts_start();
	return hart_begin();
}

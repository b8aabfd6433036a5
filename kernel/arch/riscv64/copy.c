/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/riscv64/machine_internal.h"

bool arch_copy_in(void *to, nx_uaddr_t from, size_t size_bytes)
{
	return copy_user(to, (const void *)(uintptr_t)from, size_bytes);
}

bool arch_copy_out(nx_uaddr_t to, const void *from, size_t size_bytes)
{
	return copy_user((void *)(uintptr_t)to, from, size_bytes);
}

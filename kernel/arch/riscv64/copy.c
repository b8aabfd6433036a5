/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/riscv64/machine_internal.h"

static void *user_pointer(nx_uaddr_t address)
{
	return (void *)(uintptr_t)address;
}

bool arch_copy_in(void *to, nx_uaddr_t from, size_t size_bytes)
{
	return copy_user(to, user_pointer(from), size_bytes);
}

bool arch_copy_out(nx_uaddr_t to, const void *from, size_t size_bytes)
{
	return copy_user(user_pointer(to), from, size_bytes);
}

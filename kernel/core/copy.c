/* SPDX-License-Identifier: BSD-2-Clause */
/* User memory: the range is checked here, its pages by the machine. */
#include <kernel/arch.h>
#include <kernel/copy.h>
#include <kernel/counters.h>
#include <kernel/process.h>

nx_status_t copy_check(nx_uaddr_t address, uint64_t size_bytes)
{
	if (size_bytes == 0)
		return NX_OK;
	if (size_bytes - 1 > UINT64_MAX - address ||
	    !arch_space_is_user(&current_process()->space, address, size_bytes))
		return NX_ERR_BAD_ADDRESS;
	return NX_OK;
}

nx_status_t copy_in(void *to, nx_uaddr_t from, uint64_t size_bytes)
{
	nx_status_t status = copy_check(from, size_bytes);

	if (status != NX_OK || size_bytes == 0)
		return status;
	if (!arch_copy_in(to, from, size_bytes))
		return NX_ERR_BAD_ADDRESS;
	count(NX_COUNTER_COPIED_IN, size_bytes);
	return NX_OK;
}

nx_status_t copy_out(nx_uaddr_t to, const void *from, uint64_t size_bytes)
{
	nx_status_t status = copy_check(to, size_bytes);

	if (status != NX_OK || size_bytes == 0)
		return status;
	if (!arch_copy_out(to, from, size_bytes))
		return current_process()->space.is_sought ? SYS_AGAIN
							  : NX_ERR_BAD_ADDRESS;
	count(NX_COUNTER_COPIED_OUT, size_bytes);
	return NX_OK;
}

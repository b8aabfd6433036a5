/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of a program is its window, the stacks of its threads and, to read,
 * the code and constants of the host program that it is a part of. */
#include "machine.h"

#include <kernel/process.h>
#include <kernel/space.h>

#include <string.h>

HELD static bool is_inside(const struct space *space, nx_uaddr_t address,
			   uint64_t size_bytes)
{
	uint64_t offset = address - arch_space_base(space);

	return offset <= SPACE_DEVICE_LOW &&
	       size_bytes <= SPACE_DEVICE_LOW - offset;
}

bool arch_space_is_user(const struct space *space, nx_uaddr_t address,
			uint64_t size_bytes)
{
	return is_inside(space, address, size_bytes) ||
	       fiber_owns(space, address, size_bytes) ||
	       program_holds(address, size_bytes);
}

bool arch_copy_in(void *to, nx_uaddr_t from, size_t size_bytes)
{
	const struct space *space = &current_process()->space;

	if (!window_allows(&space->arch, from, size_bytes, NX_MAP_READ) &&
	    !fiber_owns(space, from, size_bytes) &&
	    !program_holds(from, size_bytes))
		return false;
	memcpy(to, (const void *)(uintptr_t)from, size_bytes);
	return true;
}

/* As the machine would for each page that it comes to. */
HELD static bool may_write(struct space *space, nx_uaddr_t to,
			   size_t size_bytes)
{
	nx_uaddr_t last = to + size_bytes - 1;

	for (nx_uaddr_t at = to; at <= last; at = (at | (NX_PAGE_SIZE - 1)) + 1)
		if (!window_allows(&space->arch, at, 1, NX_MAP_WRITE) &&
		    (!space_write_fault(space, at) || space->is_sought))
			return false;
	return true;
}

bool arch_copy_out(nx_uaddr_t to, const void *from, size_t size_bytes)
{
	struct space *space = &current_process()->space;

	if (!may_write(space, to, size_bytes) &&
	    !fiber_owns(space, to, size_bytes))
		return false;
	memcpy((void *)(uintptr_t)to, from, size_bytes);
	return true;
}

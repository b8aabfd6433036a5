/* SPDX-License-Identifier: BSD-2-Clause */
/* map and unmap_protect. */
#include <kernel/arguments.h>
#include <kernel/hart.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>
#include <nexus/rights.h>

/* Bits of rights follow each other as those of options do. */
static nx_rights_t rights_for(uint32_t options)
{
	const nx_rights_t each = NX_RIGHT_READ / NX_MAP_READ;

	_Static_assert(NX_RIGHT_WRITE / NX_RIGHT_READ == NX_MAP_WRITE &&
			       NX_RIGHT_EXEC / NX_RIGHT_READ == NX_MAP_EXEC,
		       "in the same order");
	return NX_RIGHT_MAP | (options & NX_MAP_ACCESS) * each;
}

nx_status_t sys_map(nx_handle_t process, nx_handle_t vmo, uint64_t offset,
		    uint64_t size_bytes, uint32_t options, nx_uaddr_t address,
		    nx_uaddr_t *out_mapped)
{
	struct process *target;
	struct handle *source;
	nx_status_t status;

	if (current_thread()->coming != NULL)
		return space_map_more(out_mapped);
	if ((options & ~(NX_MAP_ACCESS | NX_MAP_FIXED)) != 0)
		return NX_ERR_INVALID_ARGS;
	status = argument_process(process, NX_RIGHT_MAP, &target);
	if (status != NX_OK)
		return status;
	status = handle_find(&current_process()->handles, vmo, NX_KIND_VMO,
			     rights_for(options), &source);
	if (status != NX_OK)
		return status;
	if (target->state > NX_PROCESS_RUNNING)
		return NX_ERR_BAD_STATE;
	return space_map(&target->space,
			 CONTAINER_OF(source->object, struct vmo, object),
			 &source->link, offset, size_bytes, options, address,
			 out_mapped);
}

nx_status_t sys_unmap_protect(nx_handle_t process, nx_uaddr_t address,
			      uint64_t size_bytes, uint32_t access)
{
	struct process *target;
	nx_status_t status;

	if ((access & ~NX_MAP_ACCESS) != 0)
		return NX_ERR_INVALID_ARGS;
	status = argument_process(process, NX_RIGHT_MAP, &target);
	if (status != NX_OK)
		return status;
	if (target->state > NX_PROCESS_RUNNING)
		return NX_ERR_BAD_STATE;
	return space_protect(&target->space, address, size_bytes, access);
}

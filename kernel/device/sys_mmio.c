/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on windows of devices. */
#include <kernel/arguments.h>
#include <kernel/hart.h>
#include <kernel/mmio.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>
#include <nexus/rights.h>

nx_status_t sys_mmio_narrow(nx_handle_t number, uint64_t offset,
			    uint64_t size_bytes, nx_handle_t *out_window)
{
	struct handle *source;
	struct mmio *window;
	nx_status_t status =
		argument_handle(number, NX_KIND_MMIO, NX_RIGHT_MANAGE, &source);

	if (status == NX_OK)
		status = mmio_create(current_process()->object.job,
				     (struct mmio *)source->object, offset,
				     size_bytes, &window);
	if (status != NX_OK)
		return status;
	return argument_derive(&window->memory.object, source, out_window);
}

static nx_status_t window_more(nx_uaddr_t *out_mapped, uint64_t *out_size_bytes)
{
	uint64_t size_bytes = current_thread()->coming->size_bytes;
	nx_status_t status = space_map_more(out_mapped);

	if (status == NX_OK)
		*out_size_bytes = size_bytes;
	return status;
}

nx_status_t sys_mmio_map(nx_handle_t number, nx_handle_t process,
			 uint32_t access, nx_uaddr_t *out_mapped,
			 uint64_t *out_size_bytes)
{
	nx_rights_t rights = NX_RIGHT_MAP | NX_RIGHT_READ;
	struct process *target;
	struct handle *source;
	struct mmio *mmio;
	nx_status_t status;

	if (current_thread()->coming != NULL)
		return window_more(out_mapped, out_size_bytes);
	if (access != NX_MAP_READ && access != (NX_MAP_READ | NX_MAP_WRITE))
		return NX_ERR_INVALID_ARGS;
	if ((access & NX_MAP_WRITE) != 0)
		rights |= NX_RIGHT_WRITE;
	status = argument_process(process, NX_RIGHT_MAP, &target);
	if (status == NX_OK)
		status = argument_handle(number, NX_KIND_MMIO, rights, &source);
	if (status != NX_OK)
		return status;
	mmio = (struct mmio *)source->object;
	if (target->state > NX_PROCESS_RUNNING || mmio_is_first(mmio))
		return NX_ERR_BAD_STATE;
	if (mmio->memory.mapping_count > 0)
		return NX_ERR_BUSY;
	status = space_map(&target->space, &mmio->memory, &source->link, 0,
			   mmio->memory.size_bytes, access, 0, out_mapped);
	if (status == NX_OK)
		*out_size_bytes = mmio->memory.size_bytes;
	return status;
}

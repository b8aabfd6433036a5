/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on what is in a VMO: its bytes, and its pages that come and go. */
#include <kernel/arguments.h>
#include <kernel/copy.h>
#include <kernel/hart.h>
#include <kernel/page.h>
#include <kernel/steps.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>
#include <nexus/rights.h>

/* Of a copy between sides that are aligned differently. */
#define BYTES_A_STEP 128
/* Else. */
#define WORDS_A_STEP 2048

/* The call goes on with what is left of its range. */
HELD static nx_status_t transfer_again(uint64_t offset, nx_uaddr_t buffer,
				       uint64_t size_bytes)
{
	uint64_t *a = current_thread()->frame.registers.a;

	a[2] = offset;
	a[3] = buffer;
	a[4] = size_bytes;
	return SYS_AGAIN;
}

/* Words are copied where both sides are aligned alike, else bytes. */
static uint64_t transfer_max(uint64_t offset, nx_uaddr_t buffer)
{
	return (offset ^ buffer) % sizeof(uint64_t) == 0 ? WORDS_A_STEP
							 : BYTES_A_STEP;
}

/* Copy part by part between a range of a VMO and the caller's memory. */
HELD static nx_status_t vmo_transfer(struct vmo *vmo, uint64_t offset,
				     nx_uaddr_t buffer, uint64_t size_bytes,
				     bool write)
{
	const uint64_t part_max = transfer_max(offset, buffer);
	nx_status_t status = copy_check(buffer, size_bytes);

	while (status == NX_OK && size_bytes > 0) {
		uint64_t inside = offset & (NX_PAGE_SIZE - 1);
		uint64_t part = NX_PAGE_SIZE - inside;
		char *page;

		if (vmo_run(vmo, offset >> NX_PAGE_BITS).count == 0)
			return NX_ERR_BAD_STATE;
		page = phys_to_virt(
			write ? vmo_own_page(vmo, offset >> NX_PAGE_BITS)
			      : vmo_page(vmo, offset >> NX_PAGE_BITS));
		if (part > size_bytes)
			part = size_bytes;
		if (part > part_max)
			part = part_max;
		if (write)
			status = copy_in(page + inside, buffer, part);
		else
			status = copy_out(buffer, page + inside, part);
		offset += part;
		buffer += part;
		size_bytes -= part;
		if (status == NX_OK && size_bytes > 0 && kernel_poll())
			return transfer_again(offset, buffer, size_bytes);
	}
	return status;
}

HELD static nx_status_t vmo_range(nx_handle_t handle, nx_rights_t rights,
				  uint64_t offset, uint64_t size_bytes,
				  struct vmo **out_vmo)
{
	nx_status_t status =
		argument_object(handle, NX_KIND_VMO, rights, out_vmo);

	if (status != NX_OK)
		return status;
	if (offset > (*out_vmo)->size_bytes ||
	    size_bytes > (*out_vmo)->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	return NX_OK;
}

nx_status_t sys_vmo_read(nx_handle_t vmo, uint64_t offset, nx_uaddr_t buffer,
			 uint64_t size_bytes)
{
	struct vmo *object;
	nx_status_t status =
		vmo_range(vmo, NX_RIGHT_READ, offset, size_bytes, &object);

	if (status != NX_OK)
		return status;
	return vmo_transfer(object, offset, buffer, size_bytes, false);
}

nx_status_t sys_vmo_write(nx_handle_t vmo, uint64_t offset, nx_uaddr_t buffer,
			  uint64_t size_bytes)
{
	struct vmo *object;
	nx_status_t status =
		vmo_range(vmo, NX_RIGHT_WRITE, offset, size_bytes, &object);

	if (status != NX_OK)
		return status;
	if (vmo_is_sealed(object))
		return NX_ERR_SEALED;
	return vmo_transfer(object, offset, buffer, size_bytes, true);
}

/* A range of whole pages, for whoever decides over its memory. */
HELD static nx_status_t page_range(nx_handle_t handle, uint64_t offset,
				   uint64_t size_bytes, struct vmo **out_vmo)
{
	if (size_bytes == 0 || !is_page_aligned(offset | size_bytes))
		return NX_ERR_INVALID_ARGS;
	return vmo_range(handle, NX_RIGHT_WRITE | NX_RIGHT_SEAL, offset,
			 size_bytes, out_vmo);
}

/* What parts of this call reserved that came before is for the same VMO, if
 * the handle still means one: its number comes never again. */
HELD static nx_status_t reserve_finish(struct vmo *object, bool is_reserved,
				       nx_status_t status)
{
	struct thread *self = current_thread();

	if (is_reserved && self->unfinished == NULL) {
		object_ref(&object->object);
		self->unfinished = &object->object;
	}
	self->reserves = is_reserved;
	if (status != SYS_AGAIN)
		thread_leave_call(self);
	return status;
}

nx_status_t sys_vmo_resize(nx_handle_t vmo, uint64_t size_bytes)
{
	bool is_reserved = current_thread()->reserves;
	struct vmo *object = NULL;
	nx_status_t status;

	if (size_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	status = argument_object(vmo, NX_KIND_VMO,
				 NX_RIGHT_WRITE | NX_RIGHT_SEAL, &object);
	if (status == NX_OK)
		status = vmo_object_resize(object, size_bytes, &is_reserved);
	return reserve_finish(object, is_reserved, status);
}

nx_status_t sys_vmo_decommit(nx_handle_t vmo, uint64_t offset,
			     uint64_t size_bytes)
{
	uint64_t *a = current_thread()->frame.registers.a;
	struct vmo *object;
	nx_status_t status = page_range(vmo, offset, size_bytes, &object);

	return status == NX_OK ? vmo_object_decommit(object, &a[2], &a[3])
			       : status;
}

nx_status_t sys_vmo_commit(nx_handle_t vmo, uint64_t offset,
			   uint64_t size_bytes)
{
	uint64_t *a = current_thread()->frame.registers.a;
	bool is_reserved = current_thread()->reserves;
	struct vmo *object = NULL;
	nx_status_t status = page_range(vmo, offset, size_bytes, &object);

	if (status == NX_OK)
		status = vmo_object_commit(object, &a[2], &a[3], &is_reserved);
	return reserve_finish(object, is_reserved, status);
}

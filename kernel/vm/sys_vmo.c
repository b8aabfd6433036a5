/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on VMOs. */
#include <kernel/copy.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/steps.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>
#include <nexus/rights.h>

/* Of a copy between sides that are aligned differently. */
#define BYTES_A_STEP 128
/* Else. */
#define WORDS_A_STEP 2048

static nx_status_t create_begin(nx_handle_t job, uint64_t size_bytes,
				struct vmo **out_vmo)
{
	struct job *payer;
	nx_status_t status;

	if (size_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	status = job_payer(job, &payer);
	if (status != NX_OK)
		return status;
	return vmo_begin(payer, size_bytes, out_vmo);
}

/* Fill one that is begun, now or before; then it gets its handle. */
static nx_status_t create_finish(struct vmo *vmo, nx_handle_t *out_vmo)
{
	struct thread *self = current_thread();
	nx_status_t status = vmo_fill(vmo);

	self->unfinished = status == SYS_AGAIN ? &vmo->object : NULL;
	if (status == SYS_AGAIN)
		return status;
	if (status == NX_OK)
		status = handle_install_new(&current_process()->handles,
					    &vmo->object, out_vmo);
	object_unref(&vmo->object);
	return status;
}

nx_status_t sys_vmo_create(nx_handle_t job, uint64_t size_bytes,
			   nx_handle_t *out_vmo)
{
	struct object *unfinished = current_thread()->unfinished;
	struct vmo *vmo;
	nx_status_t status;

	if (unfinished != NULL)
		return create_finish(
			CONTAINER_OF(unfinished, struct vmo, object), out_vmo);
	status = create_begin(job, size_bytes, &vmo);
	if (status != NX_OK)
		return status;
	/* Its cell and its tables may have taken a page each. */
	if (!kernel_poll())
		return create_finish(vmo, out_vmo);
	current_thread()->unfinished = &vmo->object;
	return SYS_AGAIN;
}

/* The call goes on with what is left of its range. */
static nx_status_t transfer_again(uint64_t offset, nx_uaddr_t buffer,
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
static nx_status_t vmo_transfer(struct vmo *vmo, uint64_t offset,
				nx_uaddr_t buffer, uint64_t size_bytes,
				bool write)
{
	const uint64_t part_max = transfer_max(offset, buffer);
	nx_status_t status = copy_check(buffer, size_bytes);

	while (status == NX_OK && size_bytes > 0) {
		uint64_t inside = offset & (NX_PAGE_SIZE - 1);
		uint64_t part = NX_PAGE_SIZE - inside;
		char *page =
			phys_to_virt(vmo_page(vmo, offset >> NX_PAGE_BITS));

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

static nx_status_t vmo_range(nx_handle_t handle, nx_rights_t rights,
			     uint64_t offset, uint64_t size_bytes,
			     struct vmo **out_vmo)
{
	nx_status_t status = handle_object(&current_process()->handles, handle,
					   NX_KIND_VMO, rights, out_vmo);

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
	if ((vmo_object_seals(object) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	return vmo_transfer(object, offset, buffer, size_bytes, true);
}

nx_status_t sys_vmo_slice(nx_handle_t vmo, uint64_t offset, uint64_t size_bytes,
			  nx_handle_t *out_slice)
{
	struct process *self = current_process();
	struct handle *source;
	struct vmo *slice;
	nx_status_t status;

	if (size_bytes == 0 || !is_page_aligned(offset))
		return NX_ERR_INVALID_ARGS;
	status = handle_lookup(&self->handles, vmo, NX_KIND_VMO, NX_RIGHT_SLICE,
			       &source);
	if (status != NX_OK)
		return status;
	status = vmo_create_slice(
		self->object.job,
		CONTAINER_OF(source->object, struct vmo, object), offset,
		size_bytes, &slice);
	if (status != NX_OK)
		return status;
	status = handle_reserve(&self->handles, 1);
	if (status == NX_OK)
		*out_slice =
			handle_install(&self->handles, &slice->object,
				       source->link.rights, 0, &source->link);
	object_unref(&slice->object);
	return status;
}

nx_status_t sys_vmo_seal(nx_handle_t vmo, uint32_t seals)
{
	struct vmo *object;
	nx_status_t status;

	if (seals == 0 || (seals & ~NX_SEAL_ALL) != 0)
		return NX_ERR_INVALID_ARGS;
	status = handle_object(&current_process()->handles, vmo, NX_KIND_VMO,
			       NX_RIGHT_SEAL, &object);
	return status == NX_OK ? vmo_object_seal(object, seals) : status;
}

nx_status_t sys_vmo_info(nx_handle_t vmo, uint64_t *out_size_bytes,
			 uint64_t *out_content_bytes, uint32_t *out_seals,
			 uint32_t *out_mapping_count)
{
	struct vmo *object;
	nx_status_t status =
		handle_object(&current_process()->handles, vmo, NX_KIND_VMO,
			      NX_RIGHT_INSPECT, &object);

	if (status != NX_OK)
		return status;
	*out_size_bytes = object->size_bytes;
	*out_content_bytes = object->content_bytes;
	*out_seals = vmo_object_seals(object);
	*out_mapping_count = object->mapping_count;
	return NX_OK;
}

nx_status_t sys_vmo_set_content(nx_handle_t vmo, uint64_t content_bytes)
{
	struct vmo *object;
	nx_status_t status = handle_object(&current_process()->handles, vmo,
					   NX_KIND_VMO, NX_RIGHT_SEAL, &object);

	if (status != NX_OK)
		return status;
	if (content_bytes > object->size_bytes)
		return NX_ERR_OUT_OF_RANGE;
	if ((vmo_object_seals(object) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	object->content_bytes = content_bytes;
	return NX_OK;
}

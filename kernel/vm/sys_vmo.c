/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on VMOs. */
#include <kernel/arguments.h>
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

HELD static nx_status_t create_begin(nx_handle_t job, enum vmo_type type,
				     uint64_t size_bytes, struct vmo **out_vmo)
{
	uint64_t size_max =
		type == VMO_PLAIN ? NX_VMO_SIZE_MAX : NX_VMO_CONTIGUOUS_MAX;
	struct job *payer;
	nx_status_t status;

	if (size_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > size_max)
		return NX_ERR_TOO_BIG;
	status = job_payer(job, &payer);
	if (status != NX_OK)
		return status;
	return vmo_begin(payer, type, size_bytes, out_vmo);
}

HELD static struct vmo *unfinished_vmo(void)
{
	struct object *object = current_thread()->unfinished;

	return object != NULL ? CONTAINER_OF(object, struct vmo, object) : NULL;
}

/* After each part of making it: when it is whole it gets its handle. */
HELD static nx_status_t create_finish(struct vmo *vmo, nx_status_t status,
				      nx_handle_t *out_vmo)
{
	current_thread()->unfinished =
		status == SYS_AGAIN ? &vmo->object : NULL;
	if (status == SYS_AGAIN)
		return status;
	if (status == NX_OK)
		return argument_install(&vmo->object, out_vmo);
	object_unref(&vmo->object);
	return status;
}

HELD static nx_status_t create(nx_handle_t job, enum vmo_type type,
			       uint64_t size_bytes, nx_handle_t *out_vmo)
{
	struct vmo *vmo = unfinished_vmo();
	nx_status_t status = NX_OK;

	if (vmo == NULL) {
		status = create_begin(job, type, size_bytes, &vmo);
		if (status != NX_OK)
			return status;
		/* Its cell and its tables may have taken a page each. */
		if (kernel_poll())
			return create_finish(vmo, SYS_AGAIN, out_vmo);
	}
	status = vmo_fill(vmo, vmo->size_bytes >> NX_PAGE_BITS);
	return create_finish(vmo, status, out_vmo);
}

nx_status_t sys_vmo_create(nx_handle_t job, uint64_t size_bytes,
			   nx_handle_t *out_vmo)
{
	return create(job, VMO_PLAIN, size_bytes, out_vmo);
}

nx_status_t sys_vmo_contiguous(nx_handle_t job, uint64_t size_bytes,
			       nx_handle_t *out_vmo)
{
	return create(job, VMO_CONTIGUOUS, size_bytes, out_vmo);
}

/* Whoever can still write it pays for its snapshots, with copies and with what
 * shared pages are not: mapped often, or pinned. So they are for who could
 * rather seal it. */
HELD static nx_status_t snapshot_source(nx_handle_t number,
					struct vmo **out_vmo)
{
	nx_status_t status =
		argument_object(number, NX_KIND_VMO, NX_RIGHT_READ, out_vmo);

	if (status != NX_OK || vmo_is_sealed(*out_vmo))
		return status;
	return argument_object(number, NX_KIND_VMO, NX_RIGHT_SEAL, out_vmo);
}

nx_status_t sys_vmo_snapshot(nx_handle_t vmo, uint64_t offset,
			     uint64_t size_bytes, nx_handle_t *out_vmo)
{
	struct process *self = current_process();
	struct vmo *snapshot = unfinished_vmo(), *source;
	bool begun = snapshot == NULL;
	nx_status_t status = NX_OK;

	if (snapshot == NULL)
		status = snapshot_source(vmo, &source);
	if (snapshot == NULL && status == NX_OK)
		status = vmo_snapshot_begin(self->object.job, source, offset,
					    size_bytes, &snapshot);
	if (status != NX_OK)
		return status;
	status = kernel_poll() && begun ? SYS_AGAIN
					: vmo_snapshot_more(snapshot);
	return create_finish(snapshot, status, out_vmo);
}

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
	if ((vmo_object_seals(object) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	return vmo_transfer(object, offset, buffer, size_bytes, true);
}

nx_status_t sys_vmo_slice(nx_handle_t vmo, uint64_t offset, uint64_t size_bytes,
			  nx_handle_t *out_slice)
{
	struct handle *source;
	struct vmo *slice;
	nx_status_t status;

	if (size_bytes == 0 || !is_page_aligned(offset))
		return NX_ERR_INVALID_ARGS;
	status = argument_handle(vmo, NX_KIND_VMO, NX_RIGHT_SLICE, &source);
	if (status != NX_OK)
		return status;
	status = vmo_create_slice(
		current_process()->object.job,
		CONTAINER_OF(source->object, struct vmo, object), offset,
		size_bytes, &slice);
	if (status != NX_OK)
		return status;
	return argument_derive(&slice->object, source, out_slice);
}

nx_status_t sys_vmo_seal(nx_handle_t vmo, uint32_t seals)
{
	struct vmo *object;
	nx_status_t status;

	if (seals == 0 || (seals & ~NX_SEAL_ALL) != 0)
		return NX_ERR_INVALID_ARGS;
	status = argument_object(vmo, NX_KIND_VMO, NX_RIGHT_SEAL, &object);
	return status == NX_OK ? vmo_object_seal(object, seals) : status;
}

nx_status_t sys_vmo_info(nx_handle_t vmo, uint64_t *out_size_bytes,
			 uint64_t *out_content_bytes, uint32_t *out_seals,
			 uint32_t *out_mapping_count)
{
	struct vmo *object;
	nx_status_t status =
		argument_object(vmo, NX_KIND_VMO, NX_RIGHT_INSPECT, &object);

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
	nx_status_t status =
		argument_object(vmo, NX_KIND_VMO, NX_RIGHT_SEAL, &object);

	if (status != NX_OK)
		return status;
	if (content_bytes > object->size_bytes)
		return NX_ERR_OUT_OF_RANGE;
	if ((vmo_object_seals(object) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	object->content_bytes = content_bytes;
	return NX_OK;
}

/* A range of whole pages, for whoever decides over its memory. */
HELD static nx_status_t page_range(nx_handle_t handle, uint64_t offset,
				   uint64_t size_bytes, struct vmo **out_vmo)
{
	if (size_bytes == 0 || !is_page_aligned(offset) ||
	    !is_page_aligned(size_bytes))
		return NX_ERR_INVALID_ARGS;
	return vmo_range(handle, NX_RIGHT_WRITE | NX_RIGHT_SEAL, offset,
			 size_bytes, out_vmo);
}

/* What parts of this call reserved that came before is for the same VMO, if
 * the handle still means one: its number comes never again. */
HELD static nx_status_t reserve_finish(struct vmo *begun, struct vmo *object,
				       bool is_reserved, nx_status_t status)
{
	struct thread *self = current_thread();

	if (status == SYS_AGAIN && begun == NULL) {
		object_ref(&object->object);
		self->unfinished = &object->object;
		self->reserves = true;
	}
	if (status == SYS_AGAIN)
		return status;
	if (is_reserved)
		vmo_reserve_end(begun != NULL ? begun : object);
	if (begun != NULL) {
		self->unfinished = NULL;
		self->reserves = false;
		object_unref(&begun->object);
	}
	return status;
}

nx_status_t sys_vmo_resize(nx_handle_t vmo, uint64_t size_bytes)
{
	struct vmo *begun = unfinished_vmo(), *object = NULL;
	bool is_reserved = begun != NULL;
	nx_status_t status;

	if (size_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	status = argument_object(vmo, NX_KIND_VMO,
				 NX_RIGHT_WRITE | NX_RIGHT_SEAL, &object);
	if (status == NX_OK)
		status = vmo_object_resize(object, size_bytes, &is_reserved);
	return reserve_finish(begun, object, is_reserved, status);
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
	struct vmo *begun = unfinished_vmo(), *object = NULL;
	bool is_reserved = begun != NULL;
	nx_status_t status = page_range(vmo, offset, size_bytes, &object);

	if (status == NX_OK)
		status = vmo_object_commit(object, &a[2], &a[3], &is_reserved);
	return reserve_finish(begun, object, is_reserved, status);
}

nx_status_t sys_vmo_label(nx_handle_t vmo, nx_uaddr_t digest)
{
	struct process *self = current_process();
	struct vmo_label label = { .service_id = self->service_id,
				   .is_set = true };
	struct vmo *object;
	nx_status_t status =
		argument_object(vmo, NX_KIND_VMO, NX_RIGHT_SEAL, &object);

	if (status == NX_OK)
		status = copy_in(label.digest, digest, sizeof(label.digest));
	if (status != NX_OK)
		return status;
	if ((vmo_object_seals(object) & NX_SEAL_WRITE) == 0)
		return NX_ERR_BAD_STATE;
	if (object->label.is_set)
		return NX_ERR_ALREADY_EXISTS;
	if ((vmo_object_seals(object) & NX_SEAL_SEAL) != 0)
		return NX_ERR_SEALED;
	object->label = label;
	return NX_OK;
}

/* Without a label there are zeroes. */
nx_status_t sys_vmo_label_read(nx_handle_t vmo, nx_uaddr_t buffer,
			       uint32_t *out_service_id)
{
	struct vmo *object;
	nx_status_t status =
		argument_object(vmo, NX_KIND_VMO, NX_RIGHT_INSPECT, &object);

	if (status == NX_OK)
		status = copy_out(buffer, object->label.digest,
				  sizeof(object->label.digest));
	if (status != NX_OK)
		return status;
	*out_service_id = object->label.service_id;
	return object->label.is_set ? NX_OK : NX_ERR_NOT_FOUND;
}

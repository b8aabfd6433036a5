/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on VMOs as wholes: how they are made, sealed and labelled. */
#include <kernel/arguments.h>
#include <kernel/copy.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/steps.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>
#include <nexus/rights.h>

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
	if (status == NX_OK)
		status = vmo_begin(payer, type, size_bytes, out_vmo);
	return status == NX_OK ? argument_begun(&(*out_vmo)->object) : status;
}

HELD static struct vmo *unfinished_vmo(void)
{
	struct object *object = current_thread()->unfinished;

	return object != NULL ? CONTAINER_OF(object, struct vmo, object) : NULL;
}

HELD static nx_status_t create(nx_handle_t job, enum vmo_type type,
			       uint64_t size_bytes, nx_handle_t *out_vmo)
{
	struct vmo *vmo = unfinished_vmo();
	nx_status_t status = NX_OK;

	if (vmo == NULL)
		status = create_begin(job, type, size_bytes, &vmo);
	if (status == NX_OK)
		status = vmo_fill(vmo, vmo->size_bytes >> NX_PAGE_BITS);
	return argument_finish(status, out_vmo);
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
	struct vmo *snapshot = unfinished_vmo(), *source;
	nx_status_t status = NX_OK;

	if (snapshot == NULL) {
		status = snapshot_source(vmo, &source);
		if (status == NX_OK)
			status = vmo_snapshot_begin(
				current_process()->object.job, source, offset,
				size_bytes, &snapshot);
		if (status == NX_OK)
			status = argument_begun(&snapshot->object);
	}
	if (status == NX_OK)
		status = vmo_snapshot_more(snapshot);
	return argument_finish(status, out_vmo);
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
	if (vmo_is_sealed(object))
		return NX_ERR_SEALED;
	object->content_bytes = content_bytes;
	return NX_OK;
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
	if (!vmo_is_sealed(object))
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

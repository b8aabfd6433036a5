/* SPDX-License-Identifier: BSD-2-Clause
 * Memory objects of the machine: each is a handle to a kernel VMO, and the
 * kernel keeps bounds, rights and seals. */
#include "range_internal.h"

#include <nexus/syscalls.h>

#include <stddef.h>

static nx_vmo_t vmo_handle(const struct vmo *vmo)
{
	nx_vmo_t handle = { (nx_handle_t)vmo->name };

	return handle;
}

static const nx_process_t this_process = { NX_HANDLE_NONE };

nx_status_t vmo_init(uint64_t content_bytes, struct vmo *out_vmo)
{
	const nx_job_t own_job = { NX_HANDLE_NONE };
	nx_status_t status = vmo_check_content(content_bytes);
	nx_vmo_t handle;

	if (status != NX_OK)
		return status;
	status = nx_vmo_create(own_job, content_bytes, &handle);
	if (status != NX_OK)
		return status;
	*out_vmo = (struct vmo){ .name = handle.handle,
				 .size_bytes = vmo_round_up(content_bytes),
				 .content_bytes = content_bytes };
	return NX_OK;
}

nx_status_t vmo_init_take(vmo_name_t name, struct vmo *out_vmo)
{
	struct vmo vmo = { .name = name };
	uint32_t seals, mappings;
	nx_status_t status;

	status = nx_vmo_info(vmo_handle(&vmo), &vmo.size_bytes,
			     &vmo.content_bytes, &seals, &mappings);
	if (status != NX_OK) {
		vmo_fini(&vmo);
		return status == NX_ERR_WRONG_KIND ? NX_ERR_BAD_HANDLE : status;
	}
	*out_vmo = vmo;
	return NX_OK;
}

nx_status_t vmo_init_slice(const struct vmo *parent, uint64_t offset,
			   uint64_t content_bytes, struct vmo *out_slice)
{
	nx_status_t status = vmo_check_slice(parent, offset, content_bytes);
	nx_vmo_t slice;

	if (status != NX_OK)
		return status;
	status =
		nx_vmo_slice(vmo_handle(parent), offset, content_bytes, &slice);
	if (status != NX_OK)
		return status;
	*out_slice = (struct vmo){ .name = slice.handle,
				   .size_bytes = vmo_round_up(content_bytes),
				   .content_bytes = content_bytes };
	return NX_OK;
}

void vmo_fini(struct vmo *vmo)
{
	if (vmo == NULL || vmo->name == VMO_NAME_NONE)
		return;
	(void)nx_handle_close((nx_handle_t)vmo->name);
	vmo->name = VMO_NAME_NONE;
}

nx_status_t vmo_read(const struct vmo *vmo, uint64_t offset, void *buffer,
		     uint64_t size_bytes)
{
	if (!vmo_has_range(vmo, offset, size_bytes))
		return NX_ERR_OUT_OF_RANGE;
	return nx_vmo_read(vmo_handle(vmo), offset, buffer, size_bytes);
}

nx_status_t vmo_write(struct vmo *vmo, uint64_t offset, const void *buffer,
		      uint64_t size_bytes)
{
	if (!vmo_has_range(vmo, offset, size_bytes))
		return NX_ERR_OUT_OF_RANGE;
	return nx_vmo_write(vmo_handle(vmo), offset, buffer, size_bytes);
}

nx_status_t vmo_seal(struct vmo *vmo, uint32_t seals)
{
	return nx_vmo_seal(vmo_handle(vmo), seals);
}

nx_status_t vmo_seals(const struct vmo *vmo, uint32_t *out_seals)
{
	uint64_t size_bytes, content_bytes;
	uint32_t mappings;

	return nx_vmo_info(vmo_handle(vmo), &size_bytes, &content_bytes,
			   out_seals, &mappings);
}

nx_status_t vmo_map(const struct vmo *vmo, uint64_t offset, uint64_t size_bytes,
		    uint32_t access, struct vmo_mapping *out_mapping)
{
	nx_status_t status = vmo_check_map(vmo, offset, size_bytes, access);
	nx_uaddr_t address;

	if (status != NX_OK)
		return status;
	status = nx_map(this_process, vmo_handle(vmo), offset, size_bytes,
			access, 0, &address);
	if (status != NX_OK)
		return status;
	out_mapping->base = (void *)(uintptr_t)address;
	out_mapping->size_bytes = size_bytes;
	return NX_OK;
}

void vmo_unmap(struct vmo_mapping *mapping)
{
	if (mapping == NULL || mapping->size_bytes == 0)
		return;
	(void)nx_unmap_protect(this_process,
			       (nx_uaddr_t)(uintptr_t)mapping->base,
			       mapping->size_bytes, 0);
	mapping->base = NULL;
	mapping->size_bytes = 0;
}

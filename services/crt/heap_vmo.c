/* SPDX-License-Identifier: BSD-2-Clause
 * Regions of a heap as VMOs: created, mapped where the kernel likes, and the
 * handle closed at once, so that the mapping alone keeps the pages.
 */
#include <crt/heap.h>

#include <nexus/syscalls.h>

static void *vmo_grow(void *context, size_t size_bytes)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	const nx_process_t self = { NX_HANDLE_NONE };
	nx_uaddr_t address = 0;
	nx_status_t status;
	nx_vmo_t vmo;

	(void)context;
	if (nx_vmo_create(job, size_bytes, &vmo) != NX_OK)
		return NULL;
	status = nx_map(self, vmo, 0, size_bytes, NX_MAP_READ | NX_MAP_WRITE, 0,
			&address);
	nx_handle_close(vmo.handle);
	return status == NX_OK ? (void *)(uintptr_t)address : NULL;
}

static void vmo_release(void *context, void *region, size_t size_bytes)
{
	const nx_process_t self = { NX_HANDLE_NONE };

	(void)context;
	nx_unmap_protect(self, (nx_uaddr_t)(uintptr_t)region, size_bytes, 0);
}

/* Our own memory is not ours any more: end before it is used. */
static void vmo_broken(void *context, const void *block)
{
	(void)context;
	(void)block;
	nx_exit(NX_ERR_CORRUPT, 1);
}

const struct heap_ops heap_vmo_ops = {
	.grow = vmo_grow,
	.release = vmo_release,
	.broken = vmo_broken,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on memory for devices. */
#include <kernel/arguments.h>
#include <kernel/copy.h>
#include <kernel/dma.h>
#include <kernel/mmio.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <nexus/rights.h>

nx_status_t sys_dma_narrow(nx_handle_t number, uint64_t device, uint32_t mode,
			   nx_handle_t *out_narrowed)
{
	struct handle *source;
	struct dma *dma;
	nx_status_t status =
		argument_handle(number, NX_KIND_DMA, NX_RIGHT_MANAGE, &source);

	if (status == NX_OK)
		status = dma_create(current_process()->object.job,
				    (const struct dma *)source->object, device,
				    mode, &dma);
	if (status != NX_OK)
		return status;
	return argument_derive(&dma->object, source, out_narrowed);
}

static nx_status_t vmo_lookup(nx_handle_t number, uint64_t offset,
			      uint64_t size_bytes, bool is_written,
			      struct vmo **out_vmo)
{
	nx_rights_t rights = NX_RIGHT_DMA | NX_RIGHT_READ;
	nx_status_t status;

	if (is_written)
		rights |= NX_RIGHT_WRITE;
	status = argument_object(number, NX_KIND_VMO, rights, out_vmo);
	if (status != NX_OK)
		return status;
	if (offset > (*out_vmo)->size_bytes ||
	    size_bytes > (*out_vmo)->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	if (is_written && (vmo_object_seals(*out_vmo) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	return NX_OK;
}

/* The caller sees addresses of what is pinned only: the pin is made first,
 * and taken back if they cannot be written down. */
static nx_status_t pin(struct dma *dma, struct vmo *vmo, uint64_t offset,
		       uint64_t size_bytes, bool is_written, nx_uaddr_t buffer,
		       uint64_t capacity, uint64_t *out_pin,
		       uint64_t *out_run_count)
{
	struct nx_dma_run runs[NX_DMA_RUNS_MAX];
	struct dma_pin *made;
	nx_status_t status =
		dma_runs(vmo, offset, size_bytes, runs, capacity, &capacity);

	if (status == NX_OK)
		status = dma_pin(dma, current_process()->object.job, vmo,
				 size_bytes >> NX_PAGE_BITS, is_written, &made);
	if (status != NX_OK)
		return status;
	status = copy_out(buffer, runs, capacity * sizeof(runs[0]));
	if (status != NX_OK) {
		dma_unpin(dma, made, true);
		return status;
	}
	*out_pin = made->number;
	*out_run_count = capacity;
	return NX_OK;
}

nx_status_t sys_dma_pin(nx_handle_t number, nx_handle_t vmo_number,
			uint64_t offset, uint64_t size_bytes, uint32_t access,
			nx_uaddr_t runs, uint64_t capacity, uint64_t *out_pin,
			uint64_t *out_run_count)
{
	bool is_written = (access & NX_MAP_WRITE) != 0;
	struct dma *dma;
	struct vmo *vmo;
	nx_status_t status;

	if ((access & ~NX_MAP_WRITE) != NX_MAP_READ || size_bytes == 0 ||
	    !is_page_aligned(offset) || !is_page_aligned(size_bytes))
		return NX_ERR_INVALID_ARGS;
	status = argument_object(number, NX_KIND_DMA, NX_RIGHT_DMA, &dma);
	if (status == NX_OK)
		status = vmo_lookup(vmo_number, offset, size_bytes, is_written,
				    &vmo);
	if (status == NX_OK)
		status = dma_check(dma);
	if (status != NX_OK)
		return status;
	if (capacity > NX_DMA_RUNS_MAX)
		capacity = NX_DMA_RUNS_MAX;
	return pin(dma, vmo, offset, size_bytes, is_written, runs, capacity,
		   out_pin, out_run_count);
}

nx_status_t sys_dma_unpin(nx_handle_t number, uint64_t pin_number,
			  uint32_t options)
{
	struct dma_pin *found;
	struct dma *dma;
	nx_status_t status;

	if ((options & ~NX_DMA_UNFINISHED) != 0)
		return NX_ERR_INVALID_ARGS;
	status = argument_object(number, NX_KIND_DMA, NX_RIGHT_DMA, &dma);
	if (status != NX_OK)
		return status;
	found = dma_pin_find(dma, pin_number);
	if (found == NULL)
		return NX_ERR_NOT_FOUND;
	dma_unpin(dma, found, options == 0);
	return NX_OK;
}

nx_status_t sys_dma_reset(nx_handle_t number, nx_handle_t window,
			  uint64_t *out_page_count)
{
	struct mmio *mmio;
	struct dma *dma;
	nx_status_t status =
		argument_object(number, NX_KIND_DMA, NX_RIGHT_DMA, &dma);

	if (status == NX_OK)
		status = argument_object(window, NX_KIND_MMIO,
					 NX_RIGHT_MAP | NX_RIGHT_WRITE, &mmio);
	if (status != NX_OK)
		return status;
	if (dma->device == NULL)
		return NX_ERR_BAD_STATE;
	if (mmio_is_first(mmio) ||
	    mmio->memory.memory.base != dma->device->address)
		return NX_ERR_INVALID_ARGS;
	*out_page_count = dma_reset(dma);
	return NX_OK;
}

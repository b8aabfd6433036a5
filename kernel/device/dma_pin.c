/* SPDX-License-Identifier: BSD-2-Clause */
/* What is pinned for devices, and what is in quarantine: few, by their limit.
 */
#include <kernel/dma.h>

#include <kernel/arguments.h>
#include <kernel/copy.h>
#include <kernel/job.h>
#include <kernel/mmio.h>
#include <kernel/process.h>
#include <kernel/slab.h>
#include <kernel/syscall.h>
#include <nexus/rights.h>

uint64_t dma_last_pin;

/* One more piece behind the others; false: there is no room. */
static bool run_add(struct nx_dma_run *runs, uint64_t capacity, uint64_t *used,
		    paddr_t at, uint64_t size_bytes)
{
	struct nx_dma_run *last = *used > 0 ? &runs[*used - 1] : NULL;

	if (last != NULL && last->address + last->size_bytes == at) {
		last->size_bytes += size_bytes;
		return true;
	}
	if (*used == capacity)
		return false;
	runs[(*used)++] = (struct nx_dma_run){ at, size_bytes };
	return true;
}

HELD static nx_status_t find_runs(const struct vmo *vmo, uint64_t offset,
				  uint64_t size_bytes, struct nx_dma_run *runs,
				  uint64_t capacity, uint64_t *out_count)
{
	uint64_t page = offset >> NX_PAGE_BITS;
	uint64_t left = size_bytes >> NX_PAGE_BITS, used = 0;

	while (left > 0) {
		struct page_run piece = vmo_run(vmo, page);
		uint64_t count = piece.count < left ? piece.count : left;
		bool fits = true;

		if (vmo->root->type == VMO_PLAIN && left > NX_DMA_PAGES_MAX)
			return NX_ERR_TOO_BIG;
		if (count == 0)
			return NX_ERR_BAD_STATE;
		/* Its owner would write elsewhere then. */
		if (piece.shared && !vmo_is_sealed(vmo))
			return NX_ERR_BUSY;
		if (piece.pages == NULL)
			fits = run_add(runs, capacity, &used, piece.base,
				       count << NX_PAGE_BITS);
		else
			for (uint64_t i = 0; i < count && fits; i++)
				fits = run_add(runs, capacity, &used,
					       piece.pages[i], NX_PAGE_SIZE);
		if (!fits)
			return NX_ERR_BUFFER_TOO_SMALL;
		page += count;
		left -= count;
	}
	*out_count = used;
	return NX_OK;
}

HELD static nx_status_t pin_check(const struct dma *dma)
{
	const struct dma_device *device = dma->device;

	if (device == NULL || device->quarantined_count > 0)
		return NX_ERR_BAD_STATE;
	return device->pin_count == NX_DMA_PINS_MAX ? NX_ERR_NO_SPACE : NX_OK;
}

HELD static nx_status_t pin_new(struct dma *dma, struct job *job,
				struct vmo *vmo, uint64_t page_count,
				bool is_written, struct dma_pin **out_pin)
{
	struct dma_device *device = dma->device;
	struct dma_pin *pin;
	nx_status_t status = slab_alloc(job, sizeof(*pin), &pin);

	if (status != NX_OK)
		return status;
	*pin = (struct dma_pin){ .number = ++dma_last_pin,
				 .vmo = vmo,
				 .job = job,
				 .page_count = page_count,
				 .is_written = is_written };
	object_ref(&job->object);
	object_ref(&vmo->object);
	vmo_pinned(vmo, is_written);
	list_push_back(&device->pins, &pin->pins);
	device->pin_count++;
	device->pinned_count += page_count;
	*out_pin = pin;
	return NX_OK;
}

HELD static struct dma_pin *pin_find(const struct dma *dma, uint64_t number)
{
	if (dma->device == NULL)
		return NULL;
	LIST_FOR_EACH(struct dma_pin, pin, &dma->device->pins, pins)
		if (pin->number == number)
			return pin->is_quarantined ? NULL : pin;
	return NULL;
}

HELD static void pin_free(struct dma_device *device, struct dma_pin *pin)
{
	struct vmo *vmo = pin->vmo;
	struct job *job = pin->job;

	list_remove(&pin->pins);
	device->pin_count--;
	vmo_unpinned(vmo, pin->is_written);
	slab_free(job, pin, sizeof(*pin));
	object_unref(&vmo->object);
	object_unref(&job->object);
}

HELD static void pin_quarantine(struct dma_device *device, struct dma_pin *pin)
{
	if (pin->is_quarantined)
		return;
	pin->is_quarantined = true;
	device->pinned_count -= pin->page_count;
	device->quarantined_count += pin->page_count;
}

void dma_quarantine(struct dma_device *device)
{
	LIST_FOR_EACH(struct dma_pin, pin, &device->pins, pins)
		pin_quarantine(device, pin);
}

HELD static void pin_end(struct dma *dma, struct dma_pin *pin, bool is_finished)
{
	struct dma_device *device = dma->device;

	if (!is_finished) {
		pin_quarantine(device, pin);
		return;
	}
	device->pinned_count -= pin->page_count;
	pin_free(device, pin);
}

HELD static nx_status_t vmo_argument(nx_handle_t number, uint64_t offset,
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
	if (is_written && vmo_is_sealed(*out_vmo))
		return NX_ERR_SEALED;
	return NX_OK;
}

/* The caller sees addresses of what is pinned only: the pin is made first,
 * and taken back if they cannot be written down. */
HELD static nx_status_t pin(struct dma *dma, struct vmo *vmo, uint64_t offset,
			    uint64_t size_bytes, bool is_written,
			    nx_uaddr_t buffer, uint64_t capacity,
			    uint64_t *out_pin, uint64_t *out_run_count)
{
	struct nx_dma_run runs[NX_DMA_RUNS_MAX];
	struct dma_pin *made;
	nx_status_t status =
		find_runs(vmo, offset, size_bytes, runs, capacity, &capacity);

	if (status == NX_OK)
		status = pin_new(dma, current_process()->object.job, vmo,
				 size_bytes >> NX_PAGE_BITS, is_written, &made);
	if (status != NX_OK)
		return status;
	status = copy_out(buffer, runs, capacity * sizeof(runs[0]));
	if (status != NX_OK) {
		pin_end(dma, made, true);
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
	    !is_page_aligned(offset | size_bytes))
		return NX_ERR_INVALID_ARGS;
	status = argument_object(number, NX_KIND_DMA, NX_RIGHT_DMA, &dma);
	if (status == NX_OK)
		status = vmo_argument(vmo_number, offset, size_bytes,
				      is_written, &vmo);
	if (status == NX_OK)
		status = pin_check(dma);
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
	found = pin_find(dma, pin_number);
	if (found == NULL)
		return NX_ERR_NOT_FOUND;
	pin_end(dma, found, options == 0);
	return NX_OK;
}

nx_status_t sys_dma_reset(nx_handle_t number, nx_handle_t window,
			  uint64_t *out_page_count)
{
	struct dma_device *device;
	struct list *node;
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
	device = dma->device;
	for (node = device->pins.next; node != &device->pins;) {
		struct dma_pin *pin = LIST_ENTRY(node, struct dma_pin, pins);

		node = node->next;
		if (pin->is_quarantined)
			pin_free(device, pin);
	}
	*out_page_count = device->quarantined_count;
	device->quarantined_count = 0;
	return NX_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that reach memory by themselves, and what is pinned for them. Both
 * are few: devices as drivers are, pins by their limit. */
#include <kernel/dma.h>

#include <kernel/arguments.h>
#include <kernel/copy.h>
#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/mmio.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/slab.h>
#include <kernel/syscall.h>
#include <nexus/rights.h>

static struct {
	struct list list;
	paddr_t end; /* of what devices there can be */
	uint64_t last_pin;
} devices GUARDED;

void dma_boot(const struct boot_info *info)
{
	list_init(&devices.list);
	devices.end = info->devices.base + info->devices.size_bytes;
	devices.last_pin = 0;
}

HELD static struct dma_device *find(paddr_t address)
{
	LIST_FOR_EACH(struct dma_device, device, &devices.list, devices)
		if (device->address == address)
			return device;
	return NULL;
}

HELD static nx_status_t device_new(struct job *job, paddr_t address,
				   struct dma_device **out_device)
{
	struct dma_device *device;
	nx_status_t status = slab_alloc(job, sizeof(*device), &device);

	if (status != NX_OK)
		return status;
	device->job = job;
	object_ref(&job->object);
	device->address = address;
	list_init(&device->pins);
	list_push_back(&devices.list, &device->devices);
	*out_device = device;
	return NX_OK;
}

/* Nobody needs to know of it any more if it has nothing. */
HELD static void device_drop(struct dma_device *device)
{
	struct job *job = device->job;

	if (device->is_taken || device->pin_count > 0)
		return;
	list_remove(&device->devices);
	slab_free(job, device, sizeof(*device));
	object_unref(&job->object);
}

HELD static nx_status_t device_check(const struct dma *from, paddr_t address,
				     uint32_t mode)
{
	const struct dma_device *device = find(address);

	if (mode > NX_DMA_IOMMU || !is_page_aligned(address))
		return NX_ERR_INVALID_ARGS;
	if (mode != NX_DMA_TRUSTED)
		return NX_ERR_NOT_SUPPORTED;
	if (address >= devices.end)
		return NX_ERR_OUT_OF_RANGE;
	if (from->device != NULL || (device != NULL && device->is_taken))
		return NX_ERR_BUSY;
	return NX_OK;
}

nx_status_t sys_dma_narrow(nx_handle_t number, uint64_t address, uint32_t mode,
			   nx_handle_t *out_narrowed)
{
	struct job *job = current_process()->object.job;
	struct dma_device *device = find(address);
	struct handle *source;
	struct dma *dma;
	nx_status_t status =
		argument_handle(number, NX_KIND_DMA, NX_RIGHT_MANAGE, &source);

	if (status == NX_OK)
		status = device_check((const struct dma *)source->object,
				      address, mode);
	if (status == NX_OK)
		status = object_create(job, NX_KIND_DMA, &dma);
	if (status != NX_OK)
		return status;
	if (device == NULL)
		status = device_new(job, address, &device);
	if (status != NX_OK) {
		object_unref(&dma->object);
		return status;
	}
	device->is_taken = true;
	dma->device = device;
	return argument_derive(&dma->object, source, out_narrowed);
}

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
	*pin = (struct dma_pin){ .number = ++devices.last_pin,
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
	    !is_page_aligned(offset) || !is_page_aligned(size_bytes))
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

/* Nobody is left who could say that the device is finished. */
bool dma_destroy(struct object *object)
{
	struct dma_device *device = ((struct dma *)object)->device;

	if (device == NULL)
		return true;
	LIST_FOR_EACH(struct dma_pin, pin, &device->pins, pins)
		pin_quarantine(device, pin);
	device->is_taken = false;
	device_drop(device);
	return true;
}

void dma_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct dma_device *device = ((const struct dma *)object)->device;

	*state = device != NULL ? device->pinned_count : 0;
	*value = device != NULL ? device->quarantined_count : 0;
}

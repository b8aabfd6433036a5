/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that reach memory by themselves, and what is pinned for them. Both
 * are few: devices as drivers are, pins by their limit. */
#include <kernel/dma.h>

#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/slab.h>

static struct {
	struct list list;
	paddr_t end; /* of what devices there can be */
	uint64_t last_pin;
} devices;

void dma_boot(const struct boot_info *info)
{
	list_init(&devices.list);
	devices.end = info->devices.base + info->devices.size_bytes;
	devices.last_pin = 0;
}

static struct dma_device *find(paddr_t address)
{
	LIST_FOR_EACH(struct dma_device, device, &devices.list, devices)
		if (device->address == address)
			return device;
	return NULL;
}

static nx_status_t device_new(struct job *job, paddr_t address,
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
static void device_drop(struct dma_device *device)
{
	struct job *job = device->job;

	if (device->is_taken || device->pin_count > 0)
		return;
	list_remove(&device->devices);
	slab_free(job, device, sizeof(*device));
	object_unref(&job->object);
}

nx_status_t dma_create(struct job *job, const struct dma *from, paddr_t address,
		       uint32_t mode, struct dma **out_dma)
{
	struct dma_device *device = find(address);
	nx_status_t status;

	if (mode > NX_DMA_IOMMU || !is_page_aligned(address))
		return NX_ERR_INVALID_ARGS;
	if (mode != NX_DMA_TRUSTED)
		return NX_ERR_NOT_SUPPORTED;
	if (address >= devices.end)
		return NX_ERR_OUT_OF_RANGE;
	if (from->device != NULL || (device != NULL && device->is_taken))
		return NX_ERR_BUSY;
	status = object_create(job, NX_KIND_DMA, out_dma);
	if (status != NX_OK)
		return status;
	if (device == NULL)
		status = device_new(job, address, &device);
	if (status != NX_OK) {
		object_unref(&(*out_dma)->object);
		return status;
	}
	device->is_taken = true;
	(*out_dma)->device = device;
	return NX_OK;
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

nx_status_t dma_runs(const struct vmo *vmo, uint64_t offset,
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
		if (piece.shared)
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

nx_status_t dma_check(const struct dma *dma)
{
	const struct dma_device *device = dma->device;

	if (device == NULL || device->quarantined_count > 0)
		return NX_ERR_BAD_STATE;
	return device->pin_count == NX_DMA_PINS_MAX ? NX_ERR_NO_SPACE : NX_OK;
}

nx_status_t dma_pin(struct dma *dma, struct job *job, struct vmo *vmo,
		    uint64_t page_count, bool is_written,
		    struct dma_pin **out_pin)
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

struct dma_pin *dma_pin_find(const struct dma *dma, uint64_t number)
{
	if (dma->device == NULL)
		return NULL;
	LIST_FOR_EACH(struct dma_pin, pin, &dma->device->pins, pins)
		if (pin->number == number)
			return pin->is_quarantined ? NULL : pin;
	return NULL;
}

static void pin_free(struct dma_device *device, struct dma_pin *pin)
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

static void pin_quarantine(struct dma_device *device, struct dma_pin *pin)
{
	if (pin->is_quarantined)
		return;
	pin->is_quarantined = true;
	device->pinned_count -= pin->page_count;
	device->quarantined_count += pin->page_count;
}

void dma_unpin(struct dma *dma, struct dma_pin *pin, bool is_finished)
{
	struct dma_device *device = dma->device;

	if (!is_finished) {
		pin_quarantine(device, pin);
		return;
	}
	device->pinned_count -= pin->page_count;
	pin_free(device, pin);
}

uint64_t dma_reset(struct dma *dma)
{
	struct dma_device *device = dma->device;
	uint64_t count = device->quarantined_count;
	struct list *node = device->pins.next;

	while (node != &device->pins) {
		struct dma_pin *pin = LIST_ENTRY(node, struct dma_pin, pins);

		node = node->next;
		if (pin->is_quarantined)
			pin_free(device, pin);
	}
	device->quarantined_count = 0;
	return count;
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

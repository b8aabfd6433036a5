/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that reach memory by themselves. They are few, as drivers are. */
#include <kernel/dma.h>

#include <kernel/arguments.h>
#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/slab.h>
#include <kernel/syscall.h>
#include <nexus/rights.h>

static struct {
	struct list list;
	paddr_t end; /* of what devices there can be */
} devices GUARDED;

void dma_boot(const struct boot_info *info)
{
	list_init(&devices.list);
	devices.end = info->devices.base + info->devices.size_bytes;
	dma_last_pin = 0;
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

/* Nobody is left who could say that the device is finished. */
bool dma_destroy(struct object *object)
{
	struct dma_device *device = ((struct dma *)object)->device;

	if (device == NULL)
		return true;
	dma_quarantine(device);
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers, lines and memory of devices. No device does anything here: a
 * line without one is raised by whoever may. Time stands still, so that the
 * second in which interrupts are counted never ends. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

static struct model_process *caller(void)
{
	return model.self->process;
}

/* The object that a narrowing call makes out of that of `node`. */
static nx_status_t install_narrowed(struct model_node *node,
				    struct model_object *object)
{
	nx_status_t status = model_reserve(caller(), 1);

	if (status == NX_OK) {
		model.made =
			model_install(caller(), object, node->rights, 0, node);
		model.made_object = object;
	}
	model_unref(object);
	return status;
}

static nx_status_t first_of(uint32_t kind, struct model_node **out_node)
{
	if (in(0) > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	return model_lookup((nx_handle_t)in(0), kind, NX_RIGHT_MANAGE,
			    out_node);
}

/* ---- windows ---- */

static bool window_taken(uint64_t base, uint64_t size)
{
	for (struct model_object *o = model.objects; o; o = o->next) {
		const struct model_mmio *other = (struct model_mmio *)o;

		if (o->kind == NX_KIND_MMIO && o->alive && !other->is_first &&
		    other->base < base + size &&
		    base < other->base + other->memory.size_bytes)
			return true;
	}
	return false;
}

/* The driver never asks for what the kernel keeps. */
static nx_status_t mmio_narrow(void)
{
	uint64_t size = in(3);
	struct model_mmio *from, *window;
	struct model_node *node;
	nx_status_t status = first_of(NX_KIND_MMIO, &node);

	if (status != NX_OK)
		return status;
	from = (struct model_mmio *)node->object;
	if (size == 0 || in(2) % NX_PAGE_SIZE != 0 || size % NX_PAGE_SIZE != 0)
		return NX_ERR_INVALID_ARGS;
	if (size > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	if (in(2) > from->memory.size_bytes ||
	    size > from->memory.size_bytes - in(2))
		return NX_ERR_OUT_OF_RANGE;
	if (window_taken(from->base + in(2), size))
		return NX_ERR_BUSY;
	if (model_no_memory())
		return model.told;
	window = model_create(NX_KIND_MMIO, sizeof(*window),
			      caller()->object.job);
	window->base = from->base + in(2);
	window->memory.size_bytes = size;
	window->memory.content_bytes = size;
	window->memory.root = &window->memory;
	return install_narrowed(node, &window->memory.object);
}

static nx_status_t mmio_map(void)
{
	nx_rights_t rights = NX_RIGHT_MAP | NX_RIGHT_READ;
	struct model_process *process;
	struct model_node *node, *mapping;
	struct model_mmio *window;
	nx_status_t status;

	if ((in(3) & ~(uint64_t)NX_MAP_WRITE) != NX_MAP_READ)
		return NX_ERR_INVALID_ARGS;
	rights |= (in(3) & NX_MAP_WRITE) != 0 ? NX_RIGHT_WRITE : 0;
	status = model_process_of(in(2), NX_RIGHT_MAP, &process);
	if (status == NX_OK)
		status = model_lookup((nx_handle_t)in(0), NX_KIND_MMIO, rights,
				      &node);
	if (status != NX_OK)
		return status;
	window = (struct model_mmio *)node->object;
	if (process->state > NX_PROCESS_RUNNING || window->is_first)
		return NX_ERR_BAD_STATE;
	if (window->memory.mapping_count > 0)
		return NX_ERR_BUSY;
	if (model_no_memory())
		return model.told;
	mapping = model_node(NODE_MAPPING, node);
	mapping->process = process;
	mapping->object = &window->memory.object;
	mapping->size_bytes = window->memory.size_bytes;
	mapping->access = (uint32_t)in(3);
	model_ref(window);
	window->memory.mapping_count++;
	window->memory.writable_count += (in(3) & NX_MAP_WRITE) != 0;
	model.made = mapping;
	model_out(1, window->memory.size_bytes);
	return NX_OK;
}

/* ---- lines ---- */

static bool line_taken(uint32_t line)
{
	for (struct model_object *o = model.objects; o; o = o->next)
		if (o->kind == NX_KIND_IRQ && o->alive &&
		    ((struct model_irq *)o)->line == line)
			return true;
	return false;
}

/* The driver asks for the first lines, and for some around the last. */
static nx_status_t irq_narrow(void)
{
	uint32_t line = (uint32_t)in(2);
	struct model_node *node;
	struct model_irq *irq;
	nx_status_t status = first_of(NX_KIND_IRQ, &node);

	if (status != NX_OK)
		return status;
	if (line == 0 || line >= NX_IRQ_VIRTUAL + NX_IRQ_VIRTUAL_COUNT ||
	    line == NX_IRQ_VIRTUAL - 1)
		return NX_ERR_OUT_OF_RANGE;
	if (((struct model_irq *)node->object)->line != 0 || line_taken(line))
		return NX_ERR_BUSY;
	if (model_no_memory())
		return model.told;
	irq = model_create(NX_KIND_IRQ, sizeof(*irq), caller()->object.job);
	irq->line = line;
	return install_narrowed(node, &irq->object);
}

static nx_status_t irq_bind(void)
{
	struct model_event *event = NULL;
	struct model_irq *irq;
	nx_status_t status;

	if (in(2) != NX_HANDLE_NONE && in(3) == 0)
		return NX_ERR_INVALID_ARGS;
	status = model_find(in(0), NX_KIND_IRQ, NX_RIGHT_WAIT, &irq);
	if (status == NX_OK && in(2) != NX_HANDLE_NONE)
		status = model_find(in(2), NX_KIND_EVENT, NX_RIGHT_SIGNAL,
				    &event);
	if (status != NX_OK)
		return status;
	if (irq->line == 0)
		return NX_ERR_BAD_STATE;
	irq->event = event;
	irq->state = event ? NX_IRQ_BOUND : 0;
	irq->is_raised = false;
	irq->bits = in(3);
	irq->rate = in(4) != 0 ? in(4) : NX_IRQ_RATE;
	irq->counted_from = irq->count;
	return NX_OK;
}

static void come(struct model_irq *irq)
{
	irq->count++;
	irq->state |= NX_IRQ_MASKED;
	if (irq->count - irq->counted_from > irq->rate)
		irq->state |= NX_IRQ_STORM;
	if (irq->event)
		model_event_signal(irq->event, irq->bits);
}

static nx_status_t irq_ack(void)
{
	struct model_irq *irq;
	nx_status_t status =
		model_find(in(0), NX_KIND_IRQ, NX_RIGHT_WAIT, &irq);

	if (status != NX_OK)
		return status;
	if ((irq->state & NX_IRQ_MASKED) == 0)
		return NX_ERR_BAD_STATE;
	if ((irq->state & NX_IRQ_STORM) != 0)
		return NX_ERR_IO;
	irq->state = NX_IRQ_BOUND;
	if (irq->is_raised) {
		irq->is_raised = false;
		come(irq);
	}
	return NX_OK;
}

static nx_status_t irq_raise(void)
{
	struct model_irq *irq;
	nx_status_t status =
		model_find(in(0), NX_KIND_IRQ, NX_RIGHT_SIGNAL, &irq);

	if (status != NX_OK)
		return status;
	if (irq->line < NX_IRQ_VIRTUAL)
		return NX_ERR_INVALID_ARGS;
	if ((irq->state & NX_IRQ_BOUND) == 0)
		return NX_ERR_BAD_STATE;
	if ((irq->state & NX_IRQ_MASKED) != 0)
		irq->is_raised = true;
	else
		come(irq);
	return NX_OK;
}

void model_event_gone(const struct model_event *event)
{
	for (struct model_object *o = model.objects; o; o = o->next)
		if (o->kind == NX_KIND_IRQ && o->alive &&
		    ((struct model_irq *)o)->event == event)
			((struct model_irq *)o)->event = NULL;
}

/* ---- devices that reach memory ---- */

static struct model_device *device_at(uint64_t address)
{
	for (unsigned i = 0; i < MODEL_DEVICES_MAX; i++)
		if (model.devices[i].job && model.devices[i].address == address)
			return &model.devices[i];
	return NULL;
}

static unsigned pins_of(const struct model_device *device)
{
	unsigned count = 0;

	for (unsigned i = 0; i < MODEL_PINS_MAX; i++)
		count += model.pins[i].device == device;
	return count;
}

uint64_t model_pages_of(const struct model_device *device, bool quarantined)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < MODEL_PINS_MAX; i++)
		if (model.pins[i].device == device &&
		    model.pins[i].is_quarantined == quarantined)
			count += model.pins[i].page_count;
	return count;
}

static void forget_if_empty(struct model_device *device)
{
	struct model_job *job = device->job;

	if (device->is_taken || pins_of(device) > 0)
		return;
	device->job = NULL;
	model_unref(job);
}

static struct model_device *device_new(uint64_t address)
{
	struct model_device *device = model.devices;

	while (device->job)
		if (++device == model.devices + MODEL_DEVICES_MAX)
			abort();
	*device = (struct model_device){ .address = address,
					 .job = caller()->object.job };
	model_ref(device->job);
	return device;
}

static nx_status_t dma_narrow(void)
{
	struct model_device *device = device_at(in(2));
	struct model_node *node;
	struct model_dma *dma;
	nx_status_t status = first_of(NX_KIND_DMA, &node);

	if (status != NX_OK)
		return status;
	if (in(3) > NX_DMA_IOMMU || in(2) % NX_PAGE_SIZE != 0)
		return NX_ERR_INVALID_ARGS;
	if (in(3) != NX_DMA_TRUSTED)
		return NX_ERR_NOT_SUPPORTED;
	if (in(2) >= model.devices_end)
		return NX_ERR_OUT_OF_RANGE;
	if (((struct model_dma *)node->object)->device ||
	    (device && device->is_taken))
		return NX_ERR_BUSY;
	if (model_no_memory())
		return model.told;
	dma = model_create(NX_KIND_DMA, sizeof(*dma), caller()->object.job);
	if (!device)
		device = device_new(in(2));
	device->is_taken = true;
	dma->device = device;
	return install_narrowed(node, &dma->object);
}

void model_dma_gone(struct model_dma *dma)
{
	if (!dma->device)
		return;
	for (unsigned i = 0; i < MODEL_PINS_MAX; i++)
		if (model.pins[i].device == dma->device)
			model.pins[i].is_quarantined = true;
	dma->device->is_taken = false;
	forget_if_empty(dma->device);
}

/* What a device could not rely on: the first page that is wrong is told. */
static nx_status_t pages_check(const struct model_vmo *vmo)
{
	const struct model_vmo *root = vmo->root;
	uint64_t first = (vmo->offset + in(3)) / NX_PAGE_SIZE;
	uint64_t count = in(4) / NX_PAGE_SIZE;

	for (uint64_t i = first; i < first + count; i++) {
		if (root->absent[i])
			return NX_ERR_BAD_STATE;
		if (model_is_shared(root, i) &&
		    (root->seals & NX_SEAL_WRITE) == 0)
			return NX_ERR_BUSY;
		/* The driver has room for every page by itself, or for none. */
		if (in(7) == 0)
			return NX_ERR_BUFFER_TOO_SMALL;
	}
	return NX_OK;
}

static nx_status_t pin_check(const struct model_dma *dma,
			     const struct model_vmo *vmo)
{
	uint32_t seals = vmo->seals | vmo->root->seals;
	nx_status_t status;

	if (in(3) > vmo->size_bytes || in(4) > vmo->size_bytes - in(3))
		return NX_ERR_OUT_OF_RANGE;
	if ((in(5) & NX_MAP_WRITE) != 0 && (seals & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	if (!dma->device || model_pages_of(dma->device, true) > 0)
		return NX_ERR_BAD_STATE;
	if (pins_of(dma->device) == NX_DMA_PINS_MAX)
		return NX_ERR_NO_SPACE;
	status = pages_check(vmo);
	return status == NX_OK && model_no_memory() ? model.told : status;
}

static struct model_pin *pin_new(void)
{
	for (unsigned i = 0; i < MODEL_PINS_MAX; i++)
		if (!model.pins[i].device)
			return &model.pins[i];
	abort();
}

static nx_status_t dma_pin(void)
{
	nx_rights_t rights = NX_RIGHT_DMA | NX_RIGHT_READ;
	struct model_dma *dma;
	struct model_vmo *vmo;
	struct model_pin *pin;
	nx_status_t status;

	if ((in(5) & ~(uint64_t)NX_MAP_WRITE) != NX_MAP_READ || in(4) == 0 ||
	    in(3) % NX_PAGE_SIZE != 0 || in(4) % NX_PAGE_SIZE != 0)
		return NX_ERR_INVALID_ARGS;
	rights |= (in(5) & NX_MAP_WRITE) != 0 ? NX_RIGHT_WRITE : 0;
	status = model_find(in(0), NX_KIND_DMA, NX_RIGHT_DMA, &dma);
	if (status == NX_OK)
		status = model_find(in(2), NX_KIND_VMO, rights, &vmo);
	if (status == NX_OK)
		status = pin_check(dma, vmo);
	if (status != NX_OK)
		return status;
	pin = pin_new();
	*pin = (struct model_pin){ .device = dma->device,
				   .number = ++model.last_pin,
				   .vmo = vmo,
				   .job = caller()->object.job,
				   .page_count = in(4) / NX_PAGE_SIZE,
				   .is_written = (in(5) & NX_MAP_WRITE) != 0 };
	model_ref(pin->job);
	model_ref(vmo);
	vmo->root->pin_count++;
	vmo->root->writable_count += pin->is_written;
	model_out(0, pin->number);
	model.self->got_pin = pin;
	model.self->got_pin_offset = in(3);
	return NX_OK;
}

static void pin_free(struct model_pin *pin)
{
	struct model_vmo *vmo = pin->vmo;

	pin->device = NULL;
	vmo->root->pin_count--;
	vmo->root->writable_count -= pin->is_written;
	model_unref(vmo);
	model_unref(pin->job);
}

static nx_status_t dma_unpin(void)
{
	struct model_pin *found = NULL;
	struct model_dma *dma;
	nx_status_t status;

	if ((in(3) & ~(uint64_t)NX_DMA_UNFINISHED) != 0)
		return NX_ERR_INVALID_ARGS;
	status = model_find(in(0), NX_KIND_DMA, NX_RIGHT_DMA, &dma);
	if (status != NX_OK)
		return status;
	for (unsigned i = 0; i < MODEL_PINS_MAX && dma->device; i++)
		if (model.pins[i].device == dma->device &&
		    model.pins[i].number == in(2) &&
		    !model.pins[i].is_quarantined)
			found = &model.pins[i];
	if (!found)
		return NX_ERR_NOT_FOUND;
	if (in(3) != 0)
		found->is_quarantined = true;
	else
		pin_free(found);
	return NX_OK;
}

static nx_status_t dma_reset(void)
{
	struct model_mmio *window;
	struct model_dma *dma;
	nx_status_t status = model_find(in(0), NX_KIND_DMA, NX_RIGHT_DMA, &dma);

	if (status == NX_OK)
		status = model_find(in(2), NX_KIND_MMIO,
				    NX_RIGHT_MAP | NX_RIGHT_WRITE, &window);
	if (status != NX_OK)
		return status;
	if (!dma->device)
		return NX_ERR_BAD_STATE;
	if (window->is_first || window->base != dma->device->address)
		return NX_ERR_INVALID_ARGS;
	model_out(0, model_pages_of(dma->device, true));
	for (unsigned i = 0; i < MODEL_PINS_MAX; i++)
		if (model.pins[i].device == dma->device &&
		    model.pins[i].is_quarantined)
			pin_free(&model.pins[i]);
	return NX_OK;
}

static nx_status_t on_window(void)
{
	switch (in(1)) {
	case NX_OP_mmio_narrow:
		return mmio_narrow();
	case NX_OP_mmio_map:
		return mmio_map();
	default:
		return NX_ERR_BAD_CALL;
	}
}

static nx_status_t on_line(void)
{
	switch (in(1)) {
	case NX_OP_irq_narrow:
		return irq_narrow();
	case NX_OP_irq_bind:
		return irq_bind();
	case NX_OP_irq_ack:
		return irq_ack();
	case NX_OP_irq_raise:
		return irq_raise();
	default:
		return NX_ERR_BAD_CALL;
	}
}

nx_status_t model_device_call(void)
{
	if (model.self->call == NX_SYS_mmio_ctl)
		return on_window();
	if (model.self->call == NX_SYS_irq_ctl)
		return on_line();
	switch (in(1)) {
	case NX_OP_dma_narrow:
		return dma_narrow();
	case NX_OP_dma_pin:
		return dma_pin();
	case NX_OP_dma_unpin:
		return dma_unpin();
	case NX_OP_dma_reset:
		return dma_reset();
	default:
		return NX_ERR_BAD_CALL;
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's structures held against the model's. */
#include "drive.h"

#include <kernel/budget.h>
#include <kernel/counters.h>
#include <kernel/dma.h>
#include <kernel/event.h>
#include <kernel/irq.h>
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/space.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>

#include <stdio.h>

/* What was there before the model began. */
static struct {
	uint64_t objects, mappings;
} beside;
static uint64_t last_id;

bool differs(const char *what, uint64_t kernel, uint64_t wanted)
{
	if (kernel == wanted)
		return false;
	printf("# %s: the kernel says %llx, the model %llx\n", what,
	       (unsigned long long)kernel, (unsigned long long)wanted);
	return true;
}

static uint64_t mappings_of_model(void)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < model.node_high; i++)
		count += model.nodes[i].type == NODE_MAPPING;
	for (struct model_object *o = model.objects; o; o = o->next)
		count += o->kind == NX_KIND_THREAD && o->alive &&
			 ((struct model_thread *)o)->state != MODEL_DEAD;
	return count;
}

void compare_start(void)
{
	beside.objects = counters[NX_COUNTER_OBJECTS] - model.alive_count;
	beside.mappings = counters[NX_COUNTER_MAPPINGS] - mappings_of_model();
	last_id = 0;
}

static bool goes_on(const struct thread *thread)
{
	return thread->state == THREAD_RUNNING || thread->state == THREAD_READY;
}

nx_status_t compare_told(const struct model_thread *thread)
{
	const struct thread *kernel = thread->object.kernel;

	return goes_on(kernel) ? (nx_status_t)kernel->frame.call : NX_OK;
}

/* The number of a handle is new, and it leads to the right object. */
static bool learn_handle(struct model_node *node, nx_handle_t number)
{
	struct process *process = node->process->object.kernel;
	uint32_t index = number & NX_HANDLE_INDEX_MASK;
	uint32_t generation = number >> NX_HANDLE_INDEX_BITS;
	struct handle *handle;

	if (index >= MODEL_SLOTS_MAX)
		return !differs("slot", index, 0);
	if (generation <= node->process->generations[index])
		return !differs("generation", generation,
				node->process->generations[index] + 1U);
	node->process->generations[index] = (uint16_t)generation;
	node->number = number;
	if (handle_find(&process->handles, number, NX_KIND_NONE, 0, &handle) !=
	    NX_OK)
		return !differs("new handle", 0, number);
	if (node->object->kernel == NULL) {
		node->object->kernel = handle->object;
		node->object->id = handle->object->id;
		if (handle->object->id <= last_id)
			return !differs("object id", handle->object->id,
					last_id + 1);
		last_id = handle->object->id;
	}
	return true;
}

static bool learn_made(void)
{
	const struct thread *kernel = model.self->object.kernel;
	uint64_t value = kernel->frame.registers.a[0];

	if (!model.made)
		return true;
	if (model.made->type == NODE_MAPPING) {
		model.made->address = value;
		return true;
	}
	return learn_handle(model.made, (nx_handle_t)value);
}

static bool caps_equal(struct model_thread *thread)
{
	const struct thread *kernel = thread->object.kernel;
	const struct nx_message_cap *caps = kernel->buffer->recv_caps;

	for (unsigned i = 0; i < thread->new_cap_count; i++) {
		struct model_node *node = thread->new_caps[i];

		if (!node) {
			if (differs("revoked capability", caps[i].handle, 0))
				return false;
			continue;
		}
		if (differs("rights that came", caps[i].rights, node->rights) ||
		    !learn_handle(node, caps[i].handle))
			return false;
	}
	return true;
}

static bool frame_equal(const struct model_thread *thread)
{
	const struct thread *kernel = thread->object.kernel;
	const uint8_t *frame = kernel->buffer->recv_frame;
	unsigned last = thread->got_bytes > 0 ? thread->got_bytes - 1 : 0;

	if (thread->got_fill < 0)
		return true;
	return !differs("first byte", frame[0], (uint8_t)thread->got_fill) &&
	       !differs("last byte", frame[last],
			(uint8_t)(thread->got_fill + (int)last));
}

/* The runs that were told are the pages of the VMO, in their order. */
static bool runs_equal(const struct model_thread *thread)
{
	const struct thread *kernel = thread->object.kernel;
	const void *frame = kernel->buffer->recv_frame;
	const struct nx_dma_run *runs = frame;
	const struct vmo *vmo;
	uint64_t page, left = 0;

	if (!thread->got_pin)
		return true;
	vmo = thread->got_pin->vmo->object.kernel;
	page = thread->got_pin_offset >> NX_PAGE_BITS;
	for (uint64_t i = 0; i < kernel->frame.registers.a[1]; i++) {
		for (left = 0; left < runs[i].size_bytes; left += NX_PAGE_SIZE)
			if (differs("address", runs[i].address + left,
				    vmo_page(vmo, page++)))
				return false;
		if (i > 0 && runs[i].address == runs[i - 1].address +
							runs[i - 1].size_bytes)
			return !differs("runs that are one", i, i - 1);
	}
	return !differs("pages",
			page - (thread->got_pin_offset >> NX_PAGE_BITS),
			thread->got_pin->page_count);
}

static bool answer_equal(struct model_thread *thread)
{
	const struct thread *kernel = thread->object.kernel;

	if (!goes_on(kernel))
		return !differs("a thread that goes on", kernel->state, 0);
	if (differs("status", (uint32_t)kernel->frame.call,
		    (uint32_t)thread->status))
		return false;
	for (unsigned i = 0; i < 8; i++)
		if ((thread->out_mask >> i & 1) != 0 &&
		    differs("result", kernel->frame.registers.a[i],
			    thread->out[i])) {
			printf("# in a%u\n", i);
			return false;
		}
	return caps_equal(thread) && frame_equal(thread) && runs_equal(thread);
}

bool compare_answers(void)
{
	if (!learn_made())
		return false;
	for (struct model_object *o = model.objects; o; o = o->next) {
		struct model_thread *thread = (struct model_thread *)o;

		if (o->kind != NX_KIND_THREAD || !thread->answered)
			continue;
		if (thread->state != MODEL_DEAD && !answer_equal(thread))
			return false;
		thread->answered = false;
		thread->out_mask = 0;
		thread->new_cap_count = 0;
		thread->got_fill = -1;
		thread->got_bytes = 0;
		thread->got_pin = NULL;
	}
	return true;
}

static bool thread_equal(const struct model_thread *thread)
{
	static const enum thread_state states[] = {
		[MODEL_NEW] = THREAD_NEW,
		[MODEL_RUNNABLE] = THREAD_READY,
		[MODEL_CALLING] = THREAD_CALLING,
		[MODEL_SENDING] = THREAD_SENDING,
		[MODEL_RECEIVING] = THREAD_RECEIVING,
		[MODEL_AWAITING] = THREAD_AWAITING_REPLY,
		[MODEL_WAITING] = THREAD_WAITING,
		[MODEL_DEAD] = THREAD_DEAD,
	};
	const struct thread *kernel = thread->object.kernel;
	enum thread_state state = kernel->state;

	if (state == THREAD_RUNNING)
		state = THREAD_READY;
	return !differs("thread state", state, states[thread->state]) &&
	       !differs("caller", kernel->caller != NULL,
			thread->caller != NULL) &&
	       !differs("caller gone", kernel->caller_gone,
			thread->caller_gone) &&
	       !differs("filter", kernel->filter != NULL,
			thread->filter != NULL);
}

static bool process_equal(const struct model_process *process)
{
	const struct process *kernel = process->object.kernel;

	return !differs("process state", kernel->state, process->state) &&
	       !differs("exit code", (uint64_t)kernel->exit_code,
			(uint64_t)process->code) &&
	       !differs("threads", kernel->started_count,
			process->started_count);
}

static bool job_equal(const struct model_job *job)
{
	const struct job *kernel = job->object.kernel;
	const struct quota *handles = &kernel->quotas[JOB_HANDLES];
	const struct quota *threads = &kernel->quotas[JOB_THREADS];
	const struct quota *shares = &kernel->quotas[JOB_SHARES];
	const struct quota *pages = &kernel->quotas[JOB_PAGES];

	if (pages->used > pages->max)
		return !differs("pages", pages->used, pages->max);
	return !differs("handles used", handles->used,
			job->used[MODEL_HANDLES]) &&
	       !differs("handles", handles->max, job->max[MODEL_HANDLES]) &&
	       !differs("threads used", threads->used,
			job->used[MODEL_THREADS]) &&
	       !differs("threads", threads->max, job->max[MODEL_THREADS]) &&
	       !differs("shares used", shares->used, job->used[MODEL_SHARES]) &&
	       !differs("shares", shares->max, job->max[MODEL_SHARES]) &&
	       !differs("dying", kernel->dying, job->dying);
}

static bool port_equal(const struct model_port *port)
{
	const struct port *kernel = port->object.kernel;

	return !differs("closed", kernel->closed, port->closed) &&
	       !differs("depth", kernel->depth, port->depth) &&
	       !differs("generation", kernel->generation, port->generation) &&
	       !differs("receivers", kernel->receiver_handles,
			port->receiver_handles);
}

static bool vmo_equal(const struct model_vmo *vmo)
{
	const struct vmo *kernel = vmo->object.kernel;
	bool has_pages = vmo->object.kind == NX_KIND_VMO;
	uint64_t first = vmo->offset / NX_PAGE_SIZE;

	for (uint64_t i = 0; has_pages && i < vmo->size_bytes / NX_PAGE_SIZE;
	     i++)
		if (differs("absent", vmo_page(kernel, i) == 0,
			    vmo->root->absent[first + i]) ||
		    differs("shared", vmo_run(kernel, i).shared,
			    model_is_shared(vmo->root, first + i)))
			return false;
	return !differs("seals", vmo_object_seals(kernel),
			vmo->seals | vmo->root->seals) &&
	       !differs("size", kernel->size_bytes, vmo->size_bytes) &&
	       !differs("label", kernel->label.is_set, vmo->labelled) &&
	       !differs("content", kernel->content_bytes, vmo->content_bytes) &&
	       !differs("mappings", kernel->mapping_count,
			vmo->mapping_count) &&
	       !differs("writable", kernel->writable_count,
			vmo->writable_count) &&
	       !differs("pins", kernel->pin_count, vmo->pin_count);
}

static bool irq_equal(const struct model_irq *irq)
{
	const struct irq *kernel = irq->object.kernel;

	return !differs("line", kernel->line, irq->line) &&
	       !differs("line's state", kernel->state, irq->state) &&
	       !differs("raised", kernel->is_raised, irq->is_raised) &&
	       !differs("interrupts", kernel->count, irq->count) &&
	       !differs("event", kernel->watch.event != NULL,
			irq->event != NULL);
}

static bool dma_equal(const struct model_dma *dma)
{
	const struct dma_device *kernel =
		((const struct dma *)dma->object.kernel)->device;

	if (!dma->device || !kernel)
		return !differs("device", kernel != NULL, dma->device != NULL);
	return !differs("device", kernel->address, dma->device->address) &&
	       !differs("pinned", kernel->pinned_count,
			model_pages_of(dma->device, false)) &&
	       !differs("in quarantine", kernel->quarantined_count,
			model_pages_of(dma->device, true));
}

static bool budget_equal(const struct model_budget *budget)
{
	const struct budget *kernel = budget->object.kernel;

	return !differs("class", kernel->qos_class, budget->qos_class) &&
	       !differs("ceiling", kernel->ceiling, budget->ceiling) &&
	       !differs("share", kernel->share, budget->share) &&
	       !differs("threads on it", kernel->thread_count,
			budget->thread_count) &&
	       !differs("limit", time_ticks_to_ns(kernel->limit_ticks),
			budget->limit_ns) &&
	       !differs("period", time_ticks_to_ns(kernel->period_ticks),
			budget->period_ns);
}

static bool object_equal(const struct model_object *object)
{
	const struct event *event = object->kernel;

	if (differs("kind", ((const struct object *)object->kernel)->kind,
		    object->kind))
		return false;
	switch (object->kind) {
	case NX_KIND_JOB:
		return job_equal((const struct model_job *)object);
	case NX_KIND_PROCESS:
		return process_equal((const struct model_process *)object);
	case NX_KIND_BUDGET:
		return budget_equal((const struct model_budget *)object);
	case NX_KIND_THREAD:
		return thread_equal((const struct model_thread *)object);
	case NX_KIND_PORT:
		return port_equal((const struct model_port *)object);
	case NX_KIND_VMO:
	case NX_KIND_MMIO:
		return vmo_equal((const struct model_vmo *)object);
	case NX_KIND_IRQ:
		return irq_equal((const struct model_irq *)object);
	case NX_KIND_DMA:
		return dma_equal((const struct model_dma *)object);
	case NX_KIND_EVENT:
		return !differs("bits", event->bits,
				((const struct model_event *)object)->bits);
	default:
		return true;
	}
}

static bool handle_equal(const struct model_node *node)
{
	struct process *process = node->process->object.kernel;
	struct handle *handle;

	if (handle_find(&process->handles, node->number, NX_KIND_NONE, 0,
			&handle) != NX_OK)
		return !differs("a handle that is gone", 0, node->number);
	return !differs("rights", handle->link.rights, node->rights) &&
	       !differs("identity", handle->identity, node->identity) &&
	       !differs("object", handle->object->id, node->object->id);
}

static bool mapping_equal(const struct model_node *node)
{
	const struct process *process = node->process->object.kernel;

	LIST_FOR_EACH(const struct mapping, mapping, &process->space.mappings,
		      node)
		if (mapping->address == node->address)
			return !differs("mapped", mapping->size_bytes,
					node->size_bytes) &&
			       !differs("access", mapping->access,
					node->access) &&
			       !differs("part", mapping->offset, node->offset);
	return !differs("a mapping that is gone", 0, node->address);
}

static uint64_t used_below(const struct job *job)
{
	uint64_t sum = job->quotas[JOB_PAGES].used;

	/* What a child may use is used in its parent. */
	LIST_FOR_EACH(const struct job, child, &job->children, siblings)
		sum += used_below(child) - child->quotas[JOB_PAGES].max;
	return sum;
}

bool compare_state(void)
{
	uint64_t open = 0;

	for (unsigned i = 0; i < model.node_high; i++) {
		const struct model_node *node = &model.nodes[i];

		open += node->type == NODE_HANDLE;
		if ((node->type == NODE_HANDLE && !handle_equal(node)) ||
		    (node->type == NODE_MAPPING && !mapping_equal(node)))
			return false;
	}
	for (struct model_object *o = model.objects; o; o = o->next)
		if (o->alive && o->kernel && !object_equal(o))
			return false;
	return !differs("open handles", counters[NX_COUNTER_HANDLES], open) &&
	       !differs("objects", counters[NX_COUNTER_OBJECTS],
			model.alive_count + beside.objects) &&
	       !differs("all mappings", counters[NX_COUNTER_MAPPINGS],
			mappings_of_model() + beside.mappings) &&
	       !differs("refusals", counters[NX_COUNTER_DENIED],
			model.denied_count) &&
	       !differs("pages of all jobs",
			page_total_count() - page_free_count(),
			used_below(root_job) + page_total_count() -
				root_job->quotas[JOB_PAGES].max);
}

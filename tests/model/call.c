/* SPDX-License-Identifier: BSD-2-Clause */
/* From a number to a meaning; and the calls on handles and events. */
#include "model.h"

void model_out(unsigned index, uint64_t value)
{
	model.self->out[index] = value;
	model.self->out_mask |= UINT32_C(1) << index;
}

static nx_status_t badge_for(const struct model_node *source, uint32_t *badge)
{
	uint32_t present = (uint32_t)source->identity;

	if (*badge == 0) {
		*badge = present;
		return NX_OK;
	}
	if (source->object->kind != NX_KIND_PORT)
		return NX_ERR_INVALID_ARGS;
	if ((source->rights & NX_RIGHT_MANAGE) == 0)
		return NX_ERR_ACCESS_DENIED;
	return present == 0 ? NX_OK : NX_ERR_BAD_STATE;
}

static nx_status_t process_for(uint64_t number,
			       struct model_process **out_process)
{
	nx_status_t status =
		model_process_of(number, NX_RIGHT_MANAGE, out_process);

	if (status != NX_OK || number == NX_HANDLE_NONE)
		return status;
	return (*out_process)->state == NX_PROCESS_NEW ? NX_OK
						       : NX_ERR_BAD_STATE;
}

static nx_status_t dup(void)
{
	nx_rights_t rights = (nx_rights_t)in(1), needed = NX_RIGHT_DUP;
	uint32_t badge = (uint32_t)in(2);
	struct model_process *process;
	struct model_node *node;
	nx_status_t status;

	if (rights != NX_RIGHTS_SAME && (rights & ~NX_RIGHTS_ALL) != 0)
		return NX_ERR_INVALID_ARGS;
	if (in(0) == NX_HANDLE_CALLER) {
		if (rights != NX_RIGHTS_SAME || badge != 0 ||
		    in(3) != NX_HANDLE_NONE)
			return NX_ERR_INVALID_ARGS;
		return model_mint();
	}
	if (in(3) != NX_HANDLE_NONE)
		needed |= NX_RIGHT_TRANSFER;
	status = model_lookup((nx_handle_t)in(0), NX_KIND_NONE, needed, &node);
	if (status == NX_OK)
		status = badge_for(node, &badge);
	if (status == NX_OK)
		status = process_for(in(3), &process);
	if (status == NX_OK)
		status = model_reserve(process, 1);
	if (status != NX_OK)
		return status;
	if (rights == NX_RIGHTS_SAME)
		rights = node->rights;
	model.made = model_install(process, node->object, node->rights & rights,
				   badge, node);
	return NX_OK;
}

static nx_status_t revoke(void)
{
	nx_rights_t needed = NX_RIGHT_DUP;
	struct model_node *node;
	nx_status_t status =
		model_lookup((nx_handle_t)in(0), NX_KIND_NONE, 0, &node);

	if (status != NX_OK)
		return status;
	if ((model_rights_of(node->object->kind) & NX_RIGHT_MANAGE) != 0)
		needed = NX_RIGHT_MANAGE;
	if ((node->rights & needed) == 0)
		return NX_ERR_ACCESS_DENIED;
	model_revoke(node);
	return NX_OK;
}

static nx_status_t close_it(void)
{
	struct model_node *node;
	nx_status_t status =
		model_lookup((nx_handle_t)in(0), NX_KIND_NONE, 0, &node);

	if (status == NX_OK)
		model_close(node, false);
	return status;
}

static uint32_t thread_state(const struct model_thread *thread)
{
	switch (thread->state) {
	case MODEL_NEW:
		return NX_THREAD_NEW;
	case MODEL_RUNNABLE:
		return thread == model.self ? NX_THREAD_RUNNING
					    : NX_THREAD_READY;
	case MODEL_DEAD:
		return NX_THREAD_DEAD;
	default:
		return NX_THREAD_BLOCKED;
	}
}

static void state_of(struct model_object *object)
{
	const struct model_process *process = (struct model_process *)object;
	const struct model_port *port = (struct model_port *)object;
	const struct model_vmo *vmo = (struct model_vmo *)object;
	const struct model_irq *irq = (struct model_irq *)object;
	const struct model_dma *dma = (struct model_dma *)object;

	switch (object->kind) {
	case NX_KIND_MMIO:
		model_out(4, ((struct model_mmio *)object)->base);
		model_out(5, vmo->size_bytes);
		break;
	case NX_KIND_IRQ:
		model_out(4, irq->state);
		model_out(5, irq->count);
		break;
	case NX_KIND_DMA:
		model_out(4,
			  dma->device ? model_pages_of(dma->device, false) : 0);
		model_out(5,
			  dma->device ? model_pages_of(dma->device, true) : 0);
		break;
	case NX_KIND_PROCESS:
		model_out(4, process->state);
		model_out(5, (uint64_t)process->code);
		break;
	case NX_KIND_THREAD:
		model_out(4, thread_state((struct model_thread *)object));
		break;
	case NX_KIND_PORT:
		model_out(4, !port->closed);
		model_out(5, port->generation);
		break;
	case NX_KIND_VMO:
		model_out(4, vmo->seals | vmo->root->seals);
		model_out(5, vmo->size_bytes);
		break;
	default:
		model_out(4, 0);
		model_out(5, 0);
		break;
	}
}

static nx_status_t info(void)
{
	struct model_node *node;
	nx_status_t status =
		model_lookup((nx_handle_t)in(0), NX_KIND_NONE, 0, &node);

	if (status != NX_OK)
		return status;
	model_out(0, node->object->kind);
	model_out(1, node->rights);
	model_out(2, node->identity);
	model_out(3, node->object->id);
	state_of(node->object);
	return NX_OK;
}

static nx_status_t port_create(void)
{
	struct model_port *port;
	struct model_job *job;
	nx_status_t status;

	if (in(1) == 0 || in(1) > NX_PORT_DEPTH_MAX)
		return NX_ERR_INVALID_ARGS;
	status = model_payer_of_new(in(0), &job);
	if (status != NX_OK)
		return status;
	port = model_create(NX_KIND_PORT, sizeof(*port), job);
	port->depth_max = (uint32_t)in(1);
	return model_install_made(&port->object);
}

static nx_status_t event_create(void)
{
	struct model_event *event;
	struct model_job *job;
	nx_status_t status = model_payer_of_new(in(0), &job);

	if (status != NX_OK)
		return status;
	event = model_create(NX_KIND_EVENT, sizeof(*event), job);
	return model_install_made(&event->object);
}

static nx_status_t event_of(nx_rights_t right, struct model_event **out_event)
{
	return model_find(in(0), NX_KIND_EVENT, right, out_event);
}

static nx_status_t wait(void)
{
	struct model_thread *self = model.self;
	struct model_event *event;
	uint64_t taken;
	nx_status_t status;

	if (in(1) == 0)
		return NX_ERR_INVALID_ARGS;
	status = event_of(NX_RIGHT_WAIT, &event);
	if (status != NX_OK)
		return status;
	if (event->waiter)
		return NX_ERR_BUSY;
	taken = event->bits & in(1);
	if (taken != 0) {
		event->bits &= ~taken;
		model_out(0, taken);
		return NX_OK;
	}
	if (in(2) == 0)
		return NX_ERR_TIMED_OUT;
	model_ref(event);
	event->waiter = self;
	self->event = event;
	self->event_mask = in(1);
	self->state = MODEL_WAITING;
	return MODEL_BLOCKED;
}

void model_event_signal(struct model_event *event, uint64_t bits)
{
	struct model_thread *waiter = event->waiter;
	uint64_t taken;

	event->bits |= bits;
	taken = waiter ? event->bits & waiter->event_mask : 0;
	if (taken == 0)
		return;
	event->bits &= ~taken;
	waiter->out[0] = taken;
	waiter->out_mask = 1;
	model_wake(waiter, NX_OK);
}

static nx_status_t signal(void)
{
	struct model_event *event;
	nx_status_t status;

	if (in(1) == 0)
		return NX_ERR_INVALID_ARGS;
	status = event_of(NX_RIGHT_SIGNAL, &event);
	if (status == NX_OK)
		model_event_signal(event, in(1));
	return status;
}

/* Armed for never, or so late that it never comes. */
static nx_status_t timer_set(void)
{
	struct model_event *event;

	if (in(1) == 0 && in(2) != NX_DEADLINE_NEVER)
		return NX_ERR_INVALID_ARGS;
	return event_of(NX_RIGHT_WAIT, &event);
}

static nx_status_t handle_call(void)
{
	if (in(0) > UINT32_MAX)
		return NX_ERR_INVALID_ARGS;
	switch (model.self->call) {
	case NX_SYS_handle_dup:
		return dup();
	case NX_SYS_handle_close:
		return close_it();
	case NX_SYS_handle_revoke:
		return revoke();
	default:
		return info();
	}
}

static nx_status_t call_body(void)
{
	switch (model.self->call) {
	case NX_SYS_call:
		return model_call();
	case NX_SYS_reply_recv:
		return model_reply_recv();
	case NX_SYS_recv:
		return model_recv();
	case NX_SYS_reply:
		return model_reply();
	case NX_SYS_send:
		return model_send();
	case NX_SYS_wait:
		return wait();
	case NX_SYS_signal:
		return signal();
	case NX_SYS_yield:
		return NX_OK;
	case NX_SYS_handle_dup:
	case NX_SYS_handle_close:
	case NX_SYS_handle_revoke:
	case NX_SYS_handle_info:
		return handle_call();
	case NX_SYS_port_create:
		return port_create();
	case NX_SYS_event_create:
		return event_create();
	case NX_SYS_timer_set:
		return timer_set();
	case NX_SYS_vmo_create:
	case NX_SYS_vmo_ctl:
	case NX_SYS_map:
	case NX_SYS_unmap_protect:
		return model_memory_call();
	case NX_SYS_mmio_ctl:
	case NX_SYS_irq_ctl:
	case NX_SYS_dma_ctl:
		return model_device_call();
	case NX_SYS_filter_install:
		return model_filter_install();
	default:
		return model_task_call();
	}
}

nx_status_t model_do(void)
{
	struct model_thread *self = model.self;
	nx_status_t status = model_filter_ask();

	if (status == NX_OK)
		return call_body();
	model.denied_count++;
	if (status == NX_ERR_FILTERED &&
	    (self->filter->rules.options & NX_FILTER_KILL) != 0) {
		model_process_end(self->process, NX_PROCESS_KILLED, status);
		return MODEL_BLOCKED;
	}
	return status;
}

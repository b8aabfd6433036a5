/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on interrupt lines. */
#include <kernel/irq.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <nexus/rights.h>

static nx_status_t irq_lookup(nx_handle_t number, nx_rights_t rights,
			      struct irq **out_irq)
{
	return handle_object(&current_process()->handles, number, NX_KIND_IRQ,
			     rights, out_irq);
}

nx_status_t sys_irq_narrow(nx_handle_t number, uint32_t line,
			   nx_handle_t *out_narrowed)
{
	struct process *self = current_process();
	struct handle *source;
	struct irq *irq;
	nx_status_t status = handle_lookup(&self->handles, number, NX_KIND_IRQ,
					   NX_RIGHT_MANAGE, &source);

	if (status == NX_OK)
		status = irq_create(self->object.job,
				    (const struct irq *)source->object, line,
				    &irq);
	if (status != NX_OK)
		return status;
	status = handle_reserve(&self->handles, 1);
	if (status == NX_OK)
		*out_narrowed =
			handle_install(&self->handles, &irq->object,
				       source->link.rights, 0, &source->link);
	object_unref(&irq->object);
	return status;
}

nx_status_t sys_irq_bind(nx_handle_t number, nx_handle_t event_number,
			 uint64_t bits, uint64_t rate)
{
	struct event *event = NULL;
	struct irq *irq;
	nx_status_t status;

	if (event_number != NX_HANDLE_NONE && bits == 0)
		return NX_ERR_INVALID_ARGS;
	status = irq_lookup(number, NX_RIGHT_WAIT, &irq);
	if (status == NX_OK && event_number != NX_HANDLE_NONE)
		status =
			handle_object(&current_process()->handles, event_number,
				      NX_KIND_EVENT, NX_RIGHT_SIGNAL, &event);
	if (status != NX_OK)
		return status;
	if (irq->line == 0)
		return NX_ERR_BAD_STATE;
	irq_bind(irq, event, bits, rate);
	return NX_OK;
}

nx_status_t sys_irq_ack(nx_handle_t number)
{
	struct irq *irq;
	nx_status_t status = irq_lookup(number, NX_RIGHT_WAIT, &irq);

	return status == NX_OK ? irq_ack(irq) : status;
}

nx_status_t sys_irq_raise(nx_handle_t number)
{
	struct irq *irq;
	nx_status_t status = irq_lookup(number, NX_RIGHT_SIGNAL, &irq);

	return status == NX_OK ? irq_raise(irq) : status;
}

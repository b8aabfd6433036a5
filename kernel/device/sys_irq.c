/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on interrupt lines. */
#include <kernel/arguments.h>
#include <kernel/irq.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <nexus/rights.h>

nx_status_t sys_irq_narrow(nx_handle_t number, uint32_t line,
			   nx_handle_t *out_narrowed)
{
	struct handle *source;
	struct irq *irq;
	nx_status_t status =
		argument_handle(number, NX_KIND_IRQ, NX_RIGHT_MANAGE, &source);

	if (status == NX_OK)
		status = irq_create(current_process()->object.job,
				    (const struct irq *)source->object, line,
				    &irq);
	if (status != NX_OK)
		return status;
	return argument_derive(&irq->object, source, out_narrowed);
}

nx_status_t sys_irq_bind(nx_handle_t number, nx_handle_t event_number,
			 uint64_t bits, uint64_t rate)
{
	struct event *event = NULL;
	struct irq *irq;
	nx_status_t status;

	if (event_number != NX_HANDLE_NONE && bits == 0)
		return NX_ERR_INVALID_ARGS;
	status = argument_object(number, NX_KIND_IRQ, NX_RIGHT_WAIT, &irq);
	if (status == NX_OK)
		status = argument_optional(event_number, NX_KIND_EVENT,
					   NX_RIGHT_SIGNAL, &event);
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
	nx_status_t status =
		argument_object(number, NX_KIND_IRQ, NX_RIGHT_WAIT, &irq);

	return status == NX_OK ? irq_ack(irq) : status;
}

nx_status_t sys_irq_raise(nx_handle_t number)
{
	struct irq *irq;
	nx_status_t status =
		argument_object(number, NX_KIND_IRQ, NX_RIGHT_SIGNAL, &irq);

	return status == NX_OK ? irq_raise(irq) : status;
}

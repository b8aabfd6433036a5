/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines, and the calls on them. A line of a device that has come is
 * not told the machine to be done before it is acknowledged, and so is masked.
 */
#include <kernel/arguments.h>
#include <kernel/counters.h>
#include <kernel/hooks.h>
#include <kernel/irq.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <kernel/trace.h>
#include <nexus/rights.h>

static struct {
	struct list list;
	uint32_t last;
	uint32_t kept;
} irqs GUARDED;

void irq_boot(const struct boot_info *info)
{
	list_init(&irqs.list);
	irqs.last = info->irq_last;
	irqs.kept = info->irq_kept;
}

HELD static bool has_device(const struct irq *irq)
{
	return irq->line < NX_IRQ_VIRTUAL;
}

HELD static struct irq *find(uint32_t line)
{
	LIST_FOR_EACH(struct irq, irq, &irqs.list, irqs)
		if (irq->line == line)
			return irq;
	return NULL;
}

HELD static nx_status_t line_check(const struct irq *from, uint32_t line)
{
	if ((line == 0 || line > irqs.last) &&
	    (line < NX_IRQ_VIRTUAL ||
	     line - NX_IRQ_VIRTUAL >= NX_IRQ_VIRTUAL_COUNT))
		return NX_ERR_OUT_OF_RANGE;
	if (line == irqs.kept)
		return NX_ERR_ACCESS_DENIED;
	return from->line != 0 || find(line) != NULL ? NX_ERR_BUSY : NX_OK;
}

nx_status_t sys_irq_narrow(nx_handle_t number, uint32_t line,
			   nx_handle_t *out_narrowed)
{
	struct handle *source;
	struct irq *irq;
	nx_status_t status =
		argument_handle(number, NX_KIND_IRQ, NX_RIGHT_MANAGE, &source);

	if (status == NX_OK)
		status = line_check((const struct irq *)source->object, line);
	if (status == NX_OK)
		status = object_create(current_process()->object.job,
				       NX_KIND_IRQ, &irq);
	if (status != NX_OK)
		return status;
	irq->line = line;
	list_push_back(&irqs.list, &irq->irqs);
	return argument_derive(&irq->object, source, out_narrowed);
}

/* The machine may be told to be done only while the line is on. */
HELD static void unbind(struct irq *irq)
{
	if ((irq->state & NX_IRQ_BOUND) != 0 && has_device(irq)) {
		if ((irq->state & NX_IRQ_MASKED) != 0)
			arch_irq_done(irq->line, irq->hart);
		arch_irq_off(irq->line, irq->hart);
	}
	event_watch_end(&irq->watch);
	irq->state = 0;
	irq->is_raised = false;
}

bool irq_destroy(struct object *object)
{
	struct irq *irq = CONTAINER_OF(object, struct irq, object);

	unbind(irq);
	if (irq->line != 0)
		list_remove(&irq->irqs);
	return true;
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
	unbind(irq);
	if (event == NULL)
		return NX_OK;
	event_watch_set(&irq->watch, event);
	irq->bits = bits;
	irq->rate = rate != 0 ? rate : NX_IRQ_RATE;
	irq->second_ticks = arch_ticks();
	irq->second_first = irq->count;
	irq->state = NX_IRQ_BOUND;
	irq->hart = this_hart()->id;
	if (has_device(irq))
		arch_irq_on(irq->line, irq->hart);
	return NX_OK;
}

/* Not while it is masked: whom it has interrupted has to be done with it. */
HELD static void move(struct irq *irq, uint32_t hart)
{
	arch_irq_off(irq->line, irq->hart);
	irq->hart = hart;
	arch_irq_on(irq->line, irq->hart);
}

void irq_leave(const struct hart *hart)
{
	LIST_FOR_EACH(struct irq, irq, &irqs.list, irqs)
		if (has_device(irq) && irq->state == NX_IRQ_BOUND &&
		    irq->hart == hart->id)
			move(irq, 0);
}

HELD static void come(struct irq *irq)
{
	uint64_t now_ticks = arch_ticks();
	uint64_t count = ++irq->count;

	if (now_ticks - irq->second_ticks >= arch_ticks_per_second()) {
		irq->second_ticks = now_ticks;
		irq->second_first = count - 1;
	}
	irq->state = NX_IRQ_BOUND | NX_IRQ_MASKED;
	if (__builtin_expect(count - irq->second_first > irq->rate, 0))
		irq->state = NX_IRQ_BOUND | NX_IRQ_MASKED | NX_IRQ_STORM;
	if (irq->watch.event != NULL)
		event_signal(irq->watch.event, irq->bits);
}

nx_status_t sys_irq_ack(nx_handle_t number)
{
	struct irq *irq;
	nx_status_t status =
		argument_object(number, NX_KIND_IRQ, NX_RIGHT_WAIT, &irq);

	if (status != NX_OK)
		return status;
	if ((irq->state & NX_IRQ_MASKED) == 0)
		return NX_ERR_BAD_STATE;
	if ((irq->state & NX_IRQ_STORM) != 0)
		return NX_ERR_IO;
	irq->state = NX_IRQ_BOUND;
	if (has_device(irq)) {
		arch_irq_done(irq->line, irq->hart);
		if (irq->hart != this_hart()->id)
			move(irq, this_hart()->id);
	} else if (irq->is_raised) {
		irq->is_raised = false;
		come(irq);
	}
	return NX_OK;
}

nx_status_t sys_irq_raise(nx_handle_t number)
{
	struct irq *irq;
	nx_status_t status =
		argument_object(number, NX_KIND_IRQ, NX_RIGHT_SIGNAL, &irq);

	if (status != NX_OK)
		return status;
	if (has_device(irq))
		return NX_ERR_INVALID_ARGS;
	if (irq->state == 0)
		return NX_ERR_BAD_STATE;
	if ((irq->state & NX_IRQ_MASKED) != 0)
		irq->is_raised = true;
	else
		come(irq);
	return NX_OK;
}

HELD static inline void handle(uint32_t line)
{
	struct irq *irq = find(line);

	count(NX_COUNTER_INTERRUPTS, 1);
	if (irq != NULL && irq->state == NX_IRQ_BOUND)
		come(irq);
	else
		arch_irq_stray(line);
}

HELD OUT_OF_THE_WAY static void handle_traced(uint32_t line)
{
	trace(NX_TRACE_INTERRUPT, NX_TRACE_DEVICE, line, 0);
	handle(line);
}

/* Somebody waits: nothing is called but what is called last. */
void kernel_interrupt(uint32_t line)
{
	if (this_hart()->trace_events != 0)
		handle_traced(line);
	else
		handle(line);
}

void irq_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct irq *irq = (const struct irq *)object;

	*state = irq->state;
	*value = irq->count;
}

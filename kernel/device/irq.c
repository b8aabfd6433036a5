/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines. A line of a device that has come is not told the machine
 * to be done before it is acknowledged, and so is masked. */
#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/hooks.h>
#include <kernel/irq.h>
#include <kernel/trace.h>

static struct {
	struct list list;
	uint32_t last;
	uint32_t kept;
} irqs;

void irq_boot(const struct boot_info *info)
{
	list_init(&irqs.list);
	irqs.last = info->irq_last;
	irqs.kept = info->irq_kept;
}

static bool has_device(const struct irq *irq)
{
	return irq->line < NX_IRQ_VIRTUAL;
}

static struct irq *find(uint32_t line)
{
	LIST_FOR_EACH(struct irq, irq, &irqs.list, irqs)
		if (irq->line == line)
			return irq;
	return NULL;
}

nx_status_t irq_create(struct job *job, const struct irq *from, uint32_t line,
		       struct irq **out_irq)
{
	nx_status_t status;

	if ((line == 0 || line > irqs.last) &&
	    (line < NX_IRQ_VIRTUAL ||
	     line - NX_IRQ_VIRTUAL >= NX_IRQ_VIRTUAL_COUNT))
		return NX_ERR_OUT_OF_RANGE;
	if (line == irqs.kept)
		return NX_ERR_ACCESS_DENIED;
	if (from->line != 0 || find(line) != NULL)
		return NX_ERR_BUSY;
	status = object_create(job, NX_KIND_IRQ, out_irq);
	if (status != NX_OK)
		return status;
	(*out_irq)->line = line;
	list_push_back(&irqs.list, &(*out_irq)->irqs);
	return NX_OK;
}

/* The machine may be told to be done only while the line is on. */
static void unbind(struct irq *irq)
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

void irq_bind(struct irq *irq, struct event *event, uint64_t bits,
	      uint64_t rate)
{
	unbind(irq);
	if (event == NULL)
		return;
	event_watch_set(&irq->watch, event);
	irq->bits = bits;
	irq->rate = rate != 0 ? rate : NX_IRQ_RATE;
	irq->second_ticks = arch_ticks();
	irq->second_first = irq->count;
	irq->state = NX_IRQ_BOUND;
	irq->hart = this_hart()->id;
	if (has_device(irq))
		arch_irq_on(irq->line, irq->hart);
}

/* Not while it is masked: whom it has interrupted has to be done with it. */
static void move(struct irq *irq, uint32_t hart)
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

static void come(struct irq *irq)
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

nx_status_t irq_ack(struct irq *irq)
{
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

nx_status_t irq_raise(struct irq *irq)
{
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

static inline void handle(uint32_t line)
{
	struct irq *irq = find(line);

	count(NX_COUNTER_INTERRUPTS, 1);
	if (irq != NULL && irq->state == NX_IRQ_BOUND)
		come(irq);
	else
		arch_irq_stray(line);
}

OUT_OF_THE_WAY static void handle_traced(uint32_t line)
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

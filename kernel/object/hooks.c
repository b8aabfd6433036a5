/* SPDX-License-Identifier: BSD-2-Clause */
/* What each kind of object is: one row a kind. */
#include <kernel/budget.h>
#include <kernel/dma.h>
#include <kernel/event.h>
#include <kernel/filter.h>
#include <kernel/hooks.h>
#include <kernel/irq.h>
#include <kernel/job.h>
#include <kernel/mmio.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/thread.h>
#include <kernel/trace.h>
#include <kernel/vmo.h>
#include <nexus/rights.h>

const struct object_hooks object_hooks[OBJECT_KIND_COUNT] = {
	[NX_KIND_JOB] = { .size_bytes = sizeof(struct job),
			  .last = job_last,
			  .destroy = job_destroy },
	[NX_KIND_PROCESS] = { .size_bytes = sizeof(struct process),
			      .last = process_last,
			      .destroy = process_destroy,
			      .info = process_info },
	[NX_KIND_THREAD] = { .size_bytes = sizeof(struct thread),
			     .destroy = thread_destroy,
			     .info = thread_info },
	[NX_KIND_BUDGET] = { .size_bytes = sizeof(struct budget),
			     .destroy = budget_destroy },
	[NX_KIND_PORT] = { .size_bytes = sizeof(struct port),
			   .destroy = port_destroy,
			   .handle_opened = port_handle_opened,
			   .handle_closed = port_handle_closed,
			   .info = port_info },
	[NX_KIND_EVENT] = { .size_bytes = sizeof(struct event),
			    .destroy = event_destroy,
			    .info = event_info },
	[NX_KIND_VMO] = { .size_bytes = sizeof(struct vmo),
			  .destroy = vmo_destroy,
			  .info = vmo_hook_info },
	[NX_KIND_MMIO] = { .size_bytes = sizeof(struct mmio),
			   .destroy = mmio_destroy,
			   .info = mmio_info },
	[NX_KIND_IRQ] = { .size_bytes = sizeof(struct irq),
			  .destroy = irq_destroy,
			  .info = irq_info },
	[NX_KIND_DMA] = { .size_bytes = sizeof(struct dma),
			  .destroy = dma_destroy,
			  .info = dma_info },
	[NX_KIND_FILTER] = { .size_bytes = sizeof(struct filter),
			     .destroy = filter_destroy },
	[NX_KIND_TRACE] = { .size_bytes = sizeof(struct trace),
			    .destroy = trace_destroy },
	[NX_KIND_REPLY] = { .size_bytes = sizeof(struct reply),
			    .destroy = reply_destroy },
};

_Static_assert(sizeof(struct job) <= SLAB_SIZE_MAX, "one cell");
_Static_assert(sizeof(struct process) <= SLAB_SIZE_MAX, "one cell");
_Static_assert(sizeof(struct thread) <= SLAB_SIZE_MAX, "one cell");

static const nx_rights_t rights_of_kind[OBJECT_KIND_COUNT] = {
#define NX_OBJECT(number, upper, lower, rights, text) [number] = (rights),
#include <nexus/objects.def>
#undef NX_OBJECT
};

nx_rights_t object_rights(uint32_t kind)
{
	KASSERT(kind < OBJECT_KIND_COUNT);
	return rights_of_kind[kind];
}

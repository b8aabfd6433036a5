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

#define KIND(kind, type, ...)                                                  \
	[NX_KIND_##kind] = { .size_bytes = sizeof(struct type),                \
			     .destroy = type##_destroy,                        \
			     __VA_ARGS__ }
const struct object_hooks object_hooks[OBJECT_KIND_COUNT] = {
	KIND(JOB, job, .last = job_last),
	KIND(PROCESS, process, .last = process_last, .info = process_info),
	KIND(THREAD, thread, .info = thread_info),
	KIND(BUDGET, budget),
	KIND(PORT, port, .handle_opened = port_handle_opened,
	     .handle_closed = port_handle_closed, .info = port_info),
	KIND(EVENT, event, .info = event_info),
	KIND(VMO, vmo, .info = vmo_hook_info),
	KIND(MMIO, mmio, .info = mmio_info),
	KIND(IRQ, irq, .info = irq_info),
	KIND(DMA, dma, .info = dma_info),
	KIND(FILTER, filter),
	KIND(TRACE, trace),
	KIND(REPLY, reply),
};

_Static_assert(sizeof(struct job) <= SLAB_SIZE_MAX, "one cell");
_Static_assert(sizeof(struct process) <= SLAB_SIZE_MAX, "one cell");
_Static_assert(sizeof(struct thread) <= SLAB_SIZE_MAX, "one cell");

const nx_rights_t object_rights[OBJECT_KIND_COUNT] = {
#define NX_OBJECT(number, upper, lower, rights, text) [number] = (rights),
#include <nexus/objects.def>
#undef NX_OBJECT
};

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HOOKS_H
#define KERNEL_HOOKS_H
/** @file hooks.h
 * The functions that the table of object.h is made of. Each is defined in
 * the file of its kind and called through the table only. */
#include <kernel/object.h>

HELD object_last_hook job_last, process_last;

HELD object_destroy_hook job_destroy, process_destroy, thread_destroy,
	budget_destroy, port_destroy, event_destroy, vmo_destroy, mmio_destroy,
	irq_destroy, dma_destroy, filter_destroy, trace_destroy, reply_destroy;

HELD object_opened_hook port_handle_opened;
HELD object_closed_hook port_handle_closed;

HELD object_info_hook process_info, thread_info, port_info, event_info,
	vmo_hook_info, mmio_info, irq_info, dma_info;
#endif /* KERNEL_HOOKS_H */

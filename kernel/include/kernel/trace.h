/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H
/** @file trace.h
 * The trace object: the right to the machine's debug line, log and
 * counters. There is one, made by boot. It holds nothing itself. */
#include <kernel/object.h>

struct trace {
	struct object object;
};

nx_status_t trace_create(struct job *job, struct trace **out_trace);
#endif /* KERNEL_TRACE_H */

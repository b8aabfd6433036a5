/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H
/** @file trace.h
 * The trace object: the right to the machine's debug line, log and
 * counters. There is one, made by boot; what was typed waits in a small
 * ring until debug_read takes it. */
#include <kernel/object.h>

struct trace {
	struct object object;
};

nx_status_t trace_create(struct job *job, struct trace **out_trace);
/** Forget what was typed and who watches. */
void console_init(void);
/** Take all that the machine has and tell the watch. */
void console_input(void);
#endif /* KERNEL_TRACE_H */

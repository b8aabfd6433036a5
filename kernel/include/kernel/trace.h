/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H
/** @file trace.h
 * The trace object: the right to the machine's debug line, log, counters
 * and trace. There is one, made by boot.
 *
 * The trace itself is a ring of records in a VMO, see nexus/trace.h. While
 * it is off a place that would write a record costs a load and a branch. */
#include <kernel/hart.h>
#include <kernel/object.h>
#include <nexus/trace.h>

struct vmo;

struct trace {
	struct object object;
};

/** No trace, and no ring of a former run. */
HELD void trace_init(void);
/** Write records of these events into a VMO from now on; takes a
 * reference. Nobody may be able to resize it or write to it. */
HELD void trace_begin(struct vmo *ring, uint32_t events);
HELD bool trace_is_on(void);
/** Write no more. */
HELD void trace_end(void);
/** Write one record, if its event is wanted. */
HELD void trace_write(uint32_t event, uint64_t value0, uint64_t value1,
		      uint64_t value2);

HELD static inline void trace(uint32_t event, uint64_t value0, uint64_t value1,
			      uint64_t value2)
{
	if (__builtin_expect(this_hart()->trace_events != 0, 0))
		trace_write(event, value0, value1, value2);
}
#endif /* KERNEL_TRACE_H */

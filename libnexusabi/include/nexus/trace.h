/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_TRACE_H
#define NEXUS_TRACE_H
/** @file trace.h
 * The trace: a ring of records in a VMO that trace_start makes. The kernel
 * writes it, whoever has the handle maps it for reading.
 *
 * To read: load `written` with acquire, copy the records that are new, load
 * `written` again; a record numbered below written - record_count may have
 * been overwritten meanwhile and is lost. Record number n stands in place
 * 1 + n % record_count of the VMO, each place being 64 bytes; place 0 is
 * the header. */
#include <nexus/types.h>

/** NX_TRACE_<NAME>: a bit of the mask that trace_start takes. */
enum {
#define NX_TRACE(bit, upper, lower, text, ...) NX_TRACE_##upper = 1 << (bit),
#include <nexus/trace.def>
#undef NX_TRACE
	NX_TRACE_ALL = 0
#define NX_TRACE(bit, upper, lower, text, ...) | 1 << (bit)
#include <nexus/trace.def>
#undef NX_TRACE
};

/* cause of an interrupt */
enum {
	NX_TRACE_TIMER = 0,
	NX_TRACE_CONSOLE = 1,
	NX_TRACE_KICK = 2,
	NX_TRACE_DEVICE = 3
};

#define NX_TRACE_VALUES 4
#define NX_TRACE_SIZE_MAX (UINT64_C(1) << 20)

struct nx_trace_record {
	uint64_t ticks; /* time counter */
	uint32_t event; /* one of NX_TRACE_* */
	uint32_t hart;
	uint64_t thread_id;  /* 0: none was running */
	uint64_t process_id; /* its process */
	uint64_t values[NX_TRACE_VALUES];
};

struct nx_trace_header {
	uint64_t written;      /* records since the start */
	uint64_t record_count; /* places for records */
	uint32_t events;       /* the mask */
	uint32_t stopped;      /* 1: nothing will be added */
	uint64_t zero[5];
};

NX_BEGIN_DECLS
/** Name of an event, such as "switch", or NULL if it is not one bit of
 * NX_TRACE_*. */
const char *nx_trace_name(uint32_t event);
NX_END_DECLS
#endif /* NEXUS_TRACE_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_FILTER_H
#define NEXUS_FILTER_H
/** @file filter.h
 * What filter_install takes: which calls may be made, and how often.
 *
 * A filter is only ever narrowed. What is installed is added to what holds
 * already, and a thread, process or job has at least the filter of whoever
 * made it: what a filter forbids, nothing behind it can do again. exit is
 * never forbidden. */
#include <nexus/syscalls.h>
#include <nexus/types.h>

/** What is counted against a rate. */
enum {
	NX_RATE_CALL = 0, /* call */
	NX_RATE_SEND = 1, /* send */
	/** port_create, event_create, process_create, thread_create,
	 * vmo_create, vmo_contiguous, job_create, budget_create, what makes a
	 * VMO of a VMO, and mmio_narrow, irq_narrow, dma_narrow */
	NX_RATE_CREATE = 2,
	NX_RATE_COUNT = 3
};

#define NX_RATE_MAX UINT32_C(1000000000)
#define NX_RATE_BURST_MAX UINT32_C(1000000)

/** A token bucket: `burst` calls at once, then one whenever 1 / per_second
 * seconds have passed. */
struct nx_rate {
	uint32_t per_second; /* 0: no limit, and burst is 0; to NX_RATE_MAX */
	uint32_t burst;	     /* 1..NX_RATE_BURST_MAX */
};

/** A call that is forbidden kills the process in place of FILTERED; one
 * that is too often never does. */
#define NX_FILTER_KILL (UINT32_C(1) << 0)

struct nx_filter_rules {
	uint32_t calls;	  /* bit NX_SYS_<call>: may be made */
	uint32_t options; /* NX_FILTER_* */
	/** operations[NX_SYS_<control>], bit NX_OP_<operation>: may be made;
	 * of other calls nothing is read */
	uint32_t operations[NX_SYS_COUNT];
	struct nx_rate rates[NX_RATE_COUNT];
};

/** Begin with everything allowed. */
static inline void nx_filter_init(struct nx_filter_rules *rules)
{
	rules->calls = UINT32_MAX;
	rules->options = 0;
	for (unsigned i = 0; i < NX_SYS_COUNT; i++)
		rules->operations[i] = UINT32_MAX;
	for (unsigned i = 0; i < NX_RATE_COUNT; i++) {
		rules->rates[i].per_second = 0;
		rules->rates[i].burst = 0;
	}
}

/** Forbid a call, NX_SYS_<call>. */
static inline void nx_filter_forbid(struct nx_filter_rules *rules,
				    uint32_t call)
{
	rules->calls &= ~(UINT32_C(1) << call);
}

/** Forbid an operation: NX_SYS_<control>, NX_OP_<operation>. */
static inline void nx_filter_forbid_operation(struct nx_filter_rules *rules,
					      uint32_t control,
					      uint32_t operation)
{
	rules->operations[control] &= ~(UINT32_C(1) << operation);
}
#endif /* NEXUS_FILTER_H */

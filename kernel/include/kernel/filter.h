/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_FILTER_H
#define KERNEL_FILTER_H
/** @file filter.h
 * Filters: which calls may be made, and how often. A filter never changes
 * but in its rates' clocks, so it is shared: a thread, process or job
 * points to one, or to none, which allows everything. To narrow is to make
 * another one that knows whose rates still hold. */
#include <kernel/object.h>
#include <nexus/filter.h>
#include <nexus/trap.h>

struct thread;

/** Rates that can lie one upon another. */
#define FILTER_RATED_MAX 8

/** A token bucket without tokens: when it would be full again. */
struct bucket GUARDED_FIELDS {
	uint64_t interval_ns;  /* between two calls; 0: no limit */
	uint64_t tolerance_ns; /* how far full_ns may be ahead */
	uint64_t full_ns;
} GUARDED_END;

struct filter GUARDED_FIELDS {
	struct object object;
	uint32_t calls;
	uint32_t options;
	uint32_t operations[NX_SYS_COUNT];
	struct bucket buckets[NX_RATE_COUNT];
	/* whose buckets count: others, each a reference, and maybe itself */
	struct filter *rated[FILTER_RATED_MAX];
	uint32_t rated_count;
} GUARDED_END;

/** INVALID_ARGS for options or rates that there are not. */
nx_status_t filter_check(const struct nx_filter_rules *wanted);
/** What `filter` (NULL: everything) and `wanted` both allow; the reference
 * is the caller's. NO_SPACE, QUOTA_PAGES, NO_MEMORY. */
HELD nx_status_t filter_narrow(struct job *payer, struct filter *filter,
			       const struct nx_filter_rules *wanted,
			       struct filter **out_filter);
/** What both allow, each of which may be NULL; so may the result. A new one
 * is made only if neither is within the other. */
HELD nx_status_t filter_both(struct job *payer, struct filter *left,
			     struct filter *right, struct filter **out_filter);
/** May this call be made now? Counts it if so; FILTERED or THROTTLED.
 * A number that is no call is left to the table of calls. */
HELD nx_status_t filter_admit(struct filter *filter, uint64_t call,
			      const struct nx_registers *registers);
/** No line of the log is held back. */
HELD void filter_init(void);
/** Let a thread have this filter, or none; takes over the reference. */
HELD void filter_give(struct thread *thread, struct filter *filter);
/** Ask the filter of a thread about the call in its frame. A refusal is
 * counted, traced and told; it may end the process: SYS_BLOCKED. */
HELD nx_status_t filter_ask(struct thread *thread);
HELD static inline void filter_unref(struct filter *filter)
{
	if (filter != NULL)
		object_unref(&filter->object);
}
#endif /* KERNEL_FILTER_H */

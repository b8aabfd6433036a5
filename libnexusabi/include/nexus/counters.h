/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_COUNTERS_H
#define NEXUS_COUNTERS_H
/** @file counters.h
 * The kernel's counters, from counters.def; read by nx_counter_read(). */
#include <nexus/types.h>

enum {
#define NX_COUNTER(number, upper, lower, text) NX_COUNTER_##upper = (number),
#include <nexus/counters.def>
#undef NX_COUNTER
	NX_COUNTER_END
};

NX_BEGIN_DECLS
/** Name of a counter, or NULL if there is none of this number. */
const char *nx_counter_name(uint32_t counter);
NX_END_DECLS
#endif /* NEXUS_COUNTERS_H */

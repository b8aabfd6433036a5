/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_SLOW_H
#define NEXUS_SLOW_H
/** @file slow.h
 * Reasons for the long way through the kernel, from slow.def; counted per
 * thread and read by nx_slow_count(). */
#include <nexus/types.h>

enum {
#define NX_SLOW(number, upper, lower, text) NX_SLOW_##upper = (number),
#include <nexus/slow.def>
#undef NX_SLOW
	NX_SLOW_COUNT
};

NX_BEGIN_DECLS
/** Name of a reason, such as "frame", or NULL if there is none. */
const char *nx_slow_name(uint32_t reason);
NX_END_DECLS
#endif /* NEXUS_SLOW_H */

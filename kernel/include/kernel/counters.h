/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_COUNTERS_H
#define KERNEL_COUNTERS_H
/** @file counters.h
 * What is counted; numbers are those of nexus/counters.h. */
#include <kernel/lock.h>
#include <nexus/counters.h>

extern uint64_t counters[NX_COUNTER_END] GUARDED;

void counters_init(void);
/** The value of a counter now, those that others keep included. */
HELD uint64_t counter_value(uint32_t counter);

HELD static inline void count(uint32_t counter, uint64_t amount)
{
	counters[counter] += amount;
}
#endif /* KERNEL_COUNTERS_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_CYCLES_H
#define BENCH_CYCLES_H
/** @file cycles.h
 * The counter that all benches read: instructions since reset, wherever one
 * instruction takes one virtual nanosecond. */
#include <stdint.h>

static inline uint64_t bench_now(void)
{
	uint64_t cycles;

	__asm__ volatile("rdcycle %0" : "=r"(cycles)::"memory");
	return cycles;
}
#endif /* BENCH_CYCLES_H */

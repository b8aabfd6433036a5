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

/** Sorts them. */
static inline uint64_t bench_median(uint64_t *samples, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		uint64_t sample = samples[i];
		unsigned j = i;

		for (; j > 0 && samples[j - 1] > sample; j--)
			samples[j] = samples[j - 1];
		samples[j] = sample;
	}
	return samples[count / 2];
}
#endif /* BENCH_CYCLES_H */

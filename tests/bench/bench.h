/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H
/** @file bench.h
 * Counting instructions. A bench is a program like those of ../system: the
 * first process of an emulated machine, with a table system_cases[]. The
 * machine runs one instruction in one virtual nanosecond, so its cycle
 * counter counts instructions, those of the kernel and of every process. */
#include "bench/cycles.h"
#include "system/use.h"

#define BENCH_WARM 128
#define BENCH_SAMPLES 512
/** A sample that failed. */
#define BENCH_FAILED UINT64_MAX

/** When a call began, and when the next instruction of its thread ran. */
struct bench_span {
	uint64_t from;
	uint64_t to;
};

/** A bare call: nothing but ecall between the two moments. */
static inline nx_status_t bench_trap(uint64_t number, struct nx_registers *regs,
				     struct bench_span *out_span)
{
	register uint64_t t0 __asm__("t0") = number;
	register uint64_t a0 __asm__("a0") = regs->a[0];
	register uint64_t a1 __asm__("a1") = regs->a[1];
	register uint64_t a2 __asm__("a2") = regs->a[2];
	register uint64_t a3 __asm__("a3") = regs->a[3];
	register uint64_t a4 __asm__("a4") = regs->a[4];
	register uint64_t a5 __asm__("a5") = regs->a[5];
	register uint64_t a6 __asm__("a6") = regs->a[6];
	register uint64_t a7 __asm__("a7") = regs->a[7];
	uint64_t from, to;

	__asm__ volatile("rdcycle %[from]\n\tecall\n\trdcycle %[to]"
			 : "+r"(t0), "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3),
			   "+r"(a4), "+r"(a5), "+r"(a6),
			   "+r"(a7), [from] "=&r"(from), [to] "=r"(to)
			 :
			 : "t1", "t2", "t3", "t4", "t5", "t6", "memory");
	regs->a[0] = a0;
	regs->a[1] = a1;
	regs->a[2] = a2;
	regs->a[3] = a3;
	regs->a[4] = a4;
	regs->a[5] = a5;
	regs->a[6] = a6;
	regs->a[7] = a7;
	out_span->from = from;
	out_span->to = to;
	return (nx_status_t)t0;
}

/** Do it once; returns the distance of two readings of the counter, or
 * BENCH_FAILED. What is set up before the first does not count. */
typedef uint64_t bench_operation(void *subject);

/** Warm up, take the samples, subtract what an empty pair of readings
 * costs, print the median, and the least where that is another. */
void bench_run(struct test *test, const char *name, bench_operation *operation,
	       void *subject);
/** One line of the result. */
void bench_print(const struct test *test, const char *name, uint64_t value,
		 const char *unit);
#endif /* BENCH_BENCH_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples, and what is printed of them. */
#include "bench.h"

#include <crt/text.h>

#define NAME_MAX 64

void bench_print(const struct test *test, const char *name, uint64_t value,
		 const char *unit)
{
	remark(test, "bench %s %lu %s", name, (unsigned long)value, unit);
}

static uint64_t empty_pair(void *subject)
{
	uint64_t from = bench_now();

	(void)subject;
	return bench_now() - from;
}

/* Sorted samples; false when one failed. */
static bool sample(bench_operation *operation, void *subject, uint64_t *samples)
{
	for (unsigned i = 0; i < BENCH_WARM; i++)
		if (operation(subject) == BENCH_FAILED)
			return false;
	for (unsigned i = 0; i < BENCH_SAMPLES; i++) {
		samples[i] = operation(subject);
		if (samples[i] == BENCH_FAILED)
			return false;
	}
	bench_median(samples, BENCH_SAMPLES);
	return true;
}

void bench_run(struct test *test, const char *name, bench_operation *operation,
	       void *subject)
{
	uint64_t samples[BENCH_SAMPLES], empty;
	char least[NAME_MAX];

	sample(empty_pair, NULL, samples);
	empty = samples[BENCH_SAMPLES / 2];
	if (!check(test, sample(operation, subject, samples), "%s is counted",
		   name))
		return;
	bench_print(test, name, samples[BENCH_SAMPLES / 2] - empty,
		    "instructions");
	if (samples[0] == samples[BENCH_SAMPLES / 2])
		return;
	text_format(least, sizeof(least), "%s.min", name);
	bench_print(test, least, samples[0] - empty, "instructions");
}

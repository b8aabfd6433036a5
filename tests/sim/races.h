/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_RACES_H
#define TESTS_RACES_H
/** @file races.h
 * Scenarios of two harts. Each makes its peers in the job, says what must have
 * come of them, and leaves nothing behind. */
#include "system/system_test.h"

struct race {
	const char *name;
	void (*run)(struct test *test, nx_job_t job);
};

/** The last one has no name. */
extern const struct race races[];

/** Both sides are at it: it matters whose turn it is. */
extern bool race_runs;
#endif /* TESTS_RACES_H */

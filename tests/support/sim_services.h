/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SUPPORT_SIM_SERVICES_H
#define TESTS_SUPPORT_SIM_SERVICES_H
/** @file sim_services.h
 * The whole system in the simulator: the services of services/, the system
 * plan that the machine boots with, a demonstration package and a small one
 * to damage. Programs of the tests are in /binary of the demonstration:
 *
 *	hello WORD...   says hello and its arguments, ends with 3; what it
 *			opened, borrowed and watched it leaves behind
 *	crash           reads address 8
 *	forever         waits for ever
 *	driver          see driver.c; runs only if a plan says so
 */
#include "support/sim.h"

/** What each test with a driver adds to the system plan; its own lines, such
 * as its rights at the console, come behind it. */
#define SIM_DRIVER_PLAN                                                        \
	"service driver\n"                                                     \
	"program /binary/driver\n"                                             \
	"id 7\n"                                                               \
	"quota 512 128 2\n"                                                    \
	"restart never\n"                                                      \
	"grant debug-line read write\n"                                        \
	"grant system reset\n"                                                 \
	"grant service packagefsd read splice\n"                               \
	"grant service execd run\n"

struct sim_services_test {
	const char *more;    /* is added to the system plan; may be NULL */
	uint64_t seed_count; /* unless the command line says so */
	/** Adds to the options of a machine; may be NULL. */
	void (*prepare)(struct sim_options *options);
	/** Was it good, beside its end? `first`: of the seeds. May be NULL. */
	bool (*judge)(const struct sim_result *result, bool first);
};

/** Boot the whole system under each seed, until one does not shut down with
 * 0 or is judged bad: then say how to repeat that, and what the console said
 * on stderr. True: all were good. */
bool sim_services_hold(int argc, char **argv,
		       const struct sim_services_test *test);

/** The first line of the console at or behind *from that contains `text`;
 * then *from is behind it. False, and *from unchanged, if there is none. */
bool sim_console_says(const char **from, const char *text);
#endif /* TESTS_SUPPORT_SIM_SERVICES_H */

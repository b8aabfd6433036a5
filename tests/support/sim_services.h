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

/** The boot package; undone with sim_unpack(). `more` is added to the system
 * plan. */
void sim_pack_services(const char *more, struct sim_package *out_package);

/** Options of a boot of it: programs, memory. The caller adds seed,
 * arguments and inputs. */
void sim_services_options(const struct sim_package *package,
			  struct sim_options *out_options);

/** The first line of the console at or behind *from that contains `text`;
 * then *from is behind it. False, and *from unchanged, if there is none. */
bool sim_console_says(const char **from, const char *text);
#endif /* TESTS_SUPPORT_SIM_SERVICES_H */

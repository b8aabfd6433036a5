/* SPDX-License-Identifier: BSD-2-Clause
 * A client that sends whatever chance makes to every service it may speak to:
 * no service ends, all go on serving, and nothing of it is left when they are
 * told that it is gone.
 */
#include "support/sim_services.h"

#include "support/tap.h"

#define SEEDS 100

static const char driver_plan[] =
	SIM_DRIVER_PLAN "arguments hostile\n"
			"grant window 0x10001000 0x1000\n"
			"grant line 5\n"
			"grant dma 0x10001000\n"
			"grant service console read write\n"
			"grant service console manage\n"
			"grant service packagefsd manage\n"
			"grant service execd manage\n";

/* Nobody but programs under test ends. */
static bool services_live(const struct sim_result *result, bool first)
{
	static const char *const ends[] = { " crashed, code", " ended, code",
					    " was killed, code", "cannot start",
					    ": ends, " };

	(void)first;
	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strstr(result->console, ends[i]))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	static const struct sim_services_test test = {
		.more = driver_plan,
		.seed_count = SEEDS,
		.judge = services_live,
	};

	plan(1);
	ok(sim_services_hold(argc, argv, &test),
	   "services outlive every request and forget who made them");
	return done();
}

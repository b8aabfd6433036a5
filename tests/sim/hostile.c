/* SPDX-License-Identifier: BSD-2-Clause
 * A client that sends whatever chance makes to every service it may speak to:
 * no service ends, all go on serving, and nothing of it is left when they are
 * told that it is gone.
 */
#include "support/sim_services.h"

#include "support/tap.h"

#include <inttypes.h>
#include <stdlib.h>

#define SEEDS 100

static const char driver_plan[] = "service driver\n"
				  "program /binary/driver\n"
				  "id 7\n"
				  "quota 512 128 2\n"
				  "restart never\n"
				  "arguments hostile\n"
				  "grant debug-line read write\n"
				  "grant system reset\n"
				  "grant service console read write\n"
				  "grant service console manage\n"
				  "grant service packagefsd read splice\n"
				  "grant service packagefsd manage\n"
				  "grant service execd run\n"
				  "grant service execd manage\n";

static void run(const struct sim_package *package, uint64_t seed,
		const struct sim_arguments *arguments,
		struct sim_result *out_result)
{
	struct sim_options options;

	sim_services_options(package, &options);
	options.seed = seed;
	options.preempt_permille = (uint32_t)(seed % 4 * 40);
	sim_harts(seed, &options);
	options.verbose = arguments->verbose;
	sim_run(&options, out_result);
}

/* Nobody but programs under test ends. */
static bool services_live(const char *console)
{
	static const char *const ends[] = { " crashed, code", " ended, code",
					    " was killed, code", "cannot start",
					    ": ends, " };

	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strstr(console, ends[i]))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct sim_arguments arguments;
	struct sim_package package;
	struct sim_result result;
	uint64_t good = 0;

	sim_parse(argc, argv, SEEDS, &arguments);
	plan(1);
	sim_pack_services(driver_plan, &package);
	for (uint64_t i = 0; i < arguments.seed_count; i++) {
		run(&package, arguments.seed + i, &arguments, &result);
		if (result.outcome != SIM_RESET || result.code != 0 ||
		    !services_live(result.console)) {
			diag("seed %" PRIu64 ": %s, code %u",
			     arguments.seed + i,
			     sim_outcome_name(result.outcome), result.code);
			fprintf(stderr, "%s\n", result.console);
			sim_replay(&arguments, arguments.seed + i);
			break;
		}
		good++;
	}
	is_u64(good, arguments.seed_count,
	       "services outlive every request and forget who made them");
	sim_unpack(&package);
	sim_release();
	return done();
}

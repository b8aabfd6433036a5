/* SPDX-License-Identifier: BSD-2-Clause
 * The system proves itself in the simulator, under every seed in the same
 * words: the first seed's lines are the report.
 */
#include "support/sim_services.h"

#include "support/tap.h"

#include <inttypes.h>
#include <nexus/options.h>
#include <stdlib.h>

#define SEEDS 1000

static void run(const struct sim_package *package, uint64_t seed,
		const struct sim_arguments *arguments,
		struct sim_result *out_result)
{
	struct sim_options options;

	sim_services_options(package, &options);
	options.seed = seed;
	options.arguments = "selftest shutdown nonce=d0d0";
	options.preempt_permille = (uint32_t)(seed % 4 * 40);
	sim_harts(seed, &options);
	options.verbose = arguments->verbose;
	sim_run(&options, out_result);
}

static bool passed(const struct sim_result *result)
{
	return result->outcome == SIM_RESET && result->code == 0 &&
	       strstr(result->console, "SELFTEST: pkgimg vmo ok") &&
	       strstr(result->console, "# nonce d0d0") &&
	       strstr(result->console, "packagefsd: splice vmo ok (len=") &&
	       !strstr(result->console, "not ok ");
}

/* The guest's lines, all but its plan and the digests. */
static void report(const char *console)
{
	while (*console) {
		const char *end = strchr(console, '\n');
		int length = end ? (int)(end - console) : (int)strlen(console);

		if (strncmp(console, "ok ", 3) == 0) {
			const char *sentence = strstr(console, " - ");

			pass("%.*s",
			     sentence ? (int)(console + length - sentence - 3)
				      : 0,
			     sentence ? sentence + 3 : "");
		} else if (strncmp(console, "not ok ", 7) == 0) {
			fail("%.*s", length - 7, console + 7);
		} else if (strncmp(console, "1..", 3) != 0 &&
			   strncmp(console, "hash ", 5) != 0) {
			diag("%.*s", length, console);
		}
		console += length + (end != NULL);
	}
}

int main(int argc, char **argv)
{
	struct sim_arguments arguments;
	struct sim_package package;
	struct sim_result result;
	uint64_t good = 0;

	sim_parse(argc, argv, SEEDS, &arguments);
	plan(0);
	sim_pack_services("", &package);
	for (uint64_t i = 0; i < arguments.seed_count; i++) {
		run(&package, arguments.seed + i, &arguments, &result);
		if (i == 0)
			report(result.console);
		if (!passed(&result)) {
			diag("seed %" PRIu64 ": %s, code %u",
			     arguments.seed + i,
			     sim_outcome_name(result.outcome), result.code);
			if (i != 0)
				report(result.console);
			sim_replay(&arguments, arguments.seed + i);
			break;
		}
		good++;
	}
	is_u64(good, arguments.seed_count,
	       "the system proves itself under every seed");
	sim_unpack(&package);
	sim_release();
	return done();
}

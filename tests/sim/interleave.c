/* SPDX-License-Identifier: BSD-2-Clause */
/* Every interleaving of two harts, not some: where the lock of the kernel is
 * free, and where long work asks whether anybody waits, it may be the turn of
 * either, and here both are tried at each of these points, depth first, with
 * the code of the kernel itself. A run may leave the hart whose turn it is for
 * another one SWITCHES_MAX times before it has to (most races need one or two);
 * all runs of that kind are made. In each the scenario must come to its end,
 * everything said by its threads must be possible, and nothing may be left. */
#include "races.h"

#include "support/sim.h"
#include "support/tap.h"
#include "system/report.h"
#include "system/use.h"

#include <inttypes.h>
#include <stdlib.h>

#define SWITCHES_MAX 2
#define SWITCHES_MAX_LONG 3
#define CHOICES_MAX 4096
/* Whoever only waits for another one must not do so for ever. */
#define TURNS_MAX 24
#define HARTS 2

static struct {
	uint32_t taken[CHOICES_MAX];
	uint32_t count[CHOICES_MAX]; /* how many could be taken */
	unsigned depth;		     /* decided before the run */
	unsigned made;		     /* by the run until now */
	unsigned turns;		     /* of one hart, one behind the other */
} path;

static uint32_t choose(void *context, uint32_t count)
{
	uint32_t taken = ++path.turns > TURNS_MAX;

	(void)context;
	if (taken != 0)
		path.turns = 0;
	if (!race_runs || path.made == CHOICES_MAX)
		return taken;
	if (path.made < path.depth) {
		taken = path.taken[path.made];
	} else if (taken == 0) {
		path.taken[path.made] = 0;
		path.count[path.made] = count;
	} else {
		/* Not a choice: nothing else is tried here. */
		path.taken[path.made] = taken;
		path.count[path.made] = 0;
	}
	path.made++;
	if (taken != 0)
		path.turns = 0;
	return taken;
}

static unsigned switches(unsigned end)
{
	unsigned number = 0;

	for (unsigned i = 0; i < end; i++)
		number += path.taken[i] != 0 && path.count[i] != 0;
	return number;
}

/* On to the next run: the last choice that may still be another one. */
static bool next_path(unsigned switches_max)
{
	unsigned at = path.made;

	while (at > 0) {
		at--;
		if (path.taken[at] + 1 < path.count[at] &&
		    switches(at) < switches_max) {
			path.taken[at]++;
			path.depth = at + 1;
			return true;
		}
	}
	return false;
}

static const struct race *race;

static void run_race(struct test *test)
{
	nx_job_t job = new_job(test, 400, 200, 8);

	race->run(test, job);
	race_runs = false;
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
}

const struct system_case system_cases[] = { { "scenario", run_race },
					    { NULL, NULL } };

static void start(const void *context, uint64_t a0, uint64_t a1)
{
	(void)context;
	system_start(a0, a1);
}

static const struct sim_program programs[] = { { "init", start, NULL } };

static bool run(const struct sim_package *package, bool verbose)
{
	const struct sim_options options = {
		.seed = 1,
		.ram_bytes = 8 << 20,
		.package = package->bytes,
		.package_bytes = package->size_bytes,
		.programs = programs,
		.program_count = 1,
		.hart_count = HARTS,
		.steps_max = 200000,
		.choose = choose,
		.verbose = verbose,
	};
	struct sim_result result;

	path.made = 0;
	path.turns = 0;
	race_runs = false;
	sim_run(&options, &result);
	if (result.outcome == SIM_RESET && result.code == 0)
		return true;
	diag("%s: %s, code %" PRIu32, race->name,
	     sim_outcome_name(result.outcome), result.code);
	diag("%s", result.console);
	return false;
}

static void tell_path(void)
{
	printf("# switches at");
	for (unsigned i = 0; i < path.made; i++)
		if (path.taken[i] != 0)
			printf(" %u", i);
	printf(" of %u\n", path.made);
}

static void explore(const struct sim_package *package, unsigned switches_max)
{
	unsigned choices_max = 0;
	uint64_t runs = 0;
	bool good, more;

	path.depth = 0;
	do {
		good = run(package, false);
		runs++;
		if (choices_max < path.made)
			choices_max = path.made;
		if (!good) {
			tell_path();
			path.depth = path.made;
			run(package, true);
		}
		more = good && next_path(switches_max);
	} while (more);
	ok(good, "%s: all %" PRIu64 " runs with up to %u switches", race->name,
	   runs, switches_max);
	diag("at most %u choices", choices_max);
}

int main(int argc, char **argv)
{
	const unsigned switches_max =
		getenv("NEXUS_LONG") != NULL ? SWITCHES_MAX_LONG : SWITCHES_MAX;
	struct sim_package package;

	sim_pack_init("init", &package);
	for (race = races; race->name != NULL; race++)
		if (argc < 2 || atoi(argv[1]) == (int)(race - races))
			explore(&package, argc > 2 ? (unsigned)atoi(argv[2])
						   : switches_max);
	sim_unpack(&package);
	return done();
}

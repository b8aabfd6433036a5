/* SPDX-License-Identifier: BSD-2-Clause */
/* A test program of tests/system in the simulator: what the first seed says
 * is the report; all other seeds must say the same. */
#include "support/sim.h"
#include "system/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 100
#define SEEDS_LONG 5000

static void start(const void *context, uint64_t a0, uint64_t a1)
{
	(void)context;
	system_start(a0, a1);
}

static const struct sim_program programs[] = { { "init", start, NULL } };

/* For a program that asks for it. */
static const struct sim_input inputs[] = { { "# type\n", "typed" } };

/* Every seed has its own temper. */
static void run(const struct sim_arguments *arguments,
		const struct sim_package *package, uint64_t seed,
		struct sim_result *out_result)
{
	struct sim_options options = {
		.seed = seed,
		.package = package->bytes,
		.package_bytes = package->size_bytes,
		.programs = programs,
		.program_count = 1,
		.inputs = inputs,
		.input_count = 1,
		.preempt_permille = (uint32_t)(seed % 4 * 40),
		.steps_max = 16000000,
		.verbose = arguments->verbose,
	};

	sim_harts(seed, &options);
	sim_run(&options, out_result);
}

static bool is_line_of(const char *line, const char *start_text)
{
	return strncmp(line, start_text, strlen(start_text)) == 0;
}

/* The lines of the plan and what the kernel says are no lines of ours. */
static unsigned print_report(const char *console)
{
	unsigned count = 0;

	while (*console) {
		const char *end = strchr(console, '\n');
		int length = end ? (int)(end - console) : (int)strlen(console);
		bool counts = is_line_of(console, "ok ") ||
			      is_line_of(console, "not ok ");

		if (counts || is_line_of(console, "# "))
			printf("%.*s\n", length, console);
		else if (!is_line_of(console, "1.."))
			printf("# %.*s\n", length, console);
		count += counts;
		console += length + (end != NULL);
	}
	return count;
}

static bool has_passed(const struct sim_result *result)
{
	return result->outcome == SIM_RESET &&
	       result->kind == NX_RESET_SHUTDOWN && result->code == 0;
}

static const char *first_failure(const struct sim_result *result)
{
	const char *line = strstr(result->console, "not ok ");

	return line ? line : "the report is not whole";
}

static void complain(const struct sim_arguments *arguments, uint64_t seed,
		     const struct sim_result *result)
{
	const char *line = first_failure(result);

	printf("# seed %" PRIu64 ": %s, code %" PRIu32 ", %" PRIu64 " steps\n",
	       seed, sim_outcome_name(result->outcome), result->code,
	       result->steps);
	printf("# %.*s\n", (int)strcspn(line, "\n"), line);
	sim_replay(arguments, seed);
}

int main(int argc, char **argv)
{
	struct sim_arguments arguments;
	struct sim_package package;
	struct sim_result result;
	unsigned count, bad = 0;

	sim_parse(argc, argv, getenv("NEXUS_LONG") ? SEEDS_LONG : SEEDS,
		  &arguments);
	sim_pack_init("init", &package);
	run(&arguments, &package, arguments.seed, &result);
	count = print_report(result.console);
	if (!has_passed(&result)) {
		complain(&arguments, arguments.seed, &result);
		bad++;
	}
	for (uint64_t i = 1; i < arguments.seed_count && bad == 0; i++) {
		run(&arguments, &package, arguments.seed + i, &result);
		if (has_passed(&result))
			continue;
		complain(&arguments, arguments.seed + i, &result);
		bad++;
	}
	printf("%sok %u - all %" PRIu64 " seeds end the machine without a "
	       "complaint\n",
	       bad ? "not " : "", count + 1, arguments.seed_count);
	printf("1..%u\n", count + 1);
	sim_unpack(&package);
	return bad != 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of tests in the simulator. */
#include "support/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void usage(const char *program)
{
	fprintf(stderr, "usage: %s [--seed N | --seeds N] [--verbose]\n",
		program);
	exit(2);
}

static uint64_t number(const char *program, const char *text)
{
	char *end;
	uint64_t value;

	if (!text)
		usage(program);
	value = strtoull(text, &end, 0);
	if (end == text || *end != '\0')
		usage(program);
	return value;
}

void sim_parse(int argc, char **argv, uint64_t seed_count,
	       struct sim_arguments *out_arguments)
{
	const char *wanted = getenv("SIM_SEEDS");
	struct sim_arguments arguments = {
		.program = argv[0],
		.seed = 1,
		.seed_count = wanted ? number(argv[0], wanted) : seed_count,
	};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--seed") == 0) {
			arguments.seed = number(argv[0], argv[++i]);
			arguments.seed_count = 1;
		} else if (strcmp(argv[i], "--seeds") == 0) {
			arguments.seed_count = number(argv[0], argv[++i]);
		} else if (strcmp(argv[i], "--verbose") == 0) {
			arguments.verbose = true;
		} else {
			usage(argv[0]);
		}
	}
	*out_arguments = arguments;
}

void sim_harts(uint64_t seed, struct sim_options *options)
{
	static const uint32_t counts[] = { 1, 2, 4, 8 };
	const char *wanted = getenv("SIM_HARTS");
	uint64_t turn = seed / 4;

	options->hart_count =
		wanted ? (uint32_t)strtoul(wanted, NULL, 10) : counts[turn % 4];
	if (options->hart_count < 2)
		return;
	options->hart_loss_permille = turn % 3 == 1 ? 250 : 0;
	options->kick_delay_ticks = turn % 5 * 40;
	options->skew_ticks = turn % 7 == 3 ? 3 : 0;
}

void sim_replay(const struct sim_arguments *arguments, uint64_t seed)
{
	printf("# replay: %s --seed %" PRIu64 " --verbose\n",
	       arguments->program, seed);
}

const char *sim_outcome_name(enum sim_outcome outcome)
{
	static const char *const names[] = {
		[SIM_RESET] = "reset",
		[SIM_DEADLOCK] = "nobody can run any more",
		[SIM_STEPS] = "too many steps",
		[SIM_PANIC] = "kernel panic",
	};

	return names[outcome];
}

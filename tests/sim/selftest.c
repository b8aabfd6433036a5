/* SPDX-License-Identifier: BSD-2-Clause
 * The system proves itself in the simulator, under every seed in the same
 * words: the first seed's lines are the report.
 */
#include "support/sim_services.h"

#include "support/tap.h"

#define SEEDS 1000

static void prepare(struct sim_options *options)
{
	options->arguments = "selftest shutdown nonce=d0d0";
}

static bool passed(const struct sim_result *result)
{
	return strstr(result->console, "SELFTEST: pkgimg vmo ok") &&
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

static bool judge(const struct sim_result *result, bool first)
{
	bool good = passed(result);

	if (first || !good)
		report(result->console);
	return good;
}

int main(int argc, char **argv)
{
	static const struct sim_services_test test = {
		.seed_count = SEEDS,
		.prepare = prepare,
		.judge = judge,
	};

	plan(0);
	ok(sim_services_hold(argc, argv, &test),
	   "the system proves itself under every seed");
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause
 * A user at the prompt in the simulator: edited lines, history, programs
 * that end, crash and are stopped, and nothing left of them: the machine's
 * counts after a round of work are those after the round before.
 */
#include "support/sim_services.h"

#include "support/tap.h"

#include <inttypes.h>
#include <stdlib.h>

#define SEEDS 200

/* What is typed waits for what the line before printed last: the prompt
 * itself is printed again and again while a line is edited. */
#define ROUND                                                                  \
	{ "log_dropped", "run hello a \"b c\"\r" },                            \
		{ "[exit 3]", "run crash\r" },                                 \
		{ "[exit 139]", "run forever\r" }, { "for ever\n", "\x03" },   \
		{ "[exit 130]", "run text\r" },                                \
		{ "[exit 1]", "sha256 /large /lent /many/file-02\r" },         \
	{                                                                      \
		"/many/file-02\n", "mem\r"                                     \
	}

static const struct sim_input inputs[] = {
	{ "nexus> ", "helx\x7fp\r" },			   /* rubbed out */
	{ "sha256 FILE", "s /\x1b[D\x1b[D\x1b[Dl\x05\r" }, /* moved */
	{ "many/", "nonsense words\x17\x15"
		   "cat /binary/text\r" },
	{ "no program", "\x1b[A\x1b[A\x1b[B\x1b[H\x1b[F\x1b[3~\r" }, /* again */
	{ "no program", "half a line\x03" },
	{ "^C\n", "cat /many/../many/./x\r" },
	{ "[exit 1]", "mem\r" },
	ROUND,
	ROUND,
	ROUND,
	ROUND,
	{ "log_dropped", "ps\r" },
	{ "nxsh\n", "caps\r" },
	{ "may: run", "mount\r" },
	{ "/system: ", "log\r" },
	{ "/system: ", "run selftest\r" },
	{ "1..", "reboot off\r" },
};

static const char *const wanted[] = {
	"help [COMMAND]",
	"binary/",
	"c1-\xc2?-\xc3\x9b\n",
	"no program",
	"no program",
	"^C\n",
	"(INVALID_ARGS)",
	"[exit 1]",
	"shares ",
	"harts ",
	"pages_free",
	"hello 0 hello",
	"hello 1 a",
	"hello 2 b c",
	"[exit 3]",
	"crashed: cause ",
	"[exit 139]",
	"for ever",
	"ended by Ctrl-C",
	"[exit 130]",
	"(NOT_EXECUTABLE)",
	"  /large\n",
	"  /lent  (lent)\n",
	"pages_free",
	"runs ",
	"may: read,splice",
	"/: 52 nodes",
	"ok 1 - every file is read",
	"init: shutdown asked for by service 5",
};

#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

/* What must be the same after each round. */
static const char *const counts[] = { "objects", "handles ", "mappings" };

static void prepare(struct sim_options *options)
{
	options->inputs = inputs;
	options->input_count = sizeof(inputs) / sizeof(inputs[0]);
}

/* The number behind a name, of the nth `mem`; 0 if there is none. */
static uint64_t count_of(const char *console, const char *name, unsigned nth)
{
	const char *at = console;

	for (unsigned i = 0; i <= nth; i++)
		if (!sim_console_says(&at, "faults") ||
		    (i < nth && !sim_console_says(&at, "log_dropped")))
			return 0;
	/* pages_free stands before the faults of the same `mem`. */
	while (at > console && strncmp(at, "pages_total", 11) != 0)
		at--;
	return sim_console_says(&at, name) ? strtoull(at, NULL, 10) : 0;
}

/* Free pages differ by one now and then, as kernel objects share pages; a
 * loss would make each round end with fewer than the one before. */
static bool loses_pages(const char *console)
{
	uint64_t before = count_of(console, "pages_free", 2);

	for (unsigned nth = 3; nth < 5; nth++) {
		uint64_t now = count_of(console, "pages_free", nth);

		if (now >= before && now != 0)
			return false;
		before = now;
	}
	return true;
}

static bool is_level(const struct sim_result *result)
{
	bool level = !loses_pages(result->console);

	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint64_t before = count_of(result->console, counts[i], 2);
		uint64_t now = count_of(result->console, counts[i], 4);

		if (now == 0 || now != before) {
			diag("%s: %" PRIu64 ", then %" PRIu64, counts[i],
			     before, now);
			level = false;
		}
	}
	return level;
}

static bool says_all(const struct sim_result *result, bool report)
{
	const char *at = result->console;
	bool all = true;

	for (unsigned i = 0; i < WANTED; i++) {
		bool found = sim_console_says(&at, wanted[i]);

		if (report)
			ok(found, "the console says: %.*s",
			   (int)strcspn(wanted[i], "\n"), wanted[i]);
		all = all && found;
	}
	return all;
}

/* What services say while they begin stands before the greeting. */
static bool begins_clean(const char *console)
{
	static const char *const early[] = { "packagefsd: ready",
					     "execd: ready", "init: up nxsh" };
	const char *greeting =
		strstr(console, "Nexus. Type `help`.\nnexus> helx");

	for (unsigned i = 0; i < 3; i++) {
		const char *at = strstr(console, early[i]);

		if (!greeting || !at || at > greeting)
			return false;
	}
	return true;
}

static bool judge(const struct sim_result *result, bool report)
{
	bool said = says_all(result, report);
	bool level = is_level(result);
	bool clean = begins_clean(result->console);

	if (report)
		ok(clean, "the first prompt stands behind all of the boot");
	if (report)
		ok(level, "pages, objects, handles and mappings are level "
			  "after each round of work");
	return said && level && clean && !strstr(result->console, "not ok ");
}

int main(int argc, char **argv)
{
	static const struct sim_services_test test = {
		.seed_count = SEEDS,
		.prepare = prepare,
		.judge = judge,
	};

	plan(WANTED + 3);
	ok(sim_services_hold(argc, argv, &test), "the same under every seed");
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks of tap.h say "not ok" when they should: each is run on a pair
 * that differs in a child whose report is read back. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/tap.h"

static int run_ok(void)
{
	plan(1);
	ok(false, "x");
	return done();
}

static int run_u64(void)
{
	plan(1);
	is_u64(1, 2, "x");
	return done();
}

static int run_i64(void)
{
	plan(1);
	is_i64(-1, 1, "x");
	return done();
}

static int run_str(void)
{
	plan(1);
	is_str("a", NULL, "x");
	return done();
}

static int run_mem(void)
{
	plan(1);
	is_mem("abc", "abd", 3, "x");
	return done();
}

static int run_short(void)
{
	plan(2);
	ok(true, "x");
	return done();
}

static int run_good(void)
{
	plan(2);
	is_str("a", "a", "x");
	skip(1, "y");
	return done();
}

static const struct {
	const char *name;
	int (*run)(void);
	int status;
	const char *report;
} cases[] = {
	{ "ok", run_ok, 1, "1..1\nnot ok 1 - x\n" },
	{ "is_u64", run_u64, 1, "1..1\nnot ok 1 - x\n" },
	{ "is_i64", run_i64, 1, "1..1\nnot ok 1 - x\n" },
	{ "is_str", run_str, 1, "1..1\nnot ok 1 - x\n" },
	{ "is_mem", run_mem, 1, "1..1\nnot ok 1 - x\n" },
	{ "a short run", run_short, 1, "1..2\nok 1 - x\n" },
	{ "a good run", run_good, 0, "1..2\nok 1 - x\nok 2 # SKIP y\n" },
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

/* Run one case in a child; return its exit status, its output in report. */
static int run_child(int (*run)(void), char *report, size_t report_max)
{
	size_t used = 0;
	ssize_t count;
	int ends[2];
	int status;
	pid_t pid;

	if (pipe(ends) != 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		memset(&tap, 0, sizeof(tap));
		exit(run());
	}
	close(ends[1]);
	while ((count = read(ends[0], report + used, report_max - used)) > 0)
		used += (size_t)count;
	report[used] = '\0';
	close(ends[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
	char report[512];

	plan(2 * CASE_COUNT);
	fflush(stdout);
	for (size_t i = 0; i < CASE_COUNT; i++) {
		int status =
			run_child(cases[i].run, report, sizeof(report) - 1);

		is_i64(status, cases[i].status, "%s exits with %d",
		       cases[i].name, cases[i].status);
		ok(strncmp(report, cases[i].report,
			   strlen(cases[i].report)) == 0,
		   "%s reports what it saw", cases[i].name);
	}
	return done();
}

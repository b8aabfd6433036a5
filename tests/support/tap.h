/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SUPPORT_TAP_H
#define TESTS_SUPPORT_TAP_H
/** @file tap.h
 * The Test Anything Protocol in one header, for the host, the simulator and
 * the machine: it needs printf and nothing else.
 *
 * A program is plan(N), N lines, and `return done();`. A line is a sentence
 * that says what is true when the line is "ok". Checks return whether they
 * passed, so that a test can stop before it would crash.
 *
 * Threads: none; one thread reports. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TAP_UNUSED __attribute__((unused))
#define TAP_FORMAT(f, a) __attribute__((format(printf, f, a)))

static struct {
	unsigned planned;
	unsigned run;
	unsigned failed;
} tap;

/** How many lines follow; 0 says that done() shall print the plan. */
TAP_UNUSED static inline void plan(unsigned count)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	tap.planned = count;
	if (count > 0)
		printf("1..%u\n", count);
}

/** Nothing of this program can run here. Return its value from main. */
TAP_UNUSED static inline int skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	return 0;
}

/** A remark for whoever reads the log. */
TAP_FORMAT(1, 2) TAP_UNUSED static inline void diag(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

/** The program cannot go on; the runner counts it as an error. */
TAP_UNUSED static inline int bail_out(const char *reason)
{
	printf("Bail out! %s\n", reason);
	return 99;
}

TAP_FORMAT(2, 0)
TAP_UNUSED static inline void tap_line(bool passed, const char *format,
				       va_list args)
{
	tap.run++;
	if (!passed)
		tap.failed++;
	printf("%s %u - ", passed ? "ok" : "not ok", tap.run);
	vprintf(format, args);
	printf("\n");
}

/** One line: the sentence holds when the condition does. */
TAP_FORMAT(2, 3)
TAP_UNUSED static inline bool ok(bool condition, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(condition, format, args);
	va_end(args);
	return condition;
}

/** One line that must not happen. */
#define fail(...) ok(false, __VA_ARGS__)
#define pass(...) ok(true, __VA_ARGS__)

/** Two unsigned values are equal; shows both when they are not. */
TAP_FORMAT(3, 4)
TAP_UNUSED static inline bool is_u64(uint64_t got, uint64_t wanted,
				     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(got == wanted, format, args);
	va_end(args);
	if (got != wanted)
		diag("got %llu (%#llx), wanted %llu (%#llx)",
		     (unsigned long long)got, (unsigned long long)got,
		     (unsigned long long)wanted, (unsigned long long)wanted);
	return got == wanted;
}

/** Two signed values are equal: statuses. */
TAP_FORMAT(3, 4)
TAP_UNUSED static inline bool is_i64(int64_t got, int64_t wanted,
				     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(got == wanted, format, args);
	va_end(args);
	if (got != wanted)
		diag("got %lld, wanted %lld", (long long)got,
		     (long long)wanted);
	return got == wanted;
}

/** Two strings are equal; NULL equals only NULL. */
TAP_FORMAT(3, 4)
TAP_UNUSED static inline bool is_str(const char *got, const char *wanted,
				     const char *format, ...)
{
	bool same = got == wanted || (got != NULL && wanted != NULL &&
				      strcmp(got, wanted) == 0);
	va_list args;

	va_start(args, format);
	tap_line(same, format, args);
	va_end(args);
	if (!same)
		diag("got \"%s\", wanted \"%s\"", got ? got : "(null)",
		     wanted ? wanted : "(null)");
	return same;
}

/** Two byte ranges are equal; shows where they first differ. */
TAP_FORMAT(4, 5)
TAP_UNUSED static inline bool is_mem(const void *got, const void *wanted,
				     size_t size_bytes, const char *format, ...)
{
	const unsigned char *g = got, *w = wanted;
	va_list args;
	size_t at = 0;

	while (at < size_bytes && g[at] == w[at])
		at++;
	va_start(args, format);
	tap_line(at == size_bytes, format, args);
	va_end(args);
	if (at < size_bytes)
		diag("byte %llu of %llu: got %#x, wanted %#x",
		     (unsigned long long)at, (unsigned long long)size_bytes,
		     g[at], w[at]);
	return at == size_bytes;
}

/** Count lines that cannot run here, each with the reason. */
TAP_UNUSED static inline void skip(unsigned count, const char *reason)
{
	while (count-- > 0)
		printf("ok %u # SKIP %s\n", ++tap.run, reason);
}

/** The exit status: 0 when every planned line ran and passed. */
TAP_UNUSED static inline int done(void)
{
	if (tap.planned == 0)
		printf("1..%u\n", tap.run);
	else if (tap.run != tap.planned)
		diag("planned %u lines, ran %u", tap.planned, tap.run);
	fflush(stdout);
	return tap.failed > 0 || (tap.planned && tap.run != tap.planned);
}

#endif /* TESTS_SUPPORT_TAP_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest.h"

#include <crt/text.h>
#include <nexus/errors.h>

#define LINE_BYTES CONSOLE_WRITE_MAX

void selftest_flush(struct selftest *test)
{
	if (test->out_size)
		console_write(test->program->buffer, test->console, test->out,
			      test->out_size);
	test->out_size = 0;
}

/* Whole lines go out together, so that nobody else's stands between. */
static void put(struct selftest *test, const char *text, size_t size)
{
	if (size > sizeof(test->out) - test->out_size)
		selftest_flush(test);
	if (size > sizeof(test->out))
		size = sizeof(test->out);
	memcpy(test->out + test->out_size, text, size);
	test->out_size += size;
}

void selftest_print(struct selftest *test, const char *format, ...)
{
	char text[LINE_BYTES];
	va_list list;
	size_t size;

	va_start(list, format);
	size = text_format_list(text, sizeof(text), format, list);
	va_end(list);
	put(test, text, size);
}

bool selftest_ok(struct selftest *test, bool condition, const char *format, ...)
{
	char text[LINE_BYTES];
	va_list list;

	test->run++;
	if (!condition)
		test->failed++;
	va_start(list, format);
	text_format_list(text, sizeof(text), format, list);
	va_end(list);
	selftest_print(test, "%s %u - %s\n", condition ? "ok" : "not ok",
		       test->run, text);
	return condition;
}

void selftest_is(struct selftest *test, nx_status_t got, nx_status_t wanted,
		 const char *sentence)
{
	if (!selftest_ok(test, got == wanted, "%s: %s", sentence,
			 nx_status_name(wanted)))
		selftest_print(test, "# got %s\n", nx_status_name(got));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* format.h says the same as the C library for what it knows. */
#include "support/tap.h"

#include <kernel/format.h>

/* A row is formatted by both and compared, text and length. */
#define SAME(...)                                                              \
	do {                                                                   \
		char ours[64], theirs[64];                                     \
		size_t length = format_text(ours, sizeof(ours), __VA_ARGS__);  \
		int wanted = snprintf(theirs, sizeof(theirs), __VA_ARGS__);    \
                                                                               \
		ok(length == (size_t)wanted && strcmp(ours, theirs) == 0,      \
		   "\"%s\" is as in C", theirs);                               \
	} while (0)

static void test_conversions(void)
{
	SAME("plain");
	SAME("%s|%s", "a", "");
	SAME("%5s|%-5s|", "ab", "cd");
	SAME("%c%c", 'x', 'y');
	SAME("%d %d %d", 0, -1, 2147483647);
	SAME("%d", -2147483647 - 1);
	SAME("%ld", -9223372036854775807L - 1);
	SAME("%u %x", 4294967295u, 0xdeadbeefu);
	SAME("%lu", 18446744073709551615ul);
	SAME("%lx", 0xffffffc080200000ul);
	SAME("%8u|%-8u|%08u", 42u, 42u, 42u);
	SAME("%06d|%6d|%-6d|", -42, -42, -42);
	SAME("%016lx", 0x1234ul);
	SAME("100%%");
}

static void test_room(void)
{
	char text[8];

	memset(text, 'z', sizeof(text));
	is_u64(format_text(text, 4, "%s", "abcdef"), 6,
	       "the whole length is told when the room is short");
	is_mem(text, "abc\0zzzz", 8, "what fits is written and ended");
	is_u64(format_text(NULL, 0, "%d", 123), 3, "no room is fine");
	is_u64(format_text(text, 1, "x"), 1, "room for the end alone is fine");
	is_str(text, "", "and the end is there");
}

static void test_strange(void)
{
	/* Not what a compiler would let pass as a literal. */
	const char *volatile odd[] = { "%q", "50%", "%" };
	static const char *const wanted[] = { "%q", "50%", "%" };
	char text[16];

	for (unsigned i = 0; i < 3; i++) {
		size_t (*format)(char *, size_t, const char *, ...) =
			format_text;

		format(text, sizeof(text), odd[i]);
		is_str(text, wanted[i], "\"%s\" is left as it is", wanted[i]);
	}
	format_text(text, sizeof(text), "%s", (const char *volatile){ NULL });
	is_str(text, "(null)", "no text is told as such");
}

int main(void)
{
	plan(0);
	test_conversions();
	test_room();
	test_strange();
	return done();
}

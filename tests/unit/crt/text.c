/* SPDX-License-Identifier: BSD-2-Clause
 * The programs' formatter against the host's.
 */
#include <crt/text.h>

#include <inttypes.h>

#include "support/tap.h"

#define SAME(...)                                                              \
	do {                                                                   \
		char ours[128], theirs[128];                                   \
		size_t size = text_format(ours, sizeof(ours), __VA_ARGS__);    \
                                                                               \
		snprintf(theirs, sizeof(theirs), __VA_ARGS__);                 \
		ok(strcmp(ours, theirs) == 0 && size == strlen(theirs),        \
		   "%s: \"%s\" is \"%s\"", #__VA_ARGS__, ours, theirs);        \
	} while (0)

static void test_numbers(void)
{
	uint64_t value = 7;

	ok(text_number("18446", 5, &value) && value == 18446,
	   "a decimal number is read");
	ok(!text_number("", 0, &value) && !text_number("1x", 2, &value) &&
		   !text_number("-1", 2, &value) &&
		   !text_number("12345678901234567890", 20, &value) &&
		   value == 18446,
	   "nothing, letters, a sign and 20 digits are no numbers");
}

int main(void)
{
	char small[8];
	char hex[9];
	const uint8_t bytes[] = { 0x00, 0xff, 0x1a, 0x90 };

	plan(14);
	SAME("plain %% text");
	SAME("%d|%5d|%-5d|%05d", -42, -42, -42, -42);
	SAME("%u|%x|%08x", 4000000000u, 0xbeefu, 0xbeefu);
	SAME("%lu|%lx|%ld", (unsigned long)UINT64_MAX,
	     (unsigned long)UINT64_MAX, (long)INT64_MIN);
	SAME("%zu|%8zu", (size_t)12, (size_t)12);
	SAME("%s|%8s|%-8s|%.2s", "abc", "abc", "abc", "abc");
	SAME("%.*s|%c", 2, "abc", 'x');
	SAME("%016" PRIx64, UINT64_C(0x123456789abcdef));
	is_u64(text_format(small, sizeof(small), "%s", "0123456789"), 7,
	       "what does not fit is cut");
	ok(strcmp(small, "0123456") == 0, "and the rest ends in NUL");
	test_numbers();
	text_hex(hex, bytes, 4);
	ok(strcmp(hex, "00ff1a90") == 0, "bytes become hexadecimal digits");
	ok(text_is("abcd", 3, "abc") && !text_is("abcd", 4, "abc"),
	   "a counted text is compared whole");
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, link targets, paths and UTF-8, one rule a line. */
#include "support/tap.h"

#include <epk/name.h>

/* UTF-8 by its definition: decode, then see whether it was the short form. */
static bool is_utf8(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size;) {
		uint32_t code = bytes[i];
		size_t more = code < 0x80	      ? 0
			      : (code & 0xe0) == 0xc0 ? 1
			      : (code & 0xf0) == 0xe0 ? 2
			      : (code & 0xf8) == 0xf0 ? 3
						      : 9;
		static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

		if (more == 9 || i + more >= size)
			return false;
		code &= more == 0 ? 0x7f : 0x3f >> more;
		for (size_t k = 1; k <= more; k++) {
			if ((bytes[i + k] & 0xc0) != 0x80)
				return false;
			code = code << 6 | (bytes[i + k] & 0x3f);
		}
		if (code < least[more] || code > 0x10ffff ||
		    (code >= 0xd800 && code < 0xe000))
			return false;
		i += more + 1;
	}
	return true;
}

/* Every string of up to three bytes, and the interesting ones of four. */
static void check_utf8(void)
{
	uint32_t wrong = 0;
	uint8_t bytes[4];

	for (uint32_t i = 0; i < 1u << 24; i++) {
		memcpy(bytes, &i, 3);
		for (size_t size = 1; size <= 3; size++)
			wrong += epk_utf8_valid(bytes, size) !=
				 is_utf8(bytes, size);
	}
	is_u64(wrong, 0, "all strings of 1 to 3 bytes are judged right");
	wrong = 0;
	for (uint32_t lead = 0xe0; lead <= 0xff; lead++) {
		for (uint32_t i = 0; i < 1u << 12; i++) {
			bytes[0] = (uint8_t)lead;
			bytes[1] = (uint8_t)(i >> 4);
			bytes[2] = (uint8_t)(0x70 + ((i & 3) << 4));
			bytes[3] = (uint8_t)(0x70 + ((i & 12) << 2));
			wrong += epk_utf8_valid(bytes, 4) != is_utf8(bytes, 4);
		}
	}
	is_u64(wrong, 0, "strings of 4 bytes are judged right");
	ok(epk_utf8_valid("", 0), "nothing is valid UTF-8");
}

static void check_name(const char *name, size_t size, bool good)
{
	ok(epk_name_valid(name, size) == good, "name of %zu bytes %.12s: %s",
	   size, size > 0 && name[0] > ' ' ? name : "(...)",
	   good ? "valid" : "not valid");
}

static void check_names(void)
{
	static char name[256];

	memset(name, 'n', sizeof(name));
	check_name("a", 1, true);
	check_name(" ", 1, true);
	check_name("...", 3, true);
	check_name("..a", 3, true);
	check_name(name, 255, true);
	check_name(name, 256, false);
	check_name("", 0, false);
	check_name(".", 1, false);
	check_name("..", 2, false);
	check_name("a/b", 3, false);
	check_name("/", 1, false);
	check_name("a\x7f", 2, false);
	check_name("\xc3\xa9", 2, true);
	check_name("\xc3", 1, false);
	check_name("\xc2\x80", 2, true);
	for (int byte = 0; byte < 0x20; byte++) {
		name[0] = (char)byte;
		ok(!epk_name_valid(name, 2), "byte %d in a name: not valid",
		   byte);
	}
}

static void check_paths(void)
{
	static char path[4097];

	ok(epk_path_valid("/a", 2), "path /a is valid");
	ok(epk_path_valid("/a/b", 4), "path /a/b is valid");
	ok(!epk_path_valid("/", 1), "path / is not");
	ok(!epk_path_valid("", 0), "nor is nothing");
	ok(!epk_path_valid("a/b", 3), "nor a path without a slash");
	ok(!epk_path_valid("/a/", 3), "nor one that ends in a slash");
	ok(!epk_path_valid("//a", 3), "nor a double slash");
	ok(!epk_path_valid("/..", 3), "nor ..");
	ok(!epk_path_valid("/a/.", 4), "nor .");
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 100 == 0 ? '/' : 'p';
	ok(epk_path_valid(path, 4095), "a path of 4,095 bytes is valid");
	ok(!epk_path_valid(path, 4096), "a path of 4,096 bytes is not");
}

static void check_targets(void)
{
	static char target[4096];

	for (size_t i = 0; i < sizeof(target); i++)
		target[i] = i % 100 == 99 ? '/' : 't';
	ok(epk_target_valid(target, 4095, 0), "a target of 4,095 bytes");
	ok(!epk_target_valid(target, 4096, 0), "but none of 4,096");
	ok(epk_target_valid("..", 2, 1), "one .. from depth 1");
	ok(!epk_target_valid("..", 2, 0), "no .. from the root");
	ok(epk_target_valid("../../a", 7, 2), "two .. from depth 2");
	ok(!epk_target_valid("../../a", 7, 1), "but not from depth 1");
	ok(!epk_target_valid("a/..", 4, 9), "no .. behind a name");
	ok(!epk_target_valid("", 0, 9), "no empty target");
	ok(!epk_target_valid("/a", 2, 9), "no absolute target");
}

static void check_order(void)
{
	ok(epk_name_compare("a", 1, "a", 1) == 0, "equal names are equal");
	ok(epk_name_compare("a", 1, "ab", 2) < 0, "a prefix is less");
	ok(epk_name_compare("ab", 2, "a", 1) > 0, "and the other way round");
	ok(epk_name_compare("z", 1, "\xc3\xa9", 2) < 0, "bytes are unsigned");
	ok(epk_name_compare("b", 1, "aa", 2) > 0, "bytes before lengths");
}

int main(void)
{
	plan(0);
	check_utf8();
	check_names();
	check_paths();
	check_targets();
	check_order();
	return done();
}

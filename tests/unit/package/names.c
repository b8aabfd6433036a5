/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, versions and names of files: what is read is what was written, and
 * nothing else is read. */
#include "package_name.h"

#include "support/tap.h"

static void check_names(void)
{
	static const char *const good[] = { "a", "0", "demo", "a.b-c.9",
					    "org.example.tool" };
	static const char *const bad[] = { "",	      ".",    "..",   "a.",
					   "-a",      "a..b", "a.-b", "A",
					   "a_b",     "a/b",  "a b",  "a@b",
					   "\xc3\xa4" };
	char longest[PACKAGE_NAME_MAX + 1];

	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(package_name_valid(good[i], strlen(good[i])), "%s is a name",
		   good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!package_name_valid(bad[i], strlen(bad[i])),
		   "\"%s\" is none", bad[i]);
	ok(package_name_valid(longest, PACKAGE_NAME_MAX), "64 bytes are");
	ok(!package_name_valid(longest, PACKAGE_NAME_MAX + 1), "65 are not");
}

static void check_versions(void)
{
	static const char *const bad[] = { "",
					   "1",
					   "1.2",
					   "1.2.",
					   "1.2.3.",
					   "1.2.3.4",
					   "01.2.3",
					   "1.02.3",
					   "1.2.00",
					   "1..3",
					   "1.2.x",
					   "+1.2.3",
					   " 1.2.3",
					   "1.2.3 ",
					   "-1.2.3",
					   "1.2.4294967296",
					   "18446744073709551616.0.0" };
	const uint32_t low[3] = { 1, 9, 9 };
	const uint32_t high[3] = { 1, 10, 0 };
	uint32_t version[3];
	char text[PACKAGE_VERSION_SIZE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!version_read(bad[i], strlen(bad[i]), version),
		   "\"%s\" is no version", bad[i]);
	ok(version_read("4294967295.4294967295.4294967295", 32, version) &&
		   version[0] == UINT32_MAX && version[2] == UINT32_MAX,
	   "the greatest version is read");
	version_write(version, text);
	is_str(text, "4294967295.4294967295.4294967295", "and written");
	ok(version_read("0.0.0", 5, version) && version[1] == 0, "the least");
	ok(version_compare(low, high) < 0 && version_compare(high, low) > 0 &&
		   version_compare(low, low) == 0,
	   "versions are numbers, not letters");
}

static void check_refs(void)
{
	struct package_ref ref;
	struct package_ref other;
	char file[PACKAGE_FILE_SIZE];
	char text[PACKAGE_REF_SIZE];

	ok(package_ref_read("demo.one", &ref) && !ref.has_version,
	   "a name needs no version");
	package_ref_write(&ref, text);
	is_str(text, "demo.one", "and is written without");
	ok(package_ref_read("demo@1.2.3", &ref) && ref.has_version &&
		   ref.version[2] == 3,
	   "it may have one");
	package_file_write(&ref, file);
	is_str(file, "demo@1.2.3.epk", "which its file has");
	ok(package_file_read(file, &other) &&
		   package_ref_compare(&ref, &other) == 0,
	   "and is read from");
	ok(!package_file_read("demo.epk", &other), "a file has a version");
	ok(!package_file_read("demo@1.2.3", &other), "and an ending");
	ok(!package_file_read(".epk", &other), "and a name");
	ok(!package_file_read("demo@1.2.3.epk.epk", &other), "and one ending");
	ok(!package_file_read("demo@1.2.03.epk", &other), "and one spelling");
	ok(!package_ref_read("demo@", &ref) &&
		   !package_ref_read("@1.2.3", &ref),
	   "neither part is empty");
	ok(!package_ref_read("demo@1.2.3@1.2.3", &ref), "there are two parts");
}

static void check_words(void)
{
	ok(is_file_word("-") && is_file_word("a.epk") && is_file_word("./a") &&
		   is_file_word("a/b"),
	   "words that mean files");
	ok(!is_file_word("demo") && !is_file_word("demo@1.0.0") &&
		   !is_file_word("epk"),
	   "and words that do not");
}

int main(void)
{
	plan(0);
	check_names();
	check_versions();
	check_refs();
	check_words();
	return done();
}

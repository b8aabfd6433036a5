/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest parser: every error with its line and column, what is
 * accepted, and which of two errors is told. */
#include "support/tap.h"

#include <epk/manifest.h>

#include <stdlib.h>

#define REST                                                                   \
	"name = \"a\"\nversion = \"1.2.3\"\narch = \"any\"\n"                  \
	"kernel_api = \"0.1\"\n"

struct row {
	const char *text;
	uint32_t detail;
	uint32_t line;
	uint32_t column;
};

#define BAD(text, detail, line, column)                                        \
	{                                                                      \
		text, EPK_MANIFEST_##detail, line, column                      \
	}
#define GOOD(text)                                                             \
	{                                                                      \
		text, EPK_MANIFEST_OK, 0, 0                                    \
	}

static const struct row rows[] = {
	GOOD(REST),
	GOOD("\n \t\n# comment\n\t # more\n" REST),
	GOOD("name=\"a\"#\nversion\t=\t\"1.2.3\" # v\n arch = \"any\"\t\n"
	     "kernel_api = \"0.1\"\n"),
	GOOD("\"name\" = \"a\"\n\"version\" = \"1.2.3\"\narch = \"any\"\n"
	     "kernel_api = \"0.1\"\n"),
	GOOD(REST "[commands]\n[permissions]\n"),
	GOOD(REST "[commands]\naz09_- = \"/x\"\n"),
	GOOD(REST "[ \tcommands\t ] # c\n\"a.b\" = \"/x\"\n0_- = \"/y\"\n"),
};

/* One error each. */
static const struct row errors[] = {
	BAD("\xef\xbb\xbf" REST, BOM, 1, 1),
	BAD("\xef\xbb\xbf", BOM, 1, 1),
	BAD("# \xff\n" REST, UTF8, 1, 3),
	BAD("# \xc3(\n" REST, UTF8, 1, 3),
	BAD("# \xe0\x9f\xbf\n" REST, UTF8, 1, 3),
	BAD("# \xed\xa0\x80\n" REST, UTF8, 1, 3),
	BAD("# \xf4\x90\x80\x80\n" REST, UTF8, 1, 3),
	BAD("# \xc3\n" REST, UTF8, 1, 3),
	BAD(REST "description = \"\xc0\xaf\"\n", UTF8, 5, 16),
	BAD("\r\n" REST, CONTROL, 1, 1),
	BAD("# \x01\n" REST, CONTROL, 1, 3),
	BAD("# \x7f\n" REST, CONTROL, 1, 3),
	BAD(REST "description = \"a\tb\"\n", CONTROL, 5, 17),
	BAD(REST "description = \"a\rb\"\n", CONTROL, 5, 17),
	BAD(REST "description = \"a\\\x01\"\n", CONTROL, 5, 18),
	BAD(REST "# no end", LINE_END, 5, 9),
	BAD(REST " ", LINE_END, 5, 2),
	BAD(REST "description = \"a\"", LINE_END, 5, 18),
	BAD(REST "description = \"a", LINE_END, 5, 17),
	BAD(REST "[commands]", LINE_END, 5, 11),
	BAD(REST "entry", LINE_END, 5, 6),
	BAD(REST "= \"x\"\n", KEY, 5, 1),
	BAD(REST "  $ = \"x\"\n", KEY, 5, 3),
	BAD(REST "'entry' = \"/a\"\n", KEY, 5, 1),
	BAD(REST "@ = \"x\"\n", KEY, 5, 1),
	BAD(REST "` = \"x\"\n", KEY, 5, 1),
	BAD(REST "{ = \"x\"\n", KEY, 5, 1),
	BAD(REST ": = \"x\"\n", KEY, 5, 1),
	BAD(REST "AZ = \"x\"\n", UNKNOWN_KEY, 5, 1),
	BAD(REST "[commands]\na.b = \"/x\"\n", DOTTED_KEY, 6, 2),
	BAD(REST "[commands]\n\"a\".b = \"/x\"\n", DOTTED_KEY, 6, 4),
	BAD(REST "entry \"/a\"\n", EQUALS, 5, 7),
	BAD(REST "entry\n", EQUALS, 5, 6),
	BAD(REST "entry : \"/a\"\n", EQUALS, 5, 7),
	BAD(REST "entry = '/a'\n", STRING, 5, 9),
	BAD(REST "entry = 1\n", STRING, 5, 9),
	BAD(REST "entry = true\n", STRING, 5, 9),
	BAD(REST "entry = [\"/a\"]\n", STRING, 5, 9),
	BAD(REST "entry =\n", STRING, 5, 8),
	BAD(REST "entry = \"/a\n", STRING_END, 5, 12),
	BAD(REST "\"entry = 1\n", STRING_END, 5, 11),
	BAD(REST "description = \"a\\r\"\n", ESCAPE, 5, 17),
	BAD(REST "description = \"\\u0041\"\n", ESCAPE, 5, 16),
	BAD(REST "description = \"\\\n", ESCAPE, 5, 16),
	BAD(REST "[\"commands\"]\n", TABLE, 5, 2),
	BAD(REST "[[commands]]\n", TABLE, 5, 2),
	BAD(REST "[]\n", TABLE, 5, 2),
	BAD(REST "[commands.more]\n", TABLE_END, 5, 10),
	BAD(REST "[commands\n", TABLE_END, 5, 10),
	BAD(REST "[commands] entry\n", TRAILING, 5, 12),
	BAD(REST "entry = \"/a\" \"b\"\n", TRAILING, 5, 14),
	BAD(REST "description = \"\"\"a\"\"\"\n", TRAILING, 5, 17),
	BAD(REST "name = \"b\"\n", DUPLICATE_KEY, 5, 1),
	BAD(REST " \"na\\me\" = 1\n", ESCAPE, 5, 5),
	BAD(REST "\"name\" = 1\n", DUPLICATE_KEY, 5, 1),
	BAD(REST "[commands]\na = \"/x\"\n \"a\" = \"/y\"\n", DUPLICATE_KEY, 7,
	    2),
	BAD(REST "[permissions]\nlog = \"x\"\nlog = \"y\"\n", DUPLICATE_KEY, 7,
	    1),
	BAD(REST "[permissions]\n\"a\\\"\" = \"x\"\n\"a\\\"\" = \"y\"\n",
	    DUPLICATE_KEY, 7, 1),
	BAD(REST "nam = \"b\"\n", UNKNOWN_KEY, 5, 1),
	BAD(REST "Name = \"b\"\n", UNKNOWN_KEY, 5, 1),
	BAD(REST "names = \"b\"\n", UNKNOWN_KEY, 5, 1),
	BAD(REST "\"\" = \"b\"\n", UNKNOWN_KEY, 5, 1),
	BAD(REST "\"a.b\" = \"b\"\n", UNKNOWN_KEY, 5, 1),
	BAD(REST "[commands]\n[permissions]\n[commands]\n", DUPLICATE_TABLE, 7,
	    2),
	BAD(REST "[command]\n", UNKNOWN_TABLE, 5, 2),
	BAD(REST "[ name]\n", UNKNOWN_TABLE, 5, 3),
	BAD(REST "requires = \"b\"\n", RESERVED, 5, 1),
	BAD(REST "provides = \"b\"\n", RESERVED, 5, 1),
	BAD(REST "\"depends\" = \"b\"\n", RESERVED, 5, 1),
	BAD(REST "[requires]\n", RESERVED, 5, 2),
	BAD(REST "[provides]\n", RESERVED, 5, 2),
	BAD(REST "[depends]\n", RESERVED, 5, 2),
	BAD("", SIZE, 0, 0),
	BAD("\n", NO_NAME, 0, 0),
	BAD("name = \"a\"\n", NO_VERSION, 0, 0),
	BAD("name = \"a\"\nversion = \"1.2.3\"\n", NO_ARCH, 0, 0),
	BAD("name = \"a\"\nversion = \"1.2.3\"\narch = \"any\"\n",
	    NO_KERNEL_API, 0, 0),
	BAD("[commands]\n" REST, NO_NAME, 0, 0),
};

static void check_row(const struct row *row, const char *note)
{
	struct epk_manifest manifest;
	struct epk_failure failure = { 0 };
	const epk_status_t status = epk_manifest_parse(
		row->text, strlen(row->text), &manifest, &failure);
	const epk_status_t wanted =
		row->detail == EPK_MANIFEST_OK ? EPK_OK : EPK_ERR_MANIFEST;
	const char *name = epk_manifest_error_name(row->detail);

	if (!ok(status == wanted && failure.detail == row->detail &&
			failure.line == row->line &&
			failure.column == row->column,
		"%s at %u:%u%s", name, row->line, row->column, note)) {
		diag("got %s at %u:%u", epk_manifest_error_name(failure.detail),
		     failure.line, failure.column);
		diag("%s", row->text);
	}
}

/* Values, each in its place in an otherwise good manifest. */
struct value {
	const char *text;
	bool good;
};

/* before and after are split where the value goes. */
static uint32_t try_value(const char *before, const char *value,
			  const char *after)
{
	static char text[4096];
	struct epk_manifest manifest;
	struct epk_failure failure = { 0 };

	snprintf(text, sizeof(text), "%s%s%s", before, value, after);
	(void)epk_manifest_parse(text, strlen(text), &manifest, &failure);
	return failure.detail;
}

static void check_values(const char *before, const char *after, uint32_t detail,
			 const struct value *values)
{
	for (; values->text != NULL; values++)
		is_str(epk_manifest_error_name(
			       try_value(before, values->text, after)),
		       epk_manifest_error_name(values->good ? 0 : detail),
		       "value \"%.40s\"", values->text);
}

#define N16 "0123456789abcdef"
#define N64 N16 N16 N16 N16

static void check_all_values(void)
{
	static const struct value names[] = {
		{ "a", true },	    { "a-b.c", true },	   { "az-09", true },
		{ "`", false },	    { "{", false },	   { "/", false },
		{ ":", false },	    { "0", true },	   { "", false },
		{ "A", false },	    { "a_b", false },	   { ".a", false },
		{ "a.", false },    { "a..b", false },	   { "a-", false },
		{ "a.-b", false },  { "a b", false },	   { N64, true },
		{ N64 "0", false }, { "\xc3\xa9", false }, { "a\\n", false },
		{ NULL, false },
	};
	static const struct value versions[] = {
		{ "0.0.0", true },
		{ "4294967295.0.1", true },
		{ "4294967296.0.0", false },
		{ "1.2", false },
		{ "1.2.3.4", false },
		{ "01.2.3", false },
		{ "1.00.3", false },
		{ "1.2.", false },
		{ ".1.2", false },
		{ "1.2.3 ", false },
		{ "1.2.3-rc", false },
		{ "+1.2.3", false },
		{ "99999999999999999999.0.0", false },
		{ "", false },
		{ NULL, false },
	};
	static const struct value archs[] = {
		{ "any", true },     { "riscv64", true }, { "x86-64", true },
		{ "x86-32", true },  { "aarch64", true }, { "", false },
		{ "riscv", false },  { "ANY", false },	  { "any ", false },
		{ "x86_64", false }, { NULL, false },
	};
	static const struct value apis[] = {
		{ "0.1", true },	{ "linux-6.1", true },
		{ "1", false },		{ "1.2.3", false },
		{ "linux-6", false },	{ "linux6.1", false },
		{ "Linux-6.1", false }, { "linux-", false },
		{ "06.1", false },	{ "", false },
		{ NULL, false },
	};
	static const struct value commands[] = {
		{ "a", true },	    { "0._-", true },	  { N64, true },
		{ N64 "0", false }, { "-a", false },	  { ".a", false },
		{ "_a", false },    { "A", false },	  { "", false },
		{ "a b", false },   { "requires", true }, { NULL, false },
	};
	static const struct value paths[] = {
		{ "/a", true },
		{ "/a/b", true },
		{ "/a b", true },
		{ "/\xc3\xa9", true },
		{ "", false },
		{ "a", false },
		{ "/", false },
		{ "//a", false },
		{ "/a/", false },
		{ "/a//b", false },
		{ "/.", false },
		{ "/..", false },
		{ "/a/../b", false },
		{ "/a\\nb", false },
		{ "/a\\tb", false },
		{ "/...", true },
		{ "/a\\\"b", true },
		{ "/a\\\\b", true },
		{ "/" N64 N64 N64 N16 N16 N16 "0123456789abcde", true },
		{ "/" N64 N64 N64 N64, false },
		{ NULL, false },
	};

	check_values("name = \"",
		     "\"\nversion = \"1.2.3\"\narch = \"any\"\n"
		     "kernel_api = \"0.1\"\n",
		     EPK_MANIFEST_BAD_NAME, names);
	check_values(REST "[permissions]\n\"", "\" = \"why\"\n",
		     EPK_MANIFEST_BAD_CAPABILITY, names);
	check_values("name = \"a\"\nversion = \"",
		     "\"\narch = \"any\"\n"
		     "kernel_api = \"0.1\"\n",
		     EPK_MANIFEST_BAD_VERSION, versions);
	check_values("name = \"a\"\nversion = \"1.2.3\"\narch = \"",
		     "\"\n"
		     "kernel_api = \"0.1\"\n",
		     EPK_MANIFEST_BAD_ARCH, archs);
	check_values("name = \"a\"\nversion = \"1.2.3\"\narch = \"any\"\n"
		     "kernel_api = \"",
		     "\"\n", EPK_MANIFEST_BAD_KERNEL_API, apis);
	check_values(REST "[commands]\n\"", "\" = \"/x\"\n",
		     EPK_MANIFEST_BAD_COMMAND, commands);
	check_values(REST "entry = \"", "\"\n", EPK_MANIFEST_BAD_PATH, paths);
	check_values(REST "[commands]\nc = \"", "\"\n", EPK_MANIFEST_BAD_PATH,
		     paths);
}

/* File order, then what is missing, then values in their order. */
static const struct row orders[] = {
	BAD("nam = 1\nname = 1\n", UNKNOWN_KEY, 1, 1),
	BAD("name = 1\nnam = 1\n", STRING, 1, 8),
	BAD("name = \"A\"\n", NO_VERSION, 0, 0),
	BAD("name = \"A\"\n$\n", KEY, 2, 1),
	BAD("version = \"x\"\narch = \"x\"\nkernel_api = \"x\"\n"
	    "entry = \"x\"\nname = \"X\"\n[permissions]\nX = \"\"\n",
	    BAD_NAME, 5, 8),
	BAD("version = \"x\"\narch = \"x\"\nkernel_api = \"x\"\n"
	    "entry = \"x\"\nname = \"x\"\n[permissions]\nX = \"\"\n",
	    BAD_CAPABILITY, 7, 1),
	BAD("version = \"x\"\narch = \"x\"\nkernel_api = \"x\"\n"
	    "entry = \"x\"\nname = \"x\"\n",
	    BAD_VERSION, 1, 11),
	BAD("version = \"1.1.1\"\nkernel_api = \"x\"\narch = \"x\"\n"
	    "entry = \"x\"\nname = \"x\"\n",
	    BAD_ARCH, 3, 8),
	BAD("version = \"1.1.1\"\nkernel_api = \"x\"\narch = \"any\"\n"
	    "entry = \"x\"\nname = \"x\"\n",
	    BAD_KERNEL_API, 2, 14),
	BAD(REST "entry = \"x\"\n[commands]\nX = \"x\"\n", BAD_COMMAND, 7, 1),
	BAD(REST "entry = \"x\"\n[commands]\nx = \"x\"\n", BAD_PATH, 5, 9),
	BAD(REST "entry = \"/x\"\n[commands]\nx = \"x\"\n", BAD_PATH, 7, 5),
};

static void check_line_length(void)
{
	static char text[2000];
	struct row row = { text, EPK_MANIFEST_OK, 0, 0 };
	char *at = text;

	at += sprintf(at, REST "#");
	memset(at, 'x', 1023);
	at[1023] = '\n';
	check_row(&row, ", a line of 1,024 bytes");
	at[1023] = 'x';
	at[1024] = '\n';
	row = (struct row)BAD(text, LINE_LENGTH, 5, 1025);
	check_row(&row, ", a line of 1,025 bytes");
	memcpy(at + 1022, "\xc3\xa9\n", 4);
	check_row(&row, ", a letter across the end of the line");
}

static void check_counts(void)
{
	static char text[8192];
	struct row row = { text, EPK_MANIFEST_OK, 0, 0 };
	static const char *const tables[] = { "commands", "permissions" };

	for (size_t t = 0; t < 2; t++) {
		char *at = text;

		at += sprintf(at, REST "[%s]\n", tables[t]);
		for (int i = 0; i < 64; i++)
			at += sprintf(at, "c%d = \"/x\"\n", i);
		row = (struct row)GOOD(text);
		check_row(&row, ", 64 entries");
		sprintf(at, "c64 = \"/x\"\n");
		row = (struct row)BAD(text, TOO_MANY, 70, 1);
		check_row(&row, ", 65 entries");
	}
}

static void check_size(void)
{
	char *text = malloc(65537);
	struct epk_manifest manifest;
	struct epk_failure failure;
	size_t used = strlen(REST);

	memset(text, '\n', 65537);
	memcpy(text, REST, used);
	is_i64(epk_manifest_parse(text, 65536, &manifest, NULL), EPK_OK,
	       "65,536 bytes are accepted");
	is_i64(epk_manifest_parse(text, 65537, &manifest, &failure),
	       EPK_ERR_MANIFEST, "65,537 bytes are refused");
	is_u64(failure.detail, EPK_MANIFEST_SIZE, "for their size");
	is_i64(epk_manifest_parse(NULL, 1, &manifest, NULL), EPK_ERR_INVALID,
	       "no text is the caller's error");
	is_i64(epk_manifest_parse(text, 1, NULL, NULL), EPK_ERR_INVALID,
	       "no room for the result too");
	free(text);
}

static void check_strings(void)
{
	static const char text[] =
		REST "description = \"tab\\t \\\"quoted\\\" \\\\ \\n\"\n"
		     "license = \"\"\n";
	struct epk_manifest manifest;
	char buffer[64];
	size_t size = 77;

	is_i64(epk_manifest_parse(text, strlen(text), &manifest, NULL), EPK_OK,
	       "all four escapes are accepted");
	is_i64(epk_string_copy(&manifest, &manifest.keys[EPK_KEY_DESCRIPTION],
			       buffer, 16, &size),
	       EPK_ERR_SCRATCH, "a buffer one byte too small is refused");
	is_u64(size, 77, "and the size is left alone");
	is_i64(epk_string_copy(&manifest, &manifest.keys[EPK_KEY_DESCRIPTION],
			       buffer, 17, &size),
	       EPK_OK, "one that just suffices is enough");
	ok(size == 17 && memcmp(buffer, "tab\t \"quoted\" \\ \n", 17) == 0,
	   "and holds the text with its escapes undone");
	ok(epk_string_equals(&manifest, &manifest.keys[EPK_KEY_DESCRIPTION],
			     buffer, 17),
	   "a string equals its decoded bytes");
	ok(!epk_string_equals(&manifest, &manifest.keys[EPK_KEY_DESCRIPTION],
			      buffer, 16),
	   "but not their beginning");
	ok(epk_string_present(&manifest.keys[EPK_KEY_LICENSE]) &&
		   manifest.keys[EPK_KEY_LICENSE].size_bytes == 0,
	   "an empty string is present");
	ok(!epk_string_present(&manifest.keys[EPK_KEY_HOMEPAGE]),
	   "a missing one is not");
	ok(manifest.version[0] == 1 && manifest.version[1] == 2 &&
		   manifest.version[2] == 3 && manifest.kernel_major == 0 &&
		   manifest.kernel_minor == 1 &&
		   manifest.kernel == EPK_KERNEL_NEXUS,
	   "numbers are decoded");
}

static epk_status_t fits(uint32_t arch, uint32_t kernel, uint32_t major,
			 uint32_t minor, const struct epk_platform *platform)
{
	struct epk_manifest manifest = { .arch = arch,
					 .kernel = kernel,
					 .kernel_major = major,
					 .kernel_minor = minor };

	return epk_manifest_fits(&manifest, platform);
}

static void check_fits(void)
{
	const struct epk_platform nexus = { EPK_ARCH_RISCV64, EPK_KERNEL_NEXUS,
					    1, 4 };
	const struct epk_platform host = { EPK_ARCH_X86_64, EPK_KERNEL_LINUX, 6,
					   1 };
	const struct epk_platform loose = { EPK_ARCH_COUNT, EPK_KERNEL_NEXUS, 1,
					    4 };

	is_i64(fits(EPK_ARCH_ANY, 0, 1, 4, &nexus), EPK_OK,
	       "any architecture, the running interface: fits");
	is_i64(fits(EPK_ARCH_RISCV64, 0, 1, 0, &nexus), EPK_OK,
	       "an older minor interface: fits");
	is_i64(fits(EPK_ARCH_AARCH64, 0, 1, 0, &nexus), EPK_ERR_COMPAT,
	       "another architecture: COMPAT");
	is_i64(fits(EPK_ARCH_AARCH64, 0, 1, 0, &loose), EPK_OK,
	       "another architecture that nobody asks for: fits");
	is_i64(fits(EPK_ARCH_ANY, 0, 1, 5, &nexus), EPK_ERR_COMPAT,
	       "a newer minor interface: COMPAT");
	is_i64(fits(EPK_ARCH_ANY, 0, 0, 4, &nexus), EPK_ERR_COMPAT,
	       "an older major interface: COMPAT");
	is_i64(fits(EPK_ARCH_ANY, 0, 2, 0, &nexus), EPK_ERR_COMPAT,
	       "a newer major interface: COMPAT");
	is_i64(fits(EPK_ARCH_ANY, 1, 1, 4, &nexus), EPK_ERR_COMPAT,
	       "a package for Linux: COMPAT");
	is_i64(fits(EPK_ARCH_ANY, 1, 5, 99, &host), EPK_OK,
	       "an older Linux on the host: fits");
	is_i64(fits(EPK_ARCH_ANY, 1, 6, 1, &host), EPK_OK,
	       "the same Linux: fits");
	is_i64(fits(EPK_ARCH_ANY, 1, 6, 2, &host), EPK_ERR_COMPAT,
	       "a newer Linux: COMPAT");
	is_i64(fits(EPK_ARCH_ANY, 1, 7, 0, &host), EPK_ERR_COMPAT,
	       "a newer major Linux: COMPAT");
}

int main(void)
{
	plan(0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], ", accepted");
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		check_row(&errors[i], "");
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		check_row(&orders[i], ", the first of several");
	check_all_values();
	check_line_length();
	check_counts();
	check_size();
	check_strings();
	check_fits();
	return done();
}

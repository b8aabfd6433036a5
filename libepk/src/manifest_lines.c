/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammatical half of the manifest: keys and tables, in file order. */
#include "manifest_internal.h"

enum section { SECTION_TOP, SECTION_COMMANDS, SECTION_PERMISSIONS };

struct lines {
	struct epk_scan *scan;
	struct epk_manifest *manifest;
	enum section section;
	bool seen[SECTION_PERMISSIONS + 1];
};

static const char *const key_names[EPK_KEY_COUNT] = {
	[EPK_KEY_NAME] = "name",       [EPK_KEY_VERSION] = "version",
	[EPK_KEY_ARCH] = "arch",       [EPK_KEY_KERNEL_API] = "kernel_api",
	[EPK_KEY_ENTRY] = "entry",     [EPK_KEY_DESCRIPTION] = "description",
	[EPK_KEY_LICENSE] = "license", [EPK_KEY_HOMEPAGE] = "homepage",
};

static const char *const section_names[] = {
	[SECTION_COMMANDS] = "commands",
	[SECTION_PERMISSIONS] = "permissions",
};

/* Relations between packages are a decision against, not an oversight. */
static const char *const reserved_names[] = { "requires", "provides",
					      "depends" };

static size_t letters_in(const char *text)
{
	size_t size = 0;

	while (text[size] != '\0')
		size++;
	return size;
}

static bool string_is(const struct lines *lines,
		      const struct epk_string *string, const char *text)
{
	return epk_string_equals(lines->manifest, string, text,
				 letters_in(text));
}

static bool is_reserved(const struct lines *lines,
			const struct epk_string *string)
{
	for (size_t i = 0; i < 3; i++) {
		if (string_is(lines, string, reserved_names[i]))
			return true;
	}
	return false;
}

static void refuse(struct lines *lines, uint32_t detail,
		   const struct epk_string *where)
{
	epk_scan_fail_at(lines->scan, detail, where->line, where->column);
}

/* Where the value of a top-level key goes, or NULL. */
static struct epk_string *place_top(struct lines *lines,
				    const struct epk_string *key)
{
	struct epk_manifest *manifest = lines->manifest;

	for (size_t i = 0; i < EPK_KEY_COUNT; i++) {
		if (!string_is(lines, key, key_names[i]))
			continue;
		if (!epk_string_present(&manifest->keys[i]))
			return &manifest->keys[i];
		refuse(lines, EPK_MANIFEST_DUPLICATE_KEY, key);
		return NULL;
	}
	refuse(lines,
	       is_reserved(lines, key) ? EPK_MANIFEST_RESERVED
				       : EPK_MANIFEST_UNKNOWN_KEY,
	       key);
	return NULL;
}

/* The same in a table of free keys. */
static struct epk_string *place_entry(struct lines *lines,
				      const struct epk_string *key,
				      struct epk_entry *entries,
				      uint32_t *count, uint32_t limit)
{
	for (uint32_t i = 0; i < *count; i++) {
		if (epk_string_same(lines->manifest, key, &entries[i].key)) {
			refuse(lines, EPK_MANIFEST_DUPLICATE_KEY, key);
			return NULL;
		}
	}
	if (*count == limit) {
		refuse(lines, EPK_MANIFEST_TOO_MANY, key);
		return NULL;
	}
	entries[*count].key = *key;
	return &entries[(*count)++].value;
}

static struct epk_string *place_value(struct lines *lines,
				      const struct epk_string *key)
{
	struct epk_manifest *manifest = lines->manifest;

	if (lines->section == SECTION_COMMANDS)
		return place_entry(lines, key, manifest->commands,
				   &manifest->command_count, EPK_COMMANDS_MAX);
	if (lines->section == SECTION_PERMISSIONS)
		return place_entry(lines, key, manifest->permissions,
				   &manifest->permission_count,
				   EPK_PERMISSIONS_MAX);
	return place_top(lines, key);
}

static bool scan_key(struct epk_scan *scan, struct epk_string *out_key)
{
	if (epk_scan_peek(scan) == '"') {
		if (!epk_scan_string(scan, out_key))
			return false;
	} else if (!epk_scan_bare(scan, out_key)) {
		epk_scan_fail(scan, EPK_MANIFEST_KEY);
		return false;
	}
	if (epk_scan_peek(scan) == '.')
		epk_scan_fail(scan, EPK_MANIFEST_DOTTED_KEY);
	return scan->detail == EPK_MANIFEST_OK;
}

static void read_pair(struct lines *lines)
{
	struct epk_scan *scan = lines->scan;
	struct epk_string *place;
	struct epk_string key;

	if (!scan_key(scan, &key))
		return;
	place = place_value(lines, &key);
	if (place == NULL)
		return;
	epk_scan_blanks(scan);
	if (epk_scan_peek(scan) != '=') {
		epk_scan_fail(scan, EPK_MANIFEST_EQUALS);
		return;
	}
	epk_scan_skip(scan);
	epk_scan_blanks(scan);
	if (epk_scan_string(scan, place))
		epk_scan_line_end(scan);
}

static void enter_section(struct lines *lines, const struct epk_string *name)
{
	for (enum section i = SECTION_COMMANDS; i <= SECTION_PERMISSIONS; i++) {
		if (!string_is(lines, name, section_names[i]))
			continue;
		if (lines->seen[i])
			refuse(lines, EPK_MANIFEST_DUPLICATE_TABLE, name);
		lines->seen[i] = true;
		lines->section = i;
		return;
	}
	refuse(lines,
	       is_reserved(lines, name) ? EPK_MANIFEST_RESERVED
					: EPK_MANIFEST_UNKNOWN_TABLE,
	       name);
}

/* At the bracket. */
static void read_table(struct lines *lines)
{
	struct epk_scan *scan = lines->scan;
	struct epk_string name;

	epk_scan_skip(scan);
	epk_scan_blanks(scan);
	if (!epk_scan_bare(scan, &name)) {
		epk_scan_fail(scan, EPK_MANIFEST_TABLE);
		return;
	}
	enter_section(lines, &name);
	epk_scan_blanks(scan);
	if (epk_scan_peek(scan) != ']') {
		epk_scan_fail(scan, EPK_MANIFEST_TABLE_END);
		return;
	}
	epk_scan_skip(scan);
	epk_scan_line_end(scan);
}

static void read_line(struct lines *lines)
{
	int byte;

	epk_scan_blanks(lines->scan);
	byte = epk_scan_peek(lines->scan);
	if (byte == '[')
		read_table(lines);
	else if (byte == '#' || byte == '\n')
		epk_scan_line_end(lines->scan);
	else
		read_pair(lines);
}

void epk_manifest_lines(struct epk_scan *scan, struct epk_manifest *manifest)
{
	struct lines lines = { .scan = scan, .manifest = manifest };

	if (scan->size >= 3 && epk_mem_equal(scan->text, "\xef\xbb\xbf", 3))
		epk_scan_fail(scan, EPK_MANIFEST_BOM);
	while (scan->detail == EPK_MANIFEST_OK && scan->at < scan->size)
		read_line(&lines);
}

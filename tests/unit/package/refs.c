/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a name, or a name and version, among the packages of a store: the
 * same as looking at every row. */
#include "store.h"

#include "support/tap.h"

#include <string.h>

#define ROW(word, ...)                                                         \
	{                                                                      \
		.name = word, .has_version = true, .version = { __VA_ARGS__ }  \
	}

static const struct package_ref rows[] = {
	ROW("a", 1, 0, 0),   ROW("a", 1, 0, 2),	  ROW("a", 2, 0, 0),
	ROW("a-b", 1, 0, 0), ROW("a.b", 0, 0, 0), ROW("a.b", UINT32_MAX, 0, 0),
	ROW("ab", 9, 9, 9),  ROW("b", 1, 2, 3),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct package_ref *
look_at_every_row(uint32_t count, const struct package_ref *ref)
{
	const struct package_ref *found = NULL;

	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, ref->name) == 0 &&
		    (!ref->has_version ||
		     version_compare(rows[i].version, ref->version) == 0))
			found = &rows[i];
	}
	return found;
}

/* In stores of the first 0, 1, 2 ... rows. */
static bool agree(const struct package_ref *wanted)
{
	struct package_ref copy[ROWS];
	struct store_refs refs = { .rows = copy };

	memcpy(copy, rows, sizeof(copy));
	for (refs.count = 0; refs.count <= ROWS; refs.count++) {
		const struct package_ref *found =
			store_refs_find(&refs, wanted);
		const struct package_ref *right =
			look_at_every_row(refs.count, wanted);

		if (!found != !right || (found && found - copy != right - rows))
			return false;
	}
	return true;
}

int main(void)
{
	static const char *const names[] = {
		"",    "0",  "a",  "a-",  "a-b", "a.", "a.b",
		"a.c", "aa", "ab", "abc", "b",	 "c",
	};
	bool all = true;

	plan(0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct package_ref wanted = { .has_version = false };

		strcpy(wanted.name, names[i]);
		all = agree(&wanted) && all;
	}
	ok(all, "a name is found with its highest version, or not at all");
	all = true;
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t j = 0; j < ROWS; j++) {
			struct package_ref wanted = rows[i];

			memcpy(wanted.version, rows[j].version,
			       sizeof(wanted.version));
			all = agree(&wanted) && all;
		}
	}
	ok(all, "a version is found, and none beside it");
	return done();
}

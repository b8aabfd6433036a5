/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory of a store: every line that is not as package writes it is
 * found, and what is written is read. */
#include "versions.h"

#include "options.h"
#include "store.h"
#include "support/tap.h"

#include <stdlib.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void check_parse(void)
{
	static const struct {
		const char *text;
		uint32_t line;
		const char *why;
	} rows[] = {
		{ VERSIONS_HEAD, 0, "no line" },
		{ VERSIONS_HEAD "a 1.0.0 " ID "\n", 0, "a line" },
		{ VERSIONS_HEAD "a 1.0.0 -\nb 1.0.0 " ID "\n", 0,
		  "an unknown id" },
		{ "", 1, "nothing" },
		{ "package store 1", 1, "a head without an end" },
		{ VERSIONS_HEAD "\n", 2, "an empty line" },
		{ VERSIONS_HEAD "a 1.0.0 " ID, 2, "a line without an end" },
		{ VERSIONS_HEAD "a 1.0.0 " ID "\nb", 3, "the second line" },
		{ VERSIONS_HEAD "a 1.0 " ID "\n", 2, "half a version" },
		{ VERSIONS_HEAD "A 1.0.0 " ID "\n", 2, "no name" },
		{ VERSIONS_HEAD "a  1.0.0 " ID "\n", 2, "two blanks" },
		{ VERSIONS_HEAD "a 1.0.0 " ID " \n", 2, "a blank behind" },
		{ VERSIONS_HEAD "a 1.0.0 " ID "0\n", 2, "an id too long" },
		{ VERSIONS_HEAD "a 1.0.0 --\n", 2, "two dashes" },
		{ VERSIONS_HEAD "a 1.0.0 \n", 2, "no id" },
		{ VERSIONS_HEAD "b 1.0.0 -\na 1.0.0 -\n", 3, "no order" },
		{ VERSIONS_HEAD "a 1.0.0 -\na 2.0.0 -\n", 3, "a name twice" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct versions versions;

		is_u64(versions_parse(rows[i].text, strlen(rows[i].text),
				      &versions),
		       rows[i].line, "%s: line %u", rows[i].why, rows[i].line);
		versions_fini(&versions);
	}
}

static struct version_row row(const char *name, uint32_t major)
{
	struct version_row made = { .ref.has_version = true,
				    .id_known = major != 3 };

	snprintf(made.ref.name, sizeof(made.ref.name), "%s", name);
	made.ref.version[0] = major;
	if (made.id_known)
		memset(made.package_id, (int)major, sizeof(made.package_id));
	return made;
}

static void check_rows(const struct store *store)
{
	static const char *const names[] = { "m", "c", "x", "a", "d",
					     "z", "b", "y", "n" };
	struct versions versions = { .rows = NULL };
	struct versions again;
	bool good = true;

	for (uint32_t i = 0; i < 9; i++) {
		struct version_row made = row(names[i], i);

		good &= versions_set(store, &versions, &made);
	}
	ok(good && versions.count == 9, "nine rows in any order");
	for (uint32_t i = 1; i < versions.count; i++)
		good &= strcmp(versions.rows[i - 1].ref.name,
			       versions.rows[i].ref.name) < 0;
	ok(good, "lie in order");
	ok(versions_find(&versions, "d") &&
		   versions_find(&versions, "d")->ref.version[0] == 4,
	   "are found");
	ok(!versions_find(&versions, "e") && !versions_find(&versions, ""),
	   "others are not");
	ok(versions_save(store, &versions) && versions_load(store, &again) &&
		   again.count == 9,
	   "are saved and loaded");
	for (uint32_t i = 0; i < again.count; i++)
		good &= version_row_equal(&again.rows[i], &versions.rows[i]);
	ok(good, "as they were");
	versions_fini(&again);
	versions_fini(&versions);
}

int main(void)
{
	const struct options options = { .command = "test" };
	struct store store = { .options = &options, .lock = -1 };
	char folder[] = "/tmp/versions.XXXXXX";
	struct versions versions;

	plan(0);
	check_parse();
	if (!mkdtemp(folder) || !store_open(&store, &options, folder))
		return bail_out("no folder");
	ok(versions_load(&store, &versions) && versions.count == 0,
	   "a store without a memory remembers nothing");
	check_rows(&store);
	store_unlink(&store, STORE_VERSIONS);
	store_close(&store);
	rmdir(folder);
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a store of packages reads about itself: the file of versions, names of
 * files, and what users call a package. The first byte of an input says which
 * the rest is. Each has one text: what is taken is written again as it was. */
#include "../../utils/package/package_name.c"
#include "../../utils/package/versions.c"

#include "fuzz.h"
#include "tool.h"

#define TEXT_MAX 4096u
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { VERSIONS, FILE_NAME, REFERENCE, KINDS };

static uint32_t taken[KINDS];
static uint32_t refused[KINDS];

/* ---- the folder, which is not there ---- */

const struct tool this_tool = { .name = "store" };

int store_open_file(const struct store *store, const char *file)
{
	(void)store;
	(void)file;
	return -1;
}

const char *store_path(const struct store *store, const char *file)
{
	(void)store;
	return file;
}

bool store_refused(const struct store *store, const char *file, const char *why)
{
	(void)store;
	(void)file;
	(void)why;
	return false;
}

bool store_new_create(const struct store *store, struct store_new *new_)
{
	(void)store;
	(void)new_;
	return false;
}

bool store_new_commit(const struct store *store, struct store_new *new_,
		      const char *file, mode_t mode)
{
	(void)store;
	(void)new_;
	(void)file;
	(void)mode;
	return false;
}

void store_new_discard(const struct store *store, struct store_new *new_)
{
	(void)store;
	(void)new_;
}

/* ---- the corpus ---- */

static const struct {
	uint8_t kind;
	const char *text;
} seeds[] = {
	{ VERSIONS, VERSIONS_HEAD },
	{ VERSIONS, VERSIONS_HEAD "a 1.0.0 " ID "\nb-c.d 0.2.4294967295 -\n"
				  "demo.tools 10.0.1 " ID "\nz 0.0.0 -\n" },
	{ VERSIONS, VERSIONS_HEAD "demo 1.2.3 " ID "\n" },
	{ FILE_NAME, "demo.tools@1.0.0.epk" },
	{ FILE_NAME, "a@4294967295.0.10.epk" },
	{ REFERENCE, "demo-tools" },
	{ REFERENCE, "demo.tools@1.20.3" },
};

static size_t seed(uint32_t which, uint8_t *bytes)
{
	const size_t size = strlen(seeds[which].text);

	bytes[0] = seeds[which].kind;
	memcpy(bytes + 1, seeds[which].text, size);
	return 1 + size;
}

static const char *const words[] = {
	"@",	 ".",	       ".epk",	     "..",
	"/",	 "-",	       "0",	     "01",
	"1.0.0", "4294967296", "4294967295", " ",
	"\n",	 ID,	       "a",	     "package store 1\n",
};

/* ---- runs ---- */

static bool run_versions(const char *text, size_t size)
{
	struct versions versions;
	const bool good = versions_parse(text, size, &versions) == 0;
	char *again = NULL;

	if (good) {
		const size_t again_size = write_text(&versions, &again);

		fuzz_must(again_size == size && memcmp(again, text, size) == 0,
			  "a file of versions has one text");
		for (uint32_t i = 0; i < versions.count; i++)
			fuzz_must(versions_find(&versions,
						versions.rows[i].ref.name) ==
					  &versions.rows[i],
				  "a name is found");
	}
	free(again);
	versions_fini(&versions);
	return good;
}

static bool run_file_name(const char *text)
{
	struct package_ref ref;
	char again[PACKAGE_FILE_SIZE];

	if (!package_file_read(text, &ref))
		return false;
	package_file_write(&ref, again);
	fuzz_must(strcmp(again, text) == 0 && strchr(text, '/') == NULL &&
			  text[0] != '.',
		  "a package has one file name, in this folder");
	return true;
}

static bool run_reference(const char *text)
{
	struct package_ref ref;
	char again[PACKAGE_REF_SIZE];

	if (!package_ref_read(text, &ref))
		return false;
	package_ref_write(&ref, again);
	fuzz_must(strcmp(again, text) == 0, "a reference has one text");
	(void)is_file_word(text);
	return true;
}

static void run(const uint8_t *bytes, size_t size)
{
	const uint32_t kind = size == 0 ? 0 : bytes[0] % KINDS;
	char text[TEXT_MAX + 1] = "";
	bool good;

	if (size == 0)
		return;
	memcpy(text, bytes + 1, size - 1);
	if (kind == VERSIONS)
		good = run_versions((const char *)bytes + 1, size - 1);
	else if (kind == FILE_NAME)
		good = run_file_name(text);
	else
		good = run_reference(text);
	taken[kind] += good;
	refused[kind] += !good;
}

static void report(uint32_t runs)
{
	static const char *const names[] = { "files of versions", "file names",
					     "references" };

	(void)runs;
	for (int i = 0; i < KINDS; i++)
		fuzz_ok(taken[i] > refused[i] / 100 &&
				refused[i] > taken[i] / 100,
			"of %s %u are taken, %u refused", names[i], taken[i],
			refused[i]);
}

const struct fuzz_target fuzz_target = {
	.name = "store",
	.runs = 20000,
	.long_runs = 1000000,
	.size_max = TEXT_MAX,
	.seed_count = sizeof(seeds) / sizeof(seeds[0]),
	.seed = seed,
	.mutate = fuzz_mutate_text,
	.words = { words, sizeof(words) / sizeof(words[0]) },
	.text_offset = 1,
	.run = run,
	.report = report,
};

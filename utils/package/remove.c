/* SPDX-License-Identifier: BSD-2-Clause */
/* package remove: the version is remembered, then the file goes. */
#include "command.h"

#include "judge.h"
#include "report.h"
#include "running.h"
#include "store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool say(const struct store *store, const struct package_ref *ref)
{
	const struct options *options = store->options;
	char version[PACKAGE_VERSION_SIZE];

	version_write(ref->version, version);
	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:s, s:s, s:o}", "command", "remove", "ok",
			1, "name", ref->name, "version", version, "store",
			json_text(store->place)));
	if (!options->quiet)
		printf("%s %s is removed\n", ref->name, version);
	return true;
}

/** The memory of the name becomes what it was with the package there. */
static bool remember(const struct store *store, const char *name)
{
	const struct version_row *before;
	struct versions versions;
	struct version_row row;
	bool known = false;
	bool good;

	if (!versions_load(store, &versions))
		return false;
	good = highest_version(store, name, &versions, &known, &row);
	before = versions_find(&versions, name);
	if (good && known && (!before || !version_row_equal(before, &row)))
		good = versions_set(store, &versions, &row) &&
		       versions_save(store, &versions);
	versions_fini(&versions);
	return good;
}

static bool remove_one(const struct store *store, const struct package_ref *ref)
{
	char file[PACKAGE_FILE_SIZE];
	int held;
	bool good;

	package_file_write(ref, file);
	if (!running_exclude(store, file, &held))
		return false;
	good = remember(store, ref->name) && store_unlink(store, file);
	if (held >= 0)
		close(held);
	return good && say(store, ref);
}

/** "1.0.0, 1.2.0" of a name, in text; their number. */
static uint32_t list_versions(const struct store_refs *refs, const char *name,
			      char *text, size_t room)
{
	uint32_t count = 0;
	size_t size = 0;

	for (uint32_t i = 0; i < refs->count; i++) {
		char version[PACKAGE_VERSION_SIZE];
		int more;

		if (strcmp(refs->rows[i].name, name) != 0)
			continue;
		version_write(refs->rows[i].version, version);
		more = snprintf(text + size, room - size, "%s%s",
				count ? ", " : "", version);
		if (more > 0 && (size_t)more < room - size)
			size += (size_t)more;
		count++;
	}
	return count;
}

static bool remove_all(const struct store *store, const struct store_refs *refs,
		       const char *name)
{
	for (uint32_t i = 0; i < refs->count; i++) {
		if (strcmp(refs->rows[i].name, name) == 0 &&
		    !remove_one(store, &refs->rows[i]))
			return false;
	}
	return true;
}

static bool remove_found(const struct store *store,
			 const struct store_refs *refs,
			 const struct package_ref *wanted)
{
	const struct options *options = store->options;
	const struct package_ref *found = store_refs_find(refs, wanted);
	char text[512] = "";
	uint32_t count;

	if (!found)
		return tool_error(options, EPK_ERR_NOT_FOUND, wanted->name,
				  "looked in %s; package list shows what is "
				  "there",
				  store->place);
	if (wanted->has_version)
		return remove_one(store, found);
	count = list_versions(refs, wanted->name, text, sizeof(text));
	if (count > 1 && !options->all)
		return tool_error(options, EPK_ERR_AMBIGUOUS, wanted->name,
				  "there are %u versions, %s: name one as "
				  "%s@VERSION, or say --all",
				  count, text, wanted->name);
	return remove_all(store, refs, wanted->name);
}

static bool remove_word(const struct store *store, const char *word)
{
	struct package_ref wanted;
	struct store_refs refs;
	bool good;

	if (!package_ref_read(word, &wanted))
		return usage_error(store->options,
				   "\"%s\" is no NAME or NAME@VERSION", word);
	if (!store_refs_load(store, &refs))
		return false;
	good = remove_found(store, &refs, &wanted);
	store_refs_fini(&refs);
	return good;
}

bool command_remove(struct options *options)
{
	struct store store;
	bool good = true;

	if (!store_open_to_change(&store, options))
		return false;
	for (uint32_t i = 0; i < options->operand_count; i++)
		good = remove_word(&store, options->operands[i]) && good;
	store_close(&store);
	return good;
}

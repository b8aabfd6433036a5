/* SPDX-License-Identifier: BSD-2-Clause */
#include "find.h"

#include "options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

/** Looks into one store; *out_found tells whether the name is there. */
static bool look_into(const struct options *options, const char *place,
		      const struct package_ref *wanted, struct found *found,
		      bool *out_found)
{
	const struct package_ref *row;
	struct store_refs refs;
	struct store store;
	bool good;

	*out_found = false;
	if (!store_open(&store, options, place))
		return false;
	good = store_refs_load(&store, &refs);
	row = good ? store_refs_find(&refs, wanted) : NULL;
	if (row) {
		*out_found = true;
		good = stored_open(&found->stored, &store, row);
	}
	if (good || row)
		store_refs_fini(&refs);
	store_close(&store);
	return good;
}

/** As find_package(), but that it is not there is told, not reported. */
static bool try_package(struct found *found, const struct options *options,
			const struct package_ref *wanted, bool *out_found)
{
	const char *place;

	found->program[0] = '\0';
	*out_found = false;
	for (uint32_t i = 0; (place = store_place(options, i)); i++) {
		if (!look_into(options, place, wanted, found, out_found))
			return false;
		if (*out_found)
			return true;
	}
	return true;
}

static bool not_found(const struct options *options, const char *word)
{
	return tool_error(options, EPK_ERR_NOT_FOUND, word,
			  "looked in %s; package list shows what is there",
			  store_place_words(options));
}

bool find_package(struct found *found, const struct options *options,
		  const char *word)
{
	struct package_ref wanted;
	bool there;

	if (!package_ref_read(word, &wanted))
		return usage_error(options, "\"%s\" is no NAME or NAME@VERSION",
				   word);
	return try_package(found, options, &wanted, &there) &&
	       (there || not_found(options, word));
}

void found_close(struct found *found)
{
	stored_close(&found->stored);
}

bool with_image(const struct options *options, const char *word,
		bool (*use)(const struct options *options,
			    struct tool_image *image))
{
	struct tool_image image;
	struct found found;
	bool good;

	if (is_file_word(word)) {
		if (!image_open(&image, options, word))
			return false;
		good = use(options, &image);
		image_close(&image);
		return good;
	}
	if (!find_package(&found, options, word))
		return false;
	good = use(options, &found.stored.image);
	found_close(&found);
	return good;
}

/* ---- commands ---- */

struct search {
	const struct options *options;
	const char *command;
	struct found *found;
	uint32_t count;
	char offers[1024]; /* "NAME@VERSION in PLACE, ..." */
};

static void add_offer(struct search *search, const struct stored *stored)
{
	size_t size = strlen(search->offers);
	char ref[PACKAGE_REF_SIZE];

	package_ref_write(&stored->ref, ref);
	snprintf(search->offers + size, sizeof(search->offers) - size, "%s%s",
		 size ? ", " : "", ref);
}

/** One package more; the first that fits stays open. A package that cannot
 * be used is told of and offers nothing: the others are not its hostages. */
static bool search_one(void *context, const struct store *store,
		       const struct package_ref *ref)
{
	struct search *search = context;
	const int before = report_exit_code();
	char program[EPK_PATH_MAX + 1];
	struct stored stored;

	if (!stored_open(&stored, store, ref)) {
		report_set_exit_code(before);
		return true;
	}
	if (!manifest_program(&stored.image.image->manifest, search->command,
			      program)) {
		stored_close(&stored);
		return true;
	}
	add_offer(search, &stored);
	if (search->count++) {
		stored_close(&stored);
		return true;
	}
	search->found->stored = stored;
	/* The image's name for messages is the path beside it. */
	search->found->stored.image.file = search->found->stored.path;
	memcpy(search->found->program, program, sizeof(program));
	return true;
}

bool find_command(struct found *found, const struct options *options,
		  const char *command)
{
	struct search search = { .options = options,
				 .command = command,
				 .found = found };
	bool good = each_current(options, search_one, &search);

	if (good && search.count == 1)
		return true;
	if (search.count)
		found_close(found);
	if (good && search.count > 1)
		return tool_error(options, EPK_ERR_AMBIGUOUS, command,
				  "%s offer it: choose with package run "
				  "--command %s NAME",
				  search.offers, command);
	return good && not_found(options, command);
}

/** The program of a package that is open. */
static bool choose_program(struct found *found, const struct options *options)
{
	const struct epk_manifest *manifest =
		&found->stored.image.image->manifest;
	const char *program = options->program;

	if (manifest_program(manifest, program, found->program) ||
	    (!program && manifest_program(manifest, found->stored.ref.name,
					  found->program)))
		return true;
	return tool_error(options, EPK_ERR_NOT_FOUND,
			  program ? program : found->stored.path,
			  "%s; package inspect %s shows its commands",
			  program ? "the package has no such command"
				  : "the package has no entry",
			  found->stored.ref.name);
}

bool find_program(struct found *found, const struct options *options,
		  const char *word)
{
	struct package_ref wanted;
	bool there = false;

	if (package_ref_read(word, &wanted) &&
	    !try_package(found, options, &wanted, &there))
		return false;
	if (!there && (options->program || strchr(word, '@')))
		return not_found(options, word);
	if (!there)
		return find_command(found, options, word);
	if (choose_program(found, options))
		return true;
	found_close(found);
	return false;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* package list: every package of every store. */
#include "command.h"

#include "describe.h"
#include "report.h"
#include "shown.h"
#include "stored.h"

#include <stdio.h>
#include <string.h>

struct listing {
	const struct options *options;
	struct store store;	   /* the one that is listed now */
	struct store_refs earlier; /* of the one before, which goes first */
	const struct package_ref *wanted; /* NULL: all */
	uint32_t found;
	bool good;
};

static bool say_json(const struct listing *listing, const struct stored *stored,
		     bool current)
{
	json_t *object =
		json_pack("{s:s, s:b, s:o, s:o, s:b, s:I}", "command", "list",
			  "ok", 1, "store", json_text(listing->store.place),
			  "file", json_text(stored->path), "current",
			  current ? 1 : 0, "image_size",
			  (json_int_t)stored->image.image->header.image_size);

	describe_manifest(object, &stored->image.image->manifest);
	json_object_set_new(object, "package_id",
			    json_hex(stored->image.image->package_id, 32));
	return report_json(object);
}

/** NAME VERSION ARCH KERNEL_API DESCRIPTION */
static void say(const struct stored *stored, bool current)
{
	const struct epk_manifest *manifest = &stored->image.image->manifest;
	char version[PACKAGE_VERSION_SIZE];
	char text[EPK_LINE_MAX];

	version_write(stored->ref.version, version);
	manifest_text(manifest, EPK_KEY_KERNEL_API, text);
	printf("%-24s %-10s %-8s %-10s ", stored->ref.name, version,
	       epk_arch_name(manifest->arch), text);
	manifest_text(manifest, EPK_KEY_DESCRIPTION, text);
	print_shown(stdout, text, strlen(text));
	puts(current ? "" : " (older)");
}

static void list_one(struct listing *listing, const struct package_ref *ref,
		     bool current)
{
	struct stored stored;

	listing->found++;
	if (!stored_open(&stored, &listing->store, ref)) {
		listing->good = false;
		return;
	}
	if (listing->options->json)
		listing->good &= say_json(listing, &stored, current);
	else
		say(&stored, current);
	stored_close(&stored);
}

static bool is_wanted(const struct package_ref *wanted,
		      const struct package_ref *ref)
{
	if (!wanted)
		return true;
	return strcmp(wanted->name, ref->name) == 0 &&
	       (!wanted->has_version ||
		version_compare(wanted->version, ref->version) == 0);
}

/** True if the name alone means this row. */
static bool is_meant(const struct listing *listing,
		     const struct store_refs *refs, uint32_t index)
{
	struct package_ref name = refs->rows[index];

	name.has_version = false;
	return store_refs_is_current(refs, index) &&
	       !store_refs_find(&listing->earlier, &name);
}

static void list_store(struct listing *listing)
{
	struct store_refs refs;

	if (!store_refs_load(&listing->store, &refs)) {
		listing->good = false;
		return;
	}
	for (uint32_t i = 0; i < refs.count; i++) {
		if (is_wanted(listing->wanted, &refs.rows[i]))
			list_one(listing, &refs.rows[i],
				 is_meant(listing, &refs, i));
	}
	store_refs_fini(&listing->earlier);
	listing->earlier = refs;
}

static bool list_stores(struct listing *listing)
{
	const char *place;

	for (uint32_t i = 0; (place = store_place(listing->options, i)); i++) {
		if (!store_open(&listing->store, listing->options, place)) {
			listing->good = false;
			continue;
		}
		list_store(listing);
		store_close(&listing->store);
	}
	store_refs_fini(&listing->earlier);
	return listing->good;
}

bool command_list(struct options *options)
{
	struct listing listing = { .options = options, .good = true };
	struct package_ref wanted;

	if (options->operand_count) {
		if (!package_ref_read(options->operands[0], &wanted))
			return usage_error(options,
					   "\"%s\" is no NAME or NAME@VERSION",
					   options->operands[0]);
		listing.wanted = &wanted;
	}
	if (!list_stores(&listing))
		return false;
	if (!listing.wanted || listing.found)
		return true;
	return tool_error(options, EPK_ERR_NOT_FOUND, options->operands[0],
			  "looked in %s; package list shows what is there",
			  store_place_words(options));
}

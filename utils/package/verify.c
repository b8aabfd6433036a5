/* SPDX-License-Identifier: BSD-2-Clause */
/* package verify: every block and file of packages, or of all there is, and
 * then whether a store is in order too. */
#include "command.h"

#include "deep.h"
#include "find.h"
#include "policy.h"
#include "report.h"
#include "shown.h"
#include "versions.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool say(const struct options *options, const struct tool_image *image)
{
	json_t *object;

	if (options->json) {
		object = json_pack("{s:s, s:b, s:o, s:o}", "command", "verify",
				   "ok", 1, "file", json_text(image->file),
				   "package_id",
				   json_hex(image->image->package_id, 32));
		policy_json(options, image->image, object);
		return report_json(object);
	}
	if (!options->quiet) {
		print_file(image->file, "every block and file is sound%s\n",
			   policy_words(options, image->image));
	}
	return true;
}

static bool verify_image(const struct options *options,
			 struct tool_image *image)
{
	return deep_verify(image, options, "verifying") && say(options, image);
}

/* ---- a whole store ---- */

struct foreign {
	const struct store *store;
	bool good;
};

/** What package would not have put there. */
static bool check_entry(void *context, const char *file)
{
	struct foreign *foreign = context;
	const struct store *store = foreign->store;
	struct package_ref ref;
	struct stat info;

	if (package_file_read(file, &ref) ||
	    strcmp(file, STORE_VERSIONS) == 0 ||
	    strncmp(file, STORE_NEW, strlen(STORE_NEW)) == 0)
		return true;
	if (strcmp(file, STORE_LOCK) != 0)
		foreign->good = store_refused(store, file, "no package");
	else if (fstatat(store->folder, file, &info, AT_SYMLINK_NOFOLLOW) !=
			 0 ||
		 !S_ISREG(info.st_mode))
		foreign->good = store_refused(store, file, "no regular file");
	return true;
}

static bool check_versions(const struct store *store)
{
	struct versions versions;

	if (!versions_load(store, &versions))
		return false;
	versions_fini(&versions);
	return true;
}

static bool verify_packages(const struct store *store)
{
	struct store_refs refs;
	bool good = true;

	if (!store_refs_load(store, &refs))
		return false;
	for (uint32_t i = 0; i < refs.count; i++) {
		struct stored stored;

		if (!stored_open(&stored, store, &refs.rows[i])) {
			good = false;
			continue;
		}
		good = verify_image(store->options, &stored.image) && good;
		stored_close(&stored);
	}
	store_refs_fini(&refs);
	return good;
}

static bool verify_store(const struct options *options, const char *place)
{
	struct foreign foreign = { .good = true };
	struct store store;
	bool good;

	if (!store_open(&store, options, place))
		return false;
	foreign.store = &store;
	good = verify_packages(&store);
	good = store_scan(&store, check_entry, &foreign) && good;
	good = check_versions(&store) && good && foreign.good;
	store_close(&store);
	return good;
}

bool command_verify(struct options *options)
{
	const char *place;
	bool good = true;

	for (uint32_t i = 0; i < options->operand_count; i++)
		good = with_image(options, options->operands[i],
				  verify_image) &&
		       good;
	if (options->operand_count)
		return good;
	for (uint32_t i = 0; (place = store_place(options, i)); i++)
		good = verify_store(options, place) && good;
	return good;
}

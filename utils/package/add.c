/* SPDX-License-Identifier: BSD-2-Clause */
/* package add: the file is copied into the store first, and everything that
 * counts is decided by the copy, which nobody else can change. */
#include "command.h"

#include "deep.h"
#include "judge.h"
#include "policy.h"
#include "progress.h"
#include "report.h"
#include "running.h"
#include "shown.h"
#include "stored.h"
#include "transfer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where a package comes from, and what it says it is. */
struct offer {
	const struct options *options;
	struct store *store;
	const char *file;
	struct version_row row;
	struct judged judged;
};

static bool say(const struct offer *offer, const struct epk_image *image,
		bool added)
{
	const struct options *options = offer->options;
	char version[PACKAGE_VERSION_SIZE];
	const char *how = " is added";
	json_t *object;

	if (!added)
		how = " is there already";
	else if (offer->judged.judgement == JUDGED_SIGNED)
		how = " was there, and has its signatures now";
	version_write(offer->row.ref.version, version);
	if (options->json) {
		object = json_pack(
			"{s:s, s:b, s:o, s:s, s:s, s:o, s:o, s:b}", "command",
			"add", "ok", 1, "file", json_text(offer->file), "name",
			offer->row.ref.name, "version", version, "package_id",
			json_hex(offer->row.package_id, 32), "store",
			json_text(offer->store->place), "added", added ? 1 : 0);
		policy_json(options, image, object);
		return report_json(object);
	}
	if (!options->quiet) {
		print_file(offer->file, "%s %s%s%s\n", offer->row.ref.name,
			   version, how, policy_words(options, image));
	}
	return true;
}

/** Who is in this image? False was reported: nobody the store takes. */
static bool judge_image(struct offer *offer, const struct epk_image *image,
			int fd)
{
	offer->row = (struct version_row){ .id_known = true };
	memcpy(offer->row.package_id, image->package_id, 32);
	if (!package_ref_of(&image->manifest, &offer->row.ref))
		return tool_error(offer->options, EPK_ERR_MANIFEST, offer->file,
				  "the packager must mend the manifest");
	if (!judge(offer->store, &offer->row, fd, &offer->judged))
		return false;
	return offer->judged.judgement != JUDGED_REFUSED ||
	       judge_error(offer->store, offer->file, &offer->row,
			   &offer->judged);
}

/** size bytes from the beginning of one file to another; else reported. */
static bool copy(const struct offer *offer, int from, int to, uint64_t size)
{
	static char buffer[256 * 1024];
	struct progress progress;
	uint64_t done = 0;
	ssize_t count = 1;

	progress_begin(&progress, offer->options, "copying");
	while (done < size && count > 0) {
		uint64_t left = size - done;

		count = read_full_at(from, buffer,
				     left < sizeof(buffer) ? (size_t)left
							   : sizeof(buffer),
				     done);
		if (count > 0 && !write_all(to, buffer, (size_t)count))
			return system_error(offer->options, "write into",
					    offer->store->place);
		if (count > 0)
			done += (uint64_t)count;
		progress_update(&progress, done, size);
	}
	progress_end(&progress);
	if (count < 0)
		return system_error(offer->options, "read", offer->file);
	/* It has become shorter: the copy says so when it is opened. */
	return true;
}

/** Replacing what is broken, or what --allow-downgrade gives up. */
static bool put_in_place(struct offer *offer, struct store_new *new_)
{
	char file[PACKAGE_FILE_SIZE];
	int held;
	bool good;

	package_file_write(&offer->row.ref, file);
	if (!running_exclude(offer->store, file, &held)) {
		store_new_discard(offer->store, new_);
		return false;
	}
	good = store_new_commit(offer->store, new_, file, 0444);
	if (held >= 0)
		close(held);
	return good;
}

/** Everything again, about the copy. */
static bool take_copy(struct offer *offer, struct store_new *new_)
{
	struct tool_image image;
	bool good;

	if (!image_open_fd(&image, offer->options, offer->file, new_->fd)) {
		store_new_discard(offer->store, new_);
		return false;
	}
	good = judge_image(offer, image.image, new_->fd) &&
	       deep_verify(&image, offer->options, "verifying");
	if (!good || offer->judged.judgement == JUDGED_THERE)
		store_new_discard(offer->store, new_);
	else
		good = put_in_place(offer, new_);
	good = good &&
	       say(offer, image.image, offer->judged.judgement != JUDGED_THERE);
	image_close(&image);
	return good;
}

static bool add_image(struct offer *offer, const struct tool_image *image)
{
	struct store_new new_;

	if (!judge_image(offer, image->image, image->fd))
		return false;
	if (offer->judged.judgement == JUDGED_THERE)
		return say(offer, image->image, false);
	if (!store_new_create(offer->store, &new_))
		return false;
	if (!copy(offer, image->fd, new_.fd, image->image->header.image_size)) {
		store_new_discard(offer->store, &new_);
		return false;
	}
	return take_copy(offer, &new_);
}

static bool add_file(struct store *store, const char *file)
{
	struct offer offer = { .options = store->options,
			       .store = store,
			       .file = file };
	struct tool_image image;
	bool good;

	if (!image_open(&image, store->options, file))
		return false;
	offer.file = image.file;
	good = add_image(&offer, &image);
	image_close(&image);
	return good;
}

bool command_add(struct options *options)
{
	struct store store;
	bool good = true;

	if (!store_open_to_change(&store, options))
		return false;
	for (uint32_t i = 0; i < options->operand_count; i++)
		good = add_file(&store, options->operands[i]) && good;
	store_close(&store);
	return good;
}

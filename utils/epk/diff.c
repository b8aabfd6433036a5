/* SPDX-License-Identifier: BSD-2-Clause */
/* epk diff: what the second package has that the first has not, and the other
 * way round, by content; how the bytes are stored plays no part. Folders that
 * both have wait in a queue, so nothing recurses. */
#include "command.h"

#include "color.h"
#include "delta.h"
#include "image.h"
#include "report.h"
#include "shown.h"

#include <epk/name.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pair {
	uint32_t old;
	uint32_t new;
};

struct comparison {
	const struct options *options;
	struct tool_image old;
	struct tool_image new;
	struct pair *queue; /* folders of both */
	uint32_t queued;
	uint32_t added;
	uint32_t removed;
	uint32_t changed;
};

static struct epk_node node_at(const struct tool_image *image, uint32_t index)
{
	struct epk_node node = { 0 };

	(void)epk_node_get(image->image, index, &node);
	return node;
}

static void print_line(const struct options *options, const char *how,
		       const char *path, const char *what)
{
	const char *begin = *how == '+'	  ? COLOR_ADDED
			    : *how == '-' ? COLOR_REMOVED
					  : COLOR_CHANGED;

	if (options->quiet)
		return;
	printf("%s%s%s ", color(options, stdout, begin), how,
	       color(options, stdout, COLOR_END));
	/* As it is to programs, safely to people. */
	if (isatty(STDOUT_FILENO) == 1)
		print_shown(stdout, path, strlen(path));
	else
		fputs(path, stdout);
	printf("%s%s\n", *what ? "  " : "", what);
}

/** One line; how is "+", "-" or "~". */
static bool tell(const struct comparison *comparison, const char *how,
		 const struct tool_image *image, uint32_t node,
		 const char *what)
{
	const char *path = image_path(image, node);

	if (comparison->options->json)
		return report_json(json_pack("{s:s, s:o, s:s}", "change",
					     *how == '+'   ? "added"
					     : *how == '-' ? "removed"
							   : "changed",
					     "path", json_text(path), "what",
					     what));
	print_line(comparison->options, how, path, what);
	return true;
}

/** A node and all below it: each level is one range of neighbours. */
static bool tell_tree(const struct comparison *comparison, const char *how,
		      const struct tool_image *image, uint32_t top,
		      uint32_t *count)
{
	uint32_t first = top;
	uint32_t end = top + 1;

	while (first < end) {
		uint32_t next_first = 0;
		uint32_t next_count = 0;

		for (uint32_t i = first; i < end; i++) {
			const struct epk_node node = node_at(image, i);

			if (!tell(comparison, how, image, i, ""))
				return false;
			++*count;
			if (node.type != EPK_TYPE_FOLDER || node.count == 0)
				continue;
			if (next_count == 0)
				next_first = node.first;
			next_count += node.count;
		}
		first = next_first;
		end = next_first + next_count;
	}
	return true;
}

static bool same_alias(const struct comparison *comparison,
		       const struct epk_node *old, const struct epk_node *new)
{
	char path[EPK_PATH_MAX + 1];

	snprintf(path, sizeof(path), "%s",
		 image_path(&comparison->old, old->first));
	return strcmp(path, image_path(&comparison->new, new->first)) == 0;
}

/** What differs between two nodes of one path, or "". */
static const char *difference(const struct comparison *comparison,
			      const struct epk_node *old,
			      const struct epk_node *new)
{
	if (old->type != new->type)
		return "type";
	switch (old->type) {
	case EPK_TYPE_FILE:
		if (old->size_bytes != new->size_bytes ||
		    memcmp(old->sha256, new->sha256, EPK_DIGEST_SIZE) != 0)
			return "content";
		return (old->flags ^ new->flags) & EPK_FLAG_EXEC ? "exec" : "";
	case EPK_TYPE_LINK:
		return old->size_bytes ==
				       new->size_bytes &&memcmp(
					       old->target, new->target,
					       (size_t)old->size_bytes) == 0
			       ? ""
			       : "target";
	case EPK_TYPE_ALIAS:
		return same_alias(comparison, old, new) ? "" : "folder";
	default:
		return "";
	}
}

static bool compare_nodes(struct comparison *comparison, uint32_t old_index,
			  uint32_t new_index)
{
	const struct epk_node old = node_at(&comparison->old, old_index);
	const struct epk_node new = node_at(&comparison->new, new_index);
	const char *what = difference(comparison, &old, &new);

	if (old.type == EPK_TYPE_FOLDER && new.type == EPK_TYPE_FOLDER) {
		comparison->queue[comparison->queued++] =
			(struct pair){ old_index, new_index };
		return true;
	}
	if (old.type == new.type) {
		if (*what == '\0')
			return true;
		comparison->changed++;
		return tell(comparison, "~", &comparison->new, new_index, what);
	}
	return tell_tree(comparison, "-", &comparison->old, old_index,
			 &comparison->removed) &&
	       tell_tree(comparison, "+", &comparison->new, new_index,
			 &comparison->added);
}

/** Children ascend by name on both sides. */
static bool compare_folders(struct comparison *comparison,
			    const struct pair *pair)
{
	const struct epk_node old = node_at(&comparison->old, pair->old);
	const struct epk_node new = node_at(&comparison->new, pair->new);
	uint32_t o = 0;
	uint32_t n = 0;
	bool good = true;

	while (good && (o < old.count || n < new.count)) {
		int order;

		if (o == old.count || n == new.count) {
			order = o == old.count ? 1 : -1;
		} else {
			const struct epk_node a =
				node_at(&comparison->old, old.first + o);
			const struct epk_node b =
				node_at(&comparison->new, new.first + n);

			order = epk_name_compare(a.name, a.name_size, b.name,
						 b.name_size);
		}
		if (order < 0)
			good = tell_tree(comparison, "-", &comparison->old,
					 old.first + o++, &comparison->removed);
		else if (order > 0)
			good = tell_tree(comparison, "+", &comparison->new,
					 new.first + n++, &comparison->added);
		else
			good = compare_nodes(comparison, old.first + o++,
					     new.first + n++);
	}
	return good;
}

static bool compare_manifests(struct comparison *comparison)
{
	const struct epk_manifest *old = &comparison->old.image->manifest;
	const struct epk_manifest *new = &comparison->new.image->manifest;

	if (old->text_size == new->text_size &&
	    memcmp(old->text, new->text, old->text_size) == 0)
		return true;
	comparison->changed++;
	if (comparison->options->json)
		return report_json(json_pack("{s:s, s:s, s:s}", "change",
					     "changed", "path", "manifest.toml",
					     "what", "manifest"));
	print_line(comparison->options, "~", "manifest.toml", "manifest");
	return true;
}

static bool summarize(const struct comparison *comparison)
{
	const struct options *options = comparison->options;
	const uint64_t size = comparison->new.image->header.image_size;
	struct delta delta;

	if (!delta_measure(comparison->old.image, comparison->new.image,
			   &delta))
		return memory_error(options, NULL);
	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:i, s:i, s:i, s:I, s:i, s:I}", "command",
			"diff", "ok", 1, "added", (int)comparison->added,
			"removed", (int)comparison->removed, "changed",
			(int)comparison->changed, "fetch_bytes",
			(json_int_t)delta.fetch_bytes, "new_blocks",
			(int)delta.new_blocks, "image_size", (json_int_t)size));
	printf("%" PRIu32 " added, %" PRIu32 " removed, %" PRIu32
	       " changed; an update fetches %" PRIu64 " of %" PRIu64
	       " bytes (%.1f %%)\n",
	       comparison->added, comparison->removed, comparison->changed,
	       delta.fetch_bytes, size,
	       100.0 * (double)delta.fetch_bytes / (double)size);
	return true;
}

static bool compare(struct comparison *comparison)
{
	const uint32_t most = comparison->old.image->header.node_count;
	bool good;

	comparison->queue = calloc(most, sizeof(*comparison->queue));
	if (!comparison->queue)
		return memory_error(comparison->options, NULL);
	comparison->queued = 1; /* both roots */
	good = compare_manifests(comparison);
	for (uint32_t i = 0; good && i < comparison->queued; i++) {
		const struct pair pair = comparison->queue[i];

		good = compare_folders(comparison, &pair);
	}
	free(comparison->queue);
	return good && summarize(comparison);
}

bool command_diff(struct options *options)
{
	struct comparison comparison = { .options = options };
	bool good;

	if (!image_open(&comparison.old, options, options->operands[0]))
		return false;
	if (!image_open(&comparison.new, options, options->operands[1])) {
		image_close(&comparison.old);
		return false;
	}
	good = compare(&comparison);
	image_close(&comparison.new);
	image_close(&comparison.old);
	return good;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* epk extract: the tree into a new or empty folder: folders, then files with
 * several threads (extract_files.c), then links. Every name is made
 * exclusively, in a folder reached without following links, so neither the
 * image nor anything that appears in the target meanwhile can direct a write
 * elsewhere. Every block and file digest is checked. */
#include "extract.h"

#include "beneath.h"
#include "command.h"
#include "extract_select.h"
#include "link.h"
#include "report.h"
#include "transfer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** "TARGET/path" for messages, in a static buffer. */
static const char *shown_path(const struct extraction *extraction,
			      const char *path)
{
	static char shown[2 * EPK_PATH_MAX];

	snprintf(shown, sizeof(shown), "%s/%s", extraction->target, path);
	return shown;
}

bool extract_failed(const struct extraction *extraction, const char *doing,
		    uint32_t node)
{
	int error = errno;
	const char *path = image_path(&extraction->image, node);

	errno = error;
	return system_error(extraction->options, doing,
			    shown_path(extraction, path));
}

/** Nothing but . and .. may be there. */
static bool folder_is_empty(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool empty = true;

	if (!stream) {
		if (copy >= 0)
			close(copy);
		return false;
	}
	errno = 0;
	while (empty && (entry = readdir(stream)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0;
	empty = empty && errno == 0;
	closedir(stream);
	if (!empty && errno == 0)
		errno = ENOTEMPTY;
	return empty;
}

static bool open_target(struct extraction *extraction)
{
	const char *target = extraction->target;

	if (mkdir(target, 0777) != 0 && errno != EEXIST)
		return system_error(extraction->options, "create", target);
	extraction->top =
		open(target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (extraction->top < 0)
		return system_error(extraction->options,
				    "open as a folder, not through a link,",
				    target);
	if (folder_is_empty(extraction->top))
		return true;
	system_error(extraction->options,
		     "use a folder that is not new or empty", target);
	close(extraction->top);
	return false;
}

/** Folders above a node, without the root. */
static uint32_t depth_of(const struct extraction *extraction,
			 const struct epk_node *node)
{
	struct epk_node at;
	uint32_t parent = node->parent;
	uint32_t depth = 0;

	while (parent != 0 &&
	       epk_node_get(extraction->image.image, parent, &at) == EPK_OK) {
		depth++;
		parent = at.parent;
	}
	return depth;
}

/** With fewer folders above it, a link must still not climb out. */
static bool link_stays(const struct extraction *extraction,
		       const struct epk_node *node)
{
	uint64_t up = 0;

	if (node->type != EPK_TYPE_LINK)
		return true;
	while (3 * up + 2 <= node->size_bytes &&
	       memcmp(node->target + 3 * up, "..", 2) == 0 &&
	       (3 * up + 2 == node->size_bytes ||
		node->target[3 * up + 2] == '/'))
		up++;
	return up == 0 ||
	       up + extraction->options->strip <= depth_of(extraction, node);
}

/** From an alias to its folder when both have lost folders above them. */
static void strip_alias(const struct extraction *extraction,
			const struct epk_node *node,
			char target[LINK_TARGET_SIZE])
{
	const uint32_t strip = extraction->options->strip;
	const char *below = extract_strip(
		image_path(&extraction->image, node->first), strip);
	char *end = target;

	*end = '\0';
	for (uint32_t depth = depth_of(extraction, node); depth > strip;
	     depth--)
		end = stpcpy(end, "../");
	end = stpcpy(end, below ? below : "");
	if (end == target)
		stpcpy(end, ".");
	else if (end[-1] == '/')
		end[-1] = '\0';
}

/** Aliases become links too. */
static bool extract_link(struct extraction *extraction, int folder,
			 const char *name, const struct epk_node *node)
{
	char target[LINK_TARGET_SIZE];

	if (!link_stays(extraction, node))
		return tool_error(extraction->options, EPK_ERR_LINK,
				  image_path(&extraction->image, node->index),
				  "with --strip it would lead out of the "
				  "folder: --exclude it");
	link_target(extraction->image.image, node, target);
	if (node->type == EPK_TYPE_ALIAS && extraction->options->strip != 0)
		strip_alias(extraction, node, target);
	if (symlinkat(target, folder, name) == 0)
		return true;
	return extract_failed(extraction, "create the link", node->index);
}

static bool extract_folder(struct extraction *extraction, int folder,
			   const char *name, const struct epk_node *node)
{
	/* Without what was above them, two folders can be one. */
	if (mkdirat(folder, name, 0777) == 0 ||
	    (errno == EEXIST && extraction->options->strip != 0))
		return true;
	return extract_failed(extraction, "create the folder", node->index);
}

int extract_open_folder(const struct extraction *extraction, uint32_t node,
			char *path)
{
	const char *below = path;
	size_t size = 0;

	if (epk_node_path(extraction->image.image, node, path, EPK_PATH_MAX,
			  &size)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	path[size] = '\0';
	if (!extract_strip_reached(path, extraction->options->strip, &below)) {
		errno = ENOENT; /* nothing in it is kept */
		return -1;
	}
	return beneath_open_folder(extraction->top, below);
}

bool extract_merges(const struct extraction *extraction)
{
	const struct epk_image *image = extraction->image.image;
	const uint32_t strip = extraction->options->strip;
	uint32_t tops = 0;

	for (uint32_t i = 1; strip != 0 && i < image->header.node_count; i++) {
		struct epk_node node;

		if (extraction->keep[i] &&
		    epk_node_get(image, i, &node) == EPK_OK &&
		    node.type == EPK_TYPE_FOLDER &&
		    depth_of(extraction, &node) + 1 == strip)
			tops++;
	}
	return tops > 1;
}

/** Above what --strip leaves there are no files and links. */
static void drop_stripped(struct extraction *extraction)
{
	const struct epk_image *image = extraction->image.image;
	const uint32_t strip = extraction->options->strip;
	struct epk_node node;

	for (uint32_t i = 1; strip != 0 && i < image->header.node_count; i++) {
		if (epk_node_get(image, i, &node) == EPK_OK &&
		    node.type != EPK_TYPE_FOLDER &&
		    depth_of(extraction, &node) < strip)
			extraction->keep[i] = false;
	}
}

typedef bool (*extract_one)(struct extraction *extraction, int folder,
			    const char *name, const struct epk_node *node);

/** One name in the folder, if it is of those that are made in this round. */
static bool extract_node(struct extraction *extraction, int folder,
			 const struct epk_node *node,
			 const extract_one by_type[])
{
	char name[EPK_NAME_MAX + 1];

	memcpy(name, node->name, node->name_size);
	name[node->name_size] = '\0';
	return by_type[node->type](extraction, folder, name, node);
}

/** What the round makes among the children of one folder. The folder is
 * opened when the first of them needs it. */
static bool extract_children(struct extraction *extraction,
			     const struct epk_node *parent,
			     const extract_one by_type[])
{
	static char path[EPK_PATH_MAX + 1];
	bool good = true;
	int folder = -1;

	for (uint32_t i = 0; good && i < parent->count; i++) {
		struct epk_node node;

		if (!extraction->keep[parent->first + i] ||
		    epk_node_get(extraction->image.image, parent->first + i,
				 &node) ||
		    !by_type[node.type])
			continue;
		if (folder < 0)
			folder = extract_open_folder(extraction, parent->index,
						     path);
		good = folder >= 0
			       ? extract_node(extraction, folder, &node,
					      by_type)
			       : extract_failed(extraction, "open the folder",
						parent->index);
	}
	if (folder >= 0)
		close(folder);
	return good;
}

static bool extract_round(struct extraction *extraction,
			  const extract_one by_type[])
{
	const struct epk_image *image = extraction->image.image;
	const uint32_t strip = extraction->options->strip;
	struct epk_node node;

	for (uint32_t i = 0; i < image->header.node_count; i++) {
		if (epk_node_get(image, i, &node) ||
		    node.type != EPK_TYPE_FOLDER || !extraction->keep[i] ||
		    (strip != 0 &&
		     (i == 0 || depth_of(extraction, &node) + 1 < strip)))
			continue;
		if (!extract_children(extraction, &node, by_type))
			return false;
	}
	return true;
}

static bool write_manifest(struct extraction *extraction)
{
	const struct epk_manifest *manifest =
		&extraction->image.image->manifest;
	int fd = openat(extraction->top, "manifest.toml",
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0666);
	bool good =
		fd >= 0 && write_all(fd, manifest->text, manifest->text_size);

	if (fd >= 0 && close(fd) != 0)
		good = false;
	return good || system_error(extraction->options, "write",
				    shown_path(extraction, "manifest.toml"));
}

static bool extract_tree(struct extraction *extraction)
{
	static const extract_one folders[EPK_TYPE_LINK + 1] = {
		[EPK_TYPE_FOLDER] = extract_folder,
	};
	static const extract_one links[EPK_TYPE_LINK + 1] = {
		[EPK_TYPE_ALIAS] = extract_link,
		[EPK_TYPE_LINK] = extract_link,
	};

	if (!extract_round(extraction, folders) || !extract_files(extraction) ||
	    !extract_round(extraction, links))
		return false;
	if (extraction->options->strip != 0 ||
	    !extract_matches(extraction->options, "manifest.toml"))
		return true;
	return write_manifest(extraction);
}

bool command_extract(struct options *options)
{
	struct extraction extraction = {
		.options = options,
		.target = options->operands[1],
	};
	bool good;

	if (!image_open(&extraction.image, options, options->operands[0]))
		return false;
	extraction.keep = extract_select(&extraction.image, options);
	good = extraction.keep && open_target(&extraction);
	if (good) {
		drop_stripped(&extraction);
		good = extract_tree(&extraction);
		close(extraction.top);
	}
	if (good)
		good = report_contents(options, extraction.image.file, "target",
				       extraction.target, "files",
				       extraction.files, extraction.done_bytes);
	free(extraction.keep);
	image_close(&extraction.image);
	return good;
}

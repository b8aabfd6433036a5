/* SPDX-License-Identifier: BSD-2-Clause */
/* epk extract: the tree into a new or empty folder. Every name is made
 * exclusively, in a folder reached name by name without following links, so
 * neither the image nor anything that appears in the target meanwhile can
 * direct a write elsewhere. Every block and file digest is checked. */
#include "command.h"

#include "beneath.h"
#include "image.h"
#include "link.h"
#include "progress.h"
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct extraction {
	struct tool_image image;
	const struct options *options;
	const char *target; /* as the user named it */
	int top;
	struct progress progress;
	uint64_t done_bytes;
	uint64_t total_bytes;
	uint32_t files;
};

/** "TARGET/path" for messages, in a static buffer. */
static const char *shown_path(const struct extraction *extraction,
			      const char *path)
{
	static char shown[2 * EPK_PATH_MAX];

	snprintf(shown, sizeof(shown), "%s/%s", extraction->target, path);
	return shown;
}

static bool node_failed(const struct extraction *extraction, const char *doing,
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

static bool extract_file(struct extraction *extraction, int folder,
			 const char *name, const struct epk_node *node)
{
	mode_t mode = node->flags & EPK_FLAG_EXEC ? 0777 : 0666;
	int fd = openat(folder, name,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			mode);
	bool good;

	if (fd < 0)
		return node_failed(extraction, "create", node->index);
	good = image_copy(&extraction->image, extraction->options, node->index,
			  fd, name);
	if (close(fd) != 0 && good)
		good = node_failed(extraction, "write", node->index);
	if (!good) {
		unlinkat(folder, name, 0); /* bytes that were not verified */
		return false;
	}
	extraction->files++;
	extraction->done_bytes += node->size_bytes;
	progress_update(&extraction->progress, extraction->done_bytes,
			extraction->total_bytes);
	return true;
}

/** Aliases become links too. */
static bool extract_link(struct extraction *extraction, int folder,
			 const char *name, const struct epk_node *node)
{
	char target[LINK_TARGET_SIZE];

	link_target(extraction->image.image, node, target);
	if (symlinkat(target, folder, name) == 0)
		return true;
	return node_failed(extraction, "create the link", node->index);
}

static bool extract_folder(struct extraction *extraction, int folder,
			   const char *name, const struct epk_node *node)
{
	if (mkdirat(folder, name, 0777) == 0)
		return true;
	return node_failed(extraction, "create the folder", node->index);
}

static bool extract_node(struct extraction *extraction, int folder,
			 uint32_t index)
{
	static bool (*const extract_type[])(struct extraction *, int,
					    const char *,
					    const struct epk_node *) = {
		[EPK_TYPE_FOLDER] = extract_folder,
		[EPK_TYPE_FILE] = extract_file,
		[EPK_TYPE_ALIAS] = extract_link,
		[EPK_TYPE_LINK] = extract_link,
	};
	char name[EPK_NAME_MAX + 1];
	struct epk_node node;
	epk_status_t status =
		epk_node_get(extraction->image.image, index, &node);

	if (status)
		return image_read_error(&extraction->image, extraction->options,
					index, status);
	memcpy(name, node.name, node.name_size);
	name[node.name_size] = '\0';
	return extract_type[node.type](extraction, folder, name, &node);
}

static bool extract_children(struct extraction *extraction,
			     const struct epk_node *parent)
{
	int folder = beneath_open_folder(
		extraction->top, image_path(&extraction->image, parent->index));
	bool good = true;

	if (folder < 0)
		return node_failed(extraction, "open the folder",
				   parent->index);
	for (uint32_t i = 0; good && i < parent->count; i++)
		good = extract_node(extraction, folder, parent->first + i);
	close(folder);
	return good;
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
	const struct epk_image *image = extraction->image.image;
	struct epk_node node;

	for (uint32_t i = 0; i < image->header.node_count; i++) {
		if (epk_node_get(image, i, &node) == EPK_OK &&
		    node.type == EPK_TYPE_FILE)
			extraction->total_bytes += node.size_bytes;
	}
	for (uint32_t i = 0; i < image->header.node_count; i++) {
		if (epk_node_get(image, i, &node) ||
		    node.type != EPK_TYPE_FOLDER || node.count == 0)
			continue;
		if (!extract_children(extraction, &node))
			return false;
	}
	return write_manifest(extraction);
}

static bool report_done(const struct extraction *extraction)
{
	const struct options *options = extraction->options;

	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:o, s:o, s:I, s:I}", "command", "extract",
			"ok", 1, "file", json_text(extraction->image.file),
			"target", json_text(extraction->target), "files",
			(json_int_t)extraction->files, "bytes",
			(json_int_t)extraction->done_bytes));
	if (!options->quiet)
		printf("%s: %" PRIu32 " files, %" PRIu64
		       " bytes, every digest right\n",
		       extraction->target, extraction->files,
		       extraction->done_bytes);
	return true;
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
	good = image_mount(&extraction.image, options) &&
	       open_target(&extraction);
	if (good) {
		progress_begin(&extraction.progress, options, "extracting");
		good = extract_tree(&extraction);
		progress_end(&extraction.progress);
		close(extraction.top);
	}
	if (good)
		good = report_done(&extraction);
	image_close(&extraction.image);
	return good;
}

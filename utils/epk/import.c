/* SPDX-License-Identifier: BSD-2-Clause */
/* epk import: an image from a tar archive. The archive is read once, from its
 * first byte on; contents wait in a file without a name beside the image,
 * since the format wants them in another order. */
#include "command.h"

#include "import.h"
#include "making.h"
#include "report.h"
#include "select.h"
#include "spool.h"
#include "tar_import.h"
#include "transfer.h"

#include <epk/manifest.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MAX_DEFAULT (UINT64_C(64) << 30)

struct importing {
	const struct options *options;
	const char *file; /* for messages */
	struct tar_import import;
	struct making making;
	struct selection selection;
	struct progress progress;
	uint64_t total; /* bytes of the archive, 0: nobody knows */
	char *manifest;
	size_t manifest_size;

	/* The file that is open for the writer. */
	uint64_t at;
	uint64_t left;
	int error; /* errno of a failed read */
};

static void show_progress(void *context, uint64_t done)
{
	struct importing *importing = context;

	progress_update(&importing->progress, done, importing->total);
}

static bool tar_refused(const struct importing *importing)
{
	const struct tar_failure *failure = &importing->import.failure;
	const enum tar_error error = failure->error;
	char message[512];
	const struct refusal refusal = {
		.file = importing->file,
		.path = failure->path[0] ? failure->path : NULL,
		.stage = "tar",
		.code = tar_error_code(error),
		.message = message,
		.advice = tar_error_advice(error),
		.offset = failure->offset,
		.exit_status = tar_error_exit(error),
	};
	const char *detail =
		failure->system ? strerror(failure->system) : failure->detail;

	snprintf(message, sizeof(message), "%s%s%s%s",
		 tar_error_sentence(error), *detail ? " (" : "", detail,
		 *detail ? ")" : "");
	return report_refusal(importing->options, &refusal);
}

static bool open_spool(struct importing *importing)
{
	const struct options *options = importing->options;

	importing->import.spool = spool_beside(options->output);
	return importing->import.spool >= 0 ||
	       system_error(options, "keep contents beside", options->output);
}

static bool read_archive(struct importing *importing,
			 const struct tar_bytes *bytes,
			 bool (*at_end)(void *context, bool good),
			 void *context)
{
	struct tar_import *import = &importing->import;
	const struct options *options = importing->options;
	const bool spooled = open_spool(importing);
	bool good = spooled;

	import->size_max =
		options->size_max ? options->size_max : SIZE_MAX_DEFAULT;
	import->progress = show_progress;
	import->progress_context = importing;
	tar_locale();
	if (good) {
		progress_begin(&importing->progress, options, "reading");
		good = tar_import_read(import, bytes);
		progress_end(&importing->progress);
	}
	/* What ended the bytes early says more than that they ended. */
	if (at_end && !at_end(context, good))
		return false;
	return good || (spooled && tar_refused(importing));
}

/* ---- the manifest ---- */

/** The archive's own; if another was given it must be the same. */
static bool take_manifest(struct importing *importing)
{
	const struct tar_import *import = &importing->import;
	const struct tar_node *node = &import->tree.nodes[import->manifest];
	const size_t size = (size_t)node->size;
	char *text = malloc(size + 1);
	bool good;

	if (!text)
		return memory_error(importing->options, NULL);
	good = read_all_at(import->spool, text, size, node->content + 8) ||
	       system_error(importing->options, "read back what was kept of",
			    importing->file);
	if (good && !importing->manifest) {
		importing->manifest = text;
		importing->manifest_size = size;
		return true;
	}
	if (good && (size != importing->manifest_size ||
		     memcmp(text, importing->manifest, size) != 0))
		good = tool_error(importing->options, EPK_ERR_NAME,
				  importing->file,
				  "its manifest.toml differs from the manifest "
				  "that was given: leave --manifest out");
	free(text);
	return good;
}

static bool load_manifest(struct importing *importing)
{
	const struct options *options = importing->options;

	if (options->manifest) {
		importing->manifest = read_small_file(
			options, options->manifest, false,
			EPK_MANIFEST_SIZE_MAX, &importing->manifest_size);
		if (!importing->manifest)
			return false;
	}
	if (importing->import.manifest != TAR_NONE && !take_manifest(importing))
		return false;
	if (!importing->manifest)
		return tool_error(options, EPK_ERR_MANIFEST, importing->file,
				  "it has no manifest.toml: give one with "
				  "--manifest");
	return making_begin(&importing->making, options,
			    options->manifest ? options->manifest
					      : importing->file,
			    importing->manifest, importing->manifest_size);
}

/* ---- the writer's entries ---- */

static bool add_node(struct importing *importing, uint32_t index)
{
	struct tar_tree *tree = &importing->import.tree;
	struct tar_node *node = &tree->nodes[index];
	static char path[EPK_PATH_MAX + 1];
	struct epk_writer_entry entry = {
		.parent = tree->nodes[node->parent].entry,
		.type = node->type,
		.exec = node->exec,
		.name = tar_tree_name(tree, index),
		.name_size = node->name_size,
		.cookie = node->content,
	};
	epk_status_t status;

	tar_tree_path(tree, index, path);
	if (node->type == EPK_TYPE_FILE) {
		entry.size = node->size;
		entry.mapped =
			selection_has(&importing->selection, path, node->exec);
	} else if (node->type == EPK_TYPE_LINK) {
		entry.target = tar_tree_target(tree, index);
		entry.target_size = (size_t)node->size;
	} else if (node->type == EPK_TYPE_ALIAS) {
		entry.alias_folder = tree->nodes[node->content].entry;
	}
	status = epk_writer_add(importing->making.writer, &entry, &node->entry);
	return status == EPK_OK ||
	       tool_error(importing->options, status, path,
			  "the tree must be such that the format can hold it");
}

/** Folders stand before what they hold; aliases wait for all folders. */
static bool add_nodes(struct importing *importing)
{
	const struct tar_tree *tree = &importing->import.tree;

	for (int aliases = 0; aliases < 2; aliases++) {
		for (uint32_t i = 1; i < tree->count; i++) {
			const bool is_alias =
				tree->nodes[i].type == EPK_TYPE_ALIAS;

			if (i == importing->import.manifest ||
			    is_alias != (aliases == 1))
				continue;
			if (!add_node(importing, i))
				return false;
		}
	}
	return selection_complete(&importing->selection);
}

static epk_status_t source_open(void *context, uint64_t cookie,
				const char *path, void **out_file)
{
	struct importing *importing = context;

	(void)path;
	*out_file = importing;
	importing->at = cookie + sizeof(importing->left);
	if (read_all_at(importing->import.spool, &importing->left,
			sizeof(importing->left), cookie))
		return EPK_OK;
	importing->error = errno;
	return EPK_ERR_IO;
}

static epk_status_t source_read(void *context, void *file, void *buffer,
				size_t size_bytes, size_t *out_count)
{
	struct importing *importing = context;

	(void)file;
	if (size_bytes > importing->left)
		size_bytes = (size_t)importing->left;
	if (!read_all_at(importing->import.spool, buffer, size_bytes,
			 importing->at)) {
		importing->error = errno;
		return EPK_ERR_IO;
	}
	importing->at += size_bytes;
	importing->left -= size_bytes;
	*out_count = size_bytes;
	return EPK_OK;
}

static epk_status_t source_close(void *context, void *file)
{
	(void)context;
	(void)file;
	return EPK_OK;
}

static bool failed(void *context, epk_status_t status, const char *path)
{
	const struct importing *importing = context;

	return tool_error(importing->options, status,
			  *path ? path : importing->file, "%s",
			  importing->error ? strerror(importing->error)
					   : "make the tree smaller or choose "
					     "a larger --block-log2");
}

static bool write_image(struct importing *importing)
{
	const struct epk_writer_source source = {
		.open = source_open,
		.read = source_read,
		.close = source_close,
		.context = importing,
	};

	/* The writer has it all now. */
	tar_import_fini(&importing->import);
	return making_write(&importing->making, &source, failed, importing);
}

bool import_archive(const struct options *options, const char *file,
		    const struct tar_bytes *bytes, uint64_t total,
		    bool (*at_end)(void *context, bool good), void *context)
{
	/* Large: paths are in it. */
	static struct importing importing;
	bool good;

	importing.options = options;
	importing.file = file;
	importing.total = total;
	importing.import.spool = -1;
	good = read_archive(&importing, bytes, at_end, context) &&
	       load_manifest(&importing) &&
	       selection_init(&importing.selection, options) &&
	       add_nodes(&importing) && write_image(&importing);
	making_end(&importing.making);
	selection_fini(&importing.selection);
	tar_import_fini(&importing.import);
	free(importing.manifest);
	if (importing.import.spool >= 0)
		close(importing.import.spool);
	return good;
}

static int open_archive(const struct options *options, const char *file,
			uint64_t *out_size)
{
	const int fd = is_stdin(file)
			       ? STDIN_FILENO
			       : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat info;

	if (fd < 0) {
		system_error(options, "open", file);
		return -1;
	}
	*out_size = 0;
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
		*out_size = (uint64_t)info.st_size;
	return fd;
}

bool command_import(struct options *options)
{
	const char *file = options->operands[0];
	uint64_t size;
	bool good;
	int fd;

	if (!options->output)
		return usage_error(options, "name the image with --output");
	fd = open_archive(options, file, &size);
	if (fd < 0)
		return false;
	const struct tar_bytes bytes = tar_bytes_of_fd(&fd);

	good = import_archive(options, is_stdin(file) ? "standard input" : file,
			      &bytes, size, NULL, NULL);
	close(fd);
	return good;
}

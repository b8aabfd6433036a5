/* SPDX-License-Identifier: BSD-2-Clause */
/* epk export: an image as a tar archive that is the same everywhere: the
 * manifest, then the tree in depth-first order of names, owned by nobody in
 * particular (0), at the image's one time. Each file's digest is checked. */
#include "command.h"

#include "image.h"
#include "link.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "tar_import.h"
#include "transfer.h"

#include <archive.h>
#include <archive_entry.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct exporting {
	const struct options *options;
	struct tool_image image;
	struct output output;
	int fd;
	struct archive *archive;
	struct archive_entry *entry;
	struct progress progress;
	uint64_t done;
	uint64_t total;
	uint32_t entries;
	bool discard; /* what is still to be written */
	int error;    /* errno of a failed write */
	uint8_t buffer[128 * 1024];
};

/** libarchive's callback. What failed is remembered and the rest thrown away:
 * told of an error, libarchive would not free all it has. */
static la_ssize_t take(struct archive *archive, void *context, const void *data,
		       size_t size)
{
	struct exporting *exporting = context;

	(void)archive;
	if (!exporting->discard && !write_all(exporting->fd, data, size)) {
		exporting->error = errno;
		exporting->discard = true;
	}
	return (la_ssize_t)size;
}

static bool write_failed(const struct exporting *exporting, const char *path)
{
	const struct options *options = exporting->options;
	const char *file = options->output ? options->output : "-";

	if (output_is_stdout(file))
		file = "standard output";
	errno = exporting->error;
	if (errno)
		return system_error(options, "write", file);
	return tool_error(options, EPK_ERR_IO, file, "\"%s\": %s", path,
			  archive_error_string(exporting->archive));
}

static void set_common(struct exporting *exporting, const char *path,
		       __LA_MODE_T type, unsigned mode)
{
	struct archive_entry *entry = exporting->entry;
	const struct epk_header *header = &exporting->image.image->header;

	archive_entry_clear(entry);
	archive_entry_copy_pathname(entry, path);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, (__LA_MODE_T)mode);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, (time_t)header->build_epoch, 0);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_size(entry, 0);
}

static bool put_header(struct exporting *exporting, const char *path)
{
	exporting->entries++;
	return (archive_write_header(exporting->archive, exporting->entry) ==
			ARCHIVE_OK &&
		!exporting->error) ||
	       write_failed(exporting, path);
}

static bool put_data(struct exporting *exporting, const void *data, size_t size,
		     const char *path)
{
	return (archive_write_data(exporting->archive, data, size) ==
			(la_ssize_t)size &&
		!exporting->error) ||
	       write_failed(exporting, path);
}

static bool export_manifest(struct exporting *exporting)
{
	const struct epk_manifest *manifest = &exporting->image.image->manifest;

	set_common(exporting, "manifest.toml", AE_IFREG, 0644);
	archive_entry_set_size(exporting->entry, manifest->text_size);
	return put_header(exporting, "manifest.toml") &&
	       put_data(exporting, manifest->text, manifest->text_size,
			"manifest.toml");
}

static bool put_bytes(struct exporting *exporting, const struct epk_node *node,
		      const char *path)
{
	struct tool_image *image = &exporting->image;
	const struct epk_ops *ops = image->image->ops;
	uint8_t digest[EPK_DIGEST_SIZE];
	epk_status_t status = EPK_OK;
	struct epk_hash hash;
	bool good = true;

	if (ops->sha256_init(&hash))
		return memory_error(exporting->options, NULL);
	for (uint64_t at = 0; good && at < node->size_bytes;) {
		size_t count = 0;

		status = epk_read(&image->mount, node->index, at,
				  exporting->buffer, sizeof(exporting->buffer),
				  &count);
		if (status == EPK_OK)
			status = ops->sha256_update(&hash, exporting->buffer,
						    count);
		if (status)
			break;
		good = put_data(exporting, exporting->buffer, count, path);
		at += count;
		exporting->done += count;
		progress_update(&exporting->progress, exporting->done,
				exporting->total);
	}
	ops->sha256_final(&hash, digest);
	if (good && status == EPK_OK &&
	    memcmp(digest, node->sha256, sizeof(digest)) != 0)
		status = EPK_ERR_FILE_DIGEST;
	if (status)
		return image_read_error(image, exporting->options, node->index,
					status);
	return good;
}

/** Links, and aliases: as links that say what they are to import. */
static bool export_link(struct exporting *exporting,
			const struct epk_node *node, const char *path)
{
	static char target[LINK_TARGET_SIZE];

	link_target(exporting->image.image, node, target);
	set_common(exporting, path, AE_IFLNK, 0777);
	archive_entry_copy_symlink(exporting->entry, target);
	if (node->type == EPK_TYPE_ALIAS) {
		static char own[EPK_PATH_MAX + 1];
		const char *folder;

		snprintf(own, sizeof(own), "%s", path);
		folder = image_path(&exporting->image, node->first);
		archive_entry_xattr_add_entry(exporting->entry, TAR_ALIAS_XATTR,
					      folder, strlen(folder));
		return put_header(exporting, own);
	}
	return put_header(exporting, path);
}

static bool export_node(struct exporting *exporting,
			const struct epk_node *node)
{
	const char *path = image_path(&exporting->image, node->index);

	switch (node->type) {
	case EPK_TYPE_FOLDER:
		set_common(exporting, path, AE_IFDIR, 0755);
		return put_header(exporting, path);
	case EPK_TYPE_FILE:
		set_common(exporting, path, AE_IFREG,
			   node->flags & EPK_FLAG_EXEC ? 0755 : 0644);
		archive_entry_set_size(exporting->entry,
				       (la_int64_t)node->size_bytes);
		return put_header(exporting, path) &&
		       put_bytes(exporting, node, path);
	default:
		return export_link(exporting, node, path);
	}
}

/** A folder whose children are being written. */
struct level {
	uint32_t next;
	uint32_t end;
};

static bool export_tree(struct exporting *exporting)
{
	const struct epk_image *image = exporting->image.image;
	struct level levels[EPK_DEPTH_MAX + 2];
	struct epk_node node;
	int depth = 0;

	if (epk_node_get(image, 0, &node))
		return false;
	levels[0] = (struct level){ node.first, node.first + node.count };
	while (depth >= 0) {
		struct level *level = &levels[depth];

		if (level->next == level->end) {
			depth--;
			continue;
		}
		if (epk_node_get(image, level->next++, &node))
			return false;
		if (!export_node(exporting, &node))
			return false;
		if (node.type == EPK_TYPE_FOLDER && node.count)
			levels[++depth] =
				(struct level){ node.first,
						node.first + node.count };
	}
	return true;
}

static bool open_writer(struct exporting *exporting)
{
	struct archive *archive = archive_write_new();

	exporting->archive = archive;
	exporting->entry = archive_entry_new();
	if (archive && exporting->entry &&
	    archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
	    archive_write_set_format_option(archive, "pax", "xattrheader",
					    "SCHILY") == ARCHIVE_OK &&
	    archive_write_set_bytes_per_block(archive, 10240) == ARCHIVE_OK &&
	    archive_write_set_bytes_in_last_block(archive, 10240) ==
		    ARCHIVE_OK &&
	    archive_write_open(archive, exporting, NULL, take, NULL) ==
		    ARCHIVE_OK)
		return true;
	return memory_error(exporting->options, NULL);
}

static bool write_archive(struct exporting *exporting)
{
	const struct epk_image *image = exporting->image.image;
	struct epk_node node;
	bool good;

	for (uint32_t i = 0; i < image->header.node_count; i++) {
		if (epk_node_get(image, i, &node) == EPK_OK &&
		    node.type == EPK_TYPE_FILE)
			exporting->total += node.size_bytes;
	}
	tar_locale();
	progress_begin(&exporting->progress, exporting->options, "exporting");
	good = open_writer(exporting) && export_manifest(exporting) &&
	       export_tree(exporting);
	exporting->discard |= !good; /* so it has no end */
	if (exporting->archive &&
	    archive_write_close(exporting->archive) != ARCHIVE_OK && good)
		good = write_failed(exporting, "");
	if (good && exporting->error)
		good = write_failed(exporting, "");
	progress_end(&exporting->progress);
	archive_entry_free(exporting->entry);
	archive_write_free(exporting->archive);
	return good;
}

/** A pipe gets the archive while it is made; a reader is told by the exit
 * status, and by the missing end, if it is not whole. */
static bool stream(struct exporting *exporting)
{
	const struct options *options = exporting->options;

	if (options->json)
		return usage_error(options, "standard output cannot take both "
					    "the archive and --json: name a "
					    "file with --output");
	if (isatty(STDOUT_FILENO) == 1)
		return usage_error(options, "a terminal is no place for an "
					    "archive: name a file with "
					    "--output, or pipe it on");
	exporting->fd = STDOUT_FILENO;
	return write_archive(exporting);
}

static bool write_file(struct exporting *exporting)
{
	if (!output_create(&exporting->output, exporting->options,
			   exporting->options->output))
		return false;
	exporting->fd = exporting->output.fd;
	if (write_archive(exporting))
		return output_commit(&exporting->output) &&
		       report_contents(exporting->options,
				       exporting->image.file, "output",
				       exporting->options->output, "entries",
				       exporting->entries, exporting->done);
	output_discard(&exporting->output);
	return false;
}

bool command_export(struct options *options)
{
	/* Large: its buffer. */
	static struct exporting exporting;
	bool good;

	exporting.options = options;
	if (!image_open(&exporting.image, options, options->operands[0]))
		return false;
	good = image_mount(&exporting.image, options);
	if (good)
		good = !options->output || output_is_stdout(options->output)
			       ? stream(&exporting)
			       : write_file(&exporting);
	image_close(&exporting.image);
	return good;
}

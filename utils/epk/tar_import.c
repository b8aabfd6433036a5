/* SPDX-License-Identifier: BSD-2-Clause */
/* libarchive knows the dialects of tar; what an entry means for a package is
 * decided here. It gets plain bytes and only tar's reader, so that no filter
 * of it, which would not check or would run a program, ever sees input. */
#include "tar_import.h"

#include "tar_path.h"
#include "transfer.h"

#include <archive.h>
#include <archive_entry.h>
#include <epk/name.h>

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_SIZE (64u * 1024)
/* What one entry's headers may have, sparse maps and long names included. */
#define HEADER_MAX (UINT64_C(1) << 20)
#define BLOCK UINT64_C(512)

struct reading {
	struct tar_import *import;
	struct archive *archive;
	struct tar_bytes bytes; /* plain */
	uint64_t taken;		/* bytes that libarchive was given */
	uint64_t taken_max;	/* and may be given, while in headers */
	enum tar_error error;	/* of the bytes */
	int system;
	uint8_t input[INPUT_SIZE];
};

void tar_locale(void)
{
	static const char *const names[] = { "C.UTF-8", "C.utf8", "en_US.UTF-8",
					     "" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (setlocale(LC_CTYPE, names[i]))
			return;
	}
}

/** libarchive's callback. */
static la_ssize_t give(struct archive *archive, void *context,
		       const void **out_buffer)
{
	struct reading *reading = context;
	ssize_t count;

	if (reading->taken >= reading->taken_max) {
		reading->error = TAR_HEADER;
		archive_set_error(archive, EINVAL, "headers are too large");
		return -1;
	}
	count = reading->bytes.read(reading->bytes.context, reading->input,
				    sizeof(reading->input));
	if (count < 0) {
		reading->system = errno == EBADMSG ? 0 : errno;
		reading->error = errno == EBADMSG  ? TAR_GZIP
				 : errno == ENOMEM ? TAR_NO_MEMORY
						   : TAR_IO;
		archive_set_error(archive, errno, "the bytes ended");
		return -1;
	}
	reading->taken += (uint64_t)count;
	*out_buffer = reading->input;
	return count;
}

static bool fail(struct reading *reading, enum tar_error error)
{
	struct tar_failure *failure = &reading->import->failure;

	failure->error = error;
	return false;
}

/** libarchive refused: by itself, or for what became of the bytes. */
static bool archive_failed(struct reading *reading, enum tar_error otherwise)
{
	struct tar_failure *failure = &reading->import->failure;
	const char *text = archive_error_string(reading->archive);

	if (reading->error) {
		failure->system = reading->system;
		return fail(reading, reading->error);
	}
	if (archive_errno(reading->archive) == ENOMEM)
		return fail(reading, TAR_NO_MEMORY);
	snprintf(failure->detail, sizeof(failure->detail), "%s",
		 text ? text : "");
	return fail(reading, otherwise);
}

static bool spool_failed(struct reading *reading)
{
	reading->import->failure.system = errno;
	return fail(reading, TAR_SPOOL);
}

static bool put(struct reading *reading, uint64_t offset, const void *data,
		size_t size)
{
	return write_all_at(reading->import->spool, data, size, offset) ||
	       spool_failed(reading);
}

/** The entry's contents behind what is kept; holes stay holes. */
static bool keep_content(struct reading *reading, uint64_t size)
{
	struct tar_import *import = reading->import;
	const uint64_t base = import->spool_size + sizeof(size);
	uint64_t end = 0;

	if (!put(reading, import->spool_size, &size, sizeof(size)))
		return false;
	for (;;) {
		const void *data;
		size_t count;
		la_int64_t offset;
		const int result = archive_read_data_block(
			reading->archive, &data, &count, &offset);

		if (result == ARCHIVE_EOF)
			break;
		if (result != ARCHIVE_OK)
			return archive_failed(reading, TAR_DAMAGED);
		if (offset < 0 || (uint64_t)offset < end ||
		    (uint64_t)offset > size || count > size - (uint64_t)offset)
			return fail(reading, TAR_DAMAGED);
		if (!put(reading, base + (uint64_t)offset, data, count))
			return false;
		end = (uint64_t)offset + count;
		if (import->progress)
			import->progress(import->progress_context,
					 reading->taken);
	}
	import->spool_size = base + size;
	return true;
}

static bool add_node(struct reading *reading, const char *path, size_t size,
		     const struct tar_node *node, const char *target)
{
	struct tar_import *import = reading->import;
	const enum tar_error error =
		tar_tree_add(&import->tree, path, size, node, target);

	return error ? fail(reading, error) : true;
}

static bool count_bytes(struct reading *reading, uint64_t size)
{
	struct tar_import *import = reading->import;

	if (size > import->size_max - import->plain_bytes)
		return fail(reading, TAR_BUDGET);
	import->plain_bytes += size;
	return true;
}

/* A file is added before its contents are read, so that one that must not be
 * there costs nothing. */
static bool add_file(struct reading *reading, struct archive_entry *entry,
		     const char *path, size_t path_size)
{
	struct tar_import *import = reading->import;
	const la_int64_t size = archive_entry_size(entry);
	const struct tar_node node = {
		.type = EPK_TYPE_FILE,
		.exec = archive_entry_perm(entry) & S_IXUSR,
		.content = import->spool_size,
		.size = (uint64_t)size,
	};

	if (size < 0)
		return fail(reading, TAR_DAMAGED);
	return count_bytes(reading, node.size) &&
	       add_node(reading, path, path_size, &node, NULL) &&
	       keep_content(reading, node.size);
}

/** Another file with the same contents, which are kept once. */
static bool add_hard_link(struct reading *reading, struct archive_entry *entry,
			  const char *path, size_t path_size)
{
	const struct tar_tree *tree = &reading->import->tree;
	const char *target;
	struct tar_node node;
	uint32_t found = TAR_NONE;
	size_t size;

	if (archive_entry_size(entry) > 0)
		return fail(reading, TAR_BODY);
	if (tar_path_check(archive_entry_hardlink(entry), false, &target,
			   &size) == TAR_OK)
		found = tar_tree_find(tree, target, size);
	if (found == TAR_NONE || tree->nodes[found].type != EPK_TYPE_FILE)
		return fail(reading, TAR_HARD);
	node = tree->nodes[found];
	return count_bytes(reading, node.size) &&
	       add_node(reading, path, path_size, &node, NULL);
}

/** The path in the alias's header, or NULL; *out_size at least 1 byte less
 * than EPK_PATH_MAX. */
static const char *alias_of(struct archive_entry *entry, size_t *out_size)
{
	const char *name;
	const void *value;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, out_size) ==
	       ARCHIVE_OK) {
		if (name && strcmp(name, TAR_ALIAS_XATTR) == 0)
			return value ? value : "";
	}
	return NULL;
}

static bool add_link(struct reading *reading, struct archive_entry *entry,
		     const char *path, size_t path_size)
{
	const char *target = archive_entry_symlink(entry);
	size_t size = 0;
	const char *folder = alias_of(entry, &size);
	struct tar_node node = { .type = EPK_TYPE_LINK };
	uint32_t depth = 0;

	if (path_size == 0)
		return fail(reading, TAR_TWICE);
	if (folder) {
		if (size > EPK_PATH_MAX - 1)
			return fail(reading, TAR_ALIAS);
		node.type = EPK_TYPE_ALIAS;
		node.size = size;
		return add_node(reading, path, path_size, &node, folder);
	}
	for (size_t i = 0; i < path_size; i++)
		depth += path[i] == '/';
	node.size = target ? strlen(target) : 0;
	if (!epk_target_valid(target ? target : "", (size_t)node.size, depth))
		return fail(reading, TAR_TARGET);
	return add_node(reading, path, path_size, &node, target);
}

static bool add_folder(struct reading *reading, const char *path,
		       size_t path_size)
{
	const struct tar_node node = { .type = EPK_TYPE_FOLDER };

	return add_node(reading, path, path_size, &node, NULL);
}

static void note_path(struct reading *reading, const char *path)
{
	struct tar_failure *failure = &reading->import->failure;

	snprintf(failure->path, sizeof(failure->path), "%s", path ? path : "");
}

static bool take_entry(struct reading *reading, struct archive_entry *entry)
{
	const __LA_MODE_T type = archive_entry_filetype(entry);
	const char *shown = archive_entry_pathname(entry);
	enum tar_error error;
	const char *path;
	size_t size;

	note_path(reading, shown);
	error = tar_path_check(shown, type == AE_IFDIR, &path, &size);
	if (error)
		return fail(reading, error);
	if (size == 0 && type != AE_IFDIR)
		return fail(reading, TAR_CANONICAL);
	if (archive_entry_hardlink(entry))
		return add_hard_link(reading, entry, path, size);
	if (type == AE_IFREG)
		return add_file(reading, entry, path, size);
	if (type == AE_IFDIR)
		return add_folder(reading, path, size);
	if (type == AE_IFLNK)
		return add_link(reading, entry, path, size);
	return fail(reading, TAR_KIND);
}

/** The end: two empty blocks were there, and the input is at its end. */
static bool check_end(struct reading *reading)
{
	struct tar_import *import = reading->import;
	const la_int64_t at = archive_filter_bytes(reading->archive, 0);

	note_path(reading, "");
	if (reading->taken == 0)
		return fail(reading, TAR_FORMAT);
	if (at < 0 || (uint64_t)at < import->failure.offset + BLOCK)
		return fail(reading, TAR_CUT);
	return true;
}

/** libarchive has no number for a name that its charset cannot hold. */
static bool is_about_name(const struct reading *reading)
{
	const char *text = archive_error_string(reading->archive);

	return text && strstr(text, "can't be converted") != NULL;
}

static bool next_entry(struct reading *reading, struct archive_entry *entry,
		       bool *out_end)
{
	struct tar_failure *failure = &reading->import->failure;
	int result;

	reading->taken_max = reading->taken + HEADER_MAX;
	failure->offset = epk_align_up(
		(uint64_t)archive_filter_bytes(reading->archive, 0), 9);
	result = archive_read_next_header2(reading->archive, entry);
	reading->taken_max = UINT64_MAX;
	*out_end = result == ARCHIVE_EOF;
	if (result == ARCHIVE_EOF)
		return check_end(reading);
	if (result == ARCHIVE_OK) {
		failure->offset = (uint64_t)archive_read_header_position(
			reading->archive);
		return take_entry(reading, entry);
	}
	note_path(reading, archive_entry_pathname(entry));
	if (archive_format(reading->archive) == 0)
		return archive_failed(reading, TAR_FORMAT);
	return archive_failed(reading,
			      is_about_name(reading) ? TAR_NAME : TAR_DAMAGED);
}

static bool read_entries(struct reading *reading)
{
	struct archive_entry *entry = archive_entry_new();
	bool good = entry != NULL;
	bool end = false;

	if (!entry)
		return fail(reading, TAR_NO_MEMORY);
	while (good && !end)
		good = next_entry(reading, entry, &end);
	archive_entry_free(entry);
	return good;
}

/** What readers show as the root's manifest.toml is no node of a package. */
static bool find_manifest(struct reading *reading)
{
	struct tar_import *import = reading->import;
	const struct tar_node *node;

	import->failure.offset = UINT64_MAX;
	import->manifest = tar_tree_find(&import->tree, "manifest.toml", 13);
	if (import->manifest == TAR_NONE)
		return true;
	node = &import->tree.nodes[import->manifest];
	if (node->type == EPK_TYPE_FILE && node->size <= EPK_MANIFEST_SIZE_MAX)
		return true;
	note_path(reading, "manifest.toml");
	return fail(reading, TAR_MANIFEST);
}

/** Each alias leads to a folder that is there. */
static bool resolve_aliases(struct reading *reading)
{
	struct tar_tree *tree = &reading->import->tree;

	for (uint32_t i = 1; i < tree->count; i++) {
		struct tar_node *node = &tree->nodes[i];
		uint32_t folder;

		if (node->type != EPK_TYPE_ALIAS)
			continue;
		folder = tar_tree_find(tree, tar_tree_target(tree, i),
				       (size_t)node->size);
		if (folder == TAR_NONE ||
		    tree->nodes[folder].type != EPK_TYPE_FOLDER) {
			tar_tree_path(tree, i, reading->import->failure.path);
			return fail(reading, TAR_ALIAS);
		}
		node->content = folder;
	}
	return true;
}

static bool read_archive(struct reading *reading)
{
	struct archive *archive = reading->archive;

	if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_set_format_option(archive, "tar",
					   "read_concatenated_archives",
					   "1") != ARCHIVE_OK)
		return fail(reading, TAR_NO_MEMORY);
	reading->taken_max = UINT64_MAX;
	if (archive_read_open(archive, reading, NULL, give, NULL) != ARCHIVE_OK)
		return archive_failed(reading, TAR_FORMAT);
	if (!read_entries(reading) || !find_manifest(reading) ||
	    !resolve_aliases(reading))
		return false;
	return ftruncate(reading->import->spool,
			 (off_t)reading->import->spool_size) == 0 ||
	       spool_failed(reading);
}

bool tar_import_read(struct tar_import *import, const struct tar_bytes *bytes)
{
	/* Large, and one archive is read at a time. */
	static struct reading reading;
	struct tar_gzip *gzip = NULL;
	bool good;

	reading = (struct reading){ .import = import };
	import->failure.error = TAR_OK;
	import->failure.path[0] = import->failure.detail[0] = '\0';
	import->manifest = TAR_NONE;
	import->spool_size = 0;
	import->plain_bytes = 0;
	if (!tar_tree_init(&import->tree))
		return fail(&reading, TAR_NO_MEMORY);
	reading.archive = archive_read_new();
	good = reading.archive && tar_gzip_create(bytes, &gzip);
	if (!good) {
		fail(&reading, TAR_NO_MEMORY);
	} else {
		reading.bytes = tar_gzip_bytes(gzip);
		good = read_archive(&reading);
	}
	archive_read_free(reading.archive);
	tar_gzip_destroy(gzip);
	return good;
}

void tar_import_fini(struct tar_import *import)
{
	tar_tree_fini(&import->tree);
}

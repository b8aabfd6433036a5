/* SPDX-License-Identifier: BSD-2-Clause */
/* What the writer refuses to take, each with its code, and what it refuses
 * to finish. */
#include "writer_support.h"

#include "support/tap.h"

static struct epk_writer *writer;

static struct epk_writer_entry entry_of(uint8_t type, const char *name)
{
	return (struct epk_writer_entry){
		.type = type,
		.name = name,
		.name_size = strlen(name),
	};
}

static epk_status_t add_file(const char *name, size_t name_size)
{
	struct epk_writer_entry entry = entry_of(EPK_TYPE_FILE, "");

	entry.name = name;
	entry.name_size = name_size;
	return epk_writer_add(writer, &entry, NULL);
}

static epk_status_t add_link(uint32_t parent, const char *target)
{
	struct epk_writer_entry entry = entry_of(EPK_TYPE_LINK, "l");

	entry.parent = parent;
	entry.target = target;
	entry.target_size = strlen(target);
	return epk_writer_add(writer, &entry, NULL);
}

static void check_names(void)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"a/b",
		"a\nb",
		"\x7f",
		"\xff",
		"\xc0\xaf",
		"\xed\xa0\x80",
		"manifest.toml",
		"\xf4\x90\x80\x80",
	};
	char long_name[257];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_i64(add_file(bad[i], strlen(bad[i])), EPK_ERR_NAME,
		       "bad name %zu is refused", i);
	is_i64(add_file("a\0b", 3), EPK_ERR_NAME, "a NUL is refused");
	memset(long_name, 'x', sizeof(long_name));
	is_i64(add_file(long_name, 256), EPK_ERR_NAME,
	       "256 bytes are too long");
	is_i64(add_file(long_name, 255), EPK_OK, "255 are not");
	is_i64(add_file("..a", 3), EPK_OK, "two dots and more are a name");
}

static void check_links(void)
{
	struct epk_writer_entry folder = entry_of(EPK_TYPE_FOLDER, "dir");
	uint32_t index = 0;

	(void)epk_writer_add(writer, &folder, &index);
	is_i64(add_link(0, "/etc/passwd"), EPK_ERR_LINK,
	       "an absolute target is refused");
	is_i64(add_link(0, ".."), EPK_ERR_LINK, "a target above the root");
	is_i64(add_link(index, "../.."), EPK_ERR_LINK, "also from a folder");
	is_i64(add_link(index, "a/../b"), EPK_ERR_LINK, "`..` behind a name");
	is_i64(add_link(index, ""), EPK_ERR_LINK, "an empty target");
	is_str(epk_writer_error_path(writer), "dir/l",
	       "the error names the path");
	is_i64(add_link(index, "../x"), EPK_OK, "up to the root is fine");
}

static void check_shape(void)
{
	struct epk_writer_entry entry = entry_of(EPK_TYPE_FILE, "f");
	uint32_t index = 0;

	entry.parent = 4000;
	is_i64(epk_writer_add(writer, &entry, NULL), EPK_ERR_INVALID,
	       "a parent that does not exist is refused");
	entry.parent = 0;
	(void)epk_writer_add(writer, &entry, &index);
	entry.parent = index;
	is_i64(epk_writer_add(writer, &entry, NULL), EPK_ERR_INVALID,
	       "a parent that is no folder is refused");
	entry = entry_of(5, "g");
	is_i64(epk_writer_add(writer, &entry, NULL), EPK_ERR_INVALID,
	       "an unknown type is refused");
	entry = entry_of(EPK_TYPE_ALIAS, "h");
	entry.alias_folder = index;
	is_i64(epk_writer_add(writer, &entry, NULL), EPK_ERR_INVALID,
	       "an alias of a file is refused");
	entry = entry_of(EPK_TYPE_FILE, "huge");
	entry.size = EPK_FILES_SIZE_MAX + 1;
	is_i64(epk_writer_add(writer, &entry, NULL), EPK_ERR_LIMIT,
	       "more bytes than a package holds are refused");
}

static void check_depth(void)
{
	struct epk_writer_entry entry = entry_of(EPK_TYPE_FOLDER, "n");
	epk_status_t status = EPK_OK;
	int depth = 0;

	while (status == EPK_OK && depth < 100) {
		status = epk_writer_add(writer, &entry, &entry.parent);
		depth += status == EPK_OK;
	}
	is_i64(status, EPK_ERR_LIMIT, "depth has a limit");
	is_u64((uint64_t)depth, EPK_DEPTH_MAX, "of 64");
}

static void check_path_size(void)
{
	char name[201];
	struct epk_writer_entry entry = { .type = EPK_TYPE_FOLDER,
					  .name = name,
					  .name_size = 200 };
	epk_status_t status = EPK_OK;
	int depth = 0;

	memset(name, 'p', sizeof(name));
	while (status == EPK_OK && depth < 64) {
		status = epk_writer_add(writer, &entry, &entry.parent);
		depth += status == EPK_OK;
	}
	is_i64(status, EPK_ERR_LIMIT, "paths have a limit");
	is_u64((uint64_t)depth, EPK_PATH_MAX / 201, "of 4,095 bytes");
}

static void check_settings(void)
{
	static const struct epk_writer_settings bad[] = {
		{ .size_bytes = 4 },
		{ .size_bytes = sizeof(bad[0]), .align_log2 = 13 },
		{ .size_bytes = sizeof(bad[0]), .block_log2 = 21 },
		{ .size_bytes = sizeof(bad[0]), .block_log2 = 11 },
		{ .size_bytes = sizeof(bad[0]),
		  .align_log2 = 16,
		  .block_log2 = 14 },
		{ .size_bytes = sizeof(bad[0]), .threads = 65 },
		{ .size_bytes = sizeof(bad[0]),
		  .build_epoch = EPK_BUILD_EPOCH_MAX + 1 },
		{ .size_bytes = sizeof(bad[0]), .zero = { 0, 1 } },
	};
	struct epk_writer *other = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_i64(epk_writer_create(&bad[i], &other), EPK_ERR_INVALID,
		       "bad settings %zu are refused", i);
	ok(other == NULL, "and nothing was made");
}

static epk_status_t finish_of(const struct item *items, uint32_t count)
{
	struct tree tree = { .items = items, .count = count, .manifest = "m" };
	struct image image = { 0 };
	struct epk_writer_result result;
	epk_status_t status = pack_tree(&tree, NULL, &image, &result);

	image_drop(&image);
	return status;
}

/** Reads `left` bytes, whatever the entry said. */
static epk_status_t lying_read(void *context, void *file, void *buffer,
			       size_t size_bytes, size_t *out_count)
{
	size_t *left = context;
	size_t count = size_bytes < *left ? size_bytes : *left;

	(void)file;
	memset(buffer, 'x', count);
	*left -= count;
	*out_count = count;
	return EPK_OK;
}

static epk_status_t lying_open(void *context, uint64_t cookie, const char *path,
			       void **out_file)
{
	(void)cookie;
	(void)path;
	*out_file = context;
	return EPK_OK;
}

static epk_status_t lying_close(void *context, void *file)
{
	(void)context;
	(void)file;
	return EPK_OK;
}

/** A file that is said to have 10 bytes and has others. */
static epk_status_t finish_lie(size_t left)
{
	const struct epk_writer_source source = {
		.open = lying_open,
		.read = lying_read,
		.close = lying_close,
		.context = &left,
	};
	struct image image = { 0 };
	const struct epk_writer_sink sink = {
		.write = image_write,
		.read = image_read,
		.set_size = image_set_size,
		.context = &image,
	};
	struct epk_writer_entry entry = entry_of(EPK_TYPE_FILE, "f");
	struct epk_writer *liar;
	struct epk_writer_result result;
	epk_status_t status = epk_writer_create(NULL, &liar);

	if (status)
		return status;
	entry.size = 10;
	(void)epk_writer_add(liar, &entry, NULL);
	(void)epk_writer_set_manifest(liar, "m", 1);
	status = epk_writer_finish(liar, &source, &sink, &result);
	if (strcmp(epk_writer_error_path(liar), status ? "f" : "") != 0)
		status = EPK_ERR_STATE;
	epk_writer_destroy(liar);
	image_drop(&image);
	return status;
}

static void check_finish(void)
{
	const struct item twice[] = { FILE_AT("x", "1", 1),
				      FILE_AT("x", "2", 1) };
	struct epk_writer_result result;
	const struct epk_writer_source source = { 0 };
	const struct epk_writer_sink sink = { 0 };

	is_i64(finish_of(twice, 2), EPK_ERR_ORDER,
	       "two entries of one name are refused");
	is_i64(finish_lie(10), EPK_OK, "a file as long as its entry says");
	is_i64(finish_lie(9), EPK_ERR_CHANGED, "a shorter one has changed");
	is_i64(finish_lie(11), EPK_ERR_CHANGED, "so has a longer one");
	is_i64(epk_writer_finish(writer, &source, &sink, &result),
	       EPK_ERR_INVALID, "no manifest, no image");
	is_i64(epk_writer_set_manifest(writer, "", 0), EPK_ERR_LIMIT,
	       "an empty manifest is refused");
}

int main(void)
{
	plan(0);
	check_settings();
	if (epk_writer_create(NULL, &writer))
		return bail_out("no writer");
	check_names();
	check_links();
	check_shape();
	check_depth();
	check_path_size();
	check_finish();
	epk_writer_destroy(writer);
	return done();
}

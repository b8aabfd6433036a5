/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_WRITER_SUPPORT_H
#define TESTS_WRITER_SUPPORT_H
/** @file writer_support.h
 * A tree in memory as the writer's source, and memory as its sink. */
#include <epk/host.h>
#include <epk/writer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** One thing in a tree. Folders come before what they hold. */
struct item {
	const char *path;
	uint8_t type; /* EPK_TYPE_* */
	bool exec;
	bool mapped;
	const void *bytes; /* file */
	size_t size_bytes;
	const char *target; /* link's target, or alias' folder */
};

struct tree {
	const struct item *items;
	uint32_t count;
	const char *manifest;
	size_t position;	 /* of the file that is open */
	uint32_t opens;		 /* ever */
	uint32_t open_now;	 /* must be 0 at the end */
	uint32_t change_on_open; /* this opening gives other bytes; 0 none */
};

struct image {
	uint8_t *bytes;
	size_t size_bytes;
	size_t capacity_bytes;
	uint32_t writes;
	uint32_t fail_write; /* the write that fails, from 1; 0 none */
};

#define FILE_AT(path, bytes, size)                                             \
	{                                                                      \
		path, EPK_TYPE_FILE, 0, 0, bytes, size, 0                      \
	}
#define FOLDER(path)                                                           \
	{                                                                      \
		path, EPK_TYPE_FOLDER, 0, 0, 0, 0, 0                           \
	}

/** P(n, s) of the golden vectors; the caller frees it. */
static inline uint8_t *pattern(size_t size_bytes, uint32_t step)
{
	uint8_t *bytes = malloc(size_bytes ? size_bytes : 1);

	for (size_t i = 0; bytes && i < size_bytes; i++)
		bytes[i] = (uint8_t)((i * step) ^ (i >> 8));
	return bytes;
}

static inline epk_status_t tree_open(void *context, uint64_t cookie,
				     const char *path, void **out_file)
{
	struct tree *tree = context;

	if (strcmp(tree->items[cookie].path, path) != 0)
		return EPK_ERR_NOT_FOUND;
	tree->position = 0;
	tree->opens++;
	tree->open_now++;
	*out_file = (void *)(uintptr_t)&tree->items[cookie];
	return EPK_OK;
}

static inline epk_status_t tree_read(void *context, void *file, void *buffer,
				     size_t size_bytes, size_t *out_count)
{
	struct tree *tree = context;
	const struct item *item = file;
	size_t left = item->size_bytes - tree->position;

	if (size_bytes > left)
		size_bytes = left;
	if (size_bytes > 3000) /* short reads are part of the contract */
		size_bytes = 3000;
	if (size_bytes) {
		const uint8_t *bytes = item->bytes;

		memcpy(buffer, bytes + tree->position, size_bytes);
		if (tree->opens == tree->change_on_open)
			*(uint8_t *)buffer ^= 1;
	}
	tree->position += size_bytes;
	*out_count = size_bytes;
	return EPK_OK;
}

static inline epk_status_t tree_close(void *context, void *file)
{
	struct tree *tree = context;

	(void)file;
	tree->open_now--;
	return EPK_OK;
}

static inline epk_status_t image_write(void *context, uint64_t offset,
				       const void *data, size_t size_bytes)
{
	struct image *image = context;
	size_t end = (size_t)offset + size_bytes;

	if (++image->writes == image->fail_write)
		return EPK_ERR_IO;
	if (end > image->capacity_bytes) {
		uint8_t *bytes = realloc(image->bytes, 2 * end);

		if (!bytes)
			return EPK_ERR_IO;
		memset(bytes + image->capacity_bytes, 0xaa,
		       2 * end - image->capacity_bytes);
		image->bytes = bytes;
		image->capacity_bytes = 2 * end;
	}
	memcpy(image->bytes + offset, data, size_bytes);
	return EPK_OK;
}

static inline epk_status_t image_read(void *context, uint64_t offset,
				      void *data, size_t size_bytes)
{
	struct image *image = context;

	if (offset + size_bytes > image->capacity_bytes)
		return EPK_ERR_IO;
	memcpy(data, image->bytes + offset, size_bytes);
	return EPK_OK;
}

static inline epk_status_t image_set_size(void *context, uint64_t size_bytes)
{
	struct image *image = context;

	image->size_bytes = (size_t)size_bytes;
	return EPK_OK;
}

static inline void image_drop(struct image *image)
{
	free(image->bytes);
	*image = (struct image){ 0 };
}

/** Entry index of the folder with this path; 0 is the root. */
static inline uint32_t folder_index(const struct tree *tree, const char *path,
				    size_t size_bytes)
{
	for (uint32_t i = 0; i < tree->count; i++) {
		if (strlen(tree->items[i].path) == size_bytes &&
		    memcmp(tree->items[i].path, path, size_bytes) == 0)
			return i + 1;
	}
	return 0;
}

static inline epk_status_t tree_add(struct epk_writer *writer,
				    const struct tree *tree, uint32_t index)
{
	const struct item *item = &tree->items[index];
	const char *slash = strrchr(item->path, '/');
	size_t parent_size = slash ? (size_t)(slash - item->path) : 0;
	struct epk_writer_entry entry = {
		.parent = folder_index(tree, item->path, parent_size),
		.type = item->type,
		.exec = item->exec,
		.mapped = item->mapped,
		.name = slash ? slash + 1 : item->path,
		.size = item->size_bytes,
		.cookie = index,
	};

	entry.name_size = strlen(entry.name);
	if (item->type == EPK_TYPE_LINK) {
		entry.target = item->target;
		entry.target_size = strlen(item->target);
	}
	if (item->type == EPK_TYPE_ALIAS)
		entry.alias_folder =
			folder_index(tree, item->target, strlen(item->target));
	return epk_writer_add(writer, &entry, NULL);
}

/** Pack a tree; what create, add or finish returned. */
static inline epk_status_t pack_tree(struct tree *tree,
				     const struct epk_writer_settings *settings,
				     struct image *image,
				     struct epk_writer_result *result)
{
	const struct epk_writer_source source = {
		.open = tree_open,
		.read = tree_read,
		.close = tree_close,
		.context = tree,
	};
	const struct epk_writer_sink sink = {
		.write = image_write,
		.read = image_read,
		.set_size = image_set_size,
		.context = image,
	};
	struct epk_writer *writer;
	epk_status_t status = epk_writer_create(settings, &writer);

	if (status)
		return status;
	for (uint32_t i = 0; i < tree->count && !status; i++)
		status = tree_add(writer, tree, i);
	if (status == EPK_OK)
		status = epk_writer_set_manifest(writer, tree->manifest,
						 strlen(tree->manifest));
	if (status == EPK_OK)
		status = epk_writer_finish(writer, &source, &sink, result);
	epk_writer_destroy(writer);
	return status;
}

static inline void hex(const uint8_t digest[32], char out[65])
{
	for (int i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

#endif /* TESTS_WRITER_SUPPORT_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* The writer's life: create, entries, manifest, finish, destroy. Entries are
 * checked when they come, so that an error can name what brought it. */
#include "image_internal.h"
#include "writer_internal.h"

#include <epk/host.h>
#include <epk/name.h>

#include <string.h>

static epk_status_t check_settings(const struct epk_writer_settings *settings)
{
	uint8_t align = settings->align_log2;

	if (settings->size_bytes != sizeof(*settings) ||
	    (align != 12 && align != 14 && align != 16) ||
	    settings->block_log2 < EPK_BLOCK_LOG2_MIN ||
	    settings->block_log2 > EPK_BLOCK_LOG2_MAX ||
	    settings->block_log2 < align ||
	    settings->threads > EPK_WRITER_THREADS_MAX ||
	    settings->build_epoch > EPK_BUILD_EPOCH_MAX)
		return EPK_ERR_INVALID;
	if (settings->zero[0] || settings->zero[1])
		return EPK_ERR_INVALID;
	if (settings->base && !epk_is_loaded(settings->base))
		return EPK_ERR_STATE;
	return EPK_OK;
}

static void fill_defaults(struct epk_writer_settings *settings)
{
	if (!settings->align_log2)
		settings->align_log2 = EPK_ALIGN_LOG2_DEFAULT;
	if (!settings->block_log2)
		settings->block_log2 = EPK_BLOCK_LOG2_DEFAULT;
	if (!settings->ops)
		settings->ops = epk_ops_default();
	if (!settings->allocator)
		settings->allocator = epk_allocator_heap();
}

static epk_status_t append_entry(struct epk_writer *writer,
				 const struct wentry *row)
{
	epk_status_t status = wbuf_reserve(&writer->allocator, &writer->entries,
					   sizeof(*row));

	if (status)
		return status;
	memcpy(writer->entries.data + writer->entries.size_bytes, row,
	       sizeof(*row));
	writer->entries.size_bytes += sizeof(*row);
	writer->entry_count++;
	return EPK_OK;
}

epk_status_t epk_writer_create(const struct epk_writer_settings *settings,
			       struct epk_writer **out_writer)
{
	const struct wentry root = { .type = EPK_TYPE_FOLDER };
	struct epk_writer_settings chosen = { .size_bytes = sizeof(chosen) };
	struct epk_writer *writer;
	epk_status_t status;

	if (!out_writer)
		return EPK_ERR_INVALID;
	if (settings)
		chosen = *settings;
	fill_defaults(&chosen);
	status = check_settings(&chosen);
	if (status)
		return status;
	writer = wmem_allocate(chosen.allocator, 1, sizeof(*writer));
	if (!writer)
		return EPK_ERR_NO_MEMORY;
	memset(writer, 0, sizeof(*writer));
	writer->settings = chosen;
	writer->allocator = *chosen.allocator;
	status = append_entry(writer, &root);
	if (status) {
		epk_writer_destroy(writer);
		return status;
	}
	*out_writer = writer;
	return EPK_OK;
}

void epk_writer_destroy(struct epk_writer *writer)
{
	struct epk_allocator allocator;

	if (!writer)
		return;
	allocator = writer->allocator;
	wbuf_fini(&allocator, &writer->entries);
	wbuf_fini(&allocator, &writer->text);
	wbuf_fini(&allocator, &writer->blocks);
	wmem_release(&allocator, writer->manifest);
	wmem_release(&allocator, writer->nodes);
	wmem_release(&allocator, writer->names);
	wmem_release(&allocator, writer->cookies);
	wmem_release(&allocator, writer->known);
	wmem_release(&allocator, writer->runs);
	wmem_release(&allocator, writer->scratch);
	wmem_release(&allocator, writer);
}

const struct wentry *wentry_get(const struct epk_writer *writer, uint32_t index)
{
	const void *entries = writer->entries.data;

	return (const struct wentry *)entries + index;
}

/** Writes name in front of path[*start], with a '/' unless it is the last. */
static void put_before(char *path, size_t *start, const void *name,
		       size_t name_size)
{
	if (path[*start] != '\0')
		path[--*start] = '/';
	*start -= name_size;
	memcpy(path + *start, name, name_size);
}

/** The path of a new entry: its parent's and name, as far as it fits. */
static void set_error_path(struct epk_writer *writer, uint32_t parent,
			   const void *name, size_t name_size)
{
	char *path = writer->error_path;
	size_t start = EPK_PATH_MAX;
	uint32_t at = parent;

	path[start] = '\0';
	put_before(path, &start, name,
		   name_size < EPK_NAME_MAX ? name_size : EPK_NAME_MAX);
	while (at != 0) {
		const struct wentry *entry = wentry_get(writer, at);

		if ((size_t)entry->name_size + 1 > start)
			break;
		put_before(path, &start, writer->text.data + entry->text_at,
			   entry->name_size);
		at = entry->parent;
	}
	memmove(path, path + start, EPK_PATH_MAX + 1 - start);
}

epk_status_t wentry_error(struct epk_writer *writer, uint32_t index,
			  epk_status_t status)
{
	const struct wentry *entry = wentry_get(writer, index);

	set_error_path(writer, entry->parent,
		       writer->text.data + entry->text_at, entry->name_size);
	return status;
}

const char *wnode_path(struct epk_writer *writer, uint32_t node,
		       size_t *out_size)
{
	size_t start = EPK_PATH_MAX;

	writer->path[start] = '\0';
	while (node != 0) {
		const uint8_t *bytes = wnode(writer, node);

		put_before(writer->path, &start,
			   writer->names +
				   epk_load32(bytes + EPK_NODE_NAME_OFF),
			   epk_load16(bytes + EPK_NODE_NAME_LEN));
		node = epk_load32(bytes + EPK_NODE_PARENT);
	}
	*out_size = EPK_PATH_MAX - start;
	return writer->path + start;
}

epk_status_t wnode_error(struct epk_writer *writer, uint32_t node,
			 epk_status_t status)
{
	size_t size;
	const char *path = wnode_path(writer, node, &size);

	memcpy(writer->error_path, path, size + 1);
	return status;
}

/** What section 5 says about one entry; row gets its derived fields. */
static epk_status_t check_entry(const struct epk_writer *writer,
				const struct epk_writer_entry *entry,
				struct wentry *row)
{
	const struct wentry *parent = wentry_get(writer, entry->parent);
	size_t path_size = (size_t)parent->path_size + 1 + entry->name_size;

	if (!epk_name_valid(entry->name, entry->name_size))
		return EPK_ERR_NAME;
	if (entry->parent == 0 && entry->name_size == 13 &&
	    memcmp(entry->name, "manifest.toml", 13) == 0)
		return EPK_ERR_NAME;
	if (parent->depth == EPK_DEPTH_MAX || path_size > EPK_PATH_MAX ||
	    writer->entry_count == EPK_NODE_COUNT_MAX ||
	    writer->text.size_bytes + entry->name_size + entry->target_size >
		    EPK_NAMES_SIZE_MAX)
		return EPK_ERR_LIMIT;
	if (entry->type == EPK_TYPE_LINK &&
	    !epk_target_valid(entry->target, entry->target_size, parent->depth))
		return EPK_ERR_LINK;
	if (entry->type == EPK_TYPE_FILE &&
	    (entry->size > EPK_FILES_SIZE_MAX ||
	     writer->plain_bytes + entry->size > EPK_FILES_SIZE_MAX))
		return EPK_ERR_LIMIT;
	row->depth = (uint8_t)(parent->depth + 1);
	row->path_size = (uint16_t)path_size;
	return EPK_OK;
}

static bool is_folder(const struct epk_writer *writer, uint32_t index)
{
	return index < writer->entry_count &&
	       wentry_get(writer, index)->type == EPK_TYPE_FOLDER;
}

static bool entry_sound(const struct epk_writer *writer,
			const struct epk_writer_entry *entry)
{
	if (writer->finished || !entry || !entry->name)
		return false;
	if (!is_folder(writer, entry->parent))
		return false;
	if (entry->type < EPK_TYPE_FOLDER || entry->type > EPK_TYPE_LINK)
		return false;
	if (entry->type != EPK_TYPE_LINK && entry->target_size != 0)
		return false;
	if (entry->type == EPK_TYPE_LINK && !entry->target)
		return false;
	return entry->type != EPK_TYPE_ALIAS ||
	       is_folder(writer, entry->alias_folder);
}

static void fill_row(struct wentry *row, const struct epk_writer_entry *entry)
{
	row->parent = entry->parent;
	row->type = entry->type;
	row->name_size = (uint16_t)entry->name_size;
	if (entry->type == EPK_TYPE_LINK)
		row->target_size = (uint16_t)entry->target_size;
	if (entry->type == EPK_TYPE_ALIAS)
		row->alias_folder = entry->alias_folder;
	if (entry->type != EPK_TYPE_FILE)
		return;
	row->size = entry->size;
	row->cookie = entry->cookie;
	if (entry->exec)
		row->flags |= EPK_FLAG_EXEC;
	if (entry->mapped && entry->size)
		row->flags |= EPK_FLAG_MAPPED;
}

epk_status_t epk_writer_add(struct epk_writer *writer,
			    const struct epk_writer_entry *entry,
			    uint32_t *out_index)
{
	struct wentry row = { 0 };
	epk_status_t status;

	if (!writer)
		return EPK_ERR_INVALID;
	writer->error_path[0] = '\0';
	if (!entry_sound(writer, entry))
		return EPK_ERR_INVALID;
	status = check_entry(writer, entry, &row);
	if (status) {
		set_error_path(writer, entry->parent, entry->name,
			       entry->name_size);
		return status;
	}
	fill_row(&row, entry);
	row.text_at = (uint32_t)writer->text.size_bytes;
	status = wbuf_reserve(&writer->allocator, &writer->text,
			      entry->name_size + entry->target_size);
	if (status)
		return status;
	status = append_entry(writer, &row);
	if (status)
		return status;
	memcpy(writer->text.data + row.text_at, entry->name, row.name_size);
	if (row.target_size)
		memcpy(writer->text.data + row.text_at + row.name_size,
		       entry->target, row.target_size);
	writer->text.size_bytes += (size_t)row.name_size + row.target_size;
	writer->plain_bytes += row.size;
	if (out_index)
		*out_index = writer->entry_count - 1;
	return EPK_OK;
}

epk_status_t epk_writer_set_manifest(struct epk_writer *writer,
				     const void *text, size_t size_bytes)
{
	uint8_t *copy;

	if (!writer || !text || writer->finished)
		return EPK_ERR_INVALID;
	if (size_bytes == 0 || size_bytes > EPK_MANIFEST_SIZE_MAX)
		return EPK_ERR_LIMIT;
	copy = wmem_allocate(&writer->allocator, size_bytes, 1);
	if (!copy)
		return EPK_ERR_NO_MEMORY;
	memcpy(copy, text, size_bytes);
	wmem_release(&writer->allocator, writer->manifest);
	writer->manifest = copy;
	writer->manifest_size = (uint32_t)size_bytes;
	return EPK_OK;
}

static epk_status_t write_image(struct epk_writer *writer,
				struct epk_writer_result *result)
{
	uint64_t data_base;
	epk_status_t status = wtree_build(writer);

	if (status == EPK_OK)
		status = wplan_make(writer);
	if (status)
		return status;
	/* Data goes where no metadata can reach, and moves down later. */
	data_base = EPK_METADATA_OFFSET +
		    wmeta_plain_size(writer, wplace_blocks_max(writer));
	data_base = epk_align_up(data_base, writer->settings.align_log2);
	status = wplace_all(writer, data_base, result);
	if (status)
		return status;
	return wmeta_write(writer, data_base, result);
}

epk_status_t epk_writer_finish(struct epk_writer *writer,
			       const struct epk_writer_source *source,
			       const struct epk_writer_sink *sink,
			       struct epk_writer_result *out_result)
{
	struct epk_writer_result result = { 0 };
	epk_status_t status;

	if (!writer || !source || !sink || !out_result || !writer->manifest ||
	    writer->finished)
		return EPK_ERR_INVALID;
	writer->finished = true;
	writer->error_path[0] = '\0';
	writer->source = source;
	writer->sink = sink;
	status = write_image(writer, &result);
	if (status == EPK_OK)
		*out_result = result;
	return status;
}

const char *epk_writer_error_path(const struct epk_writer *writer)
{
	return writer ? writer->error_path : "";
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of packing: metadata is put together and compressed, which says
 * where data begins; data moves down to there, the header comes last. */
#include "writer_internal.h"

#include <string.h>

struct meta {
	uint8_t *plain;
	uint8_t *encoded; /* NULL when stored as it is */
	size_t plain_size;
	size_t stored_size;
	uint32_t codec;
	uint64_t data_offset;
};

uint64_t wmeta_plain_size(const struct epk_writer *writer, uint64_t blocks)
{
	uint64_t tables = (uint64_t)writer->node_count * EPK_NODE_SIZE +
			  blocks * EPK_BLOCK_ROW_SIZE + writer->names_size;

	return epk_align_up(tables, 4) + writer->manifest_size;
}

static const uint8_t *stored_bytes(const struct meta *meta)
{
	return meta->encoded ? meta->encoded : meta->plain;
}

static uint8_t *append(uint8_t *to, const void *bytes, size_t size_bytes)
{
	if (size_bytes)
		memcpy(to, bytes, size_bytes);
	return to + size_bytes;
}

/** Joins the tables and gives their own memory back. */
static epk_status_t join_tables(struct epk_writer *writer, struct meta *meta)
{
	const struct epk_allocator *allocator = &writer->allocator;
	size_t blocks = writer->blocks.size_bytes / EPK_BLOCK_ROW_SIZE;
	uint8_t *to;

	meta->plain_size = (size_t)wmeta_plain_size(writer, blocks);
	meta->plain = wmem_allocate(allocator, meta->plain_size, 1);
	if (!meta->plain)
		return EPK_ERR_NO_MEMORY;
	memset(meta->plain, 0, meta->plain_size);
	to = append(meta->plain, writer->nodes,
		    (size_t)writer->node_count * EPK_NODE_SIZE);
	to = append(to, writer->blocks.data, writer->blocks.size_bytes);
	append(to, writer->names, writer->names_size);
	append(meta->plain + meta->plain_size - writer->manifest_size,
	       writer->manifest, writer->manifest_size);
	wmem_release(allocator, writer->nodes);
	wmem_release(allocator, writer->names);
	writer->nodes = NULL;
	writer->names = NULL;
	return EPK_OK;
}

static epk_status_t encode_into(const struct epk_writer *writer,
				struct meta *meta)
{
	const struct epk_codec *codec = writer->settings.meta_codec;
	void *encoder;
	size_t size = 0;
	epk_status_t status = codec->open(&writer->allocator,
					  writer->settings.level, &encoder);

	if (status)
		return status;
	status = codec->encode(encoder, meta->plain, meta->plain_size,
			       meta->encoded, meta->plain_size - 1, &size);
	codec->close(encoder);
	if (status == EPK_OK && size) {
		meta->codec = codec->id;
		meta->stored_size = size;
	}
	return status;
}

static epk_status_t encode_meta(struct epk_writer *writer, struct meta *meta)
{
	epk_status_t status = EPK_OK;

	meta->codec = EPK_CODEC_STORE;
	meta->stored_size = meta->plain_size;
	if (writer->settings.meta_codec) {
		meta->encoded =
			wmem_allocate(&writer->allocator, meta->plain_size, 1);
		if (!meta->encoded)
			return EPK_ERR_NO_MEMORY;
		status = encode_into(writer, meta);
	}
	if (meta->codec == EPK_CODEC_STORE) {
		wmem_release(&writer->allocator, meta->encoded);
		meta->encoded = NULL;
	}
	meta->data_offset =
		epk_align_up(EPK_METADATA_OFFSET + meta->stored_size,
			     writer->settings.align_log2);
	return status;
}

static epk_status_t move_data(struct epk_writer *writer, uint64_t from,
			      uint64_t to)
{
	const struct epk_writer_sink *sink = writer->sink;
	uint64_t done = 0;

	if (from == to)
		return EPK_OK;
	while (done < writer->data_size) {
		uint64_t left = writer->data_size - done;
		size_t part = wblock_size(writer);
		epk_status_t status;

		if (part > left)
			part = (size_t)left;
		status = sink->read(sink->context, from + done, writer->scratch,
				    part);
		if (status == EPK_OK)
			status = sink->write(sink->context, to + done,
					     writer->scratch, part);
		if (status)
			return status;
		done += part;
	}
	return EPK_OK;
}

static epk_status_t write_zeros(struct epk_writer *writer, uint64_t from,
				uint64_t to)
{
	static const uint8_t zeros[EPK_PAGE_SIZE];
	const struct epk_writer_sink *sink = writer->sink;

	while (from < to) {
		size_t part = sizeof(zeros);
		epk_status_t status;

		if (part > to - from)
			part = (size_t)(to - from);
		status = sink->write(sink->context, from, zeros, part);
		if (status)
			return status;
		from += part;
	}
	return EPK_OK;
}

static void encode_header(const struct epk_writer *writer,
			  const struct meta *meta, uint64_t image_size,
			  uint8_t *page)
{
	const struct epk_writer_settings *settings = &writer->settings;

	memset(page, 0, EPK_PAGE_SIZE);
	append(page, EPK_MAGIC, EPK_MAGIC_SIZE);
	epk_store16(page + EPK_HEADER_VERSION_MAJOR, EPK_VERSION_MAJOR);
	epk_store16(page + EPK_HEADER_VERSION_MINOR, EPK_VERSION_MINOR);
	epk_store32(page + EPK_HEADER_HEADER_SIZE, EPK_HEADER_SIZE);
	epk_store64(page + EPK_HEADER_IMAGE_SIZE, image_size);
	page[EPK_HEADER_ALIGN_LOG2] = settings->align_log2;
	page[EPK_HEADER_BLOCK_LOG2] = settings->block_log2;
	page[EPK_HEADER_DIGEST_ALG] = EPK_DIGEST_SHA256;
	page[EPK_HEADER_META_CODEC] = (uint8_t)meta->codec;
	epk_store32(page + EPK_HEADER_NODE_COUNT, writer->node_count);
	epk_store32(page + EPK_HEADER_MAP_BLOCKS, writer->region_blocks[0]);
	epk_store32(page + EPK_HEADER_WHOLE_BLOCKS, writer->region_blocks[1]);
	epk_store32(page + EPK_HEADER_SHARED_BLOCKS, writer->region_blocks[2]);
	epk_store32(page + EPK_HEADER_NAMES_SIZE, writer->names_size);
	epk_store32(page + EPK_HEADER_MANIFEST_SIZE, writer->manifest_size);
	epk_store64(page + EPK_HEADER_META_STORED, meta->stored_size);
	epk_store64(page + EPK_HEADER_BUILD_EPOCH, settings->build_epoch);
	append(page + EPK_SIGAREA_OFFSET, EPK_SIGAREA_MAGIC, 4);
}

/** Pads, metadata and first page; the image is whole with the last write. */
static epk_status_t write_front(struct epk_writer *writer,
				const struct meta *meta,
				struct epk_writer_result *result)
{
	const struct epk_writer_sink *sink = writer->sink;
	const struct epk_ops *ops = writer->settings.ops;
	uint8_t page[EPK_PAGE_SIZE];
	epk_status_t status;

	encode_header(writer, meta, result->image_size, page);
	status = epk_sha256(ops, stored_bytes(meta), meta->stored_size,
			    page + EPK_HEADER_META_DIGEST);
	if (status)
		return status;
	epk_store32(page + EPK_HEADER_CRC, epk_crc32c(page, EPK_HEADER_CRC));
	status = epk_sha256(ops, page, EPK_HEADER_SIZE, result->package_id);
	if (status)
		return status;
	status = write_zeros(writer, EPK_METADATA_OFFSET + meta->stored_size,
			     meta->data_offset);
	if (status == EPK_OK)
		status = sink->write(sink->context, EPK_METADATA_OFFSET,
				     stored_bytes(meta), meta->stored_size);
	if (status == EPK_OK)
		status = sink->set_size(sink->context, result->image_size);
	if (status == EPK_OK)
		status = sink->write(sink->context, 0, page, sizeof(page));
	return status;
}

static epk_status_t write_all(struct epk_writer *writer, struct meta *meta,
			      uint64_t data_base,
			      struct epk_writer_result *result)
{
	epk_status_t status = wid_content(writer, result->content_id);

	if (status == EPK_OK)
		status = join_tables(writer, meta);
	if (status == EPK_OK)
		status = encode_meta(writer, meta);
	if (status)
		return status;
	result->image_size = meta->data_offset + writer->data_size;
	if (result->image_size > EPK_IMAGE_SIZE_MAX)
		return EPK_ERR_LIMIT;
	status = move_data(writer, data_base, meta->data_offset);
	if (status == EPK_OK)
		status = write_front(writer, meta, result);
	return status;
}

epk_status_t wmeta_write(struct epk_writer *writer, uint64_t data_base,
			 struct epk_writer_result *result)
{
	struct meta meta = { 0 };
	epk_status_t status = write_all(writer, &meta, data_base, result);

	wmem_release(&writer->allocator, meta.plain);
	wmem_release(&writer->allocator, meta.encoded);
	result->plain_bytes = writer->plain_bytes;
	result->shared_bytes = writer->shared_bytes;
	result->nodes = writer->node_count;
	result->files = writer->file_count;
	return status;
}

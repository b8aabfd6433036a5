/* SPDX-License-Identifier: BSD-2-Clause */
/* One file read once, from its first byte to its end, hashed on the way.
 * Whatever is not as the entry said ends in CHANGED: an image is made of
 * files that stood still. */
#include "writer_internal.h"

void wprogress_add(struct epk_writer *writer, uint64_t size_bytes)
{
	const struct epk_writer_settings *settings = &writer->settings;

	writer->progress_done += size_bytes;
	if (settings->progress)
		settings->progress(settings->progress_context,
				   writer->progress_done,
				   writer->progress_total);
}

epk_status_t wread_open(struct wread *read, struct epk_writer *writer,
			uint32_t node)
{
	const struct epk_writer_source *source = writer->source;
	const struct epk_ops *ops = writer->settings.ops;
	size_t size;
	const char *path = wnode_path(writer, node, &size);
	epk_status_t status;

	*read = (struct wread){
		.writer = writer,
		.node = node,
		.left = wnode_size(wnode(writer, node)),
	};
	status = source->open(source->context, writer->cookies[node], path,
			      &read->file);
	if (status)
		return wnode_error(writer, node, status);
	status = ops->sha256_init(&read->hash);
	if (status)
		(void)source->close(source->context, read->file);
	return status;
}

epk_status_t wread_bytes(struct wread *read, void *buffer, size_t size_bytes)
{
	struct epk_writer *writer = read->writer;
	const struct epk_writer_source *source = writer->source;
	uint8_t *to = buffer;
	size_t done = 0;

	while (done < size_bytes) {
		size_t count = 0;
		epk_status_t status =
			source->read(source->context, read->file, to + done,
				     size_bytes - done, &count);

		if (status == EPK_OK &&
		    (count == 0 || count > size_bytes - done))
			status = EPK_ERR_CHANGED;
		if (status)
			return wnode_error(writer, read->node, status);
		done += count;
	}
	if (size_bytes == 0)
		return EPK_OK;
	read->left -= size_bytes;
	wprogress_add(writer, size_bytes);
	return writer->settings.ops->sha256_update(&read->hash, buffer,
						   size_bytes);
}

/** Nothing may follow the bytes that the entry announced. */
static epk_status_t expect_end(struct wread *read)
{
	const struct epk_writer_source *source = read->writer->source;
	uint8_t beyond;
	size_t count = 0;
	epk_status_t status =
		source->read(source->context, read->file, &beyond, 1, &count);

	if (status)
		return status;
	return read->left || count ? EPK_ERR_CHANGED : EPK_OK;
}

epk_status_t wread_close(struct wread *read,
			 uint8_t out_digest[EPK_DIGEST_SIZE])
{
	struct epk_writer *writer = read->writer;
	const struct epk_writer_source *source = writer->source;
	epk_status_t status = expect_end(read);
	epk_status_t closed = source->close(source->context, read->file);

	writer->settings.ops->sha256_final(&read->hash, out_digest);
	if (status == EPK_OK)
		status = closed;
	return status ? wnode_error(writer, read->node, status) : EPK_OK;
}

void wread_abort(struct wread *read)
{
	const struct epk_writer_source *source = read->writer->source;

	(void)source->close(source->context, read->file);
	read->writer->settings.ops->sha256_final(&read->hash, NULL);
}

epk_status_t wread_digest(struct epk_writer *writer, uint32_t node,
			  uint8_t out_digest[EPK_DIGEST_SIZE])
{
	struct wread read;
	epk_status_t status = wread_open(&read, writer, node);

	if (status)
		return status;
	while (read.left) {
		size_t part = wblock_size(writer);

		if (part > read.left)
			part = (size_t)read.left;
		status = wread_bytes(&read, writer->scratch, part);
		if (status) {
			wread_abort(&read);
			return status;
		}
	}
	return wread_close(&read, out_digest);
}

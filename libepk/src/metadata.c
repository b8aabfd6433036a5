/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps 12 and 13: the metadata comes in, is hashed, and only then decoded. */
#include "image_internal.h"

static epk_status_t fail(struct epk_image *image, epk_status_t status)
{
	return epk_fail(image, EPK_STAGE_METADATA, status, EPK_NO_INDEX);
}

/* Stored bytes: in place, or read once into private memory. */
static epk_status_t fetch(const struct epk_image *image, void *buffer,
			  const uint8_t **out_stored)
{
	const struct epk_source *source = &image->source;

	if (source->mapped != NULL) {
		*out_stored =
			(const uint8_t *)source->mapped + EPK_METADATA_OFFSET;
		return EPK_OK;
	}
	*out_stored = buffer;
	return epk_source_read(source, EPK_METADATA_OFFSET, buffer,
			       (size_t)image->header.meta_stored);
}

static epk_status_t authenticate(const struct epk_image *image,
				 const uint8_t *stored)
{
	uint8_t digest[EPK_DIGEST_SIZE];
	const epk_status_t status = epk_sha256(
		image->ops, stored, (size_t)image->header.meta_stored, digest);

	if (status != EPK_OK)
		return status;
	return epk_mem_equal(digest, image->header.meta_digest, sizeof(digest))
		       ? EPK_OK
		       : EPK_ERR_META_DIGEST;
}

static void divide(struct epk_image *image, const uint8_t *plain)
{
	const struct epk_header *header = &image->header;

	image->nodes = plain;
	image->blocks =
		image->nodes + (size_t)header->node_count * EPK_NODE_SIZE;
	image->names = image->blocks +
		       (size_t)header->block_count * EPK_BLOCK_ROW_SIZE;
	image->manifest.text =
		(const char *)plain + header->meta_size - header->manifest_size;
	image->manifest.text_size = header->manifest_size;
}

epk_status_t epk_metadata_load(struct epk_image *image, void *metadata,
			       void *work)
{
	const struct epk_header *header = &image->header;
	const bool store = header->meta_codec == EPK_CODEC_STORE;
	const uint8_t *stored;
	epk_status_t status;

	status = fetch(image, store ? metadata : work, &stored);
	if (status == EPK_OK)
		status = authenticate(image, stored);
	if (status != EPK_OK)
		return fail(image, status);
	if (store) {
		divide(image, stored);
		return EPK_OK;
	}
	if (image->ops->inflate == NULL)
		return fail(image, EPK_ERR_COMPAT);
	status = image->ops->inflate(stored, (size_t)header->meta_stored,
				     metadata, (size_t)header->meta_size);
	if (status != EPK_OK)
		return fail(image, status);
	divide(image, metadata);
	return EPK_OK;
}

/* Between the stored metadata and the data: less than A bytes. */
static epk_status_t check_outer_pad(const struct epk_image *image,
				    uint8_t *work, size_t work_size)
{
	uint64_t at = EPK_METADATA_OFFSET + image->header.meta_stored;

	while (at < image->header.data_offset) {
		const uint64_t left = image->header.data_offset - at;
		const size_t part = left < work_size ? (size_t)left : work_size;
		const epk_status_t status =
			epk_source_read(&image->source, at, work, part);

		if (status != EPK_OK)
			return status;
		if (!epk_mem_is_zero(work, part))
			return EPK_ERR_PAD;
		at += part;
	}
	return EPK_OK;
}

epk_status_t epk_pads_check(struct epk_image *image, uint8_t *work,
			    size_t work_size)
{
	const struct epk_header *header = &image->header;
	const uint8_t *pad = image->names + header->names_size;
	const uint8_t *text = (const uint8_t *)image->manifest.text;
	epk_status_t status = EPK_ERR_PAD;

	if (epk_mem_is_zero(pad, (size_t)(text - pad)))
		status = check_outer_pad(image, work, work_size);
	if (status != EPK_OK)
		return epk_fail(image, EPK_STAGE_PADS, status, EPK_NO_INDEX);
	return EPK_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps 2..9: the 256 bytes of the header, in constant time and memory. */
#include "image_internal.h"

static epk_status_t check_magic(struct epk_image *image, const uint8_t *page)
{
	(void)image;
	return epk_mem_equal(page, EPK_MAGIC, EPK_MAGIC_SIZE) ? EPK_OK
							      : EPK_ERR_MAGIC;
}

static epk_status_t check_version(struct epk_image *image, const uint8_t *page)
{
	(void)image;
	if (epk_load16(page + EPK_HEADER_VERSION_MAJOR) != EPK_VERSION_MAJOR ||
	    epk_load16(page + EPK_HEADER_VERSION_MINOR) != EPK_VERSION_MINOR)
		return EPK_ERR_VERSION;
	return EPK_OK;
}

static epk_status_t check_checksum(struct epk_image *image, const uint8_t *page)
{
	(void)image;
	return epk_crc32c(page, EPK_HEADER_CRC) ==
			       epk_load32(page + EPK_HEADER_CRC)
		       ? EPK_OK
		       : EPK_ERR_HEADER_CRC;
}

static epk_status_t check_features(struct epk_image *image, const uint8_t *page)
{
	const uint32_t incompat =
		epk_load32(page + EPK_HEADER_FEATURE_INCOMPAT);

	if (epk_load32(page + EPK_HEADER_HEADER_SIZE) != EPK_HEADER_SIZE)
		return EPK_ERR_HEADER;
	if ((incompat & ~EPK_FEATURE_INCOMPAT_KNOWN) != 0)
		return EPK_ERR_FEATURE;
	image->header.feature_compat =
		epk_load32(page + EPK_HEADER_FEATURE_COMPAT);
	return EPK_OK;
}

static bool log2_fit(uint32_t align, uint32_t block)
{
	return (align == 12 || align == 14 || align == 16) &&
	       block >= EPK_BLOCK_LOG2_MIN && block <= EPK_BLOCK_LOG2_MAX &&
	       block >= align;
}

static epk_status_t check_fields(struct epk_image *image, const uint8_t *page)
{
	struct epk_header *header = &image->header;

	header->align_log2 = page[EPK_HEADER_ALIGN_LOG2];
	header->block_log2 = page[EPK_HEADER_BLOCK_LOG2];
	header->meta_codec = page[EPK_HEADER_META_CODEC];
	header->build_epoch = epk_load64(page + EPK_HEADER_BUILD_EPOCH);
	if (epk_load32(page + EPK_HEADER_ZERO_A) != 0 ||
	    !epk_mem_is_zero(page + EPK_HEADER_ZERO_B, EPK_HEADER_ZERO_B_SIZE))
		return EPK_ERR_HEADER;
	if (page[EPK_HEADER_DIGEST_ALG] != EPK_DIGEST_SHA256 ||
	    header->meta_codec > EPK_CODEC_ZLIB)
		return EPK_ERR_HEADER;
	if (!log2_fit(header->align_log2, header->block_log2) ||
	    header->build_epoch > EPK_BUILD_EPOCH_MAX)
		return EPK_ERR_HEADER;
	epk_mem_copy(header->meta_digest, page + EPK_HEADER_META_DIGEST,
		     EPK_DIGEST_SIZE);
	return EPK_OK;
}

static uint64_t plain_metadata_size(const struct epk_header *header)
{
	const uint64_t tables =
		(uint64_t)header->node_count * EPK_NODE_SIZE +
		(uint64_t)header->block_count * EPK_BLOCK_ROW_SIZE +
		header->names_size;

	return epk_align_up(tables, 4) + header->manifest_size;
}

static bool stored_fits(const struct epk_header *header)
{
	if (header->meta_codec == EPK_CODEC_STORE)
		return header->meta_stored == header->meta_size;
	return header->meta_stored != 0 &&
	       header->meta_stored < header->meta_size;
}

static epk_status_t check_counts(struct epk_header *header)
{
	const uint64_t blocks = (uint64_t)header->map_blocks +
				header->whole_blocks + header->shared_blocks;

	if (header->node_count < 1 || header->node_count > EPK_NODE_COUNT_MAX ||
	    blocks > EPK_BLOCK_COUNT_MAX)
		return EPK_ERR_LIMIT;
	header->block_count = (uint32_t)blocks;
	if (header->names_size > EPK_NAMES_SIZE_MAX ||
	    header->manifest_size < 1 ||
	    header->manifest_size > EPK_MANIFEST_SIZE_MAX)
		return EPK_ERR_LIMIT;
	return EPK_OK;
}

static epk_status_t check_limits(struct epk_image *image, const uint8_t *page)
{
	struct epk_header *header = &image->header;

	header->image_size = epk_load64(page + EPK_HEADER_IMAGE_SIZE);
	header->node_count = epk_load32(page + EPK_HEADER_NODE_COUNT);
	header->map_blocks = epk_load32(page + EPK_HEADER_MAP_BLOCKS);
	header->whole_blocks = epk_load32(page + EPK_HEADER_WHOLE_BLOCKS);
	header->shared_blocks = epk_load32(page + EPK_HEADER_SHARED_BLOCKS);
	header->names_size = epk_load32(page + EPK_HEADER_NAMES_SIZE);
	header->manifest_size = epk_load32(page + EPK_HEADER_MANIFEST_SIZE);
	header->meta_stored = epk_load64(page + EPK_HEADER_META_STORED);
	if (header->image_size > EPK_IMAGE_SIZE_MAX ||
	    check_counts(header) != EPK_OK)
		return EPK_ERR_LIMIT;
	header->meta_size = plain_metadata_size(header);
	return stored_fits(header) ? EPK_OK : EPK_ERR_LIMIT;
}

static epk_status_t check_size(struct epk_image *image, const uint8_t *page)
{
	const uint64_t object = image->source.size_bytes;
	const uint64_t size = image->header.image_size;
	const bool rounded = (image->source.flags & EPK_SOURCE_ROUNDED) != 0;

	(void)page;
	return size == object || (rounded && size < object) ? EPK_OK
							    : EPK_ERR_SIZE;
}

static epk_status_t check_layout(struct epk_image *image, const uint8_t *page)
{
	struct epk_header *header = &image->header;

	(void)page;
	header->data_offset = epk_align_up(
		EPK_METADATA_OFFSET + header->meta_stored, header->align_log2);
	return header->data_offset <= header->image_size ? EPK_OK
							 : EPK_ERR_LAYOUT;
}

epk_status_t epk_header_check(struct epk_image *image, const uint8_t *page)
{
	static const struct {
		uint32_t stage;
		epk_status_t (*check)(struct epk_image *image,
				      const uint8_t *page);
	} steps[] = {
		{ EPK_STAGE_MAGIC, check_magic },
		{ EPK_STAGE_VERSION, check_version },
		{ EPK_STAGE_CHECKSUM, check_checksum },
		{ EPK_STAGE_FEATURES, check_features },
		{ EPK_STAGE_FIELDS, check_fields },
		{ EPK_STAGE_LIMITS, check_limits },
		{ EPK_STAGE_SIZE, check_size },
		{ EPK_STAGE_LAYOUT, check_layout },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const epk_status_t status = steps[i].check(image, page);

		if (status != EPK_OK)
			return epk_fail(image, steps[i].stage, status,
					EPK_NO_INDEX);
	}
	return EPK_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps 12..18, in the caller's memory. */
#include "image_internal.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void epk_need_tell(const struct epk_image *image, struct epk_need *need)
{
	const struct epk_header *header = &image->header;
	const bool mapped = image->source.mapped != NULL;
	const bool store = header->meta_codec == EPK_CODEC_STORE;
	const uint64_t nodes = (uint64_t)header->node_count * EPK_WORK_PER_NODE;
	const uint64_t stored = mapped || store ? 0 : header->meta_stored;

	need->metadata_size_bytes = mapped && store ? 0 : header->meta_size;
	need->work_size_bytes = larger(larger(nodes, stored), EPK_WORK_MIN);
}

static bool memory_fits(const void *memory, uint64_t size, uint64_t need)
{
	if (need == 0)
		return true;
	return memory != NULL && epk_mem_aligned(memory) && size >= need;
}

static epk_status_t check_manifest(struct epk_image *image, void *work)
{
	struct epk_manifest *manifest = &image->manifest;
	epk_status_t status;

	status = epk_manifest_parse(manifest->text, manifest->text_size,
				    manifest, &image->failure);
	if (status != EPK_OK)
		return status;
	status = epk_targets_check(image, work);
	if (status != EPK_OK)
		return status;
	return epk_policy_check_name(image, work);
}

static epk_status_t check_platform(struct epk_image *image)
{
	const struct epk_platform *platform = image->options.platform;
	epk_status_t status;

	if (platform == NULL)
		return EPK_OK;
	status = epk_manifest_fits(&image->manifest, platform);
	if (status != EPK_OK)
		return epk_fail(image, EPK_STAGE_COMPAT, status, EPK_NO_INDEX);
	return EPK_OK;
}

static epk_status_t load(struct epk_image *image, void *metadata, void *work)
{
	epk_status_t status;

	status = epk_metadata_load(image, metadata, work);
	if (status == EPK_OK)
		status = epk_pads_check(image, work, EPK_WORK_MIN);
	if (status == EPK_OK)
		status = epk_nodes_check(image, work);
	if (status == EPK_OK)
		status = epk_blocks_check(image);
	if (status == EPK_OK)
		status = check_manifest(image, work);
	if (status == EPK_OK)
		status = check_platform(image);
	return status;
}

epk_status_t epk_load(struct epk_image *image, void *metadata,
		      uint64_t metadata_size, void *work, uint64_t work_size)
{
	struct epk_need need;
	epk_status_t status;

	if (image == NULL)
		return EPK_ERR_INVALID;
	if (image->state != EPK_STATE_PROBED)
		return EPK_ERR_STATE;
	epk_need_tell(image, &need);
	if (!memory_fits(metadata, metadata_size, need.metadata_size_bytes) ||
	    !memory_fits(work, work_size, need.work_size_bytes))
		return EPK_ERR_SCRATCH;
	image->state = 0;
	epk_no_failure(image);
	status = load(image, metadata, work);
	if (status != EPK_OK)
		return status;
	image->state = EPK_STATE_LOADED;
	return EPK_OK;
}

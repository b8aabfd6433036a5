/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps 1..11: what is decided before anything is allocated. */
#include "image_internal.h"

static epk_status_t check_policy(const struct epk_options *options,
				 const struct epk_ops *ops)
{
	const bool required = options->signatures == EPK_SIGNATURES_REQUIRED;

	if (options->signatures > EPK_SIGNATURES_REQUIRED)
		return EPK_ERR_INVALID;
	if (required ? options->threshold < 1 ||
			       options->threshold > EPK_SIGNATURES_MAX
		     : options->threshold != 0)
		return EPK_ERR_INVALID;
	if (options->signatures == EPK_SIGNATURES_DISABLED)
		return EPK_OK;
	if (options->trust == NULL || options->trust->lookup == NULL ||
	    (required && options->trust->allows == NULL))
		return EPK_ERR_INVALID;
	return ops->ed25519_verify == NULL ? EPK_ERR_UNSUPPORTED : EPK_OK;
}

static epk_status_t check_options(const struct epk_options *options,
				  const struct epk_ops *ops)
{
	if (options == NULL)
		return EPK_OK;
	if (options->size_bytes != sizeof(*options) || options->reserved != 0)
		return EPK_ERR_INVALID;
	return check_policy(options, ops);
}

static epk_status_t check_arguments(const struct epk_source *source,
				    const struct epk_ops *ops,
				    const struct epk_options *options)
{
	const epk_status_t status = epk_source_check(source);

	if (status != EPK_OK)
		return status;
	if (ops->sha256_init == NULL || ops->sha256_update == NULL ||
	    ops->sha256_final == NULL)
		return EPK_ERR_INVALID;
	return check_options(options, ops);
}

/* Step 1. */
static epk_status_t read_page(struct epk_image *image, uint8_t *page)
{
	epk_status_t status = EPK_ERR_SIZE;

	if (image->source.size_bytes >= EPK_PAGE_SIZE)
		status =
			epk_source_read(&image->source, 0, page, EPK_PAGE_SIZE);
	if (status != EPK_OK)
		return epk_fail(image, EPK_STAGE_OPEN, status, EPK_NO_INDEX);
	return EPK_OK;
}

static epk_status_t name_package(struct epk_image *image, const uint8_t *page)
{
	const epk_status_t status = epk_sha256(
		image->ops, page, EPK_HEADER_SIZE, image->package_id);

	if (status != EPK_OK)
		return epk_fail(image, EPK_STAGE_POLICY, status, EPK_NO_INDEX);
	return EPK_OK;
}

/* The first part of step 12. */
static epk_status_t check_budget(struct epk_image *image)
{
	const uint64_t budget = image->options.metadata_budget_bytes;

	if (budget != 0 && image->header.meta_size > budget)
		return epk_fail(image, EPK_STAGE_METADATA, EPK_ERR_BUDGET,
				EPK_NO_INDEX);
	return EPK_OK;
}

epk_status_t epk_probe(struct epk_image *image, const struct epk_source *source,
		       const struct epk_ops *ops,
		       const struct epk_options *options, void *page,
		       struct epk_need *out_need)
{
	epk_status_t status;

	if (image == NULL)
		return EPK_ERR_INVALID;
	epk_mem_zero(image, sizeof(*image));
	epk_no_failure(image);
	if (source == NULL || ops == NULL || page == NULL || out_need == NULL)
		return EPK_ERR_INVALID;
	status = check_arguments(source, ops, options);
	if (status != EPK_OK)
		return status;
	image->source = *source;
	image->ops = ops;
	if (options != NULL)
		image->options = *options;
	status = read_page(image, page);
	if (status == EPK_OK)
		status = epk_header_check(image, page);
	if (status == EPK_OK)
		status = epk_sigarea_check(image, page);
	if (status == EPK_OK)
		status = name_package(image, page);
	if (status == EPK_OK)
		status = epk_policy_check(image, page);
	if (status == EPK_OK)
		status = check_budget(image);
	if (status != EPK_OK)
		return status;
	image->state = EPK_STATE_PROBED;
	epk_need_tell(image, out_need);
	return EPK_OK;
}

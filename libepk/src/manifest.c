/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest: lines first, then values; the first error is reported. */
#include "manifest_internal.h"

struct detail_row {
	const char *name;
	const char *sentence;
};

static const struct detail_row details[] = {
	[0] = { "OK", "success" },
#define EPK_MANIFEST_ERROR(value, name, sentence) [value] = { #name, sentence },
#include <epk/manifest.def>
};

static const struct detail_row *find_detail(uint32_t detail)
{
	static const struct detail_row unknown = { "UNKNOWN", "no such error" };

	if (detail >= sizeof(details) / sizeof(details[0]) ||
	    details[detail].name == NULL)
		return &unknown;
	return &details[detail];
}

const char *epk_manifest_error_name(uint32_t detail)
{
	return find_detail(detail)->name;
}

const char *epk_manifest_error_sentence(uint32_t detail)
{
	return find_detail(detail)->sentence;
}

static epk_status_t report(const struct epk_scan *scan,
			   struct epk_failure *out_failure)
{
	if (scan->detail == EPK_MANIFEST_OK)
		return EPK_OK;
	if (out_failure != NULL)
		*out_failure = (struct epk_failure){
			.status = EPK_ERR_MANIFEST,
			.stage = EPK_STAGE_MANIFEST,
			.index = EPK_NO_INDEX,
			.detail = scan->detail,
			.line = scan->error_line,
			.column = scan->error_column,
		};
	return EPK_ERR_MANIFEST;
}

epk_status_t epk_manifest_parse(const void *text, size_t text_size,
				struct epk_manifest *manifest,
				struct epk_failure *out_failure)
{
	struct epk_scan scan;

	if (manifest == NULL || (text == NULL && text_size != 0))
		return EPK_ERR_INVALID;
	epk_mem_zero(manifest, sizeof(*manifest));
	if (text_size < 1 || text_size > EPK_MANIFEST_SIZE_MAX) {
		epk_scan_begin(&scan, text, 0);
		epk_scan_fail_at(&scan, EPK_MANIFEST_SIZE, 0, 0);
		return report(&scan, out_failure);
	}
	manifest->text = text;
	manifest->text_size = (uint32_t)text_size;
	epk_scan_begin(&scan, text, (uint32_t)text_size);
	epk_manifest_lines(&scan, manifest);
	if (scan.detail == EPK_MANIFEST_OK)
		epk_manifest_values(&scan, manifest);
	return report(&scan, out_failure);
}

epk_status_t epk_manifest_fits(const struct epk_manifest *manifest,
			       const struct epk_platform *platform)
{
	const bool asks_arch = platform->arch != EPK_ARCH_COUNT;

	if (asks_arch && manifest->arch != EPK_ARCH_ANY &&
	    manifest->arch != platform->arch)
		return EPK_ERR_COMPAT;
	if (manifest->kernel != platform->kernel)
		return EPK_ERR_COMPAT;
	if (manifest->kernel_major == platform->kernel_major)
		return manifest->kernel_minor <= platform->kernel_minor
			       ? EPK_OK
			       : EPK_ERR_COMPAT;
	return manifest->kernel == EPK_KERNEL_LINUX &&
			       manifest->kernel_major < platform->kernel_major
		       ? EPK_OK
		       : EPK_ERR_COMPAT;
}

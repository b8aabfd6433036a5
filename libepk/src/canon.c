/* SPDX-License-Identifier: BSD-2-Clause */
/* The last rule of section 7: no two runs have equal size and digest. The
 * runs' node indices are sorted in place by (size, digest, index), with a
 * heap: no recursion, no bad case. */
#include "image_internal.h"

static int compare_content(const struct epk_image *image, uint32_t left,
			   uint32_t right)
{
	const uint8_t *a = epk_node_row(image, left);
	const uint8_t *b = epk_node_row(image, right);
	const uint64_t a_size = epk_load64(a + EPK_NODE_SIZE_FIELD);
	const uint64_t b_size = epk_load64(b + EPK_NODE_SIZE_FIELD);

	if (a_size != b_size)
		return a_size < b_size ? -1 : 1;
	return epk_mem_compare(a + EPK_NODE_SHA256, b + EPK_NODE_SHA256,
			       EPK_DIGEST_SIZE);
}

static bool before(const struct epk_image *image, uint32_t left, uint32_t right)
{
	const int order = compare_content(image, left, right);

	return order != 0 ? order < 0 : left < right;
}

static void sift_down(const struct epk_image *image, uint32_t *runs,
		      uint32_t root, uint32_t count)
{
	const uint32_t value = runs[root];
	uint32_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count &&
		    before(image, runs[child], runs[child + 1]))
			child++;
		if (!before(image, value, runs[child]))
			break;
		runs[root] = runs[child];
		root = child;
	}
	runs[root] = value;
}

static void sort_runs(const struct epk_image *image, uint32_t *runs,
		      uint32_t count)
{
	for (uint32_t i = count / 2; i-- > 0;)
		sift_down(image, runs, i, count);
	for (uint32_t end = count; end-- > 1;) {
		const uint32_t last = runs[0];

		runs[0] = runs[end];
		runs[end] = last;
		sift_down(image, runs, 0, end);
	}
}

static uint32_t collect_runs(const struct epk_image *image, uint32_t *runs)
{
	struct epk_run_cursor cursor;
	struct epk_run run;
	uint32_t count = 0;

	for (uint32_t region = 0; region < EPK_REGION_COUNT; region++) {
		epk_run_begin(&cursor, region);
		while (epk_run_next(image, &cursor, &run) == EPK_OK)
			runs[count++] = run.node;
	}
	return count;
}

/* The smallest node that repeats an earlier run, or EPK_NO_INDEX. */
static uint32_t find_repeated(const struct epk_image *image,
			      const uint32_t *runs, uint32_t count)
{
	uint32_t found = EPK_NO_INDEX;

	for (uint32_t i = 1; i < count; i++) {
		if (runs[i] < found &&
		    compare_content(image, runs[i - 1], runs[i]) == 0)
			found = runs[i];
	}
	return found;
}

epk_status_t epk_verify_canon(struct epk_image *image, void *scratch,
			      uint64_t scratch_size)
{
	uint32_t *runs = scratch;
	uint32_t count;
	uint32_t found;

	if (image == NULL || scratch == NULL)
		return EPK_ERR_INVALID;
	if (!epk_is_loaded(image))
		return EPK_ERR_STATE;
	if (!epk_mem_aligned(scratch) ||
	    scratch_size < (uint64_t)image->header.node_count * sizeof(*runs))
		return EPK_ERR_SCRATCH;
	epk_no_failure(image);
	count = collect_runs(image, runs);
	sort_runs(image, runs, count);
	found = find_repeated(image, runs, count);
	if (found != EPK_NO_INDEX)
		return epk_fail(image, EPK_STAGE_DEEP, EPK_ERR_CANON, found);
	return EPK_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 10: the form of the signature area. No signature is judged here. */
#include "image_internal.h"

static const uint8_t *slot_at(const uint8_t *page, uint32_t slot)
{
	return page + EPK_SIGAREA_SLOTS + (size_t)slot * EPK_SLOT_SIZE;
}

static bool slot_fits(const uint8_t *slot)
{
	return epk_load16(slot + EPK_SLOT_ALG) == EPK_ALG_ED25519 &&
	       epk_load16(slot + EPK_SLOT_ZERO_A) == 0 &&
	       epk_load32(slot + EPK_SLOT_ZERO_B) == 0 &&
	       epk_mem_is_zero(slot + EPK_SLOT_ZERO_C, EPK_SLOT_ZERO_C_SIZE);
}

static bool head_fits(const uint8_t *page)
{
	return epk_mem_equal(page + EPK_SIGAREA_OFFSET, EPK_SIGAREA_MAGIC, 4) &&
	       epk_load16(page + EPK_SIGAREA_COUNT) <= EPK_SIGNATURES_MAX &&
	       epk_load16(page + EPK_SIGAREA_ZERO_A) == 0 &&
	       epk_load64(page + EPK_SIGAREA_ZERO_B) == 0;
}

static epk_status_t fail(struct epk_image *image, uint32_t slot)
{
	return epk_fail(image, EPK_STAGE_SIGAREA, EPK_ERR_SIGAREA, slot);
}

epk_status_t epk_sigarea_check(struct epk_image *image, const uint8_t *page)
{
	const uint8_t *slot;
	uint32_t count;

	if (!head_fits(page))
		return fail(image, EPK_NO_INDEX);
	count = epk_load16(page + EPK_SIGAREA_COUNT);
	for (uint32_t i = 0; i < count; i++) {
		slot = slot_at(page, i);
		if (!slot_fits(slot))
			return fail(image, i);
		if (i > 0 && epk_mem_compare(slot + EPK_SLOT_KEY_ID,
					     image->slot_keys[i - 1],
					     EPK_DIGEST_SIZE) <= 0)
			return fail(image, i);
		epk_mem_copy(image->slot_keys[i], slot + EPK_SLOT_KEY_ID,
			     EPK_DIGEST_SIZE);
	}
	slot = slot_at(page, count);
	if (!epk_mem_is_zero(slot, (size_t)(page + EPK_PAGE_SIZE - slot)))
		return fail(image, EPK_NO_INDEX);
	image->slot_count = count;
	return EPK_OK;
}

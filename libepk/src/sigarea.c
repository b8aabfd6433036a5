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

bool epk_sigarea_decode(const uint8_t *page, uint32_t *out_count,
			uint32_t *out_slot)
{
	const uint8_t *before = NULL;
	const uint8_t *slot;
	uint32_t count;

	*out_slot = EPK_NO_INDEX;
	if (!head_fits(page))
		return false;
	count = epk_load16(page + EPK_SIGAREA_COUNT);
	for (uint32_t i = 0; i < count; i++) {
		slot = slot_at(page, i);
		*out_slot = i;
		if (!slot_fits(slot))
			return false;
		if (before != NULL &&
		    epk_mem_compare(slot + EPK_SLOT_KEY_ID, before,
				    EPK_DIGEST_SIZE) <= 0)
			return false;
		before = slot + EPK_SLOT_KEY_ID;
	}
	*out_slot = EPK_NO_INDEX;
	slot = slot_at(page, count);
	if (!epk_mem_is_zero(slot, (size_t)(page + EPK_PAGE_SIZE - slot)))
		return false;
	*out_count = count;
	return true;
}

epk_status_t epk_sigarea_check(struct epk_image *image, const uint8_t *page)
{
	uint32_t count = 0;
	uint32_t slot;

	if (!epk_sigarea_decode(page, &count, &slot))
		return epk_fail(image, EPK_STAGE_SIGAREA, EPK_ERR_SIGAREA,
				slot);
	for (uint32_t i = 0; i < count; i++)
		epk_mem_copy(image->slot_keys[i],
			     slot_at(page, i) + EPK_SLOT_KEY_ID,
			     EPK_DIGEST_SIZE);
	image->slot_count = count;
	return EPK_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots of a page: kept ascending, without gaps, zero behind the last. */
#include <epk/sign.h>

#include "image_internal.h"

static uint8_t *slot_at(uint8_t *page, uint32_t index)
{
	return page + EPK_SIGAREA_SLOTS + (size_t)index * EPK_SLOT_SIZE;
}

/* The first slot whose key_id is not less than this one. */
static uint32_t find_place(uint8_t *page, uint32_t count, const uint8_t *key_id,
			   bool *out_equal)
{
	uint32_t i;
	int order = 1;

	for (i = 0; i < count; i++) {
		order = epk_mem_compare(slot_at(page, i) + EPK_SLOT_KEY_ID,
					key_id, EPK_DIGEST_SIZE);
		if (order >= 0)
			break;
	}
	*out_equal = i < count && order == 0;
	return i;
}

void epk_sign_message(const uint8_t package_id[EPK_DIGEST_SIZE],
		      uint8_t message[EPK_SIGN_MESSAGE_SIZE])
{
	epk_mem_copy(message, EPK_SIGN_CONTEXT, EPK_SIGN_CONTEXT_SIZE);
	epk_mem_copy(message + EPK_SIGN_CONTEXT_SIZE, package_id,
		     EPK_DIGEST_SIZE);
}

epk_status_t epk_signature_add(void *page,
			       const struct epk_signature *signature)
{
	uint8_t *bytes = page;
	uint8_t *slot;
	uint32_t count = 0;
	uint32_t place;
	bool equal;

	if (page == NULL || signature == NULL)
		return EPK_ERR_INVALID;
	if (!epk_sigarea_decode(bytes, &count, &place))
		return EPK_ERR_SIGAREA;
	place = find_place(bytes, count, signature->key_id, &equal);
	if (!equal && count == EPK_SIGNATURES_MAX)
		return EPK_ERR_LIMIT;
	for (uint32_t i = count; !equal && i > place; i--)
		epk_mem_copy(slot_at(bytes, i), slot_at(bytes, i - 1),
			     EPK_SLOT_SIZE);
	slot = slot_at(bytes, place);
	epk_mem_zero(slot, EPK_SLOT_SIZE);
	epk_store16(slot + EPK_SLOT_ALG, EPK_ALG_ED25519);
	epk_mem_copy(slot + EPK_SLOT_KEY_ID, signature->key_id,
		     EPK_DIGEST_SIZE);
	epk_mem_copy(slot + EPK_SLOT_SIGNATURE, signature->bytes,
		     EPK_SIGNATURE_SIZE);
	epk_store16(bytes + EPK_SIGAREA_COUNT,
		    (uint16_t)(equal ? count : count + 1));
	return EPK_OK;
}

epk_status_t epk_signature_remove(void *page,
				  const uint8_t key_id[EPK_DIGEST_SIZE])
{
	uint8_t *bytes = page;
	uint32_t count = 0;
	uint32_t place;
	bool equal;

	if (page == NULL || key_id == NULL)
		return EPK_ERR_INVALID;
	if (!epk_sigarea_decode(bytes, &count, &place))
		return EPK_ERR_SIGAREA;
	place = find_place(bytes, count, key_id, &equal);
	if (!equal)
		return EPK_ERR_NOT_FOUND;
	for (uint32_t i = place; i + 1 < count; i++)
		epk_mem_copy(slot_at(bytes, i), slot_at(bytes, i + 1),
			     EPK_SLOT_SIZE);
	epk_mem_zero(slot_at(bytes, count - 1), EPK_SLOT_SIZE);
	epk_store16(bytes + EPK_SIGAREA_COUNT, (uint16_t)(count - 1));
	return EPK_OK;
}

epk_status_t epk_signature_get(const void *page, uint32_t index,
			       struct epk_signature *out_signature)
{
	const uint8_t *bytes = page;
	const uint8_t *slot;
	uint32_t count = 0;
	uint32_t bad;

	if (page == NULL || out_signature == NULL)
		return EPK_ERR_INVALID;
	if (!epk_sigarea_decode(bytes, &count, &bad))
		return EPK_ERR_SIGAREA;
	if (index >= count)
		return EPK_ERR_RANGE;
	slot = bytes + EPK_SIGAREA_SLOTS + (size_t)index * EPK_SLOT_SIZE;
	epk_mem_copy(out_signature->key_id, slot + EPK_SLOT_KEY_ID,
		     EPK_DIGEST_SIZE);
	epk_mem_copy(out_signature->bytes, slot + EPK_SLOT_SIGNATURE,
		     EPK_SIGNATURE_SIZE);
	return EPK_OK;
}

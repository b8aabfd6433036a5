/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 11 and the end of step 17: whose signatures count. The keys and what
 * they may sign are the trust store's; the core asks and counts. */
#include <epk/sign.h>

#include "image_internal.h"

static epk_status_t fail(struct epk_image *image, epk_status_t status,
			 uint32_t slot)
{
	return epk_fail(image, EPK_STAGE_POLICY, status, slot);
}

/* EPK_OK and verified, NOT_FOUND and absent, or refused. */
static epk_status_t verify_slot(const struct epk_image *image,
				const uint8_t *slot)
{
	const struct epk_trust *trust = image->options.trust;
	uint8_t key[EPK_KEY_SIZE];
	uint8_t message[EPK_SIGN_MESSAGE_SIZE];
	epk_status_t status;

	status = trust->lookup(trust->context, slot + EPK_SLOT_KEY_ID, key);
	if (status != EPK_OK)
		return status;
	epk_sign_message(image->package_id, message);
	status = image->ops->ed25519_verify(key, message, sizeof(message),
					    slot + EPK_SLOT_SIGNATURE);
	/* A confused library must not make a slot look absent. */
	return status == EPK_ERR_NOT_FOUND ? EPK_ERR_SIGPOLICY : status;
}

epk_status_t epk_policy_check(struct epk_image *image, const uint8_t *page)
{
	if (image->options.signatures == EPK_SIGNATURES_DISABLED)
		return EPK_OK;
	for (uint32_t i = 0; i < image->slot_count; i++) {
		const uint8_t *slot =
			page + EPK_SIGAREA_SLOTS + (size_t)i * EPK_SLOT_SIZE;
		const epk_status_t status = verify_slot(image, slot);

		if (status == EPK_ERR_NOT_FOUND)
			continue;
		if (status != EPK_OK)
			return fail(image, status, i);
		epk_mem_copy(image->signature_keys[image->signature_count++],
			     slot + EPK_SLOT_KEY_ID, EPK_DIGEST_SIZE);
	}
	if (image->signature_count < image->options.threshold)
		return fail(image, EPK_ERR_SIGPOLICY, EPK_NO_INDEX);
	return EPK_OK;
}

epk_status_t epk_policy_check_name(struct epk_image *image, void *work)
{
	const struct epk_trust *trust = image->options.trust;
	uint32_t allowed = 0;
	size_t size = 0;

	if (image->options.signatures != EPK_SIGNATURES_REQUIRED)
		return EPK_OK;
	(void)epk_string_copy(&image->manifest,
			      &image->manifest.keys[EPK_KEY_NAME], work,
			      EPK_WORK_MIN, &size);
	for (uint32_t i = 0; i < image->signature_count; i++) {
		if (trust->allows(trust->context, image->signature_keys[i],
				  work, size))
			allowed++;
	}
	if (allowed >= image->options.threshold)
		return EPK_OK;
	return epk_fail(image, EPK_STAGE_MANIFEST, EPK_ERR_SIGPOLICY,
			EPK_NO_INDEX);
}

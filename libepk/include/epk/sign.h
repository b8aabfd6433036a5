/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_SIGN_H
#define EPK_SIGN_H
/** @file sign.h
 * The signature area of an image's first page (section 4), in memory: what
 * is signed, and slots put in and taken out. Nothing here knows a key. The
 * caller makes the changed page durable so that a reader never sees half of
 * it: a whole new image, renamed into place. */
#include <epk/error.h>
#include <epk/format.h>

EPK_BEGIN_DECLS

/** The 48 bytes that are signed for a package. */
EPK_API void epk_sign_message(const uint8_t package_id[EPK_DIGEST_SIZE],
			      uint8_t message[EPK_SIGN_MESSAGE_SIZE]);

/** One slot. */
struct epk_signature {
	uint8_t key_id[EPK_DIGEST_SIZE];
	uint8_t bytes[EPK_SIGNATURE_SIZE];
};

/**
 * Put a signature into the page, at its place; one with the same key_id is
 * replaced. Nobody judges it here.
 *
 * @param page  EPK_PAGE_SIZE bytes; unchanged on failure.
 * @return EPK_OK, or
 *         EPK_ERR_SIGAREA  the page's signature area is malformed
 *         EPK_ERR_LIMIT    there are 8 already
 *         EPK_ERR_INVALID  a NULL
 */
EPK_API epk_status_t epk_signature_add(void *page,
				       const struct epk_signature *signature);

/** Take one out: SIGAREA, INVALID, or NOT_FOUND. */
EPK_API epk_status_t
epk_signature_remove(void *page, const uint8_t key_id[EPK_DIGEST_SIZE]);

/**
 * Copy slot `index` of a page.
 *
 * @param out_signature  set on success only.
 * @return EPK_OK, SIGAREA, INVALID, or RANGE (no such slot: ends a loop).
 */
EPK_API epk_status_t epk_signature_get(const void *page, uint32_t index,
				       struct epk_signature *out_signature);

EPK_END_DECLS
#endif /* EPK_SIGN_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_DETACHED_H
#define EPK_TOOL_DETACHED_H
/* Signatures in a file of their own, made where the keys are and attached
 * where the image is:
 *	epk-signatures 1
 *	package-id 64 digits
 *	signature KEYID 128 digits	(1 to 8 lines, ascending by key id) */
#include <epk/sign.h>

#include <stdbool.h>

struct options;

struct detached {
	uint8_t package_id[EPK_DIGEST_SIZE];
	struct epk_signature signatures[EPK_SIGNATURES_MAX];
	uint32_t count;
};

/** Else reported. */
bool detached_read(const struct options *options, const char *file,
		   struct detached *detached);
/** Whole or not at all; signatures ascend. Else reported. */
bool detached_write(const struct options *options, const char *file,
		    const struct detached *detached);

#endif /* EPK_TOOL_DETACHED_H */

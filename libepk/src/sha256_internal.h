/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_SHA256_INTERNAL_H
#define EPK_SHA256_INTERNAL_H
/* SHA-256 (FIPS 180-4) in plain C, for builds without a library of their
 * own: the kernel. */
#include <stddef.h>
#include <stdint.h>

struct epk_sha256_state {
	uint64_t size_bytes; /* hashed so far, with what is pending */
	uint32_t words[8];
	uint8_t pending[64];
};

void epk_sha256_begin(struct epk_sha256_state *state);
void epk_sha256_add(struct epk_sha256_state *state, const void *bytes,
		    size_t size_bytes);
void epk_sha256_end(struct epk_sha256_state *state, uint8_t digest[32]);

#endif /* EPK_SHA256_INTERNAL_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FUZZ_IMAGE_SIGN_H
#define TESTS_FUZZ_IMAGE_SIGN_H
/* The signatures of these tests: the package id and the key, mixed. */
#include <epk/format.h>

static inline void fuzz_sign(const uint8_t package_id[EPK_DIGEST_SIZE],
			     uint8_t key, uint8_t signature[EPK_SIGNATURE_SIZE])
{
	for (unsigned i = 0; i < EPK_SIGNATURE_SIZE; i++)
		signature[i] =
			(uint8_t)(package_id[i % EPK_DIGEST_SIZE] + key + i);
}

#endif /* TESTS_FUZZ_IMAGE_SIGN_H */

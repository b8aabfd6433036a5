/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ED25519_CHECK_H
#define TESTS_ED25519_CHECK_H
/** @file ed25519_check.h
 * Holds a table of operations to the signature rule: the same vectors for
 * the host's library and the machine's. Needs tap.h before it. */
#include <epk/host.h>

#include <string.h>

#include "unit/libepk/ed25519_vectors.h"

#define ED25519_VECTOR_COUNT                                                   \
	(sizeof(ed25519_vectors) / sizeof(ed25519_vectors[0]))

static inline uint8_t ed25519_digit(char letter)
{
	return (uint8_t)(letter <= '9' ? letter - '0' : letter - 'a' + 10);
}

/* Returns the size. */
static inline size_t ed25519_bytes(const char *hex, uint8_t *bytes)
{
	size_t size = 0;

	for (; *hex != '\0'; hex += 2)
		bytes[size++] = (uint8_t)(ed25519_digit(hex[0]) << 4 |
					  ed25519_digit(hex[1]));
	return size;
}

static inline void ed25519_check_all(const struct epk_ops *ops)
{
	uint8_t key[32];
	uint8_t message[1023];
	uint8_t signature[64];

	for (size_t i = 0; i < ED25519_VECTOR_COUNT; i++) {
		const struct ed25519_vector *vector = &ed25519_vectors[i];
		const size_t size = ed25519_bytes(vector->message, message);

		ed25519_bytes(vector->key, key);
		ed25519_bytes(vector->signature, signature);
		is_i64(ops->ed25519_verify(key, message, size, signature),
		       vector->good ? EPK_OK : EPK_ERR_SIGPOLICY, "%s: %s",
		       vector->sentence, vector->good ? "good" : "refused");
	}
}

#endif /* TESTS_ED25519_CHECK_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* The target's table: libsodium for digests and signatures, zlib for
 * inflate. */
#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_sign_ed25519.h>

#include <epk/host.h>

#include "inflate_zlib.h"
#include "mem_internal.h"

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct epk_hash),
	       "a running digest fits its room");

static crypto_hash_sha256_state *state_of(struct epk_hash *hash)
{
	return (crypto_hash_sha256_state *)(void *)hash->opaque;
}

static epk_status_t target_init(struct epk_hash *hash)
{
	crypto_hash_sha256_init(state_of(hash));
	return EPK_OK;
}

static epk_status_t target_update(struct epk_hash *hash, const void *bytes,
				  size_t size_bytes)
{
	if (size_bytes != 0)
		crypto_hash_sha256_update(state_of(hash), bytes, size_bytes);
	return EPK_OK;
}

static void target_final(struct epk_hash *hash, uint8_t digest[EPK_DIGEST_SIZE])
{
	if (digest != NULL)
		crypto_hash_sha256_final(state_of(hash), digest);
}

static epk_status_t target_verify(const uint8_t public_key[EPK_KEY_SIZE],
				  const void *message, size_t message_size,
				  const uint8_t signature[EPK_SIGNATURE_SIZE])
{
	const epk_status_t status = epk_ed25519_check(public_key, signature);

	if (status != EPK_OK)
		return status;
	return crypto_sign_ed25519_verify_detached(
		       signature, message, message_size, public_key) == 0
		       ? EPK_OK
		       : EPK_ERR_SIGPOLICY;
}

const struct epk_ops *epk_ops_default(void)
{
	static const struct epk_ops ops = {
		.sha256_init = target_init,
		.sha256_update = target_update,
		.sha256_final = target_final,
		.inflate = epk_inflate_zlib,
		.ed25519_verify = target_verify,
	};

	return &ops;
}

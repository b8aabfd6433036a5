/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's table: GnuTLS for digests and signatures, the fast inflate or, in
 * builds without libdeflate, zlib's. */
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include <epk/host.h>

#ifdef EPK_WITH_LIBDEFLATE
#include "inflate_fast.h"
#define host_inflate epk_inflate_fast
#else
#include "inflate_zlib.h"
#define host_inflate epk_inflate_zlib
#endif
#include "mem_internal.h"

static gnutls_hash_hd_t handle_of(struct epk_hash *hash)
{
	gnutls_hash_hd_t handle;

	/* The handle is a pointer, and it is the pointer that is kept.
	 * NOLINTNEXTLINE(bugprone-sizeof-expression) */
	epk_mem_copy(&handle, hash->opaque, sizeof(handle));
	return handle;
}

static epk_status_t host_init(struct epk_hash *hash)
{
	gnutls_hash_hd_t handle;

	if (gnutls_hash_init(&handle, GNUTLS_DIG_SHA256) != 0)
		return EPK_ERR_NO_MEMORY;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression) */
	epk_mem_copy(hash->opaque, &handle, sizeof(handle));
	return EPK_OK;
}

static epk_status_t host_update(struct epk_hash *hash, const void *bytes,
				size_t size_bytes)
{
	if (size_bytes != 0 &&
	    gnutls_hash(handle_of(hash), bytes, size_bytes) != 0)
		return EPK_ERR_NO_MEMORY;
	return EPK_OK;
}

static void host_final(struct epk_hash *hash, uint8_t digest[EPK_DIGEST_SIZE])
{
	gnutls_hash_deinit(handle_of(hash), digest);
}

/* GnuTLS takes what it only reads as not const. */
static gnutls_datum_t datum_of(const void *bytes, size_t size_bytes)
{
	return (gnutls_datum_t){
		.data = (unsigned char *)(uintptr_t)bytes,
		.size = (unsigned int)size_bytes,
	};
}

static epk_status_t status_of(int result)
{
	if (result >= 0)
		return EPK_OK;
	return result == GNUTLS_E_MEMORY_ERROR ? EPK_ERR_NO_MEMORY
					       : EPK_ERR_SIGPOLICY;
}

static epk_status_t host_verify(const uint8_t public_key[EPK_KEY_SIZE],
				const void *message, size_t message_size,
				const uint8_t signature[EPK_SIGNATURE_SIZE])
{
	const gnutls_datum_t key = datum_of(public_key, EPK_KEY_SIZE);
	const gnutls_datum_t data = datum_of(message, message_size);
	const gnutls_datum_t signed_by =
		datum_of(signature, EPK_SIGNATURE_SIZE);
	gnutls_pubkey_t handle;
	epk_status_t status = epk_ed25519_check(public_key, signature);
	int result;

	if (status != EPK_OK)
		return status;
	if (message_size > UINT32_MAX)
		return EPK_ERR_INVALID;
	if (gnutls_pubkey_init(&handle) != 0)
		return EPK_ERR_NO_MEMORY;
	result = gnutls_pubkey_import_ecc_raw(handle, GNUTLS_ECC_CURVE_ED25519,
					      &key, NULL);
	if (result >= 0)
		result = gnutls_pubkey_verify_data2(handle,
						    GNUTLS_SIGN_EDDSA_ED25519,
						    0, &data, &signed_by);
	gnutls_pubkey_deinit(handle);
	return status_of(result);
}

const struct epk_ops *epk_ops_default(void)
{
	static const struct epk_ops ops = {
		.sha256_init = host_init,
		.sha256_update = host_update,
		.sha256_final = host_final,
		.inflate = host_inflate,
		.ed25519_verify = host_verify,
	};

	return &ops;
}

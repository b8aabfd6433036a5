/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's table: GnuTLS for digests, zlib for inflate. Signatures come
 * with the packages that carry them; until then their place is NULL. */
#include <gnutls/crypto.h>

#include <epk/host.h>

#include "inflate_zlib.h"
#include "mem_internal.h"

static gnutls_hash_hd_t handle_of(struct epk_hash *hash)
{
	gnutls_hash_hd_t handle;

	epk_mem_copy(&handle, hash->opaque, sizeof(handle));
	return handle;
}

static epk_status_t host_init(struct epk_hash *hash)
{
	gnutls_hash_hd_t handle;

	if (gnutls_hash_init(&handle, GNUTLS_DIG_SHA256) != 0)
		return EPK_ERR_NO_MEMORY;
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

const struct epk_ops *epk_ops_default(void)
{
	static const struct epk_ops ops = {
		.sha256_init = host_init,
		.sha256_update = host_update,
		.sha256_final = host_final,
		.inflate = epk_inflate_zlib,
	};

	return &ops;
}

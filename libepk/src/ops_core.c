/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of a build that has nothing but the core: the kernel's. */
#include <epk/ops.h>

#include "sha256_internal.h"

_Static_assert(sizeof(struct epk_sha256_state) <= sizeof(struct epk_hash),
	       "a running digest fits its room");

static struct epk_sha256_state *state_of(struct epk_hash *hash)
{
	return (struct epk_sha256_state *)(void *)hash->opaque;
}

static epk_status_t core_init(struct epk_hash *hash)
{
	epk_sha256_begin(state_of(hash));
	return EPK_OK;
}

static epk_status_t core_update(struct epk_hash *hash, const void *bytes,
				size_t size_bytes)
{
	epk_sha256_add(state_of(hash), bytes, size_bytes);
	return EPK_OK;
}

static void core_final(struct epk_hash *hash, uint8_t digest[EPK_DIGEST_SIZE])
{
	if (digest != NULL)
		epk_sha256_end(state_of(hash), digest);
}

const struct epk_ops *epk_ops_core(void)
{
	static const struct epk_ops ops = {
		.sha256_init = core_init,
		.sha256_update = core_update,
		.sha256_final = core_final,
	};

	return &ops;
}

epk_status_t epk_sha256(const struct epk_ops *ops, const void *bytes,
			size_t size_bytes, uint8_t digest[EPK_DIGEST_SIZE])
{
	struct epk_hash hash;
	epk_status_t status = ops->sha256_init(&hash);

	if (status != EPK_OK)
		return status;
	status = ops->sha256_update(&hash, bytes, size_bytes);
	ops->sha256_final(&hash, status == EPK_OK ? digest : NULL);
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_OPS_H
#define EPK_OPS_H
/** @file ops.h
 * What the freestanding core does not do itself. The host fills it with
 * GnuTLS and zlib, the target with libsodium and zlib, the kernel with the
 * small SHA-256 of the core, no inflate and no signatures.
 * Threads: a table is constant; its functions may run on any thread, each
 * on its own struct epk_hash. */
#include <epk/error.h>
#include <epk/format.h>

EPK_BEGIN_DECLS

/** Room for one running digest; what is in it belongs to the table. */
struct epk_hash {
	uint64_t opaque[32];
};

/** Every member returns EPK_OK or the status its line names. */
struct epk_ops {
	/* NO_MEMORY. After EPK_OK exactly one sha256_final() must follow. */
	epk_status_t (*sha256_init)(struct epk_hash *hash);
	/* NO_MEMORY. size_bytes may be 0. */
	epk_status_t (*sha256_update)(struct epk_hash *hash, const void *bytes,
				      size_t size_bytes);
	/* Ends the digest; digest NULL throws it away. */
	void (*sha256_final)(struct epk_hash *hash,
			     uint8_t digest[EPK_DIGEST_SIZE]);
	/*
	 * NULL: codec 1 is refused with COMPAT. Else decodes one zlib stream
	 * that is exactly in_size bytes and gives exactly out_size bytes:
	 * CODEC (anything else), NO_MEMORY. out may be written on failure.
	 */
	epk_status_t (*inflate)(const void *in, size_t in_size, void *out,
				size_t out_size);
	/*
	 * NULL: signatures cannot be checked, only disabled policy works.
	 * Section 4's rule, no laxer and no stricter: epk_ed25519_check(),
	 * then the equation. SIGPOLICY if the signature is not good, NO_MEMORY.
	 */
	epk_status_t (*ed25519_verify)(
		const uint8_t public_key[EPK_KEY_SIZE], const void *message,
		size_t message_size,
		const uint8_t signature[EPK_SIGNATURE_SIZE]);
};

/** The core's own table: SHA-256 in plain C, no inflate, no signatures. */
EPK_API const struct epk_ops *epk_ops_core(void);

/** Digest of one piece of memory with a table; digest set on success only. */
EPK_API epk_status_t epk_sha256(const struct epk_ops *ops, const void *bytes,
				size_t size_bytes,
				uint8_t digest[EPK_DIGEST_SIZE]);

/**
 * The part of section 4's rule that bytes alone decide: S < L, A and R
 * canonical and neither of small order. Comes before the equation in every
 * ed25519_verify; says nothing about whether A and R are on the curve.
 *
 * @return EPK_OK, or EPK_ERR_SIGPOLICY.
 */
EPK_API epk_status_t
epk_ed25519_check(const uint8_t public_key[EPK_KEY_SIZE],
		  const uint8_t signature[EPK_SIGNATURE_SIZE]);

/** CRC-32C (reflected 0x1EDC6F41), of size_bytes bytes. */
EPK_API uint32_t epk_crc32c(const void *bytes, size_t size_bytes);

EPK_END_DECLS
#endif /* EPK_OPS_H */

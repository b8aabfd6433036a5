/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_KEY_H
#define EPK_KEY_H
/** @file key.h
 * Ed25519 keys on hosts: public ones as PEM, private ones as PEM or behind a
 * PKCS#11 URI. Only Ed25519 keys are taken.
 * Threads: any call, any thread; a signer is used by one at a time. */
#include <epk/error.h>
#include <epk/format.h>

EPK_BEGIN_DECLS

#define EPK_KEY_FILE_MAX 16384u /* larger is no key */
#define EPK_KEY_PEM_MAX 512u	/* enough for any PEM text written here */

/** key_id: the name of a public key everywhere. NO_MEMORY. */
EPK_API epk_status_t epk_key_id(const uint8_t public_key[EPK_KEY_SIZE],
				uint8_t out_key_id[EPK_DIGEST_SIZE]);

/**
 * Read a public key (SubjectPublicKeyInfo in PEM; text around it is ignored).
 *
 * @return EPK_OK, or EPK_ERR_KEY (anything that is no public Ed25519 key, or
 *         one that no signature can be good for), NO_MEMORY, INVALID.
 */
EPK_API epk_status_t epk_key_read(const void *pem, size_t size_bytes,
				  uint8_t out_public_key[EPK_KEY_SIZE]);

/**
 * Write a public key as PEM text, always the same for the same key.
 *
 * @param text      room for capacity bytes; set on success only.
 * @param out_size  its size; there is no NUL behind it.
 * @return EPK_OK, EPK_ERR_SCRATCH (capacity), KEY, NO_MEMORY, INVALID.
 */
EPK_API epk_status_t epk_key_write(const uint8_t public_key[EPK_KEY_SIZE],
				   char *text, size_t capacity,
				   size_t *out_size);

struct epk_signer; /* a private key, here or in a token */

/**
 * Asked for a password or PIN.
 *
 * @param what      what it is for, to be shown.
 * @param secret    to be filled, with a NUL at the end; wiped afterwards.
 * @param attempts  how often it was wrong already.
 * @return true; false: there is none.
 */
typedef int (*epk_secret_ask)(void *context, const char *what,
			      uint32_t attempts, char *secret, size_t capacity);

/** A new key from the system's generator. NO_MEMORY, UNSUPPORTED. */
EPK_API epk_status_t epk_signer_generate(struct epk_signer **out_signer);

/**
 * A private key in PEM: PKCS#8, plain or encrypted.
 *
 * @param ask         NULL, or asked once if it is encrypted.
 * @param out_signer  dropped with epk_signer_destroy(); on success only.
 * @return EPK_OK, or
 *         EPK_ERR_KEY     no private Ed25519 key
 *         EPK_ERR_SECRET  it is encrypted, and the password was not right
 *         EPK_ERR_NO_MEMORY, EPK_ERR_INVALID
 */
EPK_API epk_status_t epk_signer_from_pem(const void *pem, size_t size_bytes,
					 epk_secret_ask ask, void *context,
					 struct epk_signer **out_signer);

/**
 * A private key behind a URI that GnuTLS knows ("pkcs11:...").
 *
 * @param ask         NULL, or asked for PINs, also by later calls.
 * @param out_reason  why it failed, in the library's words; never NULL then.
 * @return EPK_OK, KEY, SECRET, NO_MEMORY, INVALID.
 */
EPK_API epk_status_t epk_signer_from_uri(const char *uri, epk_secret_ask ask,
					 void *context, const char **out_reason,
					 struct epk_signer **out_signer);

/** The signer's public key, borrowed. */
EPK_API const uint8_t *epk_signer_public_key(const struct epk_signer *signer);

/**
 * Write a private key as PKCS#8 in PEM, not encrypted.
 *
 * @return EPK_OK, UNSUPPORTED (it is in a token), SCRATCH, NO_MEMORY.
 */
EPK_API epk_status_t epk_signer_write(const struct epk_signer *signer,
				      char *text, size_t capacity,
				      size_t *out_size);

/**
 * Sign bytes, and verify the result by the strict rule.
 *
 * @return EPK_OK, KEY (the token cannot), SECRET, SIGPOLICY (it made a
 *         signature that is not good), NO_MEMORY.
 */
EPK_API epk_status_t epk_signer_sign(struct epk_signer *signer,
				     const void *message, size_t message_size,
				     uint8_t out_signature[EPK_SIGNATURE_SIZE]);

/** Wipes what is here of the key. NULL is fine. Returns NULL. */
EPK_API struct epk_signer *epk_signer_destroy(struct epk_signer *signer);

EPK_END_DECLS
#endif /* EPK_KEY_H */

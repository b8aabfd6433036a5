/* SPDX-License-Identifier: BSD-2-Clause */
/* Public keys. The PEM text of one is fixed but for the key: RFC 8410. */
#include <epk/key.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include <epk/ops.h>

#include "datum_internal.h"
#include "mem_internal.h"

epk_status_t epk_key_id(const uint8_t public_key[EPK_KEY_SIZE],
			uint8_t out_key_id[EPK_DIGEST_SIZE])
{
	return epk_sha256(epk_ops_core(), public_key, EPK_KEY_SIZE, out_key_id);
}

/* Keys that are not canonical or of small order verify nothing: a signature
 * of 1s is canonical itself, so what is refused here is the key. */
static bool key_fits(const uint8_t *public_key)
{
	uint8_t other[EPK_SIGNATURE_SIZE];

	for (size_t i = 0; i < sizeof(other); i++)
		other[i] = 1;
	return epk_ed25519_check(public_key, other) == EPK_OK;
}

static epk_status_t status_of(int result)
{
	if (result >= 0)
		return EPK_OK;
	return result == GNUTLS_E_MEMORY_ERROR ? EPK_ERR_NO_MEMORY
					       : EPK_ERR_KEY;
}

static epk_status_t copy_key(gnutls_pubkey_t handle, uint8_t *out_public_key)
{
	gnutls_ecc_curve_t curve;
	gnutls_datum_t x;
	epk_status_t status;

	if (gnutls_pubkey_get_pk_algorithm(handle, NULL) !=
	    GNUTLS_PK_EDDSA_ED25519)
		return EPK_ERR_KEY;
	status = status_of(
		gnutls_pubkey_export_ecc_raw(handle, &curve, &x, NULL));
	if (status != EPK_OK)
		return status;
	if (x.size == EPK_KEY_SIZE && key_fits(x.data))
		epk_mem_copy(out_public_key, x.data, EPK_KEY_SIZE);
	else
		status = EPK_ERR_KEY;
	gnutls_free(x.data);
	return status;
}

epk_status_t epk_key_read(const void *pem, size_t size_bytes,
			  uint8_t out_public_key[EPK_KEY_SIZE])
{
	const gnutls_datum_t data = datum_of(pem, size_bytes);
	gnutls_pubkey_t handle;
	epk_status_t status;

	if (pem == NULL || out_public_key == NULL)
		return EPK_ERR_INVALID;
	if (size_bytes > EPK_KEY_FILE_MAX)
		return EPK_ERR_KEY;
	if (gnutls_pubkey_init(&handle) != 0)
		return EPK_ERR_NO_MEMORY;
	status = status_of(
		gnutls_pubkey_import(handle, &data, GNUTLS_X509_FMT_PEM));
	if (status == EPK_OK)
		status = copy_key(handle, out_public_key);
	gnutls_pubkey_deinit(handle);
	return status;
}

static epk_status_t copy_text(gnutls_pubkey_t handle, char *text,
			      size_t capacity, size_t *out_size)
{
	gnutls_datum_t pem;
	epk_status_t status = status_of(
		gnutls_pubkey_export2(handle, GNUTLS_X509_FMT_PEM, &pem));

	if (status != EPK_OK)
		return status;
	if (pem.size <= capacity) {
		epk_mem_copy(text, pem.data, pem.size);
		*out_size = pem.size;
	} else {
		status = EPK_ERR_SCRATCH;
	}
	gnutls_free(pem.data);
	return status;
}

epk_status_t epk_key_write(const uint8_t public_key[EPK_KEY_SIZE], char *text,
			   size_t capacity, size_t *out_size)
{
	const gnutls_datum_t key = {
		.data = (unsigned char *)(uintptr_t)public_key,
		.size = EPK_KEY_SIZE,
	};
	gnutls_pubkey_t handle;
	epk_status_t status;

	if (public_key == NULL || text == NULL || out_size == NULL)
		return EPK_ERR_INVALID;
	if (gnutls_pubkey_init(&handle) != 0)
		return EPK_ERR_NO_MEMORY;
	status = status_of(gnutls_pubkey_import_ecc_raw(
		handle, GNUTLS_ECC_CURVE_ED25519, &key, NULL));
	if (status == EPK_OK)
		status = copy_text(handle, text, capacity, out_size);
	gnutls_pubkey_deinit(handle);
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Private keys. GnuTLS holds them; only an encrypted file's password and a
 * PIN pass through here, and are wiped. */
#include <epk/key.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/pkcs11.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include <epk/host.h>

#include "datum_internal.h"
#include "mem_internal.h"

#define SECRET_MAX 256u

struct epk_signer {
	gnutls_privkey_t key;
	gnutls_x509_privkey_t x509; /* NULL: in a token */
	uint8_t public_key[EPK_KEY_SIZE];
	epk_secret_ask ask;
	void *ask_context;
};

static epk_status_t status_of(int result)
{
	if (result >= 0)
		return EPK_OK;
	switch (result) {
	case GNUTLS_E_MEMORY_ERROR:
		return EPK_ERR_NO_MEMORY;
	case GNUTLS_E_DECRYPTION_FAILED:
	case GNUTLS_E_PKCS11_PIN_ERROR:
	case GNUTLS_E_PKCS11_PIN_EXPIRED:
	case GNUTLS_E_PKCS11_PIN_LOCKED:
		return EPK_ERR_SECRET;
	default:
		return EPK_ERR_KEY;
	}
}

static struct epk_signer *create(epk_secret_ask ask, void *context)
{
	struct epk_signer *signer = calloc(1, sizeof(*signer));

	if (signer == NULL)
		return NULL;
	signer->ask = ask;
	signer->ask_context = context;
	if (gnutls_privkey_init(&signer->key) == 0)
		return signer;
	free(signer);
	return NULL;
}

/* The public half; also of a token, if it keeps one beside the key. */
static int tell_public_key(struct epk_signer *signer)
{
	gnutls_ecc_curve_t curve;
	gnutls_pubkey_t handle;
	gnutls_datum_t x;
	int result = gnutls_pubkey_init(&handle);

	if (result < 0)
		return result;
	result = gnutls_pubkey_import_privkey(handle, signer->key, 0, 0);
	if (result >= 0 && gnutls_pubkey_get_pk_algorithm(handle, NULL) !=
				   GNUTLS_PK_EDDSA_ED25519)
		result = GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	if (result >= 0)
		result = gnutls_pubkey_export_ecc_raw(handle, &curve, &x, NULL);
	gnutls_pubkey_deinit(handle);
	if (result < 0)
		return result;
	if (x.size == EPK_KEY_SIZE)
		epk_mem_copy(signer->public_key, x.data, EPK_KEY_SIZE);
	else
		result = GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	gnutls_free(x.data);
	return result;
}

/* What a file or the generator gave becomes the key. */
static int adopt_x509(struct epk_signer *signer)
{
	const int result =
		gnutls_privkey_import_x509(signer->key, signer->x509, 0);

	return result < 0 ? result : tell_public_key(signer);
}

static epk_status_t hand_out(struct epk_signer *signer, epk_status_t status,
			     struct epk_signer **out_signer)
{
	if (status == EPK_OK)
		*out_signer = signer;
	else
		(void)epk_signer_destroy(signer);
	return status;
}

epk_status_t epk_signer_generate(struct epk_signer **out_signer)
{
	struct epk_signer *signer;
	int result;

	if (out_signer == NULL)
		return EPK_ERR_INVALID;
	signer = create(NULL, NULL);
	if (signer == NULL)
		return EPK_ERR_NO_MEMORY;
	result = gnutls_x509_privkey_init(&signer->x509);
	if (result >= 0)
		result = gnutls_x509_privkey_generate(
			signer->x509, GNUTLS_PK_EDDSA_ED25519, 256, 0);
	if (result >= 0)
		result = adopt_x509(signer);
	if (result < 0)
		return hand_out(signer,
				result == GNUTLS_E_MEMORY_ERROR
					? EPK_ERR_NO_MEMORY
					: EPK_ERR_UNSUPPORTED,
				out_signer);
	return hand_out(signer, EPK_OK, out_signer);
}

static int import_encrypted(struct epk_signer *signer,
			    const gnutls_datum_t *data)
{
	char secret[SECRET_MAX] = "";
	int result = GNUTLS_E_DECRYPTION_FAILED;

	if (signer->ask != NULL &&
	    signer->ask(signer->ask_context, "password of the private key", 0,
			secret, sizeof(secret)))
		result = gnutls_x509_privkey_import2(
			signer->x509, data, GNUTLS_X509_FMT_PEM, secret, 0);
	gnutls_memset(secret, 0, sizeof(secret));
	return result < 0 && result != GNUTLS_E_MEMORY_ERROR
		       ? GNUTLS_E_DECRYPTION_FAILED
		       : result;
}

static int import_pem(struct epk_signer *signer, const gnutls_datum_t *data)
{
	int result = gnutls_x509_privkey_init(&signer->x509);

	if (result >= 0)
		result = gnutls_x509_privkey_import2(
			signer->x509, data, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (result == GNUTLS_E_DECRYPTION_FAILED)
		result = import_encrypted(signer, data);
	return result < 0 ? result : adopt_x509(signer);
}

epk_status_t epk_signer_from_pem(const void *pem, size_t size_bytes,
				 epk_secret_ask ask, void *context,
				 struct epk_signer **out_signer)
{
	const gnutls_datum_t data = datum_of(pem, size_bytes);
	struct epk_signer *signer;

	if (pem == NULL || out_signer == NULL)
		return EPK_ERR_INVALID;
	if (size_bytes > EPK_KEY_FILE_MAX)
		return EPK_ERR_KEY;
	signer = create(ask, context);
	if (signer == NULL)
		return EPK_ERR_NO_MEMORY;
	return hand_out(signer, status_of(import_pem(signer, &data)),
			out_signer);
}

/* GnuTLS asks for a PIN; a second attempt after a wrong one may lock. */
static int give_pin(void *context, int attempt, const char *token_url,
		    const char *token_label, unsigned int flags, char *pin,
		    size_t capacity)
{
	const struct epk_signer *signer = context;

	(void)token_url;
	if (signer->ask == NULL || (flags & GNUTLS_PIN_FINAL_TRY) != 0 ||
	    attempt < 0)
		return GNUTLS_E_PKCS11_PIN_ERROR;
	if (!signer->ask(signer->ask_context,
			 token_label != NULL ? token_label : "token",
			 (uint32_t)attempt, pin, capacity))
		return GNUTLS_E_PKCS11_PIN_ERROR;
	return 0;
}

epk_status_t epk_signer_from_uri(const char *uri, epk_secret_ask ask,
				 void *context, const char **out_reason,
				 struct epk_signer **out_signer)
{
	struct epk_signer *signer;
	int result;

	if (uri == NULL || out_reason == NULL || out_signer == NULL)
		return EPK_ERR_INVALID;
	*out_reason = "memory is short";
	signer = create(ask, context);
	if (signer == NULL)
		return EPK_ERR_NO_MEMORY;
	gnutls_privkey_set_pin_function(signer->key, give_pin, signer);
	result = gnutls_privkey_import_url(signer->key, uri, 0);
	if (result >= 0)
		result = tell_public_key(signer);
	if (result < 0)
		*out_reason = gnutls_strerror(result);
	return hand_out(signer, status_of(result), out_signer);
}

const uint8_t *epk_signer_public_key(const struct epk_signer *signer)
{
	return signer->public_key;
}

epk_status_t epk_signer_write(const struct epk_signer *signer, char *text,
			      size_t capacity, size_t *out_size)
{
	gnutls_datum_t pem;
	epk_status_t status = EPK_ERR_SCRATCH;

	if (signer == NULL || text == NULL || out_size == NULL)
		return EPK_ERR_INVALID;
	if (signer->x509 == NULL)
		return EPK_ERR_UNSUPPORTED;
	if (gnutls_x509_privkey_export2_pkcs8(signer->x509, GNUTLS_X509_FMT_PEM,
					      NULL, GNUTLS_PKCS_PLAIN,
					      &pem) < 0)
		return EPK_ERR_NO_MEMORY;
	if (pem.size <= capacity) {
		epk_mem_copy(text, pem.data, pem.size);
		*out_size = pem.size;
		status = EPK_OK;
	}
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	return status;
}

epk_status_t epk_signer_sign(struct epk_signer *signer, const void *message,
			     size_t message_size,
			     uint8_t out_signature[EPK_SIGNATURE_SIZE])
{
	const gnutls_datum_t data = datum_of(message, message_size);
	gnutls_datum_t made;
	epk_status_t status;

	if (signer == NULL || message == NULL || message_size > UINT32_MAX)
		return EPK_ERR_INVALID;
	status = status_of(gnutls_privkey_sign_data2(
		signer->key, GNUTLS_SIGN_EDDSA_ED25519, 0, &data, &made));
	if (status != EPK_OK)
		return status;
	status = EPK_ERR_SIGPOLICY;
	if (made.size == EPK_SIGNATURE_SIZE)
		status = epk_ops_default()->ed25519_verify(
			signer->public_key, message, message_size, made.data);
	if (status == EPK_OK)
		epk_mem_copy(out_signature, made.data, EPK_SIGNATURE_SIZE);
	gnutls_free(made.data);
	return status;
}

struct epk_signer *epk_signer_destroy(struct epk_signer *signer)
{
	if (signer != NULL) {
		gnutls_privkey_deinit(signer->key);
		if (signer->x509 != NULL)
			gnutls_x509_privkey_deinit(signer->x509);
		free(signer);
	}
	return NULL;
}

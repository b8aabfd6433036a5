/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots put into a page and taken out again, and keys in their files. */
#include "support/tap.h"

#include "forge.h"

#include <epk/key.h>
#include <epk/sign.h>

static uint8_t page[EPK_PAGE_SIZE];
static uint8_t empty[EPK_PAGE_SIZE];

static struct epk_signature signature_of(uint8_t first)
{
	struct epk_signature signature;

	memset(&signature, first, sizeof(signature));
	return signature;
}

static epk_status_t add(uint8_t first)
{
	const struct epk_signature signature = signature_of(first);

	return epk_signature_add(page, &signature);
}

static epk_status_t take(uint8_t first)
{
	const struct epk_signature signature = signature_of(first);

	return epk_signature_remove(page, signature.key_id);
}

/* The key ids of the slots, by their first bytes. */
static const char *order(void)
{
	static char text[EPK_SIGNATURES_MAX + 1];
	struct epk_signature signature;
	uint32_t i = 0;

	for (; epk_signature_get(page, i, &signature) == EPK_OK; i++)
		text[i] = (char)signature.key_id[0];
	text[i] = '\0';
	return text;
}

static void check_slots(void)
{
	struct epk_signature got;

	is_i64(add('m'), EPK_OK, "the first signature goes in");
	is_i64(add('z'), EPK_OK, "so does a second");
	is_i64(add('a'), EPK_OK, "and a third");
	is_str(order(), "amz", "they ascend by key id");
	ok(epk_signature_get(page, 1, &got) == EPK_OK && got.bytes[0] == 'm' &&
		   got.bytes[63] == 'm',
	   "a signature comes back as it went in");
	is_i64(epk_signature_get(page, 3, &got), EPK_ERR_RANGE,
	       "there is no fourth: RANGE");
	is_i64(add('m'), EPK_OK, "one of the same key replaces it");
	is_str(order(), "amz", "and no slot is doubled");
	for (uint8_t i = 'b'; i <= 'f'; i++)
		is_i64(add(i), EPK_OK, "there is room for '%c'", i);
	is_i64(add('g'), EPK_ERR_LIMIT, "a ninth signature: LIMIT");
	is_str(order(), "abcdefmz", "which changes nothing");
	is_i64(add('z'), EPK_OK, "a full page still replaces");
	is_i64(take('g'), EPK_ERR_NOT_FOUND, "what is not there: NOT_FOUND");
	is_i64(take('a'), EPK_OK, "the first can be taken out");
	is_i64(take('z'), EPK_OK, "the last can");
	is_i64(take('d'), EPK_OK, "one in the middle can");
	is_str(order(), "bcefm", "the others stay");
	for (const char *left = "bcefm"; *left != '\0'; left++)
		take((uint8_t)*left);
	ok(memcmp(page, empty, sizeof(page)) == 0,
	   "without its last signature the page is as it was");
}

static void check_refusals(void)
{
	struct epk_signature signature = signature_of('a');
	uint8_t before[EPK_PAGE_SIZE];

	page[300] = 1;
	memcpy(before, page, sizeof(before));
	is_i64(epk_signature_add(page, &signature), EPK_ERR_SIGAREA,
	       "nothing is added to a malformed page");
	is_i64(epk_signature_remove(page, signature.key_id), EPK_ERR_SIGAREA,
	       "nor taken out");
	is_i64(epk_signature_get(page, 0, &signature), EPK_ERR_SIGAREA,
	       "nor read");
	ok(memcmp(page, before, sizeof(page)) == 0, "and it stays as it is");
	is_i64(epk_signature_add(NULL, &signature), EPK_ERR_INVALID,
	       "add to NULL: INVALID");
	is_i64(epk_signature_add(page, NULL), EPK_ERR_INVALID,
	       "add NULL: INVALID");
	is_i64(epk_signature_remove(page, NULL), EPK_ERR_INVALID,
	       "remove NULL: INVALID");
	is_i64(epk_signature_get(page, 0, NULL), EPK_ERR_INVALID,
	       "get into NULL: INVALID");
}

#define TEST_1_ID                                                              \
	"21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"

static const char public_1[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
	"-----END PUBLIC KEY-----\n";

/* y = 1: the neutral point. */
static const char public_small[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	"-----END PUBLIC KEY-----\n";

static void check_public(void)
{
	char text[EPK_KEY_PEM_MAX];
	uint8_t key[32];
	uint8_t id[32];
	size_t size = 0;

	is_i64(epk_key_read(public_1, sizeof(public_1) - 1, key), EPK_OK,
	       "a public key is read");
	is_i64(epk_key_id(key, id), EPK_OK, "it has an id");
	is_str(forge_hex(id), TEST_1_ID, "the digest of its 32 bytes");
	is_i64(epk_key_write(key, text, sizeof(text), &size), EPK_OK,
	       "it is written");
	ok(size == sizeof(public_1) - 1 && memcmp(text, public_1, size) == 0,
	   "as it was read");
	is_i64(epk_key_write(key, text, size - 1, &size), EPK_ERR_SCRATCH,
	       "not into less room: SCRATCH");
	is_i64(epk_key_read(public_small, sizeof(public_small) - 1, key),
	       EPK_ERR_KEY, "a key of small order is none: KEY");
	is_i64(epk_key_read("no key", 6, key), EPK_ERR_KEY, "text is none");
	is_i64(epk_key_read("", 0, key), EPK_ERR_KEY, "nothing is none");
	is_i64(epk_key_read(text, EPK_KEY_FILE_MAX + 1, key), EPK_ERR_KEY,
	       "and what is too large is not looked at");
	is_i64(epk_key_read(NULL, 0, key), EPK_ERR_INVALID, "NULL: INVALID");
}

static void check_signer(void)
{
	struct epk_signer *signer = NULL;
	struct epk_signer *again = NULL;
	uint8_t signatures[2][64];
	uint8_t before[32];
	const char *reason = NULL;
	char text[EPK_KEY_PEM_MAX];
	size_t size = 0;

	is_i64(epk_signer_generate(&signer), EPK_OK, "a key is made");
	is_i64(epk_signer_write(signer, text, sizeof(text), &size), EPK_OK,
	       "and written");
	is_i64(epk_signer_from_pem(text, size, NULL, NULL, &again), EPK_OK,
	       "and read");
	ok(memcmp(epk_signer_public_key(signer), epk_signer_public_key(again),
		  32) == 0,
	   "with the same public key");
	is_i64(epk_signer_sign(signer, "abc", 3, signatures[0]), EPK_OK,
	       "it signs");
	is_i64(epk_signer_sign(again, "abc", 3, signatures[1]), EPK_OK,
	       "so does the one that was read");
	ok(memcmp(signatures[0], signatures[1], 64) == 0,
	   "and the signature is the same");
	is_i64(epk_ops_default()->ed25519_verify(epk_signer_public_key(again),
						 "abc", 3, signatures[0]),
	       EPK_OK, "which is good");
	is_i64(epk_signer_write(signer, text, 10, &size), EPK_ERR_SCRATCH,
	       "a private key does not fit anywhere: SCRATCH");
	memcpy(before, epk_signer_public_key(signer), sizeof(before));
	epk_signer_destroy(signer);
	epk_signer_destroy(again);
	signer = NULL;
	is_i64(epk_signer_generate(&again), EPK_OK, "another key is made");
	ok(memcmp(epk_signer_public_key(again), before, 32) != 0,
	   "it is another one");
	epk_signer_destroy(again);
	is_i64(epk_signer_from_pem(public_1, sizeof(public_1) - 1, NULL, NULL,
				   &signer),
	       EPK_ERR_KEY, "a public key is no private one: KEY");
	is_i64(epk_signer_from_uri("pkcs11:token=none;object=none", NULL, NULL,
				   &reason, &signer),
	       EPK_ERR_KEY, "a token that is not there: KEY");
	ok(signer == NULL && reason != NULL && *reason != '\0',
	   "with a reason, and nothing is made");
}

int main(void)
{
	struct forged image = forge_golden(1);

	plan(0);
	memcpy(page, image.bytes, sizeof(page));
	memcpy(empty, image.bytes, sizeof(empty));
	forge_free(&image);
	check_slots();
	check_refusals();
	check_public();
	check_signer();
	return done();
}

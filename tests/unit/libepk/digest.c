/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32C and the core's SHA-256, against published vectors and GnuTLS. */
#include "support/tap.h"

#include "forge.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static void check_vector(const void *bytes, size_t size, const char *wanted,
			 const char *name)
{
	uint8_t digest[32];

	is_i64(epk_sha256(epk_ops_core(), bytes, size, digest), EPK_OK,
	       "%s is hashed by the core", name);
	is_str(forge_hex(digest), wanted, "%s: as FIPS 180-4 says", name);
	forge_sha256(bytes, size, digest);
	is_str(forge_hex(digest), wanted, "%s: the host's table agrees", name);
}

static void check_vectors(void)
{
	static uint8_t million[1000000];

	memset(million, 'a', sizeof(million));
	check_vector("", 0,
		     "e3b0c44298fc1c149afbf4c8996fb924"
		     "27ae41e4649b934ca495991b7852b855",
		     "nothing");
	check_vector("abc", 3,
		     "ba7816bf8f01cfea414140de5dae2223"
		     "b00361a396177a9cb410ff61f20015ad",
		     "abc");
	check_vector("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		     56,
		     "248d6a61d20638b8e5c026930c3e6039"
		     "a33ce45964ff2167f6ecedd419db06c1",
		     "two blocks");
	check_vector(million, sizeof(million),
		     "cdc76e5c9914fb9281a1c7e284d73e67"
		     "f1809a48a497200e046d39ccc7112cd0",
		     "a million times a");
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Random sizes, random cuts between the updates. */
static bool agrees(uint32_t seed, const uint8_t *bytes, size_t size)
{
	const struct epk_ops *ops = epk_ops_core();
	uint8_t digests[2][32];
	struct epk_hash hash;
	size_t at = 0;

	gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, size, digests[0]);
	(void)ops->sha256_init(&hash);
	while (at < size) {
		size_t part = next_random(&seed) % 150;

		part = part < size - at ? part : size - at;
		(void)ops->sha256_update(&hash, bytes + at, part);
		at += part;
	}
	ops->sha256_final(&hash, digests[1]);
	return memcmp(digests[0], digests[1], 32) == 0;
}

static void check_random(void)
{
	uint8_t bytes[1024];
	uint32_t state = 20240229;
	uint32_t wrong = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)next_random(&state);
	for (size_t size = 0; size <= 300; size++)
		wrong += !agrees(state + (uint32_t)size, bytes, size);
	is_u64(wrong, 0, "every size to 300 agrees with GnuTLS");
	wrong = 0;
	for (int i = 0; i < 2000; i++)
		wrong += !agrees(state, bytes, next_random(&state) % 1024);
	is_u64(wrong, 0, "2,000 random sizes and cuts agree with GnuTLS");
}

static void check_crc(void)
{
	static const uint8_t ones[32] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};
	static const uint8_t zeros[32];

	is_u64(epk_crc32c("123456789", 9), 0xe3069283, "CRC-32C of 123456789");
	is_u64(epk_crc32c(zeros, 32), 0x8a9136aa,
	       "CRC-32C of 32 zeros (RFC 3720, B.4)");
	is_u64(epk_crc32c(ones, 32), 0x62a8ab43,
	       "CRC-32C of 32 ones (RFC 3720, B.4)");
	is_u64(epk_crc32c("", 0), 0, "CRC-32C of nothing");
}

int main(void)
{
	plan(0);
	check_vectors();
	check_random();
	check_crc();
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 as FIPS 180-4, section 6.2, writes it. */
#include "sha256_internal.h"

#include "mem_internal.h"

/* First 32 bits of the fractional parts of the cube roots of the first 64
 * primes (section 4.2.2). */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, unsigned int bits)
{
	return value >> bits | value << (32 - bits);
}

static uint32_t load_be32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | bytes[3];
}

static void store_be32(uint8_t *bytes, uint32_t value)
{
	bytes[0] = (uint8_t)(value >> 24);
	bytes[1] = (uint8_t)(value >> 16);
	bytes[2] = (uint8_t)(value >> 8);
	bytes[3] = (uint8_t)value;
}

static void make_schedule(uint32_t w[64], const uint8_t *block)
{
	for (unsigned int t = 0; t < 16; t++)
		w[t] = load_be32(block + (size_t)t * 4);
	for (unsigned int t = 16; t < 64; t++) {
		const uint32_t a = w[t - 15];
		const uint32_t b = w[t - 2];

		w[t] = (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10) + w[t - 7] +
		       (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 16];
	}
}

/* One round; v[7] is h and v[0] is a. */
static void do_round(uint32_t v[8], uint32_t key)
{
	const uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
	const uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
	const uint32_t one =
		v[7] + key + choose +
		(rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25));
	const uint32_t two = majority + (rotate(v[0], 2) ^ rotate(v[0], 13) ^
					 rotate(v[0], 22));

	v[7] = v[6];
	v[6] = v[5];
	v[5] = v[4];
	v[4] = v[3] + one;
	v[3] = v[2];
	v[2] = v[1];
	v[1] = v[0];
	v[0] = one + two;
}

static void compress(struct epk_sha256_state *state, const uint8_t *block)
{
	uint32_t schedule[64];
	uint32_t v[8];

	make_schedule(schedule, block);
	epk_mem_copy(v, state->words, sizeof(v));
	for (unsigned int t = 0; t < 64; t++)
		do_round(v, constants[t] + schedule[t]);
	for (unsigned int i = 0; i < 8; i++)
		state->words[i] += v[i];
}

void epk_sha256_begin(struct epk_sha256_state *state)
{
	*state = (struct epk_sha256_state){
		.words = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 },
	};
}

void epk_sha256_add(struct epk_sha256_state *state, const void *bytes,
		    size_t size_bytes)
{
	const uint8_t *at = bytes;

	while (size_bytes != 0) {
		const size_t used = state->size_bytes % 64;
		const size_t part =
			size_bytes < 64 - used ? size_bytes : 64 - used;

		state->size_bytes += part;
		if (part == 64) {
			compress(state, at);
		} else {
			epk_mem_copy(state->pending + used, at, part);
			if (used + part == 64)
				compress(state, state->pending);
		}
		at += part;
		size_bytes -= part;
	}
}

void epk_sha256_end(struct epk_sha256_state *state, uint8_t digest[32])
{
	static const uint8_t padding[64] = { 0x80 };
	const uint64_t bits = state->size_bytes * 8;
	const size_t used = state->size_bytes % 64;
	uint8_t length[8];

	store_be32(length, (uint32_t)(bits >> 32));
	store_be32(length + 4, (uint32_t)bits);
	epk_sha256_add(state, padding, used < 56 ? 56 - used : 120 - used);
	epk_sha256_add(state, length, sizeof(length));
	for (unsigned int i = 0; i < 8; i++)
		store_be32(digest + (size_t)i * 4, state->words[i]);
}

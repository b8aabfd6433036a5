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

/* A word that is about to be rotated. Where the machine has no instruction
 * for that it stands twice in a register, and each rotation is one shift. */
#if defined(__riscv) && __riscv_xlen == 64 && !defined(__riscv_zbb)
typedef uint64_t turning;

static inline turning turn(uint32_t value)
{
	return (uint64_t)value << 32 | value;
}

static inline turning rotate(turning value, unsigned int bits)
{
	return value >> bits;
}
#else
typedef uint32_t turning;

static inline turning turn(uint32_t value)
{
	return value;
}

static inline turning rotate(turning value, unsigned int bits)
{
	return value >> bits | value << (32 - bits);
}
#endif

/* The exclusive or of three rotations; of two and a shift. */
static inline uint32_t rotations(uint32_t value, unsigned int i, unsigned int j,
				 unsigned int k)
{
	const turning v = turn(value);

	return (uint32_t)(rotate(v, i) ^ rotate(v, j) ^ rotate(v, k));
}

static inline uint32_t rotations_shift(uint32_t value, unsigned int i,
				       unsigned int j, unsigned int k)
{
	const turning v = turn(value);

	return (uint32_t)(rotate(v, i) ^ rotate(v, j)) ^ value >> k;
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
#pragma GCC unroll 8
	for (uint32_t *at = w + 16; at != w + 64; at++)
		*at = rotations_shift(at[-2], 17, 19, 10) + at[-7] +
		      rotations_shift(at[-15], 7, 18, 3) + at[-16];
}

/* One round: d becomes e and h becomes a; the others change their names. */
static inline void do_round(uint32_t a, uint32_t b, uint32_t c, uint32_t *d,
			    uint32_t e, uint32_t f, uint32_t g, uint32_t *h,
			    uint32_t key)
{
	const uint32_t one =
		*h + key + (g ^ (e & (f ^ g))) + rotations(e, 6, 11, 25);

	*d += one;
	*h = one + (b ^ ((a ^ b) & (b ^ c))) + rotations(a, 2, 13, 22);
}

static void compress(struct epk_sha256_state *state, const uint8_t *block)
{
	uint32_t *const words = state->words;
	uint32_t a = words[0], b = words[1], c = words[2], d = words[3];
	uint32_t e = words[4], f = words[5], g = words[6], h = words[7];
	uint32_t w[64];

	make_schedule(w, block);
	for (unsigned int t = 0; t < 64; t += 8) {
		const uint32_t *const k = constants + t;

		do_round(a, b, c, &d, e, f, g, &h, k[0] + w[t]);
		do_round(h, a, b, &c, d, e, f, &g, k[1] + w[t + 1]);
		do_round(g, h, a, &b, c, d, e, &f, k[2] + w[t + 2]);
		do_round(f, g, h, &a, b, c, d, &e, k[3] + w[t + 3]);
		do_round(e, f, g, &h, a, b, c, &d, k[4] + w[t + 4]);
		do_round(d, e, f, &g, h, a, b, &c, k[5] + w[t + 5]);
		do_round(c, d, e, &f, g, h, a, &b, k[6] + w[t + 6]);
		do_round(b, c, d, &e, f, g, h, &a, k[7] + w[t + 7]);
	}
	words[0] += a;
	words[1] += b;
	words[2] += c;
	words[3] += d;
	words[4] += e;
	words[5] += f;
	words[6] += g;
	words[7] += h;
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

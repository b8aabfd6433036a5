/* SPDX-License-Identifier: BSD-2-Clause */
/* Entropy comes from the device tree's rng-seed. The state is a SHA-256
 * digest: each request gives SHA-256(state, ticks, 0) and leaves
 * SHA-256(state, ticks, 1), so that what was given tells neither what will
 * be given nor what was. Without a seed all words are zero. */
#include "arch/riscv64/machine_internal.h"

#include <epk/ops.h>

#include <kernel/string.h>

#define SEED_BYTES_MIN 16u

static struct {
	bool seeded;
	uint8_t state[EPK_DIGEST_SIZE];
} source GUARDED;

static void digest(const void *bytes, size_t size_bytes,
		   uint8_t out_digest[EPK_DIGEST_SIZE])
{
	if (epk_sha256(epk_ops_core(), bytes, size_bytes, out_digest) != EPK_OK)
		panic("no digest");
}

void random_init(uint8_t *seed, uint32_t size_bytes)
{
	if (seed == NULL || size_bytes < SEED_BYTES_MIN)
		return;
	digest(seed, size_bytes, source.state);
	memset(seed, 0, size_bytes);
	source.seeded = true;
}

void arch_random(uint64_t words[4])
{
	struct {
		uint8_t state[EPK_DIGEST_SIZE];
		uint64_t ticks;
		uint64_t turn;
	} input;
	uint8_t output[EPK_DIGEST_SIZE];

	memset(words, 0, 4 * sizeof(words[0]));
	if (!source.seeded)
		return;
	memcpy(input.state, source.state, sizeof(input.state));
	input.ticks = arch_ticks();
	input.turn = 0;
	digest(&input, sizeof(input), output);
	memcpy(words, output, sizeof(output));
	input.turn = 1;
	digest(&input, sizeof(input), source.state);
}

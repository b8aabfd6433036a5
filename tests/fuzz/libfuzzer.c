/* SPDX-License-Identifier: BSD-2-Clause */
/* The other driver: an engine chooses inputs by what they cover, and asks the
 * target's mutator for some of them. build.sh says how it is built. */
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t size_max,
			       unsigned int seed);
/* The engine's own mutator. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t size_max);

/* An engine has reports of its own. */
bool fuzz_ok(bool condition, const char *format, ...)
{
	(void)format;
	return condition;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size <= fuzz_target.size_max)
		fuzz_target.run(bytes, size);
	return 0;
}

/* Mostly ours, which repairs digests; the engine knows words to compare. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t size_max,
			       unsigned int seed)
{
	struct fuzz_random random = fuzz_random_of(seed, 0);

	if (size_max > fuzz_target.size_max)
		size_max = fuzz_target.size_max;
	if (size > size_max)
		size = size_max;
	if (size == 0 || fuzz_below(&random, 4) == 0)
		size = LLVMFuzzerMutate(bytes, size, size_max);
	return fuzz_target.mutate(bytes, size, size_max, &random);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Sequences of system calls: the bytes are what chance says to ../model, which
 * makes the calls of the kernel in the simulator and of the specification, and
 * compares every status and everything that can be seen. Nothing of a sequence
 * is left when its job has been killed. */
#include "fuzz.h"

#include "model/drive.h"
#include "support/sim.h"

#include <string.h>

#define SIZE_MAX_BYTES 8192u

static struct sim_package package;

static void run(const uint8_t *bytes, size_t size)
{
	if (package.bytes == NULL)
		drive_pack(&package);
	drive_bytes(bytes, size);
	fuzz_must(drive_machine(1, &package), "kernel and model agree");
}

static size_t seed(uint32_t which, uint8_t *bytes)
{
	struct fuzz_random random = fuzz_random_of(7, which);
	const size_t size = 256u << which % 4;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)fuzz_next(&random);
	return size;
}

/* Some bytes of one place are put at another, or left out. */
static size_t move(uint8_t *bytes, size_t size, size_t size_max,
		   struct fuzz_random *random)
{
	const uint32_t from = fuzz_below(random, (uint32_t)size);
	size_t count = 1 + fuzz_below(random, 64);

	if (count > size - from)
		count = size - from;
	if (fuzz_below(random, 2) == 0) {
		if (count == size)
			return size;
		memmove(bytes + from, bytes + from + count,
			size - from - count);
		return size - count;
	}
	if (count > size_max - size)
		return size;
	memmove(bytes + from + count, bytes + from, size - from);
	return size + count;
}

static size_t mutate(uint8_t *bytes, size_t size, size_t size_max,
		     struct fuzz_random *random)
{
	if (size == 0)
		return seed(fuzz_below(random, 4), bytes);
	for (uint32_t n = 1 + fuzz_below(random, 8); n > 0; n--) {
		const uint32_t at = fuzz_below(random, (uint32_t)size);

		if (fuzz_below(random, 4) == 0)
			size = move(bytes, size, size_max, random);
		else
			bytes[at] = (uint8_t)fuzz_next(random);
		if (size == 0)
			break;
	}
	return size;
}

const struct fuzz_target fuzz_target = {
	.name = "calls",
	.runs = 5000,
	.long_runs = 500000,
	.size_max = SIZE_MAX_BYTES,
	.seed_count = 16,
	.seed = seed,
	.mutate = mutate,
	.run = run,
};

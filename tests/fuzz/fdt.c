/* SPDX-License-Identifier: BSD-2-Clause */
/* Hostile device trees: one built here, and that of QEMU's machine where it
 * is installed. What is taken must not contradict itself. */
#include "support/device_tree.h"

#include "fuzz.h"

#include <stdlib.h>

#define TREE_MAX 16384u

static uint32_t taken;

static void run(const uint8_t *bytes, size_t size)
{
	struct boot_range ranges[BOOT_RANGES_MAX];
	struct machine machine;
	struct fdt fdt;
	uint32_t count;

	if (fdt_open(bytes, size, &fdt) != FDT_OK ||
	    machine_discover(&fdt, 0, &machine) != FDT_OK)
		return;
	count = machine_free_memory(&machine, &machine.package, 1, UINT64_MAX,
				    ranges, BOOT_RANGES_MAX);
	for (uint32_t i = 0; i < count; i++)
		fuzz_must(machine_has_memory(&machine, &ranges[i]) &&
				  !ranges_overlap(&ranges[i], &machine.package),
			  "free memory is memory that nobody has");
	taken++;
}

/* The machine's is large: few of the inputs are made of it. */
static size_t seed(uint32_t which, uint8_t *bytes)
{
	size_t size;

	if (which != 0 || !dump_real()) {
		build_good();
		memcpy(bytes, blob, blob_size);
		return blob_size;
	}
	size = fdt_claimed_size(real);
	fuzz_must(size <= TREE_MAX, "the machine's tree is small");
	memcpy(bytes, real, size);
	return size;
}

static size_t mutate(uint8_t *bytes, size_t size, size_t size_max,
		     struct fuzz_random *random)
{
	(void)size_max;
	for (uint32_t n = 1 + fuzz_below(random, 3); n > 0; n--) {
		const uint32_t at = fuzz_below(random, (uint32_t)size);

		/* Words are big-endian: a byte is what can be changed. */
		fuzz_change_byte(bytes + at, random);
	}
	return size;
}

static void report(uint32_t runs)
{
	fuzz_ok(taken > runs / 10 && taken < runs,
		"some are taken, some refused (%u of %u)", taken, runs);
}

const struct fuzz_target fuzz_target = {
	.name = "fdt",
	.runs = 200000,
	.long_runs = 1000000,
	.size_max = TREE_MAX,
	.seed_count = 16,
	.seed = seed,
	.mutate = mutate,
	.run = run,
	.report = report,
};

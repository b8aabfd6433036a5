/* SPDX-License-Identifier: BSD-2-Clause */
/* Hostile device trees. NEXUS_FUZZ_RUNS and NEXUS_FUZZ_SEED choose the
 * campaign; with -DFDT_FUZZER and -fsanitize=fuzzer an engine does. */
#include "boot/machine.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

/* What is taken must at least not contradict itself. */
static bool read_tree(const uint8_t *bytes, size_t size_bytes)
{
	struct boot_range ranges[BOOT_RANGES_MAX];
	struct machine machine;
	struct fdt fdt;
	uint32_t count;

	if (fdt_open(bytes, size_bytes, &fdt) != FDT_OK ||
	    machine_discover(&fdt, 0, &machine) != FDT_OK)
		return false;
	count = machine_free_memory(&machine, &machine.package, 1, UINT64_MAX,
				    ranges, BOOT_RANGES_MAX);
	for (uint32_t i = 0; i < count; i++)
		if (!machine_has_memory(&machine, &ranges[i]) ||
		    ranges_overlap(&ranges[i], &machine.package))
			abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
	read_tree(bytes, size_bytes);
	return 0;
}

#if !defined(FDT_FUZZER)
#include <time.h>

#include "support/device_tree.h"

#define RUNS 1000000u
#define SECONDS 10

static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

static uint32_t random_below(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % bound;
}

/* What a mutant is made of: odd numbers and small ones. */
static uint8_t random_byte(void)
{
	static const uint8_t odd[] = { 0, 1, 2, 3, 9, 0x7f, 0x80, 0xff };
	uint32_t choice = random_below(16);

	return choice < sizeof(odd) ? odd[choice] : (uint8_t)random_below(256);
}

/* Read a mutant in memory of exactly its size; restore the bytes. */
static bool run_mutant(uint8_t *bytes, size_t size)
{
	uint32_t count = 1 + random_below(3), at[3];
	uint8_t old[3];
	bool taken;

	for (uint32_t i = 0; i < count; i++) {
		at[i] = random_below((uint32_t)size);
		old[i] = bytes[at[i]];
		bytes[at[i]] = random_byte();
	}
	taken = read_tree(bytes, size);
	while (count-- > 0)
		bytes[at[count]] = old[count];
	return taken;
}

static uint64_t run_mutants(uint32_t runs, uint8_t *built, uint8_t *machine)
{
	uint64_t taken = 0;

	for (uint32_t i = 0; i < runs; i++) {
		if (real_size > 0 && i % 32 == 0)
			taken += run_mutant(machine, real_size);
		else
			taken += run_mutant(built, blob_size);
	}
	return taken;
}

static uint8_t *copy_of(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	memcpy(copy, bytes, size);
	return copy;
}

static int mutate(uint32_t runs)
{
	clock_t start = clock();
	uint8_t *built, *machine;
	uint64_t taken;

	build_good();
	real_size = dump_real() ? fdt_claimed_size(real) : 0;
	built = copy_of(blob, blob_size);
	machine = copy_of(real, real_size);
	plan(2);
	taken = run_mutants(runs, built, machine);
	ok(taken > 0 && taken < runs,
	   "%u mutants are read without harm, some taken, some refused", runs);
	diag("%.2f s, %llu taken", (double)(clock() - start) / CLOCKS_PER_SEC,
	     (unsigned long long)taken);
	ok(runs > RUNS || (clock() - start) / CLOCKS_PER_SEC < SECONDS,
	   "a million of them take less than %d seconds", SECONDS);
	free(built);
	free(machine);
	return done();
}

static int replay(int count, char **paths)
{
	for (int i = 0; i < count; i++) {
		FILE *file = fopen(paths[i], "rb");

		if (file == NULL) {
			perror(paths[i]);
			return 1;
		}
		real_size = fread(real, 1, sizeof(real), file);
		fclose(file);
		LLVMFuzzerTestOneInput(real, real_size);
	}
	return 0;
}

static uint32_t number_from(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return replay(argc - 1, argv + 1);
	random_state += number_from("NEXUS_FUZZ_SEED", 0);
	return mutate(number_from("NEXUS_FUZZ_RUNS", RUNS));
}
#endif /* FDT_FUZZER */

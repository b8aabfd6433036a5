/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SUPPORT_SIM_H
#define TESTS_SUPPORT_SIM_H
/** @file sim.h
 * What tests in the simulator share: options of the command line, boot
 * packages made in memory, and the command that repeats a failed run. */
#include <arch/sim.h>

struct sim_arguments {
	const char *program;
	uint64_t seed;	     /* first */
	uint64_t seed_count; /* 1 with --seed */
	bool verbose;
};

/** --seed N: only this one; --seeds N: so many from 1; --verbose. Without
 * options the environment's SIM_SEEDS, else seed_count. Exits with 2 for
 * anything else. */
void sim_parse(int argc, char **argv, uint64_t seed_count,
	       struct sim_arguments *out_arguments);
/** Let the machine of a seed have 1, 2, 4 or 8 harts, in turn for each four
 * seeds, or as many as the environment's SIM_HARTS says; with several, some
 * machines have harts that never come, kicks that are late or clocks that
 * differ. The first seeds are of one hart. */
void sim_harts(uint64_t seed, struct sim_options *options);
/** Print how a run is repeated, as a remark. */
void sim_replay(const struct sim_arguments *arguments, uint64_t seed);
/** What an outcome is called. */
const char *sim_outcome_name(enum sim_outcome outcome);

/** A file of a boot package; its path begins without '/'. Folders come
 * before what is in them: bytes NULL, not executable. */
struct sim_file {
	const char *path;
	const void *bytes;
	size_t size_bytes;
	bool exec;
};

struct sim_package {
	uint8_t *bytes; /* from malloc */
	size_t size_bytes;
};

/** Pack; everything stored and mapped. Exits with 99 when that fails. */
void sim_pack(const struct sim_file *files, size_t count,
	      struct sim_package *out_package);
/** A package with one program of the simulator as /init. */
void sim_pack_init(const char *name, struct sim_package *out_package);
void sim_unpack(struct sim_package *package);
#endif /* TESTS_SUPPORT_SIM_H */

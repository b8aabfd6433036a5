/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H
/** @file fuzz.h
 * What a target is, for two drivers: driver.c, which makes mutants from a
 * seed and counts them, and libfuzzer.c, which leaves both to an engine. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- numbers by chance: the same on every host ---- */

struct fuzz_random {
	uint64_t state; /* not 0 */
};

static inline uint32_t fuzz_next(struct fuzz_random *random)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return (uint32_t)(random->state >> 32);
}

/** 0 .. bound - 1; bound > 0. */
static inline uint32_t fuzz_below(struct fuzz_random *random, uint32_t bound)
{
	return (uint32_t)((uint64_t)fuzz_next(random) * bound >> 32);
}

/** The numbers of one run of a campaign, whatever ran before it. */
struct fuzz_random fuzz_random_of(uint64_t seed, uint64_t run);
/** The numbers that belong to these bytes: what is done with an input must
 * depend on nothing else. */
struct fuzz_random fuzz_random_from(const uint8_t *bytes, size_t size);

/* ---- a target ---- */

/** Words that mean something to the parser of a text. */
struct fuzz_words {
	const char *const *words;
	uint32_t count;
};

struct fuzz_target {
	const char *name;
	uint32_t runs;	    /* of every day */
	uint32_t long_runs; /* of a campaign */
	size_t size_max;    /* of an input */
	uint32_t seed_count;
	/** Writes input `which` of the corpus; returns its size. */
	size_t (*seed)(uint32_t which, uint8_t *bytes);
	/** Changes an input in place; returns its new size <= size_max. */
	size_t (*mutate)(uint8_t *bytes, size_t size, size_t size_max,
			 struct fuzz_random *random);
	struct fuzz_words words; /* for fuzz_mutate_text() */
	size_t text_offset;	 /* what is before it stays */
	/** One execution: no crash, and fuzz_must() what must hold. */
	void (*run)(const uint8_t *bytes, size_t size);
	/** fuzz_ok() lines about what the runs reached; may be NULL. */
	void (*report)(uint32_t runs);
};

/** Defined by the target. */
extern const struct fuzz_target fuzz_target;

/** Ends the program, loudly, when it does not hold. */
void fuzz_must(bool condition, const char *what);

/** A line of report(): the sentence holds. */
bool fuzz_ok(bool condition, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- mutators for bytes of any kind (bytes.c) ---- */

/** A byte is set to a telling value, or a bit of it turned. */
void fuzz_change_byte(uint8_t *byte, struct fuzz_random *random);
/** A little-endian number: one more, one less, a border, a byte. */
void fuzz_change_number(uint8_t *bytes, unsigned width,
			struct fuzz_random *random);

/** Text: bytes and lines changed, doubled, cut, moved; words put in. */
size_t fuzz_change_text(uint8_t *bytes, size_t size, size_t size_max,
			const struct fuzz_words *words,
			struct fuzz_random *random);
/** A target's mutate(), for inputs that are text. */
size_t fuzz_mutate_text(uint8_t *bytes, size_t size, size_t size_max,
			struct fuzz_random *random);

#endif /* TESTS_FUZZ_H */

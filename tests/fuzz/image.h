/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FUZZ_IMAGE_H
#define TESTS_FUZZ_IMAGE_H
/** @file image.h
 * Package images for targets: a corpus, a mutator that seals what it changed,
 * and opening with everything a caller can choose. */
#include <epk/host.h>
#include <epk/mount.h>

#include "fuzz.h"

#define FUZZ_IMAGE_MAX 65536u
#define FUZZ_IMAGES 8u

/** Image `which` of the corpus, built from a recipe. */
size_t fuzz_image_seed(uint32_t which, uint8_t *bytes);
/** Of a target whose inputs these are. */
#define FUZZ_IMAGE_INPUTS                                                      \
	.size_max = FUZZ_IMAGE_MAX, .seed_count = FUZZ_IMAGES,                 \
	.seed = fuzz_image_seed

/**
 * Changes fields where they lie and seals the image again, layer by layer:
 * digests of blocks, of files, of the metadata, of the header, signatures.
 * Bytes changed at random would end at the first digest. Sometimes a layer is
 * left broken on purpose.
 */
size_t fuzz_image_mutate(uint8_t *bytes, size_t size, size_t size_max,
			 struct fuzz_random *random);

/** The same, but most images still open: it is their blocks that change, and
 * some keep a digest that is wrong now. */
size_t fuzz_image_mutate_data(uint8_t *bytes, size_t size, size_t size_max,
			      struct fuzz_random *random);

/** An opened image; its memory is of exactly the size asked for. */
struct fuzz_image {
	struct epk_image image;
	struct epk_source source;
	const uint8_t *bytes;
	size_t size;
	void *metadata;
};

/** What a caller may choose, from the numbers of the input. */
struct fuzz_choice {
	struct epk_options options;
	struct epk_platform platform;
	bool by_callback; /* the source reads; else it is memory */
};

/** No policy, no question, a budget as a careful caller has. */
struct fuzz_choice fuzz_choice_plain(void);
struct fuzz_choice fuzz_choice_random(struct fuzz_random *random);

/** Steps 1..18. Nothing is held after a failure. */
epk_status_t fuzz_image_open(struct fuzz_image *image,
			     const struct fuzz_choice *choice,
			     const uint8_t *bytes, size_t size);
void fuzz_image_close(struct fuzz_image *image);
/** Open as a plain caller does, from memory or by a callback; what opens is
 * for `serve`. */
void fuzz_image_serve(const uint8_t *bytes, size_t size,
		      void (*serve)(struct epk_image *image,
				    struct fuzz_random *random));

/* ---- how often each status came out ---- */

void fuzz_count(epk_status_t status);
/** A report() of one line for each: a mutation that never gets there is
 * blind. */
#define FUZZ_REACHES(...)                                                      \
	static void report(uint32_t runs)                                      \
	{                                                                      \
		static const epk_status_t list[] = { __VA_ARGS__ };            \
                                                                               \
		(void)runs;                                                    \
		fuzz_report_reached(list, sizeof(list) / sizeof(list[0]));     \
	}
void fuzz_report_reached(const epk_status_t *statuses, size_t count);

#endif /* TESTS_FUZZ_IMAGE_H */

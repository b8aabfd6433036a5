/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_WRITER_FOREST_H
#define TESTS_WRITER_FOREST_H
/** @file writer_forest.h
 * A larger tree made from a seed: folders, files of all sizes around a
 * block, equal files, links, mapped files. */
#include "writer_support.h"

#define FOREST_ITEMS 120u
#define FOREST_BYTES_MAX 20000u

struct forest {
	struct item items[FOREST_ITEMS];
	char paths[FOREST_ITEMS][16];
	uint8_t *bytes;
	struct tree tree;
};

static inline uint32_t forest_next(uint32_t *state)
{
	*state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
	return *state >> 8;
}

static inline void forest_file(struct forest *forest, struct item *item,
			       uint32_t *state)
{
	static const size_t sizes[] = { 0,    1,    7,	  4095, 4096,
					4097, 8192, 9000, 300,	1500 };
	size_t size = sizes[forest_next(state) % 10];

	item->type = EPK_TYPE_FILE;
	item->exec = forest_next(state) % 5 == 0;
	item->mapped = forest_next(state) % 4 == 0;
	item->size_bytes = size;
	/* One of four places: many files are equal. */
	item->bytes = forest->bytes + forest_next(state) % 4 * 1000;
}

/** Free with forest_fini(); bytes is NULL if memory was short. */
static inline void forest_init(struct forest *forest, uint32_t seed)
{
	uint32_t state = seed;

	memset(forest, 0, sizeof(*forest));
	forest->bytes = pattern(FOREST_BYTES_MAX, 13);
	for (uint32_t i = 0; i < FOREST_ITEMS; i++) {
		struct item *item = &forest->items[i];

		/* The first ten are folders; others lie in one of them. */
		if (i < 10)
			snprintf(forest->paths[i], 16, "d%u", i);
		else
			snprintf(forest->paths[i], 16, "d%u/f%u",
				 forest_next(&state) % 10, i);
		item->path = forest->paths[i];
		if (i < 10) {
			item->type = EPK_TYPE_FOLDER;
		} else if (i % 17 == 0) {
			item->type = EPK_TYPE_LINK;
			item->target = "../d1";
		} else {
			forest_file(forest, item, &state);
		}
	}
	forest->tree = (struct tree){
		.items = forest->items,
		.count = FOREST_ITEMS,
		.manifest = "name = \"t\"\nversion = \"1.0.0\"\n"
			    "arch = \"any\"\nkernel_api = \"0.1\"\n",
	};
}

static inline void forest_fini(struct forest *forest)
{
	free(forest->bytes);
}

#endif /* TESTS_WRITER_FOREST_H */

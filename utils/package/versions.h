/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_VERSIONS_H
#define PACKAGE_VERSIONS_H
/* What a store remembers of packages that were removed: for each name its
 * highest version and which package that was. The packages that are there
 * speak for themselves: the memory of a name is the higher of the two.
 *
 * The file is text: the line "package store 1", then lines
 * "NAME VERSION PACKAGE_ID", ascending by name; "-" is an unknown id. */
#include "package_name.h"

struct store;

#define VERSIONS_HEAD "package store 1\n"
#define VERSIONS_SIZE_MAX (16u << 20)

struct version_row {
	struct package_ref ref;
	bool id_known;
	uint8_t package_id[32];
};

struct versions {
	struct version_row *rows; /* ascending by name */
	uint32_t count;
};

bool version_row_equal(const struct version_row *left,
		       const struct version_row *right);

/** A missing file is empty; a malformed one is reported. */
bool versions_load(const struct store *store, struct versions *out_versions);
void versions_fini(struct versions *versions);

/** NULL: the name is unknown. */
const struct version_row *versions_find(const struct versions *versions,
					const char *name);
/** Put the row of its name in; false: memory is short (reported). */
bool versions_set(const struct store *store, struct versions *versions,
		  const struct version_row *row);
/** Whole and durable, or as it was (reported). */
bool versions_save(const struct store *store, const struct versions *versions);

/**
 * The lines of a file, size bytes.
 *
 * @return 0, or the number of the line that is wrong; UINT32_MAX: memory is
 *         short. The rows are the caller's either way.
 */
uint32_t versions_parse(const char *text, size_t size,
			struct versions *out_versions);

#endif /* PACKAGE_VERSIONS_H */

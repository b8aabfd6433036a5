/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_SELECT_H
#define EPK_TOOL_SELECT_H
/* Which files the user wants mapped: --map GLOB, --map exec, --map-from. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options;

struct select_path {
	const char *path; /* in text */
	bool found;
};

struct selection {
	const struct options *options;
	char *text; /* of --map-from, lines ended by NUL; or NULL */
	struct select_path *paths; /* sorted by path */
	uint32_t path_count;
};

bool selection_init(struct selection *selection, const struct options *options);
void selection_fini(struct selection *selection);

/** Is this file to be mapped? Called once for each file of the tree. */
bool selection_has(struct selection *selection, const char *path, bool exec);

/** Every path of --map-from was a file; else it is reported. */
bool selection_complete(const struct selection *selection);

/** `*` is any bytes, `?` one character, also '/'; the whole path matches. */
bool glob_matches(const char *glob, const char *path);

/** Whole small file, NUL behind it; NULL was reported. A file that the user
 * named may be a pipe; one found in a folder (`found`) must be ordinary. */
char *read_small_file(const struct options *options, const char *file,
		      bool found, size_t size_max, size_t *out_size);

#endif /* EPK_TOOL_SELECT_H */

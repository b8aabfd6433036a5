/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_NAME_H
#define PACKAGE_NAME_H
/* Names and versions, as users and the files of a store write them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKAGE_NAME_MAX 64
#define PACKAGE_VERSION_SIZE 33 /* three u32, two points, a NUL */
/* NAME@VERSION and a NUL. */
#define PACKAGE_REF_SIZE (PACKAGE_NAME_MAX + 1 + PACKAGE_VERSION_SIZE)
#define PACKAGE_FILE_SIZE (PACKAGE_REF_SIZE + 4) /* and ".epk" */

struct epk_manifest;

struct package_ref {
	char name[PACKAGE_NAME_MAX + 1];
	bool has_version; /* else version means nothing */
	uint32_t version[3];
};

/** < 0, 0, > 0. */
int version_compare(const uint32_t *left, const uint32_t *right);

/** "1.20.3", exactly size bytes, no leading zeros. */
bool version_read(const char *text, size_t size, uint32_t out_version[3]);
void version_write(const uint32_t *version, char text[PACKAGE_VERSION_SIZE]);

/** A name as section 8 of the format wants it. */
bool package_name_valid(const char *text, size_t size);

/** NAME or NAME@VERSION. */
bool package_ref_read(const char *text, struct package_ref *out_ref);
/** NAME@VERSION, or NAME without one. */
void package_ref_write(const struct package_ref *ref,
		       char text[PACKAGE_REF_SIZE]);

/** The name of a package's file in a store: NAME@VERSION.epk. */
bool package_file_read(const char *file, struct package_ref *out_ref);
void package_file_write(const struct package_ref *ref,
			char file[PACKAGE_FILE_SIZE]);

/** Name and version as a checked manifest has them. */
bool package_ref_of(const struct epk_manifest *manifest,
		    struct package_ref *out_ref);

/** By name, then by version. */
int package_ref_compare(const struct package_ref *left,
			const struct package_ref *right);

/** True if a word means a file: "-", with a '/', or with ".epk" at its end. */
bool is_file_word(const char *word);

#endif /* PACKAGE_NAME_H */

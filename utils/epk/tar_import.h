/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_TAR_IMPORT_H
#define EPK_TOOL_TAR_IMPORT_H
/* An archive read once: what it names becomes a tree, contents go to a file
 * of the caller, each behind a uint64_t with its size. Nothing here prints;
 * hostile input is the usual one. */
#include "tar_bytes.h"
#include "tar_tree.h"

/* In the pax headers of a symbolic link: it stands for a folder alias, and the
 * value is the folder's path in the package. */
#define TAR_ALIAS_XATTR "user.epk.alias"

struct tar_import {
	int spool;	   /* caller's: empty, written from its first byte */
	uint64_t size_max; /* caller's: of all files together */
	/** caller's, may be NULL: bytes of the plain archive so far. */
	void (*progress)(void *context, uint64_t done);
	void *progress_context;

	struct tar_tree tree;
	uint32_t manifest; /* node of the root's manifest.toml, or TAR_NONE */
	uint64_t spool_size;
	uint64_t plain_bytes; /* of all files, hard links too */
	struct tar_failure failure;
};

/** Fields of the caller are set. False: see import->failure. */
bool tar_import_read(struct tar_import *import, const struct tar_bytes *bytes);
void tar_import_fini(struct tar_import *import);

/** libarchive takes names by the locale's charset: have it be UTF-8. */
void tar_locale(void);

/* The row of an error. */
const char *tar_error_code(enum tar_error error);
const char *tar_error_sentence(enum tar_error error);
const char *tar_error_advice(enum tar_error error);
int tar_error_exit(enum tar_error error);

#endif /* EPK_TOOL_TAR_IMPORT_H */

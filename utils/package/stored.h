/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_STORED_H
#define PACKAGE_STORED_H
/* A package of a store, opened. */
#include "image.h"
#include "signatures.h"
#include "store.h"

struct stored {
	struct tool_image image;
	struct package_ref ref;
	char path[STORE_PLACE_MAX + PACKAGE_FILE_SIZE];
};

/** Mount checks and policy passed, and it is what its file is named after;
 * else reported. */
bool stored_open(struct stored *stored, const struct store *store,
		 const struct package_ref *ref);
void stored_close(struct stored *stored);

/** What a file says it is, without a word. */
struct stored_glance {
	bool there;
	bool readable; /* what follows means something */
	bool accepted; /* by the signature policy */
	bool sound;    /* every block and file; if it was asked for */
	uint8_t package_id[32];
	struct signatures signatures;
};

void stored_glance(const struct store *store, const struct package_ref *ref,
		   bool deep, struct stored_glance *out_glance);

/** Its entry or a command, as the manifest has it, with '/' in front. */
bool manifest_program(const struct epk_manifest *manifest, const char *command,
		      char program[EPK_PATH_MAX + 1]);
/** "demo@1.0.0, linux-5.10"'s last part, whatever the manifest says. */
void manifest_text(const struct epk_manifest *manifest,
		   enum epk_manifest_key key, char text[EPK_LINE_MAX]);

#endif /* PACKAGE_STORED_H */

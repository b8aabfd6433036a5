/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_STORES_H
#define EPK_TOOL_STORES_H
/* Where trust is looked for: the folders that --trust names, or the user's
 * and the system's. */
#include <epk/trust.h>

#include <stdbool.h>

struct options;

#define STORE_PATH_MAX 4096

/** The folder of a number, from 0; NULL behind the last; static until the
 * next call. The first is the one that changes are written to. */
const char *store_folder(const struct options *options, uint32_t index);

/** All folders in words, for messages; static until the next call. */
const char *store_places(const struct options *options);

/**
 * Load all folders. A missing one is fine unless --trust names it and
 * may_miss is false.
 *
 * @return true; else reported.
 */
bool stores_load(const struct options *options, bool may_miss,
		 struct epk_trust_store **out_store);

#endif /* EPK_TOOL_STORES_H */

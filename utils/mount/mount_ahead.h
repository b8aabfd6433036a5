/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_MOUNT_AHEAD_H
#define EPK_TOOL_MOUNT_AHEAD_H
/* Decodes the block that a reader in sequence will want next, in a thread of
 * its own. Readers say what they read; nobody waits. */
#include "mount_cache.h"

struct mount_ahead; /* opaque */

/** NULL: memory or threads are short; reading works without. */
struct mount_ahead *mount_ahead_create(struct block_cache *cache);
/** Ends the thread. NULL is fine. */
void mount_ahead_destroy(struct mount_ahead *ahead);

/** One read of a file: what it was and which block would be the next. */
struct mount_ahead_read {
	uint32_t node;
	uint32_t next_block; /* EPK_NO_INDEX: the file ends before */
	uint64_t offset;
	uint64_t end;
};

/** A file with blocks of its own was read. */
void mount_ahead_note(struct mount_ahead *ahead,
		      const struct mount_ahead_read *read);
/** A small file in a shared block was; next as above, for its region. */
void mount_ahead_note_shared(struct mount_ahead *ahead, uint32_t block,
			     uint32_t next_block);

#endif /* EPK_TOOL_MOUNT_AHEAD_H */

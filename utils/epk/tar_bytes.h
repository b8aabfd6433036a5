/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_TAR_BYTES_H
#define EPK_TOOL_TAR_BYTES_H
/* Where an archive's bytes come from: a descriptor, memory, or a gzip stream
 * made plain. Read once, in order, never held. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tar_bytes {
	/** Up to size bytes, 0 at the end, -1 with errno; EBADMSG is a
	 * stream that does not decode. */
	ssize_t (*read)(void *context, void *buffer, size_t size);
	void *context;
};

/** Bytes of a descriptor, which stays the caller's. */
struct tar_bytes tar_bytes_of_fd(const int *fd);

struct tar_gzip; /* opaque */

/**
 * What stands behind these bytes: themselves, or, if they are gzip, what they
 * decode to, checksums and lengths checked.
 *
 * @param out_gzip  to be destroyed after the last read.
 * @return false if memory is short.
 */
bool tar_gzip_create(const struct tar_bytes *from, struct tar_gzip **out_gzip);
struct tar_bytes tar_gzip_bytes(struct tar_gzip *gzip);
void tar_gzip_destroy(struct tar_gzip *gzip);

#endif /* EPK_TOOL_TAR_BYTES_H */

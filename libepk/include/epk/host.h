/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_HOST_H
#define EPK_HOST_H
/** @file host.h
 * The hosted side: operations, a file as a source, and opening an image with
 * memory from malloc. Not in the freestanding build. */
#include <epk/reader.h>

EPK_BEGIN_DECLS

/** GnuTLS and the fast inflate, or zlib's in builds without libdeflate, on the
 * host; libsodium and zlib on the target. */
EPK_API const struct epk_ops *epk_ops_default(void);

/**
 * An image in an open file: read with pread, never mapped, for an ordinary
 * file may change under its reader.
 *
 * @param out_source  its context is the descriptor, which stays the
 *                    caller's and must outlive it.
 * @return EPK_OK, or EPK_ERR_IO (no regular file or block device).
 */
EPK_API epk_status_t epk_source_from_fd(int fd, struct epk_source *out_source);

/** An image in memory that does not change. */
EPK_API void epk_source_from_memory(const void *bytes, size_t size_bytes,
				    struct epk_source *out_source);

struct epk_file; /* an opened image and its memory */

/**
 * Steps 1..18 with memory from malloc.
 *
 * @param out_failure  NULL, or told where it failed.
 * @param out_file     closed with epk_file_close(); set on success only.
 * @return as epk_probe() and epk_load(), or EPK_ERR_NO_MEMORY.
 */
EPK_API epk_status_t epk_file_open(const struct epk_source *source,
				   const struct epk_options *options,
				   struct epk_failure *out_failure,
				   struct epk_file **out_file);

/** The image of a file, borrowed. */
EPK_API struct epk_image *epk_file_image(struct epk_file *file);

/** NULL is fine. Returns NULL. The descriptor is not closed. */
EPK_API struct epk_file *epk_file_close(struct epk_file *file);

EPK_END_DECLS
#endif /* EPK_HOST_H */

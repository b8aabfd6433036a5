/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_SOURCE_H
#define EPK_SOURCE_H
/** @file source.h
 * Where the bytes of an image come from: a callback, or memory that nobody
 * can change while the image is open. */
#include <epk/error.h>

EPK_BEGIN_DECLS

/* The object is a block device or ends at a page: it may be larger than the
 * image, and nothing behind the image is read. */
#define EPK_SOURCE_ROUNDED (UINT32_C(1) << 0)

struct epk_source {
	void *context;
	/*
	 * Reads exactly size_bytes at offset or fails (IO); may be NULL if
	 * `mapped` is set. The core never asks beyond `size_bytes`.
	 */
	epk_status_t (*read)(void *context, uint64_t offset, void *buffer,
			     size_t size_bytes);
	/*
	 * The whole object, or NULL. Only for memory whose bytes cannot
	 * change: a sealed VMO, an immutable boot object. Never an ordinary
	 * file that was mapped.
	 */
	const void *mapped;
	uint64_t size_bytes; /* of the object */
	uint32_t flags;	     /* EPK_SOURCE_*; unknown bits are refused */
	uint32_t reserved;   /* 0 */
};

EPK_END_DECLS
#endif /* EPK_SOURCE_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_VERIFY_H
#define EPK_VERIFY_H
/** @file verify.h
 * Stage deep on several processors (hosts only). */
#include <epk/codec.h>
#include <epk/reader.h>

EPK_BEGIN_DECLS

/**
 * What epk_verify_deep() does, blocks being read and decoded by several
 * threads. The verdict, its stage and its index are the same.
 *
 * @param threads    in all, at most 64; 0 means one for each processor.
 * @param allocator  NULL means the heap; at most 16 MiB of blocks, and 4
 *                   bytes for each node.
 * @param progress   NULL or a callback, on the calling thread; its totals
 *                   are stored bytes.
 * @return as epk_verify_deep(), or EPK_ERR_NO_MEMORY.
 */
EPK_API epk_status_t epk_verify_threads(struct epk_image *image,
					uint32_t threads,
					const struct epk_allocator *allocator,
					epk_progress progress, void *context);

EPK_END_DECLS
#endif /* EPK_VERIFY_H */

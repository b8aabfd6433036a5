/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_SPLICE_HOST_H
#define EPK_SPLICE_HOST_H
/** @file splice_host.h
 * Handing out memory on Linux (section 10): a verified range of a mapped
 * file as a memory file, sealed against growing, shrinking, writing and
 * unsealing. Its descriptor may be passed to any process; who maps it reads
 * bytes that nobody can change. The package's own file is never given away:
 * blocks are read into the memory file, verified there, and sealed.
 *
 * A range that was handed out stays in memory until the budget of live bytes
 * needs its place; asked for again, also through an equal file, it costs no
 * copy. Only ranges that nobody holds make room, the least recently used
 * first.
 *
 * Threads: any call, any thread; one lock inside each splicer, which is not
 * held while a new range is read and verified. Who asks for a range that
 * another thread is reading waits for it and gets the same slice, or the same
 * failure. */
#include <epk/reader.h>

EPK_BEGIN_DECLS

struct epk_splicer; /* opaque */
struct epk_slice;   /* opaque: a range that is handed out */

struct epk_splice_budgets {
	uint32_t size_bytes;	    /* sizeof(struct epk_splice_budgets) */
	uint32_t reserved;	    /* 0 */
	uint64_t request_max_bytes; /* of one request; 0: 16 MiB */
	uint64_t live_max_bytes;    /* of all ranges in memory; 0: 256 MiB */
};

struct epk_splice_counters {
	uint64_t requests;	/* that were granted */
	uint64_t hits;		/* of them, ranges that were in memory */
	uint64_t copied_bytes;	/* put into memory files, ever */
	uint64_t live_bytes;	/* in memory now */
	uint64_t held_bytes;	/* of them, in ranges that somebody holds */
	uint64_t evicted_bytes; /* made room, ever */
};

/**
 * Serve memory of a loaded image.
 *
 * @param image    must stay loaded until epk_splicer_destroy().
 * @param budgets  copied; NULL: the defaults.
 * @return EPK_OK, or
 *         EPK_ERR_INVALID      a NULL, a wrong size, reserved not 0
 *         EPK_ERR_STATE        the image is not loaded
 *         EPK_ERR_NO_MEMORY
 *         EPK_ERR_UNSUPPORTED  this system has no sealed memory files
 */
EPK_API epk_status_t epk_splicer_create(
	const struct epk_image *image, const struct epk_splice_budgets *budgets,
	struct epk_splicer **out_splicer);

/** EPK_ERR_BUSY while a slice is held, and nothing happens. NULL is fine. */
EPK_API epk_status_t epk_splicer_destroy(struct epk_splicer *splicer);

/**
 * Hand out a range of a file.
 *
 * @param offset      a multiple of the system's page.
 * @param size_bytes  1 up to the file's end, up to whole alignments.
 * @param out_slice   held until epk_slice_release(); set on success only.
 * @return EPK_OK, or
 *         EPK_ERR_NO_ZEROCOPY     not mapped or not such a range: read it
 *         EPK_ERR_SPLICE_REQUEST  more than one request may have
 *         EPK_ERR_SPLICE_LIVE     more than may live beside what is held
 *         EPK_ERR_RANGE           no such node
 *         EPK_ERR_INVALID         a NULL
 *         IO, BLOCK_DIGEST, PAD   as epk_block_read(); nothing is kept
 *         EPK_ERR_NO_MEMORY
 */
EPK_API epk_status_t epk_splice(struct epk_splicer *splicer, uint32_t node,
				uint64_t offset, uint64_t size_bytes,
				struct epk_slice **out_slice);

/** Give a slice back; NULL is fine. Whoever has its descriptor keeps the
 * memory alive, so release it when the receiver is done. */
EPK_API void epk_slice_release(struct epk_slice *slice);

/** The memory file, to be sent or mapped at offset 0; borrowed, read only. */
EPK_API int epk_slice_fd(const struct epk_slice *slice);

/** Bytes of the memory file: the range, up to whole pages. */
EPK_API uint64_t epk_slice_size(const struct epk_slice *slice);

/** Bytes of it that are the file's; behind them are zeros. */
EPK_API uint64_t epk_slice_content_size(const struct epk_slice *slice);

/** The file is executable; only then may a receiver map it so. */
EPK_API bool epk_slice_executable(const struct epk_slice *slice);

EPK_API void epk_splicer_counters(struct epk_splicer *splicer,
				  struct epk_splice_counters *out_counters);

EPK_END_DECLS
#endif /* EPK_SPLICE_HOST_H */

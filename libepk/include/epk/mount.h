/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_MOUNT_H
#define EPK_MOUNT_H
/** @file mount.h
 * Serving files of a loaded image: the copying read through a block cache,
 * and the rules for handing out memory (section 10), which are only checked
 * here. Threads: one lock of the caller's around every call of one mount. */
#include <epk/cache.h>
#include <epk/reader.h>

EPK_BEGIN_DECLS

struct epk_mount {
	const struct epk_image *image;
	struct epk_cache cache;
	uint8_t *scratch;  /* one stored block, or NULL */
	uint8_t *verified; /* a bit for each block of a mapped source */
	uint64_t splice_request_max;
	uint64_t splice_live_max;
	uint64_t splice_live;  /* bytes handed out and not returned */
	uint64_t bytes_copied; /* by epk_read() and _each(), ever */
	uint32_t failed_block; /* of the last read that failed */
};

/** Memory for a mount with this many cached blocks (≥ 1); 0: overflow. */
EPK_API uint64_t epk_mount_size(const struct epk_image *image,
				uint32_t cached_blocks);

/**
 * Serve a loaded image.
 *
 * @param memory  aligned to 8 bytes, at least epk_mount_size(image, 1);
 *                more means more cached blocks.
 * @return EPK_OK, EPK_ERR_STATE, EPK_ERR_SCRATCH, EPK_ERR_INVALID.
 */
EPK_API epk_status_t epk_mount_init(struct epk_mount *mount,
				    const struct epk_image *image, void *memory,
				    uint64_t size_bytes);

/** Stop serving: BUSY while memory is handed out or a block is held. */
EPK_API epk_status_t epk_mount_fini(struct epk_mount *mount);

/**
 * Copy verified bytes of a file.
 *
 * @param out_size  bytes copied: size_bytes, less at the end of the file, 0
 *                  at or behind it.
 * @return EPK_OK, NOT_FILE, RANGE (no such node), or a code of stage read;
 *         after a failure nothing in buffer may be used.
 */
EPK_API epk_status_t epk_read(struct epk_mount *mount, uint32_t node,
			      uint64_t offset, void *buffer, size_t size_bytes,
			      size_t *out_size);

/**
 * Takes some of the bytes, which are verified and stay until it returns;
 * another status than EPK_OK ends the reading.
 */
typedef epk_status_t (*epk_take)(void *context, const void *bytes,
				 size_t size_bytes);

/**
 * Hand out verified bytes of a file, piece by piece in order, without a
 * buffer between: for memory that epk_read() must not write to itself.
 *
 * @param out_size  as of epk_read().
 * @return as epk_read(), or what `take` returned.
 */
EPK_API epk_status_t epk_read_each(struct epk_mount *mount, uint32_t node,
				   uint64_t offset, uint64_t size_bytes,
				   epk_take take, void *context,
				   uint64_t *out_size);

/**
 * Verify a block of a mapped source once per mount; stored bytes and pad,
 * in place. UNSUPPORTED if the source is not mapped.
 */
EPK_API epk_status_t epk_block_verify(struct epk_mount *mount, uint32_t block);

/** What a granted request for memory is about. */
struct epk_splice {
	uint64_t image_offset; /* page aligned */
	uint64_t size_bytes;   /* of the range: length, up to whole pages */
	uint64_t content_size; /* plain bytes in the range */
	uint32_t first_block;  /* to be verified before it is handed out */
	uint32_t block_count;
	bool executable;
};

/**
 * Decide a request for memory; changes nothing.
 *
 * @param page_log2  the system's page.
 * @return EPK_OK, NO_ZEROCOPY (read with a copy instead), SPLICE_REQUEST,
 *         SPLICE_LIVE, RANGE (no such node), INVALID.
 */
EPK_API epk_status_t epk_splice_check(const struct epk_mount *mount,
				      uint32_t node, uint64_t offset,
				      uint64_t size_bytes, uint32_t page_log2,
				      struct epk_splice *out_splice);

/** Count a range as handed out: SPLICE_LIVE, and then nothing changes. */
EPK_API epk_status_t epk_splice_charge(struct epk_mount *mount,
				       const struct epk_splice *splice);

/** Count it as returned. INVALID if more than is out. */
EPK_API epk_status_t epk_splice_return(struct epk_mount *mount,
				       const struct epk_splice *splice);

EPK_END_DECLS
#endif /* EPK_MOUNT_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_READER_H
#define EPK_READER_H
/** @file reader.h
 * Reading an image. The core allocates nothing and calls nothing but the
 * source and the table of operations:
 *
 *	epk_probe()  steps 1..11, in constant memory; says what step 12 needs
 *	epk_load()   steps 12..18, in memory that the caller gives
 *
 * After both the image is constant: every function that takes it as const
 * may run on any thread at the same time, each with its own scratch. */
#include <epk/manifest.h>
#include <epk/ops.h>
#include <epk/source.h>
#include <stdbool.h>

EPK_BEGIN_DECLS

/** The header's fields, and what follows from them. */
struct epk_header {
	uint64_t image_size;
	uint64_t meta_stored;
	uint64_t meta_size; /* plain */
	uint64_t data_offset;
	uint64_t build_epoch;
	uint32_t feature_compat;
	uint32_t align_log2;
	uint32_t block_log2;
	uint32_t meta_codec;
	uint32_t node_count;
	uint32_t map_blocks;
	uint32_t whole_blocks;
	uint32_t shared_blocks;
	uint32_t block_count; /* the sum of the three */
	uint32_t names_size;
	uint32_t manifest_size;
	uint8_t meta_digest[EPK_DIGEST_SIZE];
};

/* Signature policy (section 9, step 11). */
#define EPK_SIGNATURES_DISABLED 0u
#define EPK_SIGNATURES_OPTIONAL 1u
#define EPK_SIGNATURES_REQUIRED 2u

/** The reader's trust store, as far as the core asks it. */
struct epk_trust {
	void *context;
	/*
	 * EPK_OK and the key; NOT_FOUND if the id is unknown, revoked or
	 * expired, and the slot counts as absent.
	 */
	epk_status_t (*lookup)(void *context,
			       const uint8_t key_id[EPK_DIGEST_SIZE],
			       uint8_t public_key[EPK_KEY_SIZE]);
	/* May this key sign a package of this name? */
	bool (*allows)(void *context, const uint8_t key_id[EPK_DIGEST_SIZE],
		       const void *name, size_t name_size);
};

struct epk_options {
	uint32_t size_bytes;	       /* sizeof(struct epk_options) */
	uint32_t signatures;	       /* EPK_SIGNATURES_* */
	uint32_t threshold;	       /* required: 1..8; else 0 */
	uint32_t reserved;	       /* 0 */
	const struct epk_trust *trust; /* NULL only if disabled */
	/* Plain metadata and stored metadata each; 0: no budget. */
	uint64_t metadata_budget_bytes;
	const struct epk_platform *platform; /* step 18; NULL: do not ask */
};

/** What epk_load() wants, told by epk_probe(). Both aligned to 8 bytes. */
struct epk_need {
	uint64_t metadata_size_bytes; /* kept until close; 0: used in place */
	uint64_t work_size_bytes;     /* free again after epk_load() */
};

/** Caller's storage. Read `header`, `package_id`, `manifest`, `failure`. */
struct epk_image {
	struct epk_source source;
	const struct epk_ops *ops;
	struct epk_options options;
	struct epk_header header;
	uint8_t package_id[EPK_DIGEST_SIZE];
	struct epk_failure failure; /* of the last call that took it mutable */
	uint32_t state;		    /* private */
	/* Signatures that verified, by key; empty if the policy is disabled. */
	uint32_t signature_count;
	uint8_t signature_keys[EPK_SIGNATURES_MAX][EPK_DIGEST_SIZE];
	/* Slots present in the image, verified or not. */
	uint32_t slot_count;
	uint8_t slot_keys[EPK_SIGNATURES_MAX][EPK_DIGEST_SIZE];
	/* The plain metadata and its parts; private memory or the source's. */
	const uint8_t *nodes;
	const uint8_t *blocks;
	const uint8_t *names;
	struct epk_manifest manifest; /* its text lies in the metadata */
};

/**
 * Steps 1..11: read 4,096 bytes and decide about them.
 *
 * @param source   copied; what it points to is the caller's until close.
 * @param options  copied; NULL: no policy, no budget, no platform.
 * @param page     4,096 bytes of scratch, free again afterwards.
 * @param out_need set on success.
 * @return EPK_OK, a code of section 9 (image->failure says the stage), or
 *         EPK_ERR_INVALID      a NULL or an unknown option
 *         EPK_ERR_UNSUPPORTED  a policy, but no ed25519_verify
 */
EPK_API epk_status_t epk_probe(struct epk_image *image,
			       const struct epk_source *source,
			       const struct epk_ops *ops,
			       const struct epk_options *options, void *page,
			       struct epk_need *out_need);

/**
 * Steps 12..18. After a failure the image must be probed again.
 *
 * @param metadata  as the need said, NULL if it was 0; stays in use.
 * @param work      as the need said.
 * @return EPK_OK, a code of section 9, EPK_ERR_SCRATCH (memory smaller than
 *         asked for or misaligned), EPK_ERR_STATE (not probed), or
 *         EPK_ERR_NO_MEMORY from the operations.
 */
EPK_API epk_status_t epk_load(struct epk_image *image, void *metadata,
			      uint64_t metadata_size, void *work,
			      uint64_t work_size);

/* ---- nodes ---- */

struct epk_node {
	uint64_t size_bytes; /* file: plain bytes; link: of the target */
	uint32_t index;
	uint32_t parent;
	uint32_t first; /* folder: first child; file: block; alias: folder */
	uint32_t count; /* folder: children; file: blocks */
	uint32_t at;	/* shared file: offset in the block's plain bytes */
	uint8_t type;	/* EPK_TYPE_* */
	uint8_t flags;	/* EPK_FLAG_* */
	uint16_t name_size;
	const char *name;      /* in the metadata, no NUL */
	const uint8_t *sha256; /* file: 32 bytes; else NULL */
	const char *target;    /* link: size_bytes of it; else NULL */
};

/** Decode a node. INVALID, STATE, or RANGE (index ≥ node_count). */
EPK_API epk_status_t epk_node_get(const struct epk_image *image, uint32_t index,
				  struct epk_node *out_node);

/** Permission bits front ends show: 0555, 0444 or 0777. */
EPK_API uint32_t epk_node_mode(const struct epk_node *node);

/** Path without leading slash, root empty; SCRATCH if it does not fit. */
EPK_API epk_status_t epk_node_path(const struct epk_image *image,
				   uint32_t index, char *buffer,
				   size_t buffer_size, size_t *out_size);

/** Binary search among a folder's children: NOT_FOLDER, NOT_FOUND, RANGE. */
EPK_API epk_status_t epk_child_lookup(const struct epk_image *image,
				      uint32_t folder, const void *name,
				      size_t name_size, uint32_t *out_index);

/**
 * The nth child in order, for readdir. NOT_FOLDER, RANGE (no such folder),
 * NOT_FOUND behind the last.
 */
EPK_API epk_status_t epk_child_get(const struct epk_image *image,
				   uint32_t folder, uint32_t position,
				   struct epk_node *out_node);

/* The last name's alias or link is given as it is, not followed. */
#define EPK_WALK_NOFOLLOW (UINT32_C(1) << 0)

/**
 * Walk a path from a folder. A leading `/` starts at the root. Names are
 * joined by single `/`; `..` is the parent of the folder reached. Aliases
 * are entered, links are replaced by their target, at most 40 of them.
 *
 * @return EPK_OK, EPK_ERR_INVALID (malformed path, unknown flag),
 *         EPK_ERR_NOT_FOUND, EPK_ERR_NOT_FOLDER (a file on the way),
 *         EPK_ERR_LOOP, EPK_ERR_RANGE (no such start).
 */
EPK_API epk_status_t epk_walk(const struct epk_image *image, uint32_t start,
			      const void *path, size_t path_size,
			      uint32_t flags, uint32_t *out_index);

/* ---- blocks ---- */

struct epk_block {
	uint64_t image_offset; /* of the stored bytes, from the image's start */
	uint32_t stored_size;
	uint32_t plain_size;
	uint32_t codec;
	bool mapped; /* lies in region A */
	const uint8_t *digest;
};

/** Decode a row of the block table: RANGE, STATE, INVALID. */
EPK_API epk_status_t epk_block_get(const struct epk_image *image,
				   uint32_t index, struct epk_block *out_block);

/** Largest plain and largest stored block, 1 << block_log2. */
static inline uint32_t epk_block_size(const struct epk_image *image)
{
	return UINT32_C(1) << image->header.block_log2;
}

/**
 * Read a block, check its digest, decode it (stage read).
 *
 * @param scratch  block size; the stored bytes of a compressed block of an
 *                 unmapped source pass through it; NULL if mapped.
 * @param plain    block size; on success *out_bytes is plain or, for a
 *                 stored block of a mapped source, in the image itself.
 * @return EPK_OK, IO, BLOCK_DIGEST, CODEC, PAD, COMPAT (no inflate),
 *         NO_MEMORY, RANGE, STATE.
 */
EPK_API epk_status_t epk_block_read(const struct epk_image *image,
				    uint32_t index, void *scratch, void *plain,
				    const uint8_t **out_bytes);

/* ---- runs: how files and blocks belong together (section 7) ---- */

/** Where a file's plain bytes lie: blocks in order, from `at` in the first. */
struct epk_run {
	uint32_t node; /* the file that opened it */
	uint32_t first;
	uint32_t count;
	uint32_t at;
	uint64_t size_bytes;
};

/* Regions of the data. */
#define EPK_REGION_MAPPED 0u
#define EPK_REGION_WHOLE 1u
#define EPK_REGION_SHARED 2u
#define EPK_REGION_COUNT 3u

/** Region of a file with bytes. */
static inline uint32_t epk_region_of(uint32_t flags)
{
	return (flags & EPK_FLAG_MAPPED) != 0	? EPK_REGION_MAPPED
	       : (flags & EPK_FLAG_SHARED) != 0 ? EPK_REGION_SHARED
						: EPK_REGION_WHOLE;
}

/** Walks the runs of one region in order; begin with epk_run_begin(). */
struct epk_run_cursor {
	uint32_t region;
	uint32_t next_node;
	uint64_t next_place; /* runs at or behind it are new */
};

EPK_API void epk_run_begin(struct epk_run_cursor *cursor, uint32_t region);

/** The next run, or NOT_FOUND at the end; STATE, INVALID. */
EPK_API epk_status_t epk_run_next(const struct epk_image *image,
				  struct epk_run_cursor *cursor,
				  struct epk_run *out_run);

/* ---- verification ---- */

/** Called now and then; anything but EPK_OK stops and is returned. */
typedef epk_status_t (*epk_progress)(void *context, uint64_t done_bytes,
				     uint64_t total_bytes);

/** Scratch for epk_verify_deep(), aligned to 8 bytes. */
EPK_API uint64_t epk_deep_size(const struct epk_image *image);

/**
 * Stage deep: every block, then every run's digest, then equal runs, each
 * block decoded once. image->failure says which block or node failed.
 *
 * @param progress  NULL or a callback; its totals are stored bytes.
 */
EPK_API epk_status_t epk_verify_deep(struct epk_image *image, void *scratch,
				     uint64_t scratch_size,
				     epk_progress progress, void *context);

/** Only the last part of deep: no two equal runs (CANON). 4 bytes a node. */
EPK_API epk_status_t epk_verify_canon(struct epk_image *image, void *scratch,
				      uint64_t scratch_size);

/** content_id (section 3): what the package holds, however it is stored. */
EPK_API epk_status_t epk_content_id(const struct epk_image *image,
				    uint8_t out_id[EPK_DIGEST_SIZE]);

EPK_END_DECLS
#endif /* EPK_READER_H */

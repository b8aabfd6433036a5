/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_WRITER_H
#define EPK_WRITER_H
/** @file writer.h
 * Writes package images (hosts only). The caller names the entries in any
 * order, a folder before what it holds; the library sorts, places, shares,
 * compresses and hashes them, so one tree and one set of settings give the
 * same bytes whoever asks and with however many threads.
 *
 * Memory: at most 32 MiB of blocks and encoders, and some 200 bytes for each
 * entry, its name included. Files are streamed and are never held whole.
 *
 * Threads: one writer belongs to one thread at a time; finish() starts and
 * ends threads of its own. Source, sink and progress are called on the
 * thread that called finish(); the allocator and the codec on any. */
#include <epk/codec.h>
#include <epk/ops.h>
#include <epk/reader.h>
#include <stdbool.h>

EPK_BEGIN_DECLS

#define EPK_WRITER_THREADS_MAX 64u

struct epk_writer; /* opaque */

/** Where the bytes of files come from. Each call returns EPK_OK or an error
 * that ends the whole packing. */
struct epk_writer_source {
	/** @param path  of the file in the package, no leading '/'. */
	epk_status_t (*open)(void *context, uint64_t cookie, const char *path,
			     void **out_file);
	/** At most size_bytes; *out_count 0 is the end of the file. */
	epk_status_t (*read)(void *context, void *file, void *buffer,
			     size_t size_bytes, size_t *out_count);
	/** Closes always. EPK_ERR_CHANGED if the file is not what it was when
	 * the entry was made. */
	epk_status_t (*close)(void *context, void *file);
	void *context;
};

/** Where the image goes. Offsets do not only ascend. */
struct epk_writer_sink {
	epk_status_t (*write)(void *context, uint64_t offset, const void *data,
			      size_t size_bytes);
	/** Reads back what was written. */
	epk_status_t (*read)(void *context, uint64_t offset, void *data,
			     size_t size_bytes);
	/** Called once at the end: the image ends here. */
	epk_status_t (*set_size)(void *context, uint64_t size_bytes);
	void *context;
};

struct epk_writer_settings {
	uint32_t size_bytes; /* of this struct */
	uint8_t align_log2;  /* 12, 14 or 16; 0 means 12 */
	uint8_t block_log2;  /* 12..20; 0 means 17 */
	uint8_t zero[2];
	/** Threads in all, 1..64; 0 means one for each processor. Fewer
	 * may work, so that memory stays bounded. */
	uint32_t threads;
	/** Encoder's level; below 0 the encoder's default. */
	int32_t level;
	/** Encoder of blocks; NULL stores them. */
	const struct epk_codec *codec;
	/** Encoder of the metadata; NULL stores it. */
	const struct epk_codec *meta_codec;
	uint64_t build_epoch;
	/** Digests; needs no inflate. NULL means epk_ops_default(). */
	const struct epk_ops *ops;
	/** NULL means the heap. */
	const struct epk_allocator *allocator;
	/** May be NULL: plain bytes done and to do, never decreasing. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *progress_context;
	/** NULL, or a loaded image that outlives finish(): an encoded block
	 * of it that decodes to what is to be encoded is copied, if it stands
	 * the checks of a reader. So the bytes are those that the base's
	 * encoder and level gave. 40 bytes for each of its blocks. */
	const struct epk_image *base;
};

/** One thing in the tree. The root exists from the start, as entry 0. */
struct epk_writer_entry {
	uint32_t parent; /* entry index of the folder that holds it */
	uint8_t type;	 /* EPK_TYPE_FOLDER, _FILE, _ALIAS, _LINK */
	bool exec;	 /* files */
	bool mapped;	 /* files; ignored for an empty one */
	const char *name;
	size_t name_size;
	const char *target; /* links */
	size_t target_size;
	uint32_t alias_folder; /* aliases: entry index of a folder */
	uint64_t size;	       /* files: bytes */
	uint64_t cookie;       /* files: handed to the source */
};

struct epk_writer_result {
	uint8_t package_id[32];
	uint8_t content_id[32];
	uint64_t image_size;
	uint64_t plain_bytes;  /* sum of all file sizes */
	uint64_t shared_bytes; /* of them, kept once instead of again */
	uint64_t reused_bytes; /* stored bytes of blocks out of the base */
	uint32_t nodes;
	uint32_t files;
	uint32_t blocks;
	uint32_t threads; /* that worked */
	uint32_t reused_blocks;
	uint32_t zero;
};

/**
 * @param settings  copied; NULL is all defaults (and no compression).
 * @return EPK_OK, EPK_ERR_INVALID, EPK_ERR_STATE (the base is not loaded),
 *         EPK_ERR_NO_MEMORY
 */
EPK_API epk_status_t
epk_writer_create(const struct epk_writer_settings *settings,
		  struct epk_writer **out_writer);

/** Waits for nothing; NULL is fine. */
EPK_API void epk_writer_destroy(struct epk_writer *writer);

/**
 * Add one entry; its name and target are checked and copied.
 *
 * @param out_index  of the new entry, for its children; may be NULL.
 * @return EPK_OK, or
 *         EPK_ERR_INVALID  parent or alias folder is no folder, a type
 *                               that does not exist, after finish()
 *         EPK_ERR_NAME          section 5 of the format refuses the name
 *         EPK_ERR_LINK          section 5 refuses the target
 *         EPK_ERR_LIMIT         depth, path, number of entries, sizes
 *         EPK_ERR_NO_MEMORY
 */
EPK_API epk_status_t epk_writer_add(struct epk_writer *writer,
				    const struct epk_writer_entry *entry,
				    uint32_t *out_index);

/** The manifest's text, copied, 1..65,536 bytes. Its grammar is the
 * caller's part (epk/manifest.h): the writer stores bytes.
 * @return EPK_OK, EPK_ERR_LIMIT, EPK_ERR_INVALID, EPK_ERR_NO_MEMORY */
EPK_API epk_status_t epk_writer_set_manifest(struct epk_writer *writer,
					     const void *text,
					     size_t size_bytes);

/**
 * Write the image. A writer finishes once, whether it succeeds or not.
 *
 * @return EPK_OK, what the source or sink returned, or
 *         EPK_ERR_INVALID  no manifest, or finished before
 *         EPK_ERR_ORDER         two entries of one folder have one name
 *         EPK_ERR_CHANGED       a file is not as long, or not the same on
 *                               the second reading
 *         EPK_ERR_LIMIT         more blocks or bytes than the format holds
 *         EPK_ERR_NO_MEMORY
 */
EPK_API epk_status_t epk_writer_finish(struct epk_writer *writer,
				       const struct epk_writer_source *source,
				       const struct epk_writer_sink *sink,
				       struct epk_writer_result *out_result);

/** Path in the package of the entry that the last error is about, "" if it
 * is about none; valid until the next call. */
EPK_API const char *epk_writer_error_path(const struct epk_writer *writer);

EPK_END_DECLS
#endif /* EPK_WRITER_H */

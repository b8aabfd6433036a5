/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_WRITER_INTERNAL_H
#define EPK_WRITER_INTERNAL_H
/* Parts of the writer, in the order in which an image comes to be: entries
 * (writer.c) -> sorted nodes (writer_tree.c) -> which files are mapped or
 * read twice (writer_plan.c) -> runs of blocks (writer_place.c, the files
 * through writer_read.c, the blocks through writer_pool.c) -> metadata and
 * header (writer_meta.c). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <epk/error.h>
#include <epk/format.h>
#include <epk/writer.h>

/** An array that grows; zeroed is empty. */
struct wbuf {
	uint8_t *data;
	size_t size_bytes;
	size_t capacity_bytes;
};

/** What add() was told; goes away when the nodes exist. */
struct wentry {
	uint64_t size;
	uint64_t cookie;
	uint32_t parent;
	uint32_t text_at; /* name, then link target */
	uint32_t alias_folder;
	uint16_t name_size;
	uint16_t target_size;
	uint16_t path_size; /* of the whole path with its leading '/' */
	uint8_t depth;
	uint8_t type;
	uint8_t flags; /* EPK_FLAG_MAPPED, EPK_FLAG_EXEC */
};

struct epk_writer {
	struct epk_writer_settings settings;
	struct epk_allocator allocator;
	bool finished;

	struct wbuf entries; /* of struct wentry */
	struct wbuf text;
	uint32_t entry_count;
	uint64_t plain_bytes;

	uint8_t *manifest;
	uint32_t manifest_size;

	/* From here on: what finish() makes. */
	uint8_t *nodes; /* as in the image, EPK_NODE_SIZE each */
	uint64_t *cookies;
	uint8_t *names;
	uint32_t node_count;
	uint32_t names_size;
	uint8_t *known; /* bit per node: its digest is known already */
	uint32_t *runs; /* hash table of node indices that opened a run */
	uint32_t runs_mask;
	uint32_t file_count;
	uint64_t shared_bytes;

	struct wbuf blocks; /* as in the image, EPK_BLOCK_ROW_SIZE each */
	uint32_t region_blocks[3];
	uint64_t data_size;

	const struct epk_writer_source *source;
	const struct epk_writer_sink *sink;
	uint8_t *scratch; /* one block */
	uint64_t progress_done;
	uint64_t progress_total;

	char path[EPK_PATH_MAX + 1];
	char error_path[EPK_PATH_MAX + 1];
};

/* writer_memory.c */
void *wmem_allocate(const struct epk_allocator *allocator, size_t count,
		    size_t each_bytes);
void wmem_release(const struct epk_allocator *allocator, void *memory);
/** Room for more_bytes behind what is used. */
epk_status_t wbuf_reserve(const struct epk_allocator *allocator,
			  struct wbuf *buf, size_t more_bytes);
void wbuf_fini(const struct epk_allocator *allocator, struct wbuf *buf);

/* writer_sort.c: in place, n log n always, no memory. */
void wsort_indices(uint32_t *indices, uint32_t count,
		   int (*compare)(const void *context, uint32_t a, uint32_t b),
		   const void *context);

/* writer.c */
const struct wentry *wentry_get(const struct epk_writer *writer,
				uint32_t index);
/** Remember the entry that status is about; returns status. */
epk_status_t wentry_error(struct epk_writer *writer, uint32_t index,
			  epk_status_t status);
/** Path of a node into writer->path; returns it. */
const char *wnode_path(struct epk_writer *writer, uint32_t node,
		       size_t *out_size);
/** Remember the node that status is about; returns status. */
epk_status_t wnode_error(struct epk_writer *writer, uint32_t node,
			 epk_status_t status);

/* writer_tree.c: entries -> nodes, names, cookies. */
epk_status_t wtree_build(struct epk_writer *writer);

/* writer_plan.c: complete the MAPPED set, hash what must be known early. */
epk_status_t wplan_make(struct epk_writer *writer);

/* writer_read.c */
struct wread {
	struct epk_writer *writer;
	void *file;
	uint64_t left;
	uint32_t node;
	struct epk_hash hash;
};
epk_status_t wread_open(struct wread *read, struct epk_writer *writer,
			uint32_t node);
/** Exactly size_bytes, which are part of the file's length. */
epk_status_t wread_bytes(struct wread *read, void *buffer, size_t size_bytes);
/** Ends well only when the whole file, and no more, was read. */
epk_status_t wread_close(struct wread *read,
			 uint8_t out_digest[EPK_DIGEST_SIZE]);
/** After an error: close and drop. */
void wread_abort(struct wread *read);
/** A whole file, for its digest alone. */
epk_status_t wread_digest(struct epk_writer *writer, uint32_t node,
			  uint8_t out_digest[EPK_DIGEST_SIZE]);
/** size_bytes more of the plain bytes are dealt with. */
void wprogress_add(struct epk_writer *writer, uint64_t size_bytes);

/* writer_runs.c: the runs that files opened, by size and digest. */
epk_status_t wruns_init(struct epk_writer *writer);
/** Node that opened the run of an equal file, or EPK_NO_INDEX. */
uint32_t wruns_find(const struct epk_writer *writer, const uint8_t *node);
void wruns_insert(struct epk_writer *writer, uint32_t node);

/* writer_base.c: blocks that an older image has already. */
struct wbase;
/** NULL where there is no base, or nothing to be encoded. */
epk_status_t wbase_create(struct epk_writer *writer, struct wbase **out_base);
void wbase_destroy(struct wbase *base);
/** What the base stores for these bytes; false: nothing. Any thread.
 * @param stored  as large as a block. */
bool wbase_copy(const struct wbase *base, const uint8_t *plain,
		uint32_t plain_size, uint8_t *stored, uint32_t *out_size);

/* writer_pool.c: blocks in, stored blocks out, in order. */
enum wblock_kind { WBLOCK_MAPPED, WBLOCK_PACKED };
struct wpool;
epk_status_t wpool_start(struct epk_writer *writer, uint64_t data_base,
			 const struct wbase *base, struct wpool **out_pool);
/** The buffer of the next block, block size bytes; may wait. */
epk_status_t wpool_take(struct wpool *pool, uint8_t **out_plain);
/** The buffer taken last holds plain_size bytes now. */
void wpool_submit(struct wpool *pool, uint32_t plain_size,
		  enum wblock_kind kind);
uint32_t wpool_submitted(const struct wpool *pool);
uint32_t wpool_threads(const struct wpool *pool);
/** Blocks, and bytes of them as they are stored, that the base had. */
uint32_t wpool_reused(const struct wpool *pool, uint64_t *out_bytes);
/** Everything submitted is in the sink and in writer->blocks. */
epk_status_t wpool_drain(struct wpool *pool);
/** Ends the threads, drained or not. */
void wpool_stop(struct wpool *pool);

/* writer_place.c: data to the sink from data_base on. */
epk_status_t wplace_all(struct epk_writer *writer, uint64_t data_base,
			struct epk_writer_result *result);
/** No fewer blocks than placement can need. */
uint64_t wplace_blocks_max(const struct epk_writer *writer);

/* writer_meta.c */
uint64_t wmeta_plain_size(const struct epk_writer *writer, uint64_t blocks);
epk_status_t wmeta_write(struct epk_writer *writer, uint64_t data_base,
			 struct epk_writer_result *result);

/* writer_id.c */
epk_status_t wid_content(struct epk_writer *writer,
			 uint8_t out_id[EPK_DIGEST_SIZE]);

static inline uint8_t *wnode(const struct epk_writer *writer, uint32_t node)
{
	return writer->nodes + (size_t)node * EPK_NODE_SIZE;
}

static inline uint64_t wnode_size(const uint8_t *node)
{
	return epk_load64(node + EPK_NODE_SIZE_FIELD);
}

static inline uint32_t wblock_size(const struct epk_writer *writer)
{
	return UINT32_C(1) << writer->settings.block_log2;
}

static inline bool wknown(const struct epk_writer *writer, uint32_t node)
{
	return writer->known[node / 8] >> (node % 8) & 1;
}

static inline void wknown_set(struct epk_writer *writer, uint32_t node)
{
	writer->known[node / 8] |= (uint8_t)(1u << (node % 8));
}

#endif /* EPK_WRITER_INTERNAL_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMO_BUFFER_H
#define VMO_BUFFER_H
/** @file buffer.h
 * Buffers with owners: equal parts of one mapped object, each at any time
 * free, ours, or lent to a device or peer. A buffer is named by index and
 * generation, so a stale or twice returned name is refused.
 *
 * Threads: one at a time. */
#include <nexus/errors.h>
#include <nexus/types.h>

NX_BEGIN_DECLS

#define VMO_BUFFERS_MAX UINT32_C(4096)

/** Index (low half) and generation (high half, never 0). */
typedef uint32_t vmo_buffer_t;

enum { VMO_BUFFER_FREE = 0, VMO_BUFFER_OURS = 1, VMO_BUFFER_LENT = 2 };

/** State of one buffer; 4 bytes of the caller's memory each. */
struct vmo_buffer_state {
	uint16_t generation;
	uint16_t owner;
};

struct vmo_buffer_pool {
	uint8_t *base;			 /* borrowed */
	struct vmo_buffer_state *states; /* borrowed */
	uint32_t buffer_size_bytes;
	uint32_t buffer_count;
	uint32_t free_count;
	uint32_t next; /* where the search for a free one begins */
};

/**
 * Divide memory into buffers, all free.
 *
 * @param base    buffer_count × buffer_size_bytes bytes; borrowed.
 * @param states  buffer_count entries of the caller; borrowed.
 * @return NX_OK, NX_ERR_INVALID_ARGS
 * @since 0.1
 */
nx_status_t vmo_buffer_pool_init(void *base, uint32_t buffer_size_bytes,
				 struct vmo_buffer_state *states,
				 uint32_t buffer_count,
				 struct vmo_buffer_pool *out_pool);

/** Take a free buffer, zeroed. NX_OK, or NX_ERR_NO_SPACE. */
nx_status_t vmo_buffer_take(struct vmo_buffer_pool *pool,
			    vmo_buffer_t *out_buffer);
/** The bytes of a buffer that is ours. NX_OK, NX_ERR_BAD_HANDLE, or
 * NX_ERR_BAD_STATE while it is lent. */
nx_status_t vmo_buffer_bytes(const struct vmo_buffer_pool *pool,
			     vmo_buffer_t buffer, void **out_bytes);
/** Ours → lent; its bytes are not to be touched until it is back. */
nx_status_t vmo_buffer_lend(struct vmo_buffer_pool *pool, vmo_buffer_t buffer);
/** Lent → ours. NX_ERR_BAD_STATE if it was not lent. */
nx_status_t vmo_buffer_return(struct vmo_buffer_pool *pool,
			      vmo_buffer_t buffer);
/** Ours → free; the name is stale from now on. */
nx_status_t vmo_buffer_free(struct vmo_buffer_pool *pool, vmo_buffer_t buffer);

NX_END_DECLS
#endif /* VMO_BUFFER_H */

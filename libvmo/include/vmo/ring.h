/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMO_RING_H
#define VMO_RING_H
/** @file ring.h
 * A ring of fixed-size entries between one producer and one consumer that
 * share memory and do not trust each other.
 *
 * The shared part is a header of two counters in cache lines of their own,
 * then the entries. Each side keeps its own counter and its own idea of the
 * geometry in private memory and takes from the other only one counter,
 * which it checks: a peer that lies is NX_ERR_CORRUPT, never a wild access.
 * Entries are copied out before they are looked at.
 *
 * Threads: one producer, one consumer, at the same time. */
#include <nexus/errors.h>
#include <nexus/types.h>

NX_BEGIN_DECLS

#define VMO_RING_ENTRIES_MAX UINT32_C(65536)
#define VMO_RING_ENTRY_MAX UINT32_C(4096)
/** Bytes of shared memory in front of the entries. */
#define VMO_RING_HEADER_SIZE UINT64_C(128)

/** One side of a ring; private to it. */
struct vmo_ring {
	uint8_t *shared; /* borrowed; zeroed before the first side begins */
	uint32_t entry_size_bytes;
	uint32_t entry_count; /* a power of two */
	uint32_t mine;	      /* entries this side has moved, modulo 2^32 */
	uint32_t reserved;
};

/** Shared bytes that such a ring needs; 0 if there can be none. */
uint64_t vmo_ring_size(uint32_t entry_size_bytes, uint32_t entry_count);

/**
 * Begin one side. Both sides name the same geometry.
 *
 * @param shared       mapped memory, 8-byte aligned; borrowed until the
 *                     side is given up. Zeroed when the ring is new.
 * @param shared_bytes how much of it there is.
 * @param entry_count  a power of two ≤ VMO_RING_ENTRIES_MAX.
 * @return NX_OK, NX_ERR_INVALID_ARGS, NX_ERR_OUT_OF_RANGE if it does not
 *         fit
 * @since 0.1
 */
nx_status_t vmo_ring_init(void *shared, uint64_t shared_bytes,
			  uint32_t entry_size_bytes, uint32_t entry_count,
			  struct vmo_ring *out_ring);

/** Producer: append a copy of an entry.
 * NX_OK, NX_ERR_WOULD_BLOCK when full, NX_ERR_CORRUPT when the consumer
 * claims what cannot be. */
nx_status_t vmo_ring_push(struct vmo_ring *ring, const void *entry);

/** Consumer: take a copy of the oldest entry.
 * NX_OK, NX_ERR_WOULD_BLOCK when empty, NX_ERR_CORRUPT as above. */
nx_status_t vmo_ring_pop(struct vmo_ring *ring, void *out_entry);

NX_END_DECLS
#endif /* VMO_RING_H */

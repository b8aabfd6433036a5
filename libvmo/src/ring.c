/* SPDX-License-Identifier: BSD-2-Clause
 * Two counters that only grow, modulo 2^32. Their difference is the number
 * of entries in the ring; anything over entry_count is a lie. The producer
 * publishes with release after the entry is written, the consumer after it
 * was copied out. */
#include <vmo/ring.h>

#include <stddef.h>
#include <string.h>

/* Offsets of the counters in the shared header, one cache line apart. */
enum { PRODUCED = 0, CONSUMED = 64 };

uint64_t vmo_ring_size(uint32_t entry_size_bytes, uint32_t entry_count)
{
	if (entry_size_bytes == 0 || entry_size_bytes > VMO_RING_ENTRY_MAX)
		return 0;
	if (entry_count == 0 || entry_count > VMO_RING_ENTRIES_MAX ||
	    (entry_count & (entry_count - 1)) != 0)
		return 0;
	return VMO_RING_HEADER_SIZE + (uint64_t)entry_size_bytes * entry_count;
}

nx_status_t vmo_ring_init(void *shared, uint64_t shared_bytes,
			  uint32_t entry_size_bytes, uint32_t entry_count,
			  struct vmo_ring *out_ring)
{
	uint64_t needed = vmo_ring_size(entry_size_bytes, entry_count);

	if (shared == NULL || ((uintptr_t)shared & 7) != 0 || needed == 0)
		return NX_ERR_INVALID_ARGS;
	if (shared_bytes < needed)
		return NX_ERR_OUT_OF_RANGE;
	*out_ring = (struct vmo_ring){ .shared = shared,
				       .entry_size_bytes = entry_size_bytes,
				       .entry_count = entry_count };
	return NX_OK;
}

static uint32_t *counter(const struct vmo_ring *ring, size_t offset)
{
	return (uint32_t *)(void *)(ring->shared + offset);
}

static uint8_t *entry_at(const struct vmo_ring *ring, uint32_t number)
{
	size_t slot = number & (ring->entry_count - 1);

	return ring->shared + VMO_RING_HEADER_SIZE +
	       slot * ring->entry_size_bytes;
}

nx_status_t vmo_ring_push(struct vmo_ring *ring, const void *entry)
{
	uint32_t consumed =
		__atomic_load_n(counter(ring, CONSUMED), __ATOMIC_ACQUIRE);
	uint32_t used = ring->mine - consumed;

	if (used > ring->entry_count)
		return NX_ERR_CORRUPT;
	if (used == ring->entry_count)
		return NX_ERR_WOULD_BLOCK;
	memcpy(entry_at(ring, ring->mine), entry, ring->entry_size_bytes);
	ring->mine++;
	__atomic_store_n(counter(ring, PRODUCED), ring->mine, __ATOMIC_RELEASE);
	return NX_OK;
}

nx_status_t vmo_ring_pop(struct vmo_ring *ring, void *out_entry)
{
	uint32_t produced =
		__atomic_load_n(counter(ring, PRODUCED), __ATOMIC_ACQUIRE);
	uint32_t used = produced - ring->mine;

	if (used > ring->entry_count)
		return NX_ERR_CORRUPT;
	if (used == 0)
		return NX_ERR_WOULD_BLOCK;
	memcpy(out_entry, entry_at(ring, ring->mine), ring->entry_size_bytes);
	ring->mine++;
	__atomic_store_n(counter(ring, CONSUMED), ring->mine, __ATOMIC_RELEASE);
	return NX_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Searches of a space: the record at an address, and room for a new one. Each
 * begins where the one before has ended, and stops for whoever waits for the
 * kernel. */
#include "vm/space_internal.h"

#include <kernel/hart.h>
#include <kernel/vmo.h>

#define LOOKS_A_STEP 32

HELD static nx_uaddr_t mapping_end(const struct mapping *mapping)
{
	return mapping->address + mapping->size_bytes;
}

/* Has a search to stop at its n-th look? */
HELD static bool look_stops(unsigned n)
{
	return n % LOOKS_A_STEP == 0 && kernel_poll();
}

/* Is this the last record that begins at or below an address, or the list? */
HELD static inline int seek_turn(struct list *all, struct list *at,
				 nx_uaddr_t address)
{
	if (at != all && mapping_at(at)->address > address)
		return -1;
	return at->next != all && mapping_at(at->next)->address <= address;
}

HELD OUT_OF_THE_WAY static bool seek_far(struct space *space,
					 nx_uaddr_t address)
{
	struct list *all = &space->mappings;
	int turn;

	for (unsigned looks = 1;
	     (turn = seek_turn(all, space->found, address)) != 0; looks++) {
		space->found =
			turn < 0 ? space->found->prev : space->found->next;
		if (look_stops(looks))
			return false;
	}
	return true;
}

/* From where the search before this one ended: space->found. */
nx_status_t space_seek(struct space *space, nx_uaddr_t address,
		       struct list **out_at)
{
	if (seek_turn(&space->mappings, space->found, address) != 0 &&
	    !seek_far(space, address))
		return SYS_AGAIN;
	*out_at = space->found;
	return NX_OK;
}

/* Lowest address for one that follows `after`. */
HELD static nx_uaddr_t address_behind(const struct space *space,
				      struct list *after, nx_uaddr_t low)
{
	nx_uaddr_t end;

	if (after == &space->mappings)
		return low;
	end = mapping_end(mapping_at(after)) + NX_PAGE_SIZE;
	return end > low ? end : low;
}

/* Devices are few, and their windows behind all memory. */
HELD static nx_status_t pick_begin(struct space *space, bool is_device,
				   uint64_t size_bytes, struct list **out_after)
{
	if (is_device)
		return space_seek(space,
				  arch_space_base(space) + SPACE_DEVICE_LOW,
				  out_after);
	if (size_bytes >> NX_PAGE_BITS < space->full_pages)
		space->full = &space->mappings;
	space->full_pages = (uint32_t)(size_bytes >> NX_PAGE_BITS);
	*out_after = space->full;
	return NX_OK;
}

/* First fit, one page free behind each mapping. *out_after is the record
 * (or the list itself) that the new one follows. Where a search before found
 * no room for less, this one does not look again. */
HELD static nx_status_t place_pick(struct space *space, bool is_device,
				   uint64_t size_bytes, nx_uaddr_t *out_address,
				   struct list **out_after)
{
	nx_uaddr_t base = arch_space_base(space);
	nx_uaddr_t low = base + (is_device ? SPACE_DEVICE_LOW : SPACE_PICK_LOW);
	nx_uaddr_t high =
		base + (is_device ? SPACE_DEVICE_HIGH : SPACE_PICK_HIGH);
	nx_uaddr_t candidate;
	struct list *after, *next;
	nx_status_t status;

	if (size_bytes > high - low)
		return NX_ERR_NO_SPACE;
	status = pick_begin(space, is_device, size_bytes, &after);
	if (status != NX_OK)
		return status;
	for (unsigned looks = 1;; looks++) {
		candidate = address_behind(space, after, low);
		next = after->next;
		if (next == &space->mappings ||
		    mapping_at(next)->address >= high ||
		    (mapping_at(next)->address >= candidate &&
		     mapping_at(next)->address - candidate >=
			     size_bytes + NX_PAGE_SIZE))
			break;
		after = next;
		if (is_device)
			continue;
		space->full = after;
		if (look_stops(looks))
			return SYS_AGAIN;
	}
	if (candidate >= high || high - candidate < size_bytes + NX_PAGE_SIZE)
		return NX_ERR_NO_SPACE;
	*out_address = candidate;
	*out_after = after;
	return NX_OK;
}

/* So that pages can be large. */
HELD static nx_status_t place_aligned(struct space *space,
				      const struct vmo *vmo, uint64_t offset,
				      uint64_t size_bytes,
				      nx_uaddr_t *out_address,
				      struct list **out_after)
{
	uint64_t slack =
		vmo->root->type != VMO_PLAIN && size_bytes >= SPACE_LARGE_BYTES
			? SPACE_LARGE_BYTES - NX_PAGE_SIZE
			: 0;
	nx_status_t status =
		place_pick(space, vmo->object.kind == NX_KIND_MMIO,
			   size_bytes + slack, out_address, out_after);

	if (status == NX_OK && slack > 0)
		*out_address +=
			(vmo_page(vmo, offset >> NX_PAGE_BITS) - *out_address) &
			slack;
	return status;
}

/* Exactly there, or not at all. */
HELD static nx_status_t place_fixed(struct space *space, uint64_t size_bytes,
				    nx_uaddr_t offset, nx_uaddr_t *out_address,
				    struct list **out_after)
{
	nx_uaddr_t address = arch_space_base(space) + offset;
	nx_status_t status;

	if (offset < SPACE_FIXED_LOW || offset > SPACE_FIXED_HIGH ||
	    size_bytes > SPACE_FIXED_HIGH - offset)
		return NX_ERR_OUT_OF_RANGE;
	status = space_seek(space, address + size_bytes - 1, out_after);
	if (status != NX_OK)
		return status;
	if (*out_after != &space->mappings &&
	    mapping_end(mapping_at(*out_after)) > address)
		return NX_ERR_ALREADY_EXISTS;
	*out_address = address;
	return NX_OK;
}

nx_status_t space_place(struct space *space, const struct vmo *vmo,
			uint64_t offset, uint64_t size_bytes, bool is_fixed,
			nx_uaddr_t *address, struct list **out_after)
{
	if (is_fixed)
		return place_fixed(space, size_bytes, *address, address,
				   out_after);
	return place_aligned(space, vmo, offset, size_bytes, address,
			     out_after);
}

/* What was known of those before it still holds. */
void space_forget(struct space *space, struct mapping *mapping)
{
	if (space->found == &mapping->node)
		space->found = mapping->node.prev;
	if (space->full != &space->mappings &&
	    mapping->address <= mapping_at(space->full)->address)
		space->full = mapping->node.prev;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces: records sorted by address, one for each mapping. Page
 * tables follow the records; nothing is asked of them. */
#include "vm/space_internal.h"

#include <kernel/slab.h>
#include <kernel/vmo.h>

_Static_assert(sizeof(struct mapping) <= 128, "a cell of 128 bytes");

nx_status_t space_init(struct space *space, struct job *job)
{
	space->job = job;
	list_init(&space->mappings);
	space->found = &space->mappings;
	space->full = &space->mappings;
	space->full_pages = 0;
	space->harts = 0;
	return arch_space_init(space);
}

bool space_fini(struct space *space)
{
	if (!list_is_empty(&space->mappings)) {
		mapping_destroy(mapping_at(space->mappings.next));
		return false;
	}
	arch_space_fini(space);
	return true;
}

/* Which access is possible at all. */
static bool access_is_valid(uint32_t access)
{
	const uint32_t those = 1 << 0 | 1 << NX_MAP_READ | 1 << NX_MAP_EXEC |
			       1 << (NX_MAP_READ | NX_MAP_EXEC) |
			       1 << (NX_MAP_READ | NX_MAP_WRITE);

	return access <= NX_MAP_ACCESS && (those >> access & 1) != 0;
}

HELD static nx_status_t check_arguments(const struct vmo *vmo, uint64_t offset,
					uint64_t size_bytes, uint32_t options,
					nx_uaddr_t address)
{
	uint32_t access = options & ~NX_MAP_FIXED;
	bool sealed = vmo_is_sealed(vmo);

	if (access == 0 || !access_is_valid(access) || size_bytes == 0 ||
	    !is_page_aligned(offset | size_bytes | address) ||
	    ((options & NX_MAP_FIXED) == 0 && address != 0))
		return NX_ERR_INVALID_ARGS;
	if (offset > vmo->size_bytes || size_bytes > vmo->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	if (sealed && (access & NX_MAP_WRITE) != 0)
		return NX_ERR_SEALED;
	if (!sealed && (access & NX_MAP_EXEC) != 0)
		return NX_ERR_BAD_STATE;
	if (vmo->root->shares && !shared_may(vmo->root, 1))
		return NX_ERR_BUSY;
	return NX_OK;
}

nx_status_t space_map(struct space *space, struct vmo *vmo,
		      struct derivation *source, uint64_t offset,
		      uint64_t size_bytes, uint32_t options, nx_uaddr_t address,
		      nx_uaddr_t *out_address)
{
	struct mapping *mapping;
	struct list *after;
	nx_status_t status;

	status = check_arguments(vmo, offset, size_bytes, options, address);
	if (status != NX_OK)
		return status;
	status = space_place(space, vmo, offset, size_bytes,
			     (options & NX_MAP_FIXED) != 0, &address, &after);
	if (status != NX_OK)
		return status;
	status = slab_take(space->job, sizeof(*mapping), &mapping);
	if (status != NX_OK)
		return status;
	mapping->link.type = DERIVED_MAPPING;
	mapping->link.kind = NX_KIND_VMO;
	mapping->space = space;
	mapping->vmo = vmo;
	mapping->offset = offset;
	mapping->address = address;
	mapping->size_bytes = size_bytes;
	mapping->access = (uint8_t)(options & NX_MAP_ACCESS);
	mapping->state = MAPPING_COMING;
	mapping->cut = MAPPING_NO_CUT;
	mapping->shown_count = 0;
	mapping->maker = NULL;
	mapping_start(mapping, after, source);
	return mapping_come(mapping, out_address);
}

HELD static nx_status_t mapping_find(struct space *space, nx_uaddr_t address,
				     uint64_t size_bytes,
				     struct mapping **out_mapping)
{
	struct list *node;
	struct mapping *mapping;
	nx_status_t status = space_seek(space, address, &node);

	if (status != NX_OK)
		return status;
	mapping = mapping_at(node);
	if (node == &space->mappings || mapping->address != address ||
	    mapping->size_bytes != size_bytes ||
	    mapping->state != MAPPING_WHOLE)
		return NX_ERR_NOT_FOUND;
	*out_mapping = mapping;
	return NX_OK;
}

nx_status_t space_protect(struct space *space, nx_uaddr_t address,
			  uint64_t size_bytes, uint32_t access)
{
	struct mapping *mapping;
	nx_status_t status;

	if (!access_is_valid(access))
		return NX_ERR_INVALID_ARGS;
	status = mapping_find(space, address, size_bytes, &mapping);
	if (status != NX_OK)
		return status;
	if (access == 0) {
		mapping_destroy(mapping);
		return NX_OK;
	}
	if ((access & ~mapping->access) != 0)
		return NX_ERR_ACCESS_DENIED;
	return access != mapping->access ? mapping_cut(mapping, access) : NX_OK;
}

bool space_write_fault(struct space *space, nx_uaddr_t address)
{
	struct mapping *mapping;
	struct list *node;
	uint64_t i;
	uint32_t access;

	/* The program, or the call that copies, will try again. */
	space->is_sought = space_seek(space, address, &node) != NX_OK;
	if (space->is_sought)
		return true;
	mapping = mapping_at(node);
	if (node == &space->mappings || mapping->state > MAPPING_WHOLE ||
	    address >= mapping_shown_end(mapping) ||
	    !mapping->vmo->root->shares)
		return false;
	access = mapping->access & mapping->cut;
	if ((access & NX_MAP_WRITE) == 0)
		return false;
	i = (address - mapping->address) >> NX_PAGE_BITS;
	address = mapping->address + (i << NX_PAGE_BITS);
	arch_space_show(space, address,
			vmo_own_page(mapping->vmo,
				     (mapping->offset >> NX_PAGE_BITS) + i),
			access);
	arch_space_flush(space, address, 1, false);
	return true;
}

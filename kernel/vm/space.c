/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces: records sorted by address, one for each mapping. Page
 * tables follow the records; nothing is asked of them. */
#include <kernel/job.h>
#include <kernel/slab.h>
#include <kernel/space.h>
#include <kernel/vmo.h>

static uint64_t mapping_count;

void mapping_init(void)
{
	mapping_count = 0;
}

uint64_t mapping_total_count(void)
{
	return mapping_count;
}

nx_status_t space_init(struct space *space, struct job *job)
{
	space->job = job;
	list_init(&space->mappings);
	space->mapping_count = 0;
	space->harts = 0;
	return arch_space_init(space);
}

void space_fini(struct space *space)
{
	while (!list_is_empty(&space->mappings))
		mapping_destroy(
			LIST_ENTRY(space->mappings.next, struct mapping, node));
	arch_space_fini(space);
}

/* Which access is possible at all. */
static bool access_is_valid(uint32_t access)
{
	if ((access & ~NX_MAP_ACCESS) != 0)
		return false;
	if ((access & NX_MAP_WRITE) == 0)
		return true;
	return access == (NX_MAP_READ | NX_MAP_WRITE);
}

static nx_status_t check_arguments(const struct vmo *vmo, uint64_t offset,
				   uint64_t size_bytes, uint32_t options,
				   nx_uaddr_t address)
{
	uint32_t access = options & ~NX_MAP_FIXED;

	if (access == 0 || !access_is_valid(access) || size_bytes == 0 ||
	    !is_page_aligned(offset) || !is_page_aligned(size_bytes) ||
	    !is_page_aligned(address) ||
	    ((options & NX_MAP_FIXED) == 0 && address != 0))
		return NX_ERR_INVALID_ARGS;
	if (offset > vmo->size_bytes || size_bytes > vmo->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	if ((access & NX_MAP_WRITE) != 0 &&
	    (vmo_object_seals(vmo) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	if ((access & NX_MAP_EXEC) != 0 &&
	    (vmo_object_seals(vmo) & NX_SEAL_WRITE) == 0)
		return NX_ERR_BAD_STATE;
	return NX_OK;
}

static nx_uaddr_t mapping_end(const struct mapping *mapping)
{
	return mapping->address + mapping->size_bytes;
}

/* First fit, one page free behind each mapping. *out_after is the record
 * (or the list itself) that the new one follows. */
static nx_status_t place_pick(struct space *space, bool is_device,
			      uint64_t size_bytes, nx_uaddr_t *out_address,
			      struct list **out_after)
{
	nx_uaddr_t base = arch_space_base(space);
	nx_uaddr_t high =
		base + (is_device ? SPACE_DEVICE_HIGH : SPACE_PICK_HIGH);
	nx_uaddr_t candidate =
		base + (is_device ? SPACE_DEVICE_LOW : SPACE_PICK_LOW);
	struct list *after = &space->mappings;
	struct list *node;

	if (size_bytes > high - candidate)
		return NX_ERR_NO_SPACE;
	LIST_FOR_EACH(node, &space->mappings)
	{
		const struct mapping *mapping =
			LIST_ENTRY(node, struct mapping, node);

		if (mapping->address >= high ||
		    (mapping->address >= candidate &&
		     mapping->address - candidate >= size_bytes + NX_PAGE_SIZE))
			break;
		if (mapping_end(mapping) + NX_PAGE_SIZE > candidate)
			candidate = mapping_end(mapping) + NX_PAGE_SIZE;
		after = node;
	}
	if (candidate >= high || high - candidate < size_bytes + NX_PAGE_SIZE)
		return NX_ERR_NO_SPACE;
	*out_address = candidate;
	*out_after = after;
	return NX_OK;
}

/* Exactly there, or not at all. */
static nx_status_t place_fixed(struct space *space, uint64_t size_bytes,
			       nx_uaddr_t offset, nx_uaddr_t *out_address,
			       struct list **out_after)
{
	nx_uaddr_t address = arch_space_base(space) + offset;
	struct list *after = &space->mappings;
	struct list *node;

	if (offset < SPACE_FIXED_LOW || offset > SPACE_FIXED_HIGH ||
	    size_bytes > SPACE_FIXED_HIGH - offset)
		return NX_ERR_OUT_OF_RANGE;
	LIST_FOR_EACH(node, &space->mappings)
	{
		const struct mapping *mapping =
			LIST_ENTRY(node, struct mapping, node);

		if (mapping->address >= address + size_bytes)
			break;
		if (mapping_end(mapping) > address)
			return NX_ERR_ALREADY_EXISTS;
		after = node;
	}
	*out_address = address;
	*out_after = after;
	return NX_OK;
}

static struct page_run mapping_run(const void *context, uint64_t i)
{
	const struct mapping *mapping = context;

	return vmo_run(mapping->vmo, (mapping->offset >> NX_PAGE_BITS) + i);
}

/* Map what a record says; on success it owns its reference on the VMO. */
static nx_status_t mapping_start(struct mapping *mapping)
{
	struct vmo *vmo = mapping->vmo;
	nx_status_t status;

	status = arch_space_map(mapping->space, mapping->address,
				mapping->size_bytes >> NX_PAGE_BITS,
				mapping->access, mapping_run, mapping);
	if (status != NX_OK)
		return status;
	object_ref(&vmo->object);
	vmo->mapping_count++;
	if ((mapping->access & NX_MAP_WRITE) != 0)
		vmo->root->writable_count++;
	mapping->space->mapping_count++;
	mapping_count++;
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
	void *cell;

	status = check_arguments(vmo, offset, size_bytes, options, address);
	if (status != NX_OK)
		return status;
	if ((options & NX_MAP_FIXED) != 0)
		status = place_fixed(space, size_bytes, address, &address,
				     &after);
	else
		status = place_pick(space, vmo->object.kind == NX_KIND_MMIO,
				    size_bytes, &address, &after);
	if (status != NX_OK)
		return status;
	status = slab_alloc(space->job, sizeof(*mapping), &cell);
	if (status != NX_OK)
		return status;
	mapping = cell;
	*mapping = (struct mapping){
		.link = { .type = DERIVED_MAPPING, .kind = NX_KIND_VMO },
		.space = space,
		.vmo = vmo,
		.offset = offset,
		.address = address,
		.size_bytes = size_bytes,
		.access = options & NX_MAP_ACCESS,
	};
	status = mapping_start(mapping);
	if (status != NX_OK) {
		slab_free(space->job, mapping, sizeof(*mapping));
		return status;
	}
	list_insert_after(after, &mapping->node);
	derivation_attach(source, &mapping->link);
	*out_address = address;
	return NX_OK;
}

void mapping_destroy(struct mapping *mapping)
{
	struct space *space = mapping->space;
	struct vmo *vmo = mapping->vmo;

	arch_space_unmap(space, mapping->address,
			 mapping->size_bytes >> NX_PAGE_BITS);
	derivation_detach(&mapping->link);
	list_remove(&mapping->node);
	vmo->mapping_count--;
	if ((mapping->access & NX_MAP_WRITE) != 0)
		vmo->root->writable_count--;
	space->mapping_count--;
	mapping_count--;
	slab_free(space->job, mapping, sizeof(*mapping));
	object_unref(&vmo->object);
}

static struct mapping *mapping_find(struct space *space, nx_uaddr_t address,
				    uint64_t size_bytes)
{
	struct list *node;

	LIST_FOR_EACH(node, &space->mappings)
	{
		struct mapping *mapping =
			LIST_ENTRY(node, struct mapping, node);

		if (mapping->address == address)
			return mapping->size_bytes == size_bytes ? mapping
								 : NULL;
	}
	return NULL;
}

nx_status_t space_protect(struct space *space, nx_uaddr_t address,
			  uint64_t size_bytes, uint32_t access)
{
	struct mapping *mapping;

	if (!access_is_valid(access))
		return NX_ERR_INVALID_ARGS;
	mapping = mapping_find(space, address, size_bytes);
	if (mapping == NULL)
		return NX_ERR_NOT_FOUND;
	if (access == 0) {
		mapping_destroy(mapping);
		return NX_OK;
	}
	if ((access & ~mapping->access) != 0)
		return NX_ERR_ACCESS_DENIED;
	if (access == mapping->access)
		return NX_OK;
	arch_space_protect(space, address, size_bytes >> NX_PAGE_BITS, access);
	if (((mapping->access & ~access) & NX_MAP_WRITE) != 0)
		mapping->vmo->root->writable_count--;
	mapping->access = access;
	return NX_OK;
}

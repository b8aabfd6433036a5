/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces: records sorted by address, one for each mapping. Page
 * tables follow the records; nothing is asked of them.
 *
 * A large mapping comes and goes in steps of at most one page table. While
 * it comes no call finds it; while it goes only its addresses are still
 * taken. One shootdown stands between its last page and the release of what
 * it showed. */
#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/slab.h>
#include <kernel/space.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>

#define TABLES_A_STEP 4
#define LOOKS_A_STEP 64 /* of a search */

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
		mapping_destroy(
			LIST_ENTRY(space->mappings.next, struct mapping, node));
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

static nx_status_t check_arguments(const struct vmo *vmo, uint64_t offset,
				   uint64_t size_bytes, uint32_t options,
				   nx_uaddr_t address)
{
	uint32_t access = options & ~NX_MAP_FIXED;
	bool sealed = (vmo_object_seals(vmo) & NX_SEAL_WRITE) != 0;

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

static nx_uaddr_t mapping_end(const struct mapping *mapping)
{
	return mapping->address + mapping->size_bytes;
}

static struct mapping *mapping_at(struct list *node)
{
	return LIST_ENTRY(node, struct mapping, node);
}

/* Has a search to stop at its n-th look? */
static bool look_stops(unsigned n)
{
	return n % LOOKS_A_STEP == 0 && kernel_poll();
}

/* Is this the last record that begins at or below an address, or the list? */
static inline int seek_turn(struct list *all, struct list *at,
			    nx_uaddr_t address)
{
	if (at != all && mapping_at(at)->address > address)
		return -1;
	return at->next != all && mapping_at(at->next)->address <= address;
}

OUT_OF_THE_WAY static bool seek_far(struct space *space, nx_uaddr_t address)
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

/* That one, from where the search before this one ended: space->found. */
static inline nx_status_t seek(struct space *space, nx_uaddr_t address,
			       struct list **out_at)
{
	if (seek_turn(&space->mappings, space->found, address) != 0 &&
	    !seek_far(space, address))
		return SYS_AGAIN;
	*out_at = space->found;
	return NX_OK;
}

/* Lowest address for one that follows `after`. */
static nx_uaddr_t address_behind(const struct space *space, struct list *after,
				 nx_uaddr_t low)
{
	nx_uaddr_t end;

	if (after == &space->mappings)
		return low;
	end = mapping_end(mapping_at(after)) + NX_PAGE_SIZE;
	return end > low ? end : low;
}

/* Devices are few, and their windows behind all memory. */
static nx_status_t pick_begin(struct space *space, bool is_device,
			      uint64_t size_bytes, struct list **out_after)
{
	if (is_device)
		return seek(space, arch_space_base(space) + SPACE_DEVICE_LOW,
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
static nx_status_t place_pick(struct space *space, bool is_device,
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
static nx_status_t place_aligned(struct space *space, const struct vmo *vmo,
				 uint64_t offset, uint64_t size_bytes,
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
static nx_status_t place_fixed(struct space *space, uint64_t size_bytes,
			       nx_uaddr_t offset, nx_uaddr_t *out_address,
			       struct list **out_after)
{
	nx_uaddr_t address = arch_space_base(space) + offset;
	nx_status_t status;

	if (offset < SPACE_FIXED_LOW || offset > SPACE_FIXED_HIGH ||
	    size_bytes > SPACE_FIXED_HIGH - offset)
		return NX_ERR_OUT_OF_RANGE;
	status = seek(space, address + size_bytes - 1, out_after);
	if (status != NX_OK)
		return status;
	if (*out_after != &space->mappings &&
	    mapping_end(mapping_at(*out_after)) > address)
		return NX_ERR_ALREADY_EXISTS;
	*out_address = address;
	return NX_OK;
}

/* A record leaves; what was known of those before it still holds. */
static void forget(struct space *space, struct mapping *mapping)
{
	if (space->found == &mapping->node)
		space->found = mapping->node.prev;
	if (space->full != &space->mappings &&
	    mapping->address <= mapping_at(space->full)->address)
		space->full = mapping->node.prev;
}

static uint64_t mapping_pages(const struct mapping *mapping)
{
	return mapping->size_bytes >> NX_PAGE_BITS;
}

static nx_uaddr_t mapping_shown_end(const struct mapping *mapping)
{
	return mapping->address +
	       ((uint64_t)mapping->shown_count << NX_PAGE_BITS);
}

/* Show what is left, at least a part, until somebody waits for the kernel. */
static nx_status_t mapping_show(struct mapping *mapping)
{
	uint64_t first = mapping->offset >> NX_PAGE_BITS;
	uint64_t count = mapping_pages(mapping), part;

	for (;;) {
		uint64_t left = count - mapping->shown_count;
		struct page_run run =
			vmo_run(mapping->vmo, first + mapping->shown_count);
		nx_status_t status;

		if (run.count == 0)
			return NX_ERR_BAD_STATE;
		if (run.count > left)
			run.count = left;
		status = arch_space_map(mapping->space,
					mapping_shown_end(mapping), &run,
					mapping->access, &part);
		if (status != NX_OK)
			return status;
		mapping->shown_count += (uint32_t)part;
		if (part == left)
			return NX_OK;
		if (kernel_poll())
			return SYS_AGAIN;
	}
}

static nx_status_t mapping_come(struct mapping *mapping,
				nx_uaddr_t *out_address)
{
	nx_status_t status = mapping_show(mapping);
	struct thread *maker = current_thread();

	if (status == SYS_AGAIN) {
		maker->coming = mapping;
		mapping->maker = maker;
		return status;
	}
	if (status != NX_OK) {
		mapping_destroy(mapping);
		return status;
	}
	mapping->state = MAPPING_WHOLE;
	*out_address = mapping->address;
	return NX_OK;
}

/* From here on it has its reference on the VMO. */
static void mapping_start(struct mapping *mapping, struct list *after,
			  struct derivation *source)
{
	struct vmo *vmo = mapping->vmo;

	object_ref(&vmo->object);
	vmo->mapping_count++;
	if ((mapping->access & NX_MAP_WRITE) != 0)
		vmo->root->writable_count++;
	list_push_back(&vmo->root->mappings, &mapping->in_vmo);
	count(NX_COUNTER_MAPPINGS, 1);
	list_insert_after(after, &mapping->node);
	mapping->space->found = &mapping->node;
	derivation_attach(source, &mapping->link);
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
	if ((options & NX_MAP_FIXED) != 0)
		status = place_fixed(space, size_bytes, address, &address,
				     &after);
	else
		status = place_aligned(space, vmo, offset, size_bytes, &address,
				       &after);
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

nx_status_t space_map_more(nx_uaddr_t *out_address)
{
	struct mapping *mapping = current_thread()->coming;

	current_thread()->coming = NULL;
	mapping->maker = NULL;
	return mapping_come(mapping, out_address);
}

static void mapping_finish(struct mapping *mapping)
{
	struct space *space = mapping->space;
	struct vmo *vmo = mapping->vmo;

	forget(space, mapping);
	list_take(&mapping->node);
	list_take(&mapping->in_vmo);
	vmo->mapping_count--;
	if ((mapping->access & NX_MAP_WRITE) != 0)
		vmo->root->writable_count--;
	count(NX_COUNTER_MAPPINGS, -1);
	slab_free(space->job, mapping, sizeof(*mapping));
	object_unref(&vmo->object);
}

/* The last page first. */
static bool going_step(struct work *work)
{
	struct mapping *mapping = CONTAINER_OF(work, struct mapping, going);
	struct space *space = mapping->space;

	if (mapping->shown_count > 0) {
		mapping->shown_count -= (uint32_t)arch_space_clear(
			space, mapping->address, mapping->shown_count,
			&mapping->tables);
		if (mapping->shown_count > 0)
			return false;
	}
	if (mapping->state != MAPPING_FLUSHED) {
		arch_space_flush(space, mapping->address,
				 mapping_pages(mapping), mapping->tables != 0);
		mapping->state = MAPPING_FLUSHED;
	}
	if (!page_chain_free(space->job, &mapping->tables, TABLES_A_STEP))
		return false;
	mapping_finish(mapping);
	return true;
}

void mapping_destroy(struct mapping *mapping)
{
	bool is_coming;

	if (mapping->state >= MAPPING_GOING) {
		steps_add(&mapping->going);
		return;
	}
	is_coming = mapping->state == MAPPING_COMING;
	if (is_coming && mapping->maker != NULL)
		mapping->maker->coming = NULL;
	derivation_detach(&mapping->link);
	mapping->state = MAPPING_GOING;
	mapping->tables = 0;
	if (is_coming)
		arch_space_trim(mapping->space, mapping_shown_end(mapping),
				&mapping->tables);
	if (going_step(&mapping->going))
		return;
	work_init(&mapping->going, going_step);
	steps_add(&mapping->going);
}

static nx_status_t mapping_find(struct space *space, nx_uaddr_t address,
				uint64_t size_bytes,
				struct mapping **out_mapping)
{
	struct list *node;
	struct mapping *mapping;
	nx_status_t status = seek(space, address, &node);

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

/* Whoever asks for another access meanwhile begins again. */
static nx_status_t mapping_cut(struct mapping *mapping, uint32_t access)
{
	uint64_t count = mapping_pages(mapping);

	if (mapping->cut != access)
		mapping->cut_count = 0;
	mapping->cut = (uint8_t)access;
	while (mapping->cut_count < count) {
		nx_uaddr_t at =
			mapping->address + (mapping->cut_count << NX_PAGE_BITS);

		mapping->cut_count += arch_space_protect(
			mapping->space, at, count - mapping->cut_count, access);
		if (mapping->cut_count < count && kernel_poll())
			return SYS_AGAIN;
	}
	arch_space_flush(mapping->space, mapping->address, count, false);
	if (((mapping->access & ~access) & NX_MAP_WRITE) != 0)
		mapping->vmo->root->writable_count--;
	mapping->access = (uint8_t)access;
	mapping->cut = MAPPING_NO_CUT;
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

	/* The program, or the copy, will try again. */
	if (seek(space, address, &node) != NX_OK)
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* One mapping, from its first page shown to its last page forgotten.
 *
 * A large one comes and goes in steps of at most one page table. While it
 * comes no call finds it; while it goes only its addresses are still taken.
 * One shootdown stands between its last page and the release of what it
 * showed. */
#include "vm/space_internal.h"

#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/page.h>
#include <kernel/slab.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>

#define TABLES_A_STEP 4

/* Show what is left, at least a part, until somebody waits for the kernel. */
HELD static nx_status_t mapping_show(struct mapping *mapping)
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

nx_status_t mapping_come(struct mapping *mapping, nx_uaddr_t *out_address)
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

nx_status_t space_map_more(nx_uaddr_t *out_address)
{
	struct thread *maker = current_thread();
	nx_status_t status = mapping_come(maker->coming, out_address);

	if (status == NX_OK)
		maker->coming = NULL;
	return status;
}

void mapping_start(struct mapping *mapping, struct list *after,
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

HELD static void mapping_finish(struct mapping *mapping)
{
	struct space *space = mapping->space;
	struct vmo *vmo = mapping->vmo;

	space_forget(space, mapping);
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
HELD static bool going_step(struct work *work)
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

nx_status_t mapping_cut(struct mapping *mapping, uint32_t access)
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

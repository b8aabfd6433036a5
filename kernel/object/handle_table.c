/* SPDX-License-Identifier: BSD-2-Clause */
/* The slots of a process.
 *
 * An index is (epoch * HANDLE_PAGES_MAX + place) * HANDLES_PER_PAGE + slot:
 * `place` says which entry of the directory, `epoch` how often the page of
 * that place was replaced. A page whose slots have all used up their
 * generations is freed and its place enters the next epoch, so that a
 * number is never given out twice and a process that opens and closes
 * handles all day does not run out of them.
 *
 * A free slot has object NULL, no kind and no right, the number it will have
 * next in the link and the next free slot's index in `identity`. Number 0
 * marks a retired slot. */
#include "handle_internal.h"

#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/slab.h>
#include <kernel/steps.h>

#define GENERATION_ONE (UINT32_C(1) << NX_HANDLE_INDEX_BITS)
#define PLACES_A_STEP 32
#define DIRECTORY_BYTES (HANDLE_PAGES_MAX * sizeof(struct handle *))

_Static_assert(sizeof(struct handle) == 64, "a cache line");
_Static_assert(DIRECTORY_BYTES <= SLAB_SIZE_MAX, "one cell");
_Static_assert(HANDLE_EPOCHS <= UINT8_MAX, "epochs[]");

/* What is in a place without a page: no number is that of its slots. */
static const struct handle absent[HANDLES_PER_PAGE];
static const struct handle *const no_pages[HANDLE_PAGES_MAX] = {
	[0 ... HANDLE_PAGES_MAX - 1] = absent
};
/* Nobody writes to either. */
#define ABSENT ((struct handle *)(uintptr_t)absent)
#define NO_PAGES ((struct handle **)(uintptr_t)no_pages)

HELD static struct handle *page_at(const struct handle_table *table,
				   uint32_t place)
{
	struct handle *page = table->pages[place];

	return page != ABSENT ? page : NULL;
}

/* The last page of all would hold NX_HANDLE_CALLER. */
HELD static bool place_is_usable(const struct handle_table *table,
				 uint32_t place)
{
	uint32_t epoch = table->epochs[place];

	return epoch < HANDLE_EPOCHS &&
	       !(epoch == HANDLE_EPOCHS - 1 && place == HANDLE_PAGES_MAX - 1);
}

void handle_table_init(struct handle_table *table, struct process *owner)
{
	*table = (struct handle_table){
		.owner = owner,
		.pages = NO_PAGES,
		.free_head = HANDLE_SLOT_NONE,
	};
}

/* Chain the slots of a new page so that the lowest is taken first. */
HELD static nx_status_t page_make(struct handle_table *table, uint32_t place)
{
	uint32_t logical = table->epochs[place] * HANDLE_PAGES_MAX + place;
	struct handle *slots;
	paddr_t page;
	nx_status_t status = page_take(table->owner->object.job, &page);

	if (status != NX_OK)
		return status;
	slots = phys_to_virt(page);
	table->pages[place] = slots;
	for (uint32_t i = HANDLES_PER_PAGE; i-- > 0;) {
		uint32_t index = logical * HANDLES_PER_PAGE + i;

		slots[i].link.kind = NX_KIND_NONE;
		slots[i].link.rights = 0;
		slots[i].link.number = GENERATION_ONE | index;
		slots[i].object = NULL;
		slots[i].identity = table->free_head;
		table->free_head = index;
	}
	table->free_count += HANDLES_PER_PAGE;
	return NX_OK;
}

HELD static nx_status_t directory_make(struct handle_table *table)
{
	struct handle **pages;
	nx_status_t status =
		slab_take(table->owner->object.job, DIRECTORY_BYTES, &pages);

	if (status != NX_OK)
		return status;
	for (unsigned place = 0; place < HANDLE_PAGES_MAX; place += 16) {
#pragma GCC unroll 16
		for (unsigned i = 0; i < 16; i++)
			pages[place + i] = ABSENT;
	}
	table->pages = pages;
	return NX_OK;
}

HELD static void directory_free(struct handle_table *table)
{
	slab_free(table->owner->object.job, table->pages, DIRECTORY_BYTES);
	table->pages = NO_PAGES;
}

/* The lowest place that can have a page gets one, if it is found in a step. */
HELD static nx_status_t grow_step(struct handle_table *table)
{
	if (table->pages == NO_PAGES)
		return directory_make(table);
	for (unsigned i = 0; i < PLACES_A_STEP; i++, table->vacant++) {
		if (table->vacant == HANDLE_PAGES_MAX)
			return NX_ERR_NO_SPACE;
		if (page_at(table, table->vacant) == NULL &&
		    place_is_usable(table, table->vacant))
			return page_make(table, table->vacant);
	}
	return NX_OK;
}

/* One page is enough for all handles of a message. */
HELD OUT_OF_THE_WAY static nx_status_t grow(struct handle_table *table,
					    unsigned count, bool may_stop)
{
	nx_status_t status = NX_OK;

	KASSERT(count <= HANDLES_PER_PAGE);
	while (status == NX_OK &&
	       table->free_count - table->reserved_count < count) {
		status = grow_step(table);
		if (status == NX_OK && may_stop && kernel_poll())
			return SYS_AGAIN;
	}
	/* Without a page there is no directory. */
	if (status != NX_OK && table->pages != NO_PAGES &&
	    table->used_count + table->free_count == 0)
		directory_free(table);
	return status;
}

HELD static inline nx_status_t reserve(struct handle_table *table,
				       unsigned count, bool may_stop)
{
	struct job *job = table->owner->object.job;
	nx_status_t status = job_charge(job, JOB_HANDLES, count);

	if (status != NX_OK)
		return status;
	if (table->free_count - table->reserved_count < count)
		status = grow(table, count, may_stop);
	if (status == NX_OK)
		table->reserved_count += count;
	else
		job_uncharge(job, JOB_HANDLES, count);
	return status;
}

nx_status_t handle_reserve(struct handle_table *table, unsigned count)
{
	return reserve(table, count, false);
}

nx_status_t handle_reserve_one(struct handle_table *table)
{
	return reserve(table, 1, true);
}

void handle_unreserve(struct handle_table *table, unsigned count)
{
	KASSERT(table->reserved_count >= count);
	table->reserved_count -= count;
	job_uncharge(table->owner->object.job, JOB_HANDLES, count);
}

/* Free the page of a slot that was just retired if it was the last. */
HELD static void page_retire(struct handle_table *table, uint32_t index)
{
	uint32_t place = handle_place(index);
	struct handle *page = page_at(table, place);

	for (uint32_t i = 0; i < HANDLES_PER_PAGE; i++)
		if (page[i].link.number != 0)
			return;
	table->pages[place] = ABSENT;
	table->epochs[place]++;
	if (table->vacant > place)
		table->vacant = (uint16_t)place;
	page_free(table->owner->object.job, virt_to_phys(page), 0);
}

void handle_slot_free(struct handle_table *table, struct handle *handle)
{
	uint32_t index = handle->link.number & NX_HANDLE_INDEX_MASK;

	handle->object = NULL;
	handle->link.kind = NX_KIND_NONE;
	handle->link.rights = 0;
	table->used_count--;
	job_uncharge(table->owner->object.job, JOB_HANDLES, 1);
	if (handle->link.number >> NX_HANDLE_INDEX_BITS ==
	    NX_HANDLE_GENERATION_MAX) {
		handle->link.number = 0;
		page_retire(table, index);
		return;
	}
	handle->link.number += GENERATION_ONE;
	handle->identity = table->free_head;
	table->free_head = index;
	table->free_count++;
}

bool handle_table_fini(struct handle_table *table)
{
	KASSERT(table->reserved_count == 0);
	/* Places without a page cost little. */
	for (unsigned i = 0; table->pages != NO_PAGES && i < PLACES_A_STEP;
	     i++) {
		struct handle *page = page_at(table, table->closing);

		for (uint32_t k = 0; page != NULL && k < HANDLES_PER_PAGE; k++)
			if (page[k].object != NULL) {
				handle_close(&page[k], true);
				return false;
			}
		if (page != NULL) {
			page_free(table->owner->object.job, virt_to_phys(page),
				  0);
			i = PLACES_A_STEP;
		}
		/* Nothing comes into it any more. */
		table->pages[table->closing] = ABSENT;
		if (++table->closing < HANDLE_PAGES_MAX)
			continue;
		KASSERT(table->used_count == 0);
		directory_free(table);
		handle_table_init(table, table->owner);
	}
	return table->pages == NO_PAGES;
}

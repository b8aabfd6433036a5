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

#define GENERATION_ONE (UINT32_C(1) << NX_HANDLE_INDEX_BITS)
/* Of handle_table_fini(). */
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

static struct handle *page_at(const struct handle_table *table, uint32_t place)
{
	struct handle *page = table->pages[place];

	return page != absent ? page : NULL;
}

static bool has_pages(const struct handle_table *table)
{
	return table->pages != (struct handle **)(uintptr_t)no_pages;
}

static void page_forget(struct handle_table *table, uint32_t place)
{
	table->pages[place] = (struct handle *)(uintptr_t)absent;
}

/* The last page of all would hold NX_HANDLE_CALLER. */
static bool place_is_usable(const struct handle_table *table, uint32_t place)
{
	uint32_t epoch = table->epochs[place];

	return epoch < HANDLE_EPOCHS &&
	       !(epoch == HANDLE_EPOCHS - 1 && place == HANDLE_PAGES_MAX - 1);
}

void handle_table_init(struct handle_table *table, struct process *owner)
{
	*table = (struct handle_table){
		.owner = owner,
		.pages = (struct handle **)(uintptr_t)no_pages,
		.free_head = HANDLE_SLOT_NONE,
	};
}

static nx_status_t place_find(const struct handle_table *table,
			      uint32_t *out_place)
{
	for (uint32_t place = 0; place < HANDLE_PAGES_MAX; place++) {
		if (page_at(table, place) == NULL &&
		    place_is_usable(table, place)) {
			*out_place = place;
			return NX_OK;
		}
	}
	return NX_ERR_NO_SPACE;
}

/* Chain the slots of a new page so that the lowest is taken first. */
static void page_install(struct handle_table *table, uint32_t place,
			 paddr_t address)
{
	struct handle *page = phys_to_virt(address);
	uint32_t logical = table->epochs[place] * HANDLE_PAGES_MAX + place;

	table->pages[place] = page;
	for (uint32_t i = HANDLES_PER_PAGE; i-- > 0;) {
		uint32_t index = logical * HANDLES_PER_PAGE + i;

		page[i].link.number = GENERATION_ONE | index;
		page[i].identity = table->free_head;
		table->free_head = index;
	}
	table->free_count += HANDLES_PER_PAGE;
}

static nx_status_t table_grow(struct handle_table *table)
{
	struct job *job = table->owner->object.job;
	bool first = !has_pages(table);
	nx_status_t status;
	uint32_t place;
	paddr_t page;
	void *cell;

	if (first) {
		status = slab_alloc(job, DIRECTORY_BYTES, &cell);
		if (status != NX_OK)
			return status;
		table->pages = cell;
		for (place = 0; place < HANDLE_PAGES_MAX; place++)
			page_forget(table, place);
	}
	status = place_find(table, &place);
	if (status == NX_OK)
		status = page_alloc(job, 0, &page);
	if (status == NX_OK) {
		page_install(table, place, page);
	} else if (first) {
		slab_free(job, table->pages, DIRECTORY_BYTES);
		table->pages = (struct handle **)(uintptr_t)no_pages;
	}
	return status;
}

/* One page is enough for all handles of a message. */
OUT_OF_THE_WAY static nx_status_t reserve_more(struct handle_table *table,
					       unsigned count)
{
	struct job *job = table->owner->object.job;
	nx_status_t status = job_charge(job, JOB_HANDLES, count);

	KASSERT(count <= HANDLES_PER_PAGE);
	if (status != NX_OK)
		return status;
	status = table_grow(table);
	if (status == NX_OK)
		table->reserved_count += count;
	else
		job_uncharge(job, JOB_HANDLES, count);
	return status;
}

nx_status_t handle_reserve(struct handle_table *table, unsigned count)
{
	nx_status_t status;

	if (table->free_count - table->reserved_count < count)
		return reserve_more(table, count);
	status = job_charge(table->owner->object.job, JOB_HANDLES, count);
	if (status == NX_OK)
		table->reserved_count += count;
	return status;
}

void handle_unreserve(struct handle_table *table, unsigned count)
{
	KASSERT(table->reserved_count >= count);
	table->reserved_count -= count;
	job_uncharge(table->owner->object.job, JOB_HANDLES, count);
}

/* Free the page of a slot that was just retired if it was the last. */
static void page_retire(struct handle_table *table, uint32_t index)
{
	uint32_t place = handle_place(index);
	struct handle *page = page_at(table, place);

	for (uint32_t i = 0; i < HANDLES_PER_PAGE; i++)
		if (page[i].link.number != 0)
			return;
	page_forget(table, place);
	table->epochs[place]++;
	page_free(table->owner->object.job, virt_to_phys(page), 0);
}

void handle_slot_free(struct handle_table *table, struct handle *handle)
{
	uint32_t index = handle->link.number & NX_HANDLE_INDEX_MASK;

	handle->object = NULL;
	handle->owner = NULL;
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

/* Close the next handle of a place; false: it has none. */
static bool place_close(struct handle_table *table, uint32_t place)
{
	struct handle *page = page_at(table, place);

	for (uint32_t i = 0; page != NULL && i < HANDLES_PER_PAGE; i++) {
		if (page[i].object == NULL)
			continue;
		handle_close(&page[i], true);
		return true;
	}
	return false;
}

static void place_free(struct handle_table *table, uint32_t place)
{
	struct handle *page = page_at(table, place);

	if (page != NULL)
		page_free(table->owner->object.job, virt_to_phys(page), 0);
	page_forget(table, place);
}

/* Nothing comes into a place that is empty. */
static bool close_step(struct handle_table *table)
{
	if (place_close(table, table->closing))
		return false;
	place_free(table, table->closing);
	return ++table->closing == HANDLE_PAGES_MAX;
}

bool handle_table_fini(struct handle_table *table)
{
	KASSERT(table->reserved_count == 0);
	if (!has_pages(table))
		return true;
	/* Places without a page cost little. */
	for (unsigned i = 0; i < PLACES_A_STEP; i++) {
		bool paged = page_at(table, table->closing) != NULL;

		if (close_step(table)) {
			KASSERT(table->used_count == 0);
			slab_free(table->owner->object.job, table->pages,
				  DIRECTORY_BYTES);
			handle_table_init(table, table->owner);
			return true;
		}
		if (paged)
			break;
	}
	return false;
}

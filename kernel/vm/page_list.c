/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages of a plain VMO by number. Their addresses stand in leaves of 512;
 * the leaves stand in one table. Tables of a small VMO are cells, those of a
 * large one are pages. */
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/slab.h>
#include <kernel/string.h>
#include <kernel/vmo.h>

#define LEAF_COUNT PAGE_LEAF_COUNT
#define PAGES_A_STEP 4 /* freed */

_Static_assert(NX_VMO_SIZE_MAX / NX_PAGE_SIZE <= LEAF_COUNT * LEAF_COUNT,
	       "one page of leaves is enough");

static bool is_page(uint64_t entries)
{
	return entries * sizeof(paddr_t) > SLAB_SIZE_MAX;
}

HELD static nx_status_t table_alloc(struct job *job, uint64_t entries,
				    void **out_table)
{
	paddr_t page;
	nx_status_t status;

	if (!is_page(entries))
		return slab_alloc(job, entries * sizeof(paddr_t), out_table);
	status = page_alloc(job, 0, &page);
	if (status == NX_OK)
		*out_table = phys_to_virt(page);
	return status;
}

HELD static void table_free(struct job *job, void *table, uint64_t entries)
{
	if (!is_page(entries))
		slab_free(job, table, entries * sizeof(paddr_t));
	else if (table != NULL)
		page_free(job, virt_to_phys(table), 0);
}

static uint64_t leaf_count(uint64_t count)
{
	return (count + LEAF_COUNT - 1) / LEAF_COUNT;
}

static uint64_t leaf_entries(uint64_t count, uint64_t leaf)
{
	uint64_t left = count - leaf * LEAF_COUNT;

	return left < LEAF_COUNT ? left : LEAF_COUNT;
}

HELD static void leaf_free(struct page_list *list, struct job *job,
			   uint64_t leaf)
{
	table_free(job, list->leaves[leaf], leaf_entries(list->count, leaf));
	list->leaves[leaf] = NULL;
}

/* A table for more entries than the one there is, which may do: both are
 * whole pages then. */
HELD static nx_status_t table_enlarge(struct job *job, const void *table,
				      uint64_t entries, uint64_t wanted,
				      void **out_larger)
{
	nx_status_t status;

	*out_larger = NULL;
	if (entries == wanted || is_page(entries))
		return NX_OK;
	status = table_alloc(job, wanted, out_larger);
	if (status == NX_OK)
		memcpy(*out_larger, table, entries * sizeof(paddr_t));
	return status;
}

HELD static nx_status_t tables_enlarge(struct page_list *list, struct job *job,
				       uint64_t count)
{
	uint64_t leaves = leaf_count(list->count), last = leaves - 1;
	uint64_t entries = leaf_entries(list->count, last);
	uint64_t wanted = leaf_entries(count, last);
	void *leaf = list->leaves[last], *larger_leaf = NULL, *larger;
	nx_status_t status = NX_OK;

	if (leaf != NULL)
		status =
			table_enlarge(job, leaf, entries, wanted, &larger_leaf);
	if (status != NX_OK)
		return status;
	status = table_enlarge(job, list->leaves, leaves, leaf_count(count),
			       &larger);
	if (status != NX_OK) {
		table_free(job, larger_leaf, wanted);
		return status;
	}
	if (larger_leaf != NULL) {
		list->leaves[last] = larger_leaf;
		table_free(job, leaf, entries);
	}
	if (larger != NULL) {
		((paddr_t **)larger)[last] = list->leaves[last];
		table_free(job, list->leaves, leaves);
		list->leaves = larger;
	}
	list->count = count;
	return NX_OK;
}

nx_status_t page_list_grow(struct page_list *list, struct job *job,
			   uint64_t count)
{
	nx_status_t status;
	void *leaves;

	if (count <= list->count)
		return NX_OK;
	if (list->leaves != NULL)
		return tables_enlarge(list, job, count);
	status = table_alloc(job, leaf_count(count), &leaves);
	if (status != NX_OK)
		return status;
	list->leaves = leaves;
	list->count = count;
	return NX_OK;
}

/* What is reserved is enough for those that are pages. */
HELD static nx_status_t leaf_alloc(struct page_list *list, struct job *job,
				   uint64_t leaf)
{
	uint64_t entries = leaf_entries(list->count, leaf);
	nx_status_t status = NX_OK;
	void *table;

	if (list->reserved_count > 0 && is_page(entries)) {
		list->reserved_count--;
		table = phys_to_virt(page_take_reserved(job));
		page_clear(table, 1);
	} else {
		status = table_alloc(job, entries, &table);
	}
	if (status == NX_OK)
		list->leaves[leaf] = table;
	return status;
}

nx_status_t page_list_next(struct page_list *list, struct job *job,
			   paddr_t **out_entry)
{
	uint64_t leaf = list->filled / LEAF_COUNT;

	*out_entry = NULL;
	if (list->leaves[leaf] == NULL)
		return leaf_alloc(list, job, leaf);
	*out_entry = page_list_entry(list, list->filled);
	return NX_OK;
}

/* The last leaf may be a cell, which cannot be reserved: it comes now. */
nx_status_t page_list_reserve(struct page_list *list, struct job *job,
			      uint64_t count)
{
	uint64_t last = leaf_count(count) - 1, wanted = 0;
	nx_status_t status;

	if (count > list->filled)
		wanted = count - list->filled + last + 1 -
			 leaf_count(list->filled);
	status = page_reserve(job, wanted);
	if (status != NX_OK)
		return status;
	status = page_list_grow(list, job, count);
	if (status == NX_OK && list->leaves[last] == NULL &&
	    !is_page(leaf_entries(list->count, last)))
		status = leaf_alloc(list, job, last);
	if (status != NX_OK)
		page_unreserve(job, wanted);
	else
		list->reserved_count += wanted;
	return status;
}

bool page_list_trim(struct vmo *vmo, uint64_t count)
{
	struct page_list *list = &vmo->memory.pages;
	struct job *job = vmo->object.job;

	/* Those of pages that could not be had. */
	if (list->leaves != NULL && list->filled < list->count) {
		uint64_t last = leaf_count(list->count) - 1;

		if (list->filled % LEAF_COUNT == 0)
			leaf_free(list, job, list->filled / LEAF_COUNT);
		if (list->filled <= last * LEAF_COUNT)
			leaf_free(list, job, last);
	}
	for (unsigned n = 0; list->filled > count; n++) {
		if (n == PAGES_A_STEP)
			return false;
		list->filled--;
		shared_free(vmo, page_list_entry(list, list->filled));
		if (list->filled % LEAF_COUNT == 0)
			leaf_free(list, job, list->filled / LEAF_COUNT);
	}
	return true;
}

void page_list_fini(struct page_list *list, struct job *job)
{
	if (list->reserved_count > 0)
		page_unreserve(job, list->reserved_count);
	if (list->leaves != NULL)
		table_free(job, list->leaves, leaf_count(list->count));
	list->leaves = NULL;
}

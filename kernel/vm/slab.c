/* SPDX-License-Identifier: BSD-2-Clause */
/* Slabs without headers: the tag of a page says how many of its cells are
 * used, and the free ones of all slabs of a class are in one list, the last
 * freed first. Whoever takes a cell looks at nothing else. */
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/slab.h>

void slab_cache_init(struct slab_cache caches[SLAB_CLASSES])
{
	for (unsigned class = 0; class < SLAB_CLASSES; class ++)
		list_init(&caches[class].cells);
}

static inline uintptr_t *tag_of(const void *cell)
{
	return page_tag(virt_to_phys(cell));
}

HELD static inline nx_status_t take(const struct list *cells,
				    void *out_cell_pointer)
{
	struct list *cell = cells->next;

	list_take(cell);
	++*tag_of(cell);
	*(any_pointer *)out_cell_pointer = cell;
	return NX_OK;
}

/* The same where there is none. */
HELD OUT_OF_THE_WAY static nx_status_t take_new(struct job *job, size_t class,
						void *out_cell_pointer)
{
	struct list *cells = &job->caches[class].cells, *last = cells;
	paddr_t page;
	nx_status_t status = page_take(job, &page);

	if (status != NX_OK)
		return status;
	for (char *at = phys_to_virt(page), *end = at + NX_PAGE_SIZE; at != end;
	     at += (size_t)SLAB_SIZE_MIN << class) {
		struct list *cell = (struct list *)(void *)at;

		last->next = cell;
		cell->prev = last;
		last = cell;
	}
	last->next = cells;
	cells->prev = last;
	return take(cells, out_cell_pointer);
}

/* All its cells are free. */
HELD OUT_OF_THE_WAY static void slab_destroy(struct job *job, size_t class,
					     const void *cell)
{
	paddr_t page = virt_to_phys(cell) & ~(NX_PAGE_SIZE - 1);
	char *base = phys_to_virt(page);

	for (size_t at = 0; at < NX_PAGE_SIZE;
	     at += (size_t)SLAB_SIZE_MIN << class)
		list_take((struct list *)(void *)(base + at));
	page_free(job, page, 0);
}

/* Whole times SLAB_SIZE_MIN. */
static inline void clear(void *cell, size_t size_bytes)
{
	uint64_t *word = cell;
	const uint64_t *end = word + size_bytes / sizeof(*word);

	do {
#pragma GCC unroll 8
		for (unsigned i = 0; i < SLAB_SIZE_MIN / sizeof(*word); i++)
			word[i] = 0;
		word += SLAB_SIZE_MIN / sizeof(*word);
	} while (word != end);
}

nx_status_t slab_take_cell(struct job *job, size_t class,
			   void *out_cell_pointer)
{
	const struct list *cells = &job->caches[class].cells;

	return list_is_empty(cells) ? take_new(job, class, out_cell_pointer)
				    : take(cells, out_cell_pointer);
}

nx_status_t slab_alloc(struct job *job, size_t size_bytes,
		       void *out_cell_pointer)
{
	nx_status_t status = slab_take(job, size_bytes, out_cell_pointer);

	if (status == NX_OK)
		clear(*(any_pointer *)out_cell_pointer,
		      (size_bytes + SLAB_SIZE_MIN - 1) / SLAB_SIZE_MIN *
			      SLAB_SIZE_MIN);
	return status;
}

void slab_give_cell(struct job *job, void *cell, size_t class)
{
	uintptr_t *used = tag_of(cell);

	KASSERT(*used > 0);
	list_push_front(&job->caches[class].cells, cell);
	if (--*used == 0)
		slab_destroy(job, class, cell);
}

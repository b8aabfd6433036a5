/* SPDX-License-Identifier: BSD-2-Clause */
/* Slabs without headers: everything about a slab is in the tag of its page
 * (first free cell, cells in use) and in its free cells. The first free
 * cell also holds the slab's place in the list of slabs that have one; a
 * full slab is in no list and needs no place. */
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/slab.h>
#include <kernel/string.h>

#define CELL_NONE 0xffU

struct free_cell {
	struct list partial; /* in the first free cell of a slab only */
	uint32_t next;	     /* index of the next free cell, or none */
};

struct slab {
	paddr_t page;
	unsigned first_free;
	unsigned used_count;
};

void slab_cache_init(struct slab_cache caches[SLAB_CLASSES])
{
	for (unsigned class = 0; class < SLAB_CLASSES; class ++)
		list_init(&caches[class].partial);
}

static unsigned class_of(size_t size_bytes)
{
	unsigned class = 0;

	KASSERT(size_bytes <= SLAB_SIZE_MAX);
	while ((size_t)SLAB_SIZE_MIN << class < size_bytes)
		class ++;
	return class;
}

static struct slab slab_of(const void *cell)
{
	paddr_t page = virt_to_phys(cell) & ~(NX_PAGE_SIZE - 1);
	uintptr_t tag = page_get_tag(page);

	return (struct slab){ .page = page,
			      .first_free = tag & 0xff,
			      .used_count = tag >> 8 & 0xff };
}

static void slab_store(const struct slab *slab)
{
	page_set_tag(slab->page, slab->first_free | slab->used_count << 8);
}

static struct free_cell *cell_at(const struct slab *slab, unsigned class,
				 unsigned index)
{
	char *base = phys_to_virt(slab->page);

	return (struct free_cell *)(void *)(base +
					    ((size_t)SLAB_SIZE_MIN << class) *
						    index);
}

/* Chain all cells of a new page. */
static nx_status_t slab_create(struct job *job, unsigned class)
{
	unsigned count = (unsigned)(NX_PAGE_SIZE / SLAB_SIZE_MIN >> class);
	struct slab slab = { .first_free = 0, .used_count = 0 };
	nx_status_t status = page_alloc(job, 0, &slab.page);

	if (status != NX_OK)
		return status;
	for (unsigned i = 0; i < count; i++)
		cell_at(&slab, class, i)->next =
			i + 1 < count ? i + 1 : CELL_NONE;
	slab_store(&slab);
	list_push_front(&job->caches[class].partial,
			&cell_at(&slab, class, 0)->partial);
	return NX_OK;
}

nx_status_t slab_alloc(struct job *job, size_t size_bytes, void **out_cell)
{
	unsigned class = class_of(size_bytes);
	struct list *partial = &job->caches[class].partial;
	struct free_cell *cell;
	struct slab slab;

	if (list_is_empty(partial)) {
		nx_status_t status = slab_create(job, class);

		if (status != NX_OK)
			return status;
	}
	cell = LIST_ENTRY(partial->next, struct free_cell, partial);
	slab = slab_of(cell);
	list_remove(&cell->partial);
	slab.first_free = cell->next;
	slab.used_count++;
	if (slab.first_free != CELL_NONE)
		list_push_front(
			partial,
			&cell_at(&slab, class, slab.first_free)->partial);
	slab_store(&slab);
	memset(cell, 0, (size_t)SLAB_SIZE_MIN << class);
	*out_cell = cell;
	return NX_OK;
}

void slab_free(struct job *job, void *cell, size_t size_bytes)
{
	unsigned class = class_of(size_bytes);
	struct free_cell *freed = cell;
	struct slab slab;

	if (cell == NULL)
		return;
	slab = slab_of(cell);
	KASSERT(slab.used_count > 0);
	if (slab.first_free != CELL_NONE)
		list_remove(&cell_at(&slab, class, slab.first_free)->partial);
	slab.used_count--;
	if (slab.used_count == 0) {
		page_free(job, slab.page, 0);
		return;
	}
	freed->next = slab.first_free;
	slab.first_free = (unsigned)((virt_to_phys(cell) - slab.page) /
				     ((size_t)SLAB_SIZE_MIN << class));
	list_push_front(&job->caches[class].partial, &freed->partial);
	slab_store(&slab);
}

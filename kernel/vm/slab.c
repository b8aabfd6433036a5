/* SPDX-License-Identifier: BSD-2-Clause */
/* Slabs without headers: everything about a slab is in the tag of its page
 * (first free cell, cells in use) and in its free cells. The first free
 * cell also holds the slab's place in the list of slabs that have one; a
 * full slab is in no list and needs no place. */
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/slab.h>

#define CELL_NONE 0xffU

struct free_cell {
	struct list partial; /* in the first free cell of a slab only */
	uint32_t next;	     /* index of the next free cell, or none */
};

/* The tag of a slab: its first free cell, and above that how many are used. */
#define TAG_FREE_MASK UINT64_C(0xff)
#define TAG_USED_ONE UINT64_C(0x100)

void slab_cache_init(struct slab_cache caches[SLAB_CLASSES])
{
	for (unsigned class = 0; class < SLAB_CLASSES; class ++)
		list_init(&caches[class].partial);
}

static inline unsigned class_of(size_t size_bytes)
{
	/* By how many times SLAB_SIZE_MIN it is, rounded up, less 1. */
	static const uint8_t classes[SLAB_SIZE_MAX / SLAB_SIZE_MIN] = {
		0, 1, 2, 2, [4 ... 7] = 3, [8 ... 15] = 4, [16 ... 31] = 5
	};

	KASSERT(size_bytes - 1 < SLAB_SIZE_MAX);
	return classes[(size_bytes - 1) / SLAB_SIZE_MIN];
}

static inline uintptr_t *tag_of(const void *cell)
{
	return page_tag(virt_to_phys(cell) & ~(NX_PAGE_SIZE - 1));
}

static inline struct free_cell *cell_at(const void *in_slab, unsigned class,
					uint64_t index)
{
	uintptr_t base = (uintptr_t)in_slab & ~(uintptr_t)(NX_PAGE_SIZE - 1);

	return (struct free_cell *)(base +
				    ((size_t)SLAB_SIZE_MIN << class) * index);
}

/* Chain all cells of a new page. */
OUT_OF_THE_WAY static nx_status_t slab_create(struct job *job, unsigned class)
{
	unsigned count = (unsigned)(NX_PAGE_SIZE / SLAB_SIZE_MIN >> class);
	paddr_t page;
	nx_status_t status = page_alloc(job, 0, &page);
	void *base;

	if (status != NX_OK)
		return status;
	base = phys_to_virt(page);
	for (unsigned i = 0; i < count; i++)
		cell_at(base, class, i)->next =
			i + 1 < count ? i + 1 : CELL_NONE;
	*page_tag(page) = 0;
	list_push_front(&job->caches[class].partial,
			&cell_at(base, class, 0)->partial);
	return NX_OK;
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

nx_status_t slab_take(struct job *job, size_t size_bytes, void **out_cell)
{
	unsigned class = class_of(size_bytes);
	struct list *partial = &job->caches[class].partial;
	struct free_cell *cell;
	uintptr_t *tag;

	if (list_is_empty(partial)) {
		nx_status_t status = slab_create(job, class);

		if (status != NX_OK)
			return status;
	}
	cell = LIST_ENTRY(partial->next, struct free_cell, partial);
	tag = tag_of(cell);
	list_take(&cell->partial);
	if (cell->next != CELL_NONE)
		list_push_front(partial,
				&cell_at(cell, class, cell->next)->partial);
	*tag = (*tag & ~TAG_FREE_MASK) + TAG_USED_ONE + cell->next;
	*out_cell = cell;
	return NX_OK;
}

nx_status_t slab_alloc(struct job *job, size_t size_bytes, void **out_cell)
{
	nx_status_t status = slab_take(job, size_bytes, out_cell);

	if (status == NX_OK)
		clear(*out_cell, (size_t)SLAB_SIZE_MIN << class_of(size_bytes));
	return status;
}

void slab_free(struct job *job, void *cell, size_t size_bytes)
{
	unsigned class = class_of(size_bytes);
	struct free_cell *freed = cell;
	uint64_t first_free;
	uintptr_t *tag;

	if (cell == NULL)
		return;
	tag = tag_of(cell);
	first_free = *tag & TAG_FREE_MASK;
	KASSERT(*tag >= TAG_USED_ONE);
	if (first_free != CELL_NONE)
		list_take(&cell_at(cell, class, first_free)->partial);
	*tag -= TAG_USED_ONE;
	if (*tag < TAG_USED_ONE) {
		page_free(job, virt_to_phys(cell) & ~(NX_PAGE_SIZE - 1), 0);
		return;
	}
	freed->next = (uint32_t)first_free;
	*tag += (((uintptr_t)cell & (NX_PAGE_SIZE - 1)) / SLAB_SIZE_MIN >>
		 class) -
		first_free;
	list_push_front(&job->caches[class].partial, &freed->partial);
}

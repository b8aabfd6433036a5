/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SLAB_H
#define KERNEL_SLAB_H
/** @file slab.h
 * Small kernel memory: one cache per size class and job, one page per
 * slab. An empty slab goes back to the page allocator at once, so a job
 * that holds nothing holds no page. */
#include <kernel/list.h>
#include <kernel/lock.h>

struct job;

/** 64, 128, 256, 512, 1024, 2048 bytes. */
#define SLAB_CLASSES 6
#define SLAB_SIZE_MIN 64
#define SLAB_SIZE_MAX 2048

struct slab_cache GUARDED_FIELDS {
	struct list cells; /* free ones, of all slabs */
} GUARDED_END;

/** Of the cells of so many bytes. */
static inline size_t slab_class(size_t size_bytes)
{
	/* By how many times SLAB_SIZE_MIN it is, rounded up, less 1. */
	static const uint8_t classes[SLAB_SIZE_MAX / SLAB_SIZE_MIN] = {
		0, 1, 2, 2, [4 ... 7] = 3, [8 ... 15] = 4, [16 ... 31] = 5
	};

	KASSERT(size_bytes - 1 < SLAB_SIZE_MAX);
	return classes[(size_bytes - 1) / SLAB_SIZE_MIN];
}

HELD void slab_cache_init(struct slab_cache caches[SLAB_CLASSES]);
/** Zeroed memory charged to the job; the pointer has whatever type the caller
 * keeps there. size_bytes ≤ SLAB_SIZE_MAX.
 * @return NX_OK, NX_ERR_QUOTA_PAGES or NX_ERR_NO_MEMORY. */
HELD nx_status_t slab_alloc(struct job *job, size_t size_bytes,
			    void *out_cell_pointer);
/** The same with what was in it. */
HELD nx_status_t slab_take_cell(struct job *job, size_t class,
				void *out_cell_pointer);
HELD static inline nx_status_t slab_take(struct job *job, size_t size_bytes,
					 void *out_cell_pointer)
{
	return slab_take_cell(job, slab_class(size_bytes), out_cell_pointer);
}

/** Free; the size is that of slab_alloc. NULL is fine. */
HELD void slab_give_cell(struct job *job, void *cell, size_t class);
HELD static inline void slab_free(struct job *job, void *cell,
				  size_t size_bytes)
{
	if (cell != NULL)
		slab_give_cell(job, cell, slab_class(size_bytes));
}
#endif /* KERNEL_SLAB_H */

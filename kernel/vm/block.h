/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_BLOCK_H
#define KERNEL_BLOCK_H
/** @file block.h
 * What page.c wants of block.c. A block is known by the index of its first
 * page; nobody pays for it here. */
#include <kernel/page.h>

#define BLOCK_NONE UINT32_MAX

enum page_state {
	PAGE_INSIDE = 0, /* not the first page of a block, or of none */
	PAGE_FREE,
	PAGE_USED
};

struct pages {
	paddr_t base; /* of index 0: aligned to the largest block */
	paddr_t low;
	paddr_t high;
	uint32_t count;
	struct page_info *infos; /* NULL until there was room */
	uint32_t heads[PAGE_ORDER_MAX + 1];
	uint64_t total_count;
	uint64_t free_count;
};

extern struct pages pages GUARDED;

HELD static inline uint32_t block_index(paddr_t page)
{
	KASSERT(page >= pages.low && page < pages.high);
	return (uint32_t)((page - pages.base) >> NX_PAGE_BITS);
}

/** The first page of a block of 2^order that is free no more, or BLOCK_NONE. */
HELD uint32_t block_take(unsigned order);
/** Any block that is in use, or part of one. */
HELD void block_free(uint32_t index, unsigned order);
/** So many pages from one on, in the largest blocks there are. */
HELD void block_free_all(uint32_t index, uint64_t count);
#endif /* KERNEL_BLOCK_H */

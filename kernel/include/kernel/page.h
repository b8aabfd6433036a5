/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H
/** @file page.h
 * Physical pages: a buddy allocator with coalescing over the ranges that
 * the machine reports. Each page in use belongs to one job, which was
 * charged before the page was taken. */
#include <kernel/lock.h>

struct job;

#define PAGE_ORDER_MAX 10 /* 4 MiB */

/** Forget everything; all free ranges will lie in [low, high). Called by
 * boot, once (the simulator: once per run). */
HELD void page_init(paddr_t low, paddr_t high);
/** Add a free range inside [low, high) of page_init; whole pages. The
 * allocator's records (16 bytes a page) lie at the start of the first one.
 * False: it has no room for them, and is not added. */
HELD bool page_add_range(paddr_t base, uint64_t size_bytes);

/**
 * Take 2^order contiguous zeroed pages and charge them to a job; job NULL
 * is the kernel itself, during boot only, not charged.
 * @return NX_OK, NX_ERR_QUOTA_PAGES, or NX_ERR_NO_MEMORY (nothing charged).
 */
HELD nx_status_t page_alloc(struct job *job, unsigned order, paddr_t *out_page);
/** One page with what it had in it. */
HELD nx_status_t page_take(struct job *job, paddr_t *out_page);
/** Give pages back and uncharge the job that was charged. */
HELD void page_free(struct job *job, paddr_t page, unsigned order);

/** `count` pages that follow each other, with what they had in them; at most
 * 2^PAGE_ORDER_MAX, from an address that is aligned as if there were a power
 * of two of them. */
HELD nx_status_t page_take_run(struct job *job, uint64_t count,
			       paddr_t *out_base);
HELD void page_free_run(struct job *job, paddr_t base, uint64_t count);

/** Charge pages now that are taken later, which cannot fail then. They count
 * as in use. */
HELD nx_status_t page_reserve(struct job *job, uint64_t count);
HELD paddr_t page_take_reserved(struct job *job);
HELD void page_unreserve(struct job *job, uint64_t count);

/** Who pays for one page pays for the other instead. */
HELD void page_exchange(paddr_t one, paddr_t other);

/** Pages that wait to be freed, linked through their first words. */
void page_chain_push(paddr_t *chain, paddr_t page);
/** Free up to `count` of them; true: none is left. */
HELD bool page_chain_free(struct job *job, paddr_t *chain, unsigned count);

/** Pages in use that a job pays for, counted one by one: for tests. */
HELD uint64_t page_count_of(const struct job *job);
HELD uint64_t page_total_count(void);
HELD uint64_t page_free_count(void);

/** Zeroes from a page on, all of so many. */
void page_clear(void *page, uint64_t count);

/** Of a page. */
struct page_info GUARDED_FIELDS {
	union {
		struct {
			uint32_t next;
			uint32_t prev;
		} list;	       /* while free */
		uintptr_t tag; /* while used */
	};
	uint32_t payer; /* low half of the job's id */
	uint8_t state;
	uint8_t order;
	uint16_t unused;
} GUARDED_END;

/** Where that of the page at address 0 would be. */
extern uintptr_t page_infos;

/** One word of the page's holder. */
static inline uintptr_t *page_tag(paddr_t page)
{
	return (uintptr_t *)(page_infos +
			     (page >> NX_PAGE_BITS) * sizeof(struct page_info));
}

static inline void page_set_tag(paddr_t page, uintptr_t tag)
{
	*page_tag(page) = tag;
}

static inline uintptr_t page_get_tag(paddr_t page)
{
	return *page_tag(page);
}

/** The kernel's own view of physical memory. Implemented by arch. */
void *phys_to_virt(paddr_t address);
paddr_t virt_to_phys(const void *pointer);
#endif /* KERNEL_PAGE_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical pages. A free block of 2^order pages is aligned to its size and
 * stands in the list of its order; its buddy is the block whose index
 * differs in that bit. A freed block joins its buddy while that is free.
 * The record of a block is that of its first page. */
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/string.h>

#define INDEX_NONE UINT32_MAX

enum page_state {
	PAGE_INSIDE = 0, /* not the first page of a block, or of none */
	PAGE_FREE,
	PAGE_USED
};

struct page_range {
	paddr_t base;
	uint64_t size_bytes;
};

static struct {
	paddr_t base; /* of index 0: aligned to the largest block */
	paddr_t low;
	paddr_t high;
	uint32_t count;
	struct page_info *infos; /* NULL until there was room */
	uint32_t heads[PAGE_ORDER_MAX + 1];
	uint64_t total_count;
	uint64_t free_count;
	struct page_range early[PAGE_RANGES_MAX];
	uint32_t early_count;
} pages GUARDED;

uintptr_t page_infos;

HELD static uint32_t index_of(paddr_t page)
{
	KASSERT(page >= pages.low && page < pages.high);
	return (uint32_t)((page - pages.base) >> NX_PAGE_BITS);
}

HELD static void block_push(uint32_t index, unsigned order)
{
	struct page_info *info = &pages.infos[index];
	uint32_t head = pages.heads[order];

	info->state = PAGE_FREE;
	info->order = (uint8_t)order;
	info->list.next = head;
	info->list.prev = INDEX_NONE;
	if (head != INDEX_NONE)
		pages.infos[head].list.prev = index;
	pages.heads[order] = index;
}

HELD static inline void block_remove(uint32_t index)
{
	struct page_info *info = &pages.infos[index];
	uint32_t next = info->list.next, prev = info->list.prev;

	if (prev != INDEX_NONE)
		pages.infos[prev].list.next = next;
	else
		pages.heads[info->order] = next;
	if (next != INDEX_NONE)
		pages.infos[next].list.prev = prev;
	info->state = PAGE_INSIDE;
}

HELD static bool buddy_is_free(uint32_t index, unsigned order)
{
	uint32_t buddy = index ^ (UINT32_C(1) << order);

	return order < PAGE_ORDER_MAX && buddy < pages.count &&
	       pages.infos[buddy].state == PAGE_FREE &&
	       pages.infos[buddy].order == order;
}

HELD static void block_free(uint32_t index, unsigned order)
{
	pages.free_count += UINT64_C(1) << order;
	pages.infos[index].state = PAGE_INSIDE;
	for (; buddy_is_free(index, order); order++) {
		block_remove(index ^ (UINT32_C(1) << order));
		index &= ~(UINT32_C(1) << order);
	}
	block_push(index, order);
}

/* The first page of a block, or INDEX_NONE. */
HELD static uint32_t block_take(unsigned order)
{
	unsigned found = order;
	uint32_t index;

	while (found <= PAGE_ORDER_MAX && pages.heads[found] == INDEX_NONE)
		found++;
	if (found > PAGE_ORDER_MAX)
		return INDEX_NONE;
	index = pages.heads[found];
	block_remove(index);
	while (found > order) {
		found--;
		block_push(index + (UINT32_C(1) << found), found);
	}
	pages.free_count -= UINT64_C(1) << order;
	return index;
}

void page_init(paddr_t low, paddr_t high)
{
	const paddr_t block_bytes = NX_PAGE_SIZE << PAGE_ORDER_MAX;

	KASSERT(is_page_aligned(low) && is_page_aligned(high) && low < high);
	memset(&pages, 0, sizeof(pages));
	pages.base = low & ~(block_bytes - 1);
	pages.low = low;
	pages.high = high;
	pages.count = (uint32_t)((high - pages.base) >> NX_PAGE_BITS);
	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++)
		pages.heads[order] = INDEX_NONE;
}

HELD static void range_free(paddr_t base, uint64_t size_bytes)
{
	uint64_t left = size_bytes >> NX_PAGE_BITS;
	uint32_t index = index_of(base);

	pages.total_count += left;
	while (left > 0) {
		unsigned order = 0;

		while (order < PAGE_ORDER_MAX && (index >> order & 1) == 0 &&
		       UINT64_C(2) << order <= left)
			order++;
		block_free(index, order);
		index += UINT32_C(1) << order;
		left -= UINT64_C(1) << order;
	}
}

void page_add_range(paddr_t base, uint64_t size_bytes)
{
	uint64_t room = page_round_up(pages.count * sizeof(struct page_info));

	KASSERT(is_page_aligned(base) && is_page_aligned(size_bytes));
	KASSERT(base >= pages.low && base <= pages.high &&
		size_bytes <= pages.high - base);
	if (pages.infos == NULL && size_bytes < room) {
		KASSERT(pages.early_count < PAGE_RANGES_MAX);
		pages.early[pages.early_count++] =
			(struct page_range){ base, size_bytes };
		return;
	}
	if (pages.infos == NULL) {
		pages.infos = phys_to_virt(base);
		memset(pages.infos, 0, room);
		page_infos =
			(uintptr_t)pages.infos -
			(pages.base >> NX_PAGE_BITS) * sizeof(struct page_info);
		base += room;
		size_bytes -= room;
		while (pages.early_count > 0) {
			pages.early_count--;
			range_free(pages.early[pages.early_count].base,
				   pages.early[pages.early_count].size_bytes);
		}
	}
	if (size_bytes > 0)
		range_free(base, size_bytes);
}

HELD static paddr_t used(uint32_t index, unsigned order, const struct job *job)
{
	struct page_info *info = &pages.infos[index];

	info->state = PAGE_USED;
	info->order = (uint8_t)order;
	info->payer = job ? (uint32_t)job->object.id : 0;
	info->tag = 0;
	return pages.base + ((paddr_t)index << NX_PAGE_BITS);
}

/* Charge pages and take a block that they fit into. */
HELD static nx_status_t charge_take(struct job *job, uint64_t count,
				    unsigned order, uint32_t *out_index)
{
	nx_status_t status =
		job != NULL ? job_charge(job, JOB_PAGES, count) : NX_OK;

	if (status != NX_OK)
		return status;
	/* Others are reserved. */
	*out_index =
		pages.free_count >> order > 0 ? block_take(order) : INDEX_NONE;
	if (*out_index != INDEX_NONE)
		return NX_OK;
	if (job != NULL)
		job_uncharge(job, JOB_PAGES, count);
	return NX_ERR_NO_MEMORY;
}

void page_clear(void *page, uint64_t count)
{
	uint64_t *word = page;
	const uint64_t *end = word + count * (NX_PAGE_SIZE / sizeof(*word));

	for (; word != end; word += 32) {
#pragma GCC unroll 32
		for (unsigned i = 0; i < 32; i++)
			word[i] = 0;
	}
}

nx_status_t page_alloc(struct job *job, unsigned order, paddr_t *out_page)
{
	uint32_t index;
	nx_status_t status;

	KASSERT(order <= PAGE_ORDER_MAX);
	status = charge_take(job, UINT64_C(1) << order, order, &index);
	if (status != NX_OK)
		return status;
	*out_page = used(index, order, job);
	page_clear(phys_to_virt(*out_page), UINT64_C(1) << order);
	return NX_OK;
}

nx_status_t page_take(struct job *job, paddr_t *out_page)
{
	uint32_t index;
	nx_status_t status = charge_take(job, 1, 0, &index);

	if (status == NX_OK)
		*out_page = used(index, 0, job);
	return status;
}

void page_free(struct job *job, paddr_t page, unsigned order)
{
	uint32_t index = index_of(page);
	struct page_info *info = &pages.infos[index];

	KASSERT(info->state == PAGE_USED && info->order == order);
	KASSERT(info->payer == (job ? (uint32_t)job->object.id : 0));
	block_free(index, order);
	if (job != NULL)
		job_uncharge(job, JOB_PAGES, UINT64_C(1) << order);
}

/* The largest block that a run of so many pages begins with. */
static unsigned order_below(uint64_t count)
{
	unsigned order = 0;

	while (UINT64_C(2) << order <= count)
		order++;
	return order;
}

/* A run is blocks in use, the largest first; what is behind the last one
 * is free again, the smallest first. */
nx_status_t page_take_run(struct job *job, uint64_t count, paddr_t *out_base)
{
	unsigned order = order_below(2 * count - 1);
	uint32_t first, at, end;
	nx_status_t status;

	KASSERT(order <= PAGE_ORDER_MAX);
	status = charge_take(job, count, order, &first);
	if (status != NX_OK)
		return status;
	*out_base = used(first, order, job);
	end = first + (UINT32_C(1) << order);
	for (at = first; count > 0; count -= UINT64_C(1) << order) {
		order = order_below(count);
		used(at, order, job);
		at += UINT32_C(1) << order;
	}
	for (; at < end; at += UINT32_C(1) << order) {
		order = 0;
		while (((at - first) >> order & 1) == 0)
			order++;
		block_free(at, order);
	}
	return NX_OK;
}

void page_free_run(struct job *job, paddr_t base, uint64_t count)
{
	while (count > 0) {
		unsigned order = order_below(count);

		page_free(job, base, order);
		base += NX_PAGE_SIZE << order;
		count -= UINT64_C(1) << order;
	}
}

nx_status_t page_reserve(struct job *job, uint64_t count)
{
	nx_status_t status = job_charge(job, JOB_PAGES, count);

	if (status != NX_OK)
		return status;
	if (count > pages.free_count) {
		job_uncharge(job, JOB_PAGES, count);
		return NX_ERR_NO_MEMORY;
	}
	pages.free_count -= count;
	return NX_OK;
}

/* There is one: whoever takes another has been charged for it, and what all
 * jobs may use together is what there is. */
paddr_t page_take_reserved(struct job *job)
{
	uint32_t index = block_take(0);

	KASSERT(index != INDEX_NONE);
	pages.free_count++;
	return used(index, 0, job);
}

void page_unreserve(struct job *job, uint64_t count)
{
	pages.free_count += count;
	job_uncharge(job, JOB_PAGES, count);
}

void page_exchange(paddr_t one, paddr_t other)
{
	uint32_t *left = &pages.infos[index_of(one)].payer;
	uint32_t *right = &pages.infos[index_of(other)].payer;
	uint32_t payer = *left;

	*left = *right;
	*right = payer;
}

void page_chain_push(paddr_t *chain, paddr_t page)
{
	*(paddr_t *)phys_to_virt(page) = *chain;
	*chain = page;
}

bool page_chain_free(struct job *job, paddr_t *chain, unsigned count)
{
	for (; *chain != 0 && count > 0; count--) {
		paddr_t page = *chain;

		*chain = *(const paddr_t *)phys_to_virt(page);
		page_free(job, page, 0);
	}
	return *chain == 0;
}

uint64_t page_count_of(const struct job *job)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < pages.count; i++)
		if (pages.infos[i].state == PAGE_USED &&
		    pages.infos[i].payer == (uint32_t)job->object.id)
			count += UINT64_C(1) << pages.infos[i].order;
	return count;
}

uint64_t page_total_count(void)
{
	return pages.total_count;
}

uint64_t page_free_count(void)
{
	return pages.free_count;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical pages, and who pays for those in use. */
#include "vm/block.h"

#include <kernel/job.h>

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
		pages.free_count >> order > 0 ? block_take(order) : BLOCK_NONE;
	if (*out_index != BLOCK_NONE)
		return NX_OK;
	if (job != NULL)
		job_uncharge(job, JOB_PAGES, count);
	return NX_ERR_NO_MEMORY;
}

void page_clear(void *page, uint64_t count)
{
	uint64_t *word = page;
	const uint64_t *end = word + count * (NX_PAGE_SIZE / sizeof(*word));

	for (; word != end; word += 64) {
#pragma GCC unroll 64
		for (unsigned i = 0; i < 64; i++)
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
	uint32_t index = block_index(page);
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

/* A run is blocks in use, the largest first; what is behind the last one is
 * free again. */
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
	block_free_all(at, end - at);
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

	KASSERT(index != BLOCK_NONE);
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
	uint32_t *left = &pages.infos[block_index(one)].payer;
	uint32_t *right = &pages.infos[block_index(other)].payer;
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

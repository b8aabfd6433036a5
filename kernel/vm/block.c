/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of pages. A free block of 2^order pages is aligned to its size and
 * stands in the list of its order; its buddy is the block whose index
 * differs in that bit. A freed block joins its buddy while that is free.
 * The record of a block is that of its first page. */
#include "vm/block.h"

#include <kernel/string.h>

struct pages pages;
uintptr_t page_infos;

HELD static void block_push(uint32_t index, unsigned order)
{
	struct page_info *info = &pages.infos[index];
	uint32_t head = pages.heads[order];

	info->state = PAGE_FREE;
	info->order = (uint8_t)order;
	info->list.next = head;
	info->list.prev = BLOCK_NONE;
	if (head != BLOCK_NONE)
		pages.infos[head].list.prev = index;
	pages.heads[order] = index;
}

HELD static inline void block_remove(uint32_t index)
{
	struct page_info *info = &pages.infos[index];
	uint32_t next = info->list.next, prev = info->list.prev;

	if (prev != BLOCK_NONE)
		pages.infos[prev].list.next = next;
	else
		pages.heads[info->order] = next;
	if (next != BLOCK_NONE)
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

void block_free(uint32_t index, unsigned order)
{
	pages.free_count += UINT64_C(1) << order;
	pages.infos[index].state = PAGE_INSIDE;
	for (; buddy_is_free(index, order); order++) {
		block_remove(index ^ (UINT32_C(1) << order));
		index &= ~(UINT32_C(1) << order);
	}
	block_push(index, order);
}

uint32_t block_take(unsigned order)
{
	unsigned found = order;
	uint32_t index;

	while (found <= PAGE_ORDER_MAX && pages.heads[found] == BLOCK_NONE)
		found++;
	if (found > PAGE_ORDER_MAX)
		return BLOCK_NONE;
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
		pages.heads[order] = BLOCK_NONE;
}

void block_free_all(uint32_t index, uint64_t count)
{
	while (count > 0) {
		unsigned order = 0;

		while (order < PAGE_ORDER_MAX && (index >> order & 1) == 0 &&
		       UINT64_C(2) << order <= count)
			order++;
		block_free(index, order);
		index += UINT32_C(1) << order;
		count -= UINT64_C(1) << order;
	}
}

bool page_add_range(paddr_t base, uint64_t size_bytes)
{
	uint64_t room = page_round_up(pages.count * sizeof(struct page_info));

	KASSERT(is_page_aligned(base) && is_page_aligned(size_bytes));
	KASSERT(base >= pages.low && base <= pages.high &&
		size_bytes <= pages.high - base);
	if (pages.infos == NULL) {
		if (size_bytes < room)
			return false;
		pages.infos = phys_to_virt(base);
		memset(pages.infos, 0, room);
		page_infos =
			(uintptr_t)pages.infos -
			(pages.base >> NX_PAGE_BITS) * sizeof(struct page_info);
		base += room;
		size_bytes -= room;
	}
	pages.total_count += size_bytes >> NX_PAGE_BITS;
	if (size_bytes > 0)
		block_free_all(block_index(base), size_bytes >> NX_PAGE_BITS);
	return true;
}

uint64_t page_total_count(void)
{
	return pages.total_count;
}

uint64_t page_free_count(void)
{
	return pages.free_count;
}

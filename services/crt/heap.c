/* SPDX-License-Identifier: BSD-2-Clause
 * Boundary tags: each block knows its own size and that of the block before
 * it, so that free joins both neighbours at once. Free blocks hang in bins
 * by the power of two of their size, the first that fits is taken. A region
 * ends in a block of no payload that is always used.
 */
#include <crt/heap.h>

#include <string.h>

/** 16 bytes in front of each payload. */
struct heap_block {
	uint32_t size;	   /* header included, a multiple of 16 */
	uint32_t previous; /* size of the block in front; 0: the first */
	uint32_t state;
	uint32_t check;
};

/** Lies in the payload of a free block. */
struct heap_links {
	struct heap_block *next;
	struct heap_block *back;
};

struct heap_region {
	struct heap_region *next;
	struct heap_region *back;
	uint64_t size;
	uint64_t reserved;
};

#define BLOCK_MIN                                                              \
	((uint32_t)(sizeof(struct heap_block) + sizeof(struct heap_links)))
#define REGION_STEP ((size_t)65536)
#define STATE_USED UINT32_C(0x64657375)
#define STATE_FREE UINT32_C(0x65657266)
#define REGION_OVERHEAD (sizeof(struct heap_region) + sizeof(struct heap_block))

static uint32_t check_of(const struct heap_block *block)
{
	uint64_t mix =
		(uint64_t)(uintptr_t)block * UINT64_C(0x9e3779b97f4a7c15);

	mix ^= (uint64_t)block->size << 32 | block->previous;
	mix ^= block->state;
	mix *= UINT64_C(0xff51afd7ed558ccd);
	return (uint32_t)(mix >> 32);
}

static bool sound(const struct heap_block *block)
{
	return block->check == check_of(block) &&
	       (block->state == STATE_USED || block->state == STATE_FREE);
}

static void set_block(struct heap_block *block, uint32_t size,
		      uint32_t previous, uint32_t state)
{
	block->size = size;
	block->previous = previous;
	block->state = state;
	block->check = check_of(block);
}

static struct heap_block *next_block(struct heap_block *block)
{
	return (struct heap_block *)(void *)((char *)block + block->size);
}

static struct heap_block *previous_block(struct heap_block *block)
{
	return (struct heap_block *)(void *)((char *)block - block->previous);
}

static void set_previous(struct heap_block *block, uint32_t previous)
{
	set_block(block, block->size, previous, block->state);
}

static struct heap_links *links_of(struct heap_block *block)
{
	return (struct heap_links *)(void *)(block + 1);
}

static struct heap_block *first_block(struct heap_region *region)
{
	return (struct heap_block *)(void *)(region + 1);
}

/* A bin holds the sizes [2^(n+4), 2^(n+5)). */
static unsigned bin_of(uint32_t size)
{
	unsigned bin = 31u - (unsigned)__builtin_clz(size) - 4;

	return bin < HEAP_BINS ? bin : HEAP_BINS - 1;
}

static void bin_insert(struct heap *heap, struct heap_block *block)
{
	struct heap_block **bin = &heap->bins[bin_of(block->size)];
	struct heap_links *links = links_of(block);

	links->next = *bin;
	links->back = NULL;
	if (*bin)
		links_of(*bin)->back = block;
	*bin = block;
}

static void bin_remove(struct heap *heap, struct heap_block *block)
{
	struct heap_links *links = links_of(block);

	if (links->next)
		links_of(links->next)->back = links->back;
	if (links->back)
		links_of(links->back)->next = links->next;
	else
		heap->bins[bin_of(block->size)] = links->next;
}

static void broken(struct heap *heap, const void *block)
{
	heap->ops->broken(heap->context, block);
	__builtin_trap();
}

void heap_init(struct heap *heap, const struct heap_ops *ops, void *context,
	       size_t limit_bytes)
{
	memset(heap, 0, sizeof(*heap));
	heap->ops = ops;
	heap->context = context;
	heap->limit_bytes = limit_bytes;
}

static void region_release(struct heap *heap, struct heap_region *region)
{
	if (region->next)
		region->next->back = region->back;
	if (region->back)
		region->back->next = region->next;
	else
		heap->regions = region->next;
	heap->region_bytes -= region->size;
	heap->ops->release(heap->context, region, region->size);
}

void heap_fini(struct heap *heap)
{
	while (heap->regions)
		region_release(heap, heap->regions);
	memset(heap->bins, 0, sizeof(heap->bins));
	heap->used_bytes = 0;
	heap->used_count = 0;
}

/* One free block over the whole new region, or NULL. */
static struct heap_block *region_add(struct heap *heap, uint32_t need)
{
	size_t size =
		(need + REGION_OVERHEAD + REGION_STEP - 1) & ~(REGION_STEP - 1);
	struct heap_region *region;
	struct heap_block *block;

	if (size > heap->limit_bytes - heap->region_bytes)
		return NULL;
	region = heap->ops->grow(heap->context, size);
	if (!region)
		return NULL;
	region->size = size;
	region->back = NULL;
	region->next = heap->regions;
	if (heap->regions)
		heap->regions->back = region;
	heap->regions = region;
	heap->region_bytes += size;
	block = first_block(region);
	set_block(block, (uint32_t)(size - REGION_OVERHEAD), 0, STATE_FREE);
	set_block(next_block(block), sizeof(struct heap_block), block->size,
		  STATE_USED);
	bin_insert(heap, block);
	return block;
}

static struct heap_block *find_block(struct heap *heap, uint32_t need)
{
	for (unsigned bin = bin_of(need); bin < HEAP_BINS; bin++) {
		struct heap_block *block = heap->bins[bin];

		while (block && block->size >= need && !sound(block))
			broken(heap, block);
		while (block && block->size < need)
			block = links_of(block)->next;
		if (block)
			return block;
	}
	return region_add(heap, need);
}

/* Take `need` bytes from the front of a block that is in no bin. */
static void take_block(struct heap *heap, struct heap_block *block,
		       uint32_t need)
{
	uint32_t rest = block->size - need;

	if (rest < BLOCK_MIN) {
		set_block(block, block->size, block->previous, STATE_USED);
	} else {
		struct heap_block *tail;

		set_block(block, need, block->previous, STATE_USED);
		tail = next_block(block);
		set_block(tail, rest, need, STATE_FREE);
		set_previous(next_block(tail), rest);
		bin_insert(heap, tail);
	}
	heap->used_bytes += block->size;
	heap->used_count++;
}

static uint32_t block_need(size_t size_bytes)
{
	uint32_t need;

	if (size_bytes > HEAP_REQUEST_MAX)
		return 0;
	need = (uint32_t)((size_bytes + sizeof(struct heap_block) + HEAP_ALIGN -
			   1) &
			  ~(size_t)(HEAP_ALIGN - 1));
	return need < BLOCK_MIN ? BLOCK_MIN : need;
}

void *heap_allocate(struct heap *heap, size_t size_bytes)
{
	uint32_t need = block_need(size_bytes);
	struct heap_block *block = need ? find_block(heap, need) : NULL;

	if (!block)
		return NULL;
	if (!sound(block) || block->state != STATE_FREE)
		broken(heap, block);
	bin_remove(heap, block);
	take_block(heap, block, need);
	return block + 1;
}

void *heap_allocate_zero(struct heap *heap, size_t count, size_t size_bytes)
{
	size_t total;
	void *block;

	if (__builtin_mul_overflow(count, size_bytes, &total))
		return NULL;
	block = heap_allocate(heap, total);
	if (block)
		memset(block, 0, total);
	return block;
}

/* The used block of a payload; both its neighbours are sound as well. */
static struct heap_block *used_block(struct heap *heap, void *payload)
{
	struct heap_block *block = (struct heap_block *)payload - 1;

	if ((uintptr_t)payload % HEAP_ALIGN != 0 || !sound(block) ||
	    block->state != STATE_USED)
		broken(heap, block);
	if (!sound(next_block(block)))
		broken(heap, next_block(block));
	if (block->previous && !sound(previous_block(block)))
		broken(heap, previous_block(block));
	return block;
}

/* Join a block with the free one behind it; the block is in no bin. */
static void join_next(struct heap *heap, struct heap_block *block)
{
	struct heap_block *next = next_block(block);

	if (next->state != STATE_FREE)
		return;
	bin_remove(heap, next);
	set_block(block, block->size + next->size, block->previous,
		  block->state);
	next->state = 0;
	set_previous(next_block(block), block->size);
}

static void maybe_release(struct heap *heap, struct heap_block *block)
{
	struct heap_region *region;

	if (block->previous != 0)
		return;
	region = (struct heap_region *)(void *)block - 1;
	if (block->size != region->size - REGION_OVERHEAD)
		return;
	if (heap->regions == region && !region->next)
		return; /* the last one stays */
	bin_remove(heap, block);
	region_release(heap, region);
}

void heap_free(struct heap *heap, void *payload)
{
	struct heap_block *block;

	if (!payload)
		return;
	block = used_block(heap, payload);
	heap->used_bytes -= block->size;
	heap->used_count--;
	set_block(block, block->size, block->previous, STATE_FREE);
	join_next(heap, block);
	if (block->previous && previous_block(block)->state == STATE_FREE) {
		struct heap_block *front = previous_block(block);

		bin_remove(heap, front);
		set_block(front, front->size + block->size, front->previous,
			  STATE_FREE);
		block->state = 0;
		set_previous(next_block(front), front->size);
		block = front;
	}
	bin_insert(heap, block);
	maybe_release(heap, block);
}

/* Grow in place over a free neighbour; false when it does not fit. */
static bool extend(struct heap *heap, struct heap_block *block, uint32_t need)
{
	struct heap_block *next = next_block(block);

	if (next->state != STATE_FREE || block->size + next->size < need)
		return false;
	heap->used_bytes -= block->size;
	heap->used_count--;
	join_next(heap, block);
	take_block(heap, block, need);
	return true;
}

void *heap_resize(struct heap *heap, void *payload, size_t size_bytes)
{
	struct heap_block *block;
	uint32_t need = block_need(size_bytes);
	void *copy;

	if (!payload)
		return heap_allocate(heap, size_bytes);
	block = used_block(heap, payload);
	if (!need)
		return NULL;
	if (need <= block->size || extend(heap, block, need))
		return payload;
	copy = heap_allocate(heap, size_bytes);
	if (!copy)
		return NULL;
	memcpy(copy, payload, block->size - sizeof(*block));
	heap_free(heap, payload);
	return copy;
}

static bool region_check(const struct heap_region *region)
{
	const char *end =
		(const char *)region + region->size - sizeof(struct heap_block);
	const struct heap_block *block =
		(const struct heap_block *)(const void *)(region + 1);
	uint32_t previous = 0;

	while ((const char *)block < end) {
		if (!sound(block) || block->previous != previous ||
		    block->size < BLOCK_MIN ||
		    block->size > (size_t)(end - (const char *)block))
			return false;
		previous = block->size;
		block = (const struct heap_block
				 *)(const void *)((const char *)block +
						  previous);
	}
	return sound(block) && block->previous == previous;
}

bool heap_check(const struct heap *heap)
{
	for (const struct heap_region *region = heap->regions; region;
	     region = region->next)
		if (!region_check(region))
			return false;
	return true;
}

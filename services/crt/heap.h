/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRT_HEAP_H
#define CRT_HEAP_H
/** @file heap.h
 * A bounded allocator with free. Memory comes in regions from `grow` and
 * goes back through `release`; a region is divided into blocks, each behind
 * a header that says its size, its neighbour's size and a checksum of both,
 * so that an overrun or a second free is noticed before it does harm.
 * Threads: none inside; a heap belongs to one thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_BINS 28
/** Every block is aligned to this. */
#define HEAP_ALIGN 16
/** No request over this is ever granted. */
#define HEAP_REQUEST_MAX (UINT32_C(1) << 28)

struct heap_ops {
	/** Zeroed memory, aligned to HEAP_ALIGN, or NULL. */
	void *(*grow)(void *context, size_t size_bytes);
	void (*release)(void *context, void *region, size_t size_bytes);
	/** A header is damaged or a pointer is not ours; must not return. */
	void (*broken)(void *context, const void *block);
};

struct heap_block;
struct heap_region;

struct heap {
	const struct heap_ops *ops;
	void *context;
	size_t limit_bytes;  /* of all regions */
	size_t region_bytes; /* of all regions now */
	size_t used_bytes;   /* of blocks given out, headers included */
	size_t used_count;
	struct heap_region *regions;
	struct heap_block *bins[HEAP_BINS];
};

/** Nothing is allocated yet. */
void heap_init(struct heap *heap, const struct heap_ops *ops, void *context,
	       size_t limit_bytes);
/** Give every region back, whatever is still allocated. */
void heap_fini(struct heap *heap);

/** At least size_bytes, undefined content; NULL when memory is short. */
void *heap_allocate(struct heap *heap, size_t size_bytes);
/** count × size_bytes of zeros; NULL also when the product overflows. */
void *heap_allocate_zero(struct heap *heap, size_t count, size_t size_bytes);
/** As realloc: `block` stays as it was when NULL comes back. */
void *heap_resize(struct heap *heap, void *block, size_t size_bytes);
/** NULL is fine. */
void heap_free(struct heap *heap, void *block);

/** Walk everything; false when a header is damaged. For tests. */
bool heap_check(const struct heap *heap);

/** Regions from VMOs that the caller's job pays for. `context` is unused. */
extern const struct heap_ops heap_vmo_ops;
#endif /* CRT_HEAP_H */

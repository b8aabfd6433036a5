/* SPDX-License-Identifier: BSD-2-Clause
 * The programs' heap, over memory of the host that can be made to fail.
 */
#include <crt/heap.h>

#include <setjmp.h>
#include <stdlib.h>

#include "support/tap.h"

static struct {
	size_t regions;
	size_t fail_after; /* grows that still succeed */
	jmp_buf broken;
	unsigned broken_count;
} host;

static void *host_grow(void *context, size_t size_bytes)
{
	(void)context;
	if (host.fail_after == 0)
		return NULL;
	host.fail_after--;
	host.regions++;
	return calloc(1, size_bytes);
}

static void host_release(void *context, void *region, size_t size_bytes)
{
	(void)context;
	(void)size_bytes;
	host.regions--;
	free(region);
}

static void host_broken(void *context, const void *block)
{
	(void)context;
	(void)block;
	host.broken_count++;
	longjmp(host.broken, 1);
}

static const struct heap_ops ops = { host_grow, host_release, host_broken };

static void test_basics(struct heap *heap)
{
	char *a, *b, *c;

	a = heap_allocate(heap, 1);
	b = heap_allocate(heap, 100);
	ok(a && b && a != b && (uintptr_t)a % 16 == 0 && (uintptr_t)b % 16 == 0,
	   "two blocks are apart and aligned");
	memset(b, 7, 100);
	c = heap_resize(heap, b, 5000);
	ok(c && c[0] == 7 && c[99] == 7, "resize keeps the content");
	heap_free(heap, a);
	heap_free(heap, c);
	heap_free(heap, NULL);
	ok(heap->used_bytes == 0 && heap->used_count == 0 && heap_check(heap),
	   "after the last free nothing is in use");
	ok(!heap_allocate_zero(heap, SIZE_MAX / 2, 3),
	   "a product that overflows is refused");
	ok(!heap_allocate(heap, (size_t)HEAP_REQUEST_MAX + 1),
	   "one byte over the largest request is refused");
}

#define SLOTS 64

struct slot {
	unsigned char *bytes;
	size_t size;
	unsigned char fill;
};

static bool slot_intact(const struct slot *slot)
{
	for (size_t i = 0; i < slot->size; i++)
		if (slot->bytes[i] != slot->fill)
			return false;
	return true;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void test_trace(struct heap *heap, uint32_t seed)
{
	struct slot slots[SLOTS] = { 0 };
	bool intact = true, sound = true;

	for (unsigned step = 0; step < 20000; step++) {
		struct slot *slot = &slots[next_random(&seed) % SLOTS];
		size_t size = next_random(&seed) % 3000;

		intact = intact && slot_intact(slot);
		if (slot->bytes && step % 3 == 0) {
			void *grown = heap_resize(heap, slot->bytes, size);

			if (!grown)
				continue;
			slot->bytes = grown;
		} else {
			heap_free(heap, slot->bytes);
			slot->bytes = heap_allocate(heap, size);
		}
		slot->size = slot->bytes ? size : 0;
		slot->fill = (unsigned char)step;
		if (slot->bytes)
			memset(slot->bytes, slot->fill, size);
		if (step % 500 == 0)
			sound = sound && heap_check(heap);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		heap_free(heap, slots[i].bytes);
	ok(intact && sound, "20,000 random steps keep content and headers");
	ok(heap->used_bytes == 0 && host.regions == 1,
	   "freeing all of it gives every region but one back");
}

static void test_shortage(void)
{
	struct heap heap;
	void *block;

	host.fail_after = 0;
	heap_init(&heap, &ops, NULL, 1 << 20);
	ok(!heap_allocate(&heap, 10), "no memory at all is NULL");
	host.fail_after = 1;
	block = heap_allocate(&heap, 60000);
	ok(block && !heap_allocate(&heap, 60000),
	   "a second region that cannot be had is NULL");
	ok(!heap_resize(&heap, block, 100000),
	   "a block that cannot grow stays as it was");
	heap_free(&heap, block);
	heap_fini(&heap);
	host.fail_after = SIZE_MAX;
	heap_init(&heap, &ops, NULL, 131072);
	ok(heap_allocate(&heap, 100000) && !heap_allocate(&heap, 100000),
	   "the limit of a heap is kept");
	heap_fini(&heap);
	is_u64(host.regions, 0, "fini gives back what is still in use");
}

static bool breaks(void (*action)(struct heap *), struct heap *heap)
{
	unsigned before = host.broken_count;

	if (setjmp(host.broken) == 0)
		action(heap);
	return host.broken_count == before + 1;
}

static void free_twice(struct heap *heap)
{
	void *block = heap_allocate(heap, 40);

	heap_free(heap, block);
	heap_free(heap, block);
}

static void free_inside(struct heap *heap)
{
	char *block = heap_allocate(heap, 40);

	memset(block, 0, 40);
	heap_free(heap, block + 16);
}

static void overrun(struct heap *heap)
{
	char *block = heap_allocate(heap, 48);

	heap_allocate(heap, 48);
	memset(block, 0x55, 49);
	heap_free(heap, block);
}

static void misaligned(struct heap *heap)
{
	heap_free(heap, (char *)heap_allocate(heap, 48) + 8);
}

int main(void)
{
	struct heap heap;

	plan(16);
	host.fail_after = SIZE_MAX;
	heap_init(&heap, &ops, NULL, (size_t)16 << 20);
	test_basics(&heap);
	test_trace(&heap, 1);
	heap_fini(&heap);
	test_shortage();
	heap_init(&heap, &ops, NULL, (size_t)1 << 20);
	ok(breaks(free_twice, &heap), "a second free is noticed");
	ok(breaks(free_inside, &heap), "a pointer into a block is noticed");
	ok(breaks(overrun, &heap), "an overrun by one byte is noticed");
	ok(breaks(misaligned, &heap), "a misaligned pointer is noticed");
	heap_fini(&heap);
	return done();
}

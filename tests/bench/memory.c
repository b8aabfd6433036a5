/* SPDX-License-Identifier: BSD-2-Clause */
/* Making and mapping memory. */
#include "bench.h"

enum counted { COUNT_MAP, COUNT_UNMAP, COUNT_BOTH };

struct mapped_page {
	nx_vmo_t vmo;
	enum counted counted;
};

static uint64_t map_page(void *subject)
{
	const struct mapped_page *page = subject;
	struct nx_registers map = { { 0, page->vmo.handle, 0, NX_PAGE_SIZE,
				      NX_MAP_READ | NX_MAP_WRITE } };
	struct nx_registers unmap = { { 0, 0, NX_PAGE_SIZE } };
	struct bench_span mapping, unmapping;

	if (bench_trap(NX_SYS_map, &map, &mapping) != NX_OK)
		return BENCH_FAILED;
	unmap.a[1] = map.a[0];
	if (bench_trap(NX_SYS_unmap_protect, &unmap, &unmapping) != NX_OK)
		return BENCH_FAILED;
	switch (page->counted) {
	case COUNT_MAP:
		return mapping.to - mapping.from;
	case COUNT_UNMAP:
		return unmapping.to - unmapping.from;
	default: /* one pair of readings more */
		return mapping.to - mapping.from + unmapping.to -
		       unmapping.from - 1;
	}
}

static void map_4k(struct test *test)
{
	struct mapped_page page = { .vmo = new_vmo(NX_PAGE_SIZE) };

	bench_run(test, "kernel.map.page", map_page, &page);
	page.counted = COUNT_UNMAP;
	bench_run(test, "kernel.unmap.page", map_page, &page);
	page.counted = COUNT_BOTH;
	bench_run(test, "kernel.map_unmap.page", map_page, &page);
	nx_handle_close(page.vmo.handle);
}

/* With the stubs of the contract, as a program would do it. */
static uint64_t map_touch(nx_vmo_t vmo, uint64_t size_bytes, uint64_t step)
{
	nx_uaddr_t mapped =
		map_here(vmo, size_bytes, NX_MAP_READ | NX_MAP_WRITE);

	if (mapped == 0)
		return BENCH_FAILED;
	for (uint64_t i = 0; step != 0 && i < size_bytes; i += step)
		*(volatile char *)(uintptr_t)(mapped + i) = 1;
	return unmap_here(mapped, size_bytes) == NX_OK ? 0 : BENCH_FAILED;
}

static uint64_t new_page(void *subject)
{
	uint64_t from = bench_now(), to;
	nx_vmo_t vmo = new_vmo(NX_PAGE_SIZE);
	uint64_t status = map_touch(vmo, NX_PAGE_SIZE, NX_PAGE_SIZE);

	(void)subject;
	nx_handle_close(vmo.handle);
	to = bench_now();
	return status == 0 ? to - from : BENCH_FAILED;
}

static void new_4k(struct test *test)
{
	bench_run(test, "kernel.create_map_touch_page", new_page, NULL);
}

/* Inlined, so that the loop that is counted knows its sizes. */
static inline __attribute__((always_inline)) uint64_t
counted(const nx_vmo_t *vmo, uint64_t size_bytes, uint64_t step)
{
	uint64_t from = bench_now();
	uint64_t status = map_touch(*vmo, size_bytes, step);
	uint64_t to = bench_now();

	return status == 0 ? to - from : BENCH_FAILED;
}

#define LARGE_BYTES (UINT64_C(1) << 20)

static uint64_t map_large(void *subject)
{
	return counted(subject, LARGE_BYTES, LARGE_BYTES);
}

static uint64_t touch_large(void *subject)
{
	return counted(subject, LARGE_BYTES, NX_PAGE_SIZE);
}

static void map_1m(struct test *test)
{
	nx_vmo_t vmo = new_vmo(LARGE_BYTES);

	bench_run(test, "kernel.map_1m_touch_one", map_large, &vmo);
	bench_run(test, "kernel.map_1m_touch_all", touch_large, &vmo);
	nx_handle_close(vmo.handle);
}

#define LARGE_PAGE_BYTES (UINT64_C(2) << 20)

static uint64_t map_large_page(void *subject)
{
	return counted(subject, LARGE_PAGE_BYTES, LARGE_BYTES);
}

static void map_2m(struct test *test)
{
	nx_vmo_t vmo = { NX_HANDLE_NONE };

	nx_vmo_contiguous((nx_job_t){ 0 }, LARGE_PAGE_BYTES, &vmo);
	bench_run(test, "kernel.map_2m_contiguous", map_large_page, &vmo);
	nx_handle_close(vmo.handle);
}

struct copied_page {
	nx_vmo_t vmo;
	nx_uaddr_t mapped;
};

/* The store alone, with the fault and the copy. */
static uint64_t write_shared(void *subject)
{
	const struct copied_page *page = subject;
	nx_vmo_t copy = { NX_HANDLE_NONE };
	uint64_t from, to;

	if (nx_vmo_snapshot(page->vmo, 0, NX_PAGE_SIZE, &copy) != NX_OK)
		return BENCH_FAILED;
	from = bench_now();
	*(volatile char *)(uintptr_t)page->mapped = 1;
	to = bench_now();
	nx_handle_close(copy.handle);
	return to - from;
}

static void write_copy(struct test *test)
{
	struct copied_page page = { .vmo = new_vmo(NX_PAGE_SIZE) };

	page.mapped =
		map_here(page.vmo, NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE);
	bench_run(test, "kernel.write_shared_page", write_shared, &page);
	unmap_here(page.mapped, NX_PAGE_SIZE);
	nx_handle_close(page.vmo.handle);
}

const struct system_case system_cases[] = {
	{ "map 4k", map_4k },		{ "new 4k", new_4k },
	{ "map 1m", map_1m },		{ "map 2m", map_2m },
	{ "write shared", write_copy }, { NULL, NULL },
};

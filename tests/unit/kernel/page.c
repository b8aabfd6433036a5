/* SPDX-License-Identifier: BSD-2-Clause */
/* The page allocator against a table that says for each page who has it:
 * random traces, and that it finds a block whenever there is one. */
#include "fake.h"

#define STEPS 30000
#define BLOCKS_MAX 1024

struct block {
	paddr_t page;
	unsigned order;
	struct job *job;
};

static uint8_t taken[FAKE_RAM_PAGES]; /* 0 free, 1 taken, 2 never given */
static struct block blocks[BLOCKS_MAX];
static unsigned block_count;
static uint64_t free_pages;

static uint64_t number_of(paddr_t page)
{
	return (page - FAKE_RAM_BASE) / NX_PAGE_SIZE;
}

/* Is there an aligned block of this order all of which is free? */
static bool model_has(unsigned order)
{
	uint64_t count = UINT64_C(1) << order;
	uint64_t bytes = count * NX_PAGE_SIZE;
	paddr_t page = (FAKE_RAM_BASE + bytes - 1) & ~(bytes - 1);

	for (; page + bytes <= FAKE_RAM_BASE + sizeof(fake_ram);
	     page += bytes) {
		uint64_t i = 0;

		while (i < count && taken[number_of(page) + i] == 0)
			i++;
		if (i == count)
			return true;
	}
	return false;
}

/* Take what a block says in the model; false if any of it was taken. */
static bool model_take(const struct block *block)
{
	uint64_t count = UINT64_C(1) << block->order;
	const unsigned char *bytes = phys_to_virt(block->page);

	if (block->page % (count * NX_PAGE_SIZE) != 0)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (taken[number_of(block->page) + i] != 0)
			return false;
		taken[number_of(block->page) + i] = 1;
	}
	free_pages -= count;
	for (uint64_t i = 0; i < count * NX_PAGE_SIZE; i += 64)
		if (bytes[i] != 0)
			return false;
	return true;
}

static bool step_alloc(struct job *job)
{
	unsigned shape = (unsigned)fake_random(100);
	struct block block = { .job = job };
	uint64_t used = job->quotas[JOB_PAGES].used;
	nx_status_t status;

	block.order = shape < 60 ? shape % 3 : shape % (PAGE_ORDER_MAX + 1);
	if (block_count == BLOCKS_MAX)
		return true;
	status = page_alloc(job, block.order, &block.page);
	if (status == NX_OK) {
		blocks[block_count++] = block;
		memset(phys_to_virt(block.page), 0x5a,
		       NX_PAGE_SIZE << block.order);
		memset(phys_to_virt(block.page), 0,
		       NX_PAGE_SIZE << block.order);
		return model_take(&block) &&
		       job->quotas[JOB_PAGES].used ==
			       used + (UINT64_C(1) << block.order);
	}
	if (job->quotas[JOB_PAGES].used != used)
		return false;
	if (status == NX_ERR_QUOTA_PAGES)
		return used + (UINT64_C(1) << block.order) >
		       job->quotas[JOB_PAGES].max;
	return status == NX_ERR_NO_MEMORY && !model_has(block.order);
}

static void step_free(void)
{
	unsigned i = (unsigned)fake_random(block_count);
	struct block block = blocks[i];

	blocks[i] = blocks[--block_count];
	memset(phys_to_virt(block.page), 0xa5, NX_PAGE_SIZE << block.order);
	page_free(block.job, block.page, block.order);
	memset(&taken[number_of(block.page)], 0, UINT64_C(1) << block.order);
	free_pages += UINT64_C(1) << block.order;
}

static bool add_range(const uint64_t *range)
{
	return page_add_range(FAKE_RAM_BASE + range[0] * NX_PAGE_SIZE,
			      range[1] * NX_PAGE_SIZE);
}

/* Three ranges with holes; the first is too small for the metadata. */
static void boot_with_holes(void)
{
	static const uint64_t ranges[][2] = { { 0, 7 },
					      { 20, 900 },
					      { 1000, 2000 } };

	fake_boot(1);
	page_init(FAKE_RAM_BASE, FAKE_RAM_BASE + sizeof(fake_ram));
	memset(taken, 2, sizeof(taken));
	ok(!add_range(ranges[0]), "no metadata where there is no room for it");
	for (unsigned r = 0; r < ARRAY_COUNT(ranges); r++)
		memset(&taken[ranges[r][0]], 0, ranges[r][1]);
	ok(add_range(ranges[1]) && add_range(ranges[2]) && add_range(ranges[0]),
	   "behind that there is for any range");
	/* The metadata: 16 bytes for each page from the aligned base on. */
	free_pages = 7 + 900 + 2000 - 12;
	memset(&taken[20], 2, 12);
	job_boot();
}

static void trace(uint64_t seed)
{
	unsigned step = 0;
	bool agrees = true;

	boot_with_holes();
	fake_seed = seed;
	block_count = 0;
	is_u64(page_free_count(), free_pages, "ranges less metadata are free");
	is_u64(page_total_count(), free_pages, "and counted as the total");

	struct job *jobs[2] = { root_job, fake_job(root_job, 600, 0) };
	free_pages = page_free_count(); /* the job's cell took one */
	taken[number_of(virt_to_phys(jobs[1]))] = 1;
	for (; step < STEPS && agrees; step++) {
		if (block_count == 0 || fake_random(100) < 55)
			agrees = step_alloc(jobs[fake_random(2)]);
		else
			step_free();
		agrees = agrees && page_free_count() == free_pages;
	}
	ok(agrees, "%u random steps agree with the table", STEPS);
	if (!agrees)
		diag("seed %llu step %u", (unsigned long long)seed, step);
	while (block_count > 0)
		step_free();
	is_u64(jobs[1]->quotas[JOB_PAGES].used, 0, "all charges came back");
	object_unref(&jobs[1]->object);
	ok(fake_is_empty(), "all pages came back");
	is_u64(page_free_count(), page_total_count(), "none is missing");
}

static void whole_blocks(void)
{
	unsigned count = 0;
	paddr_t page;

	while (page_alloc(root_job, PAGE_ORDER_MAX, &page) == NX_OK)
		count++;
	is_u64(count, 1, "freed pages have joined to the largest block");
	is_i64(page_alloc(root_job, PAGE_ORDER_MAX, &page), NX_ERR_NO_MEMORY,
	       "a second one does not exist: NO_MEMORY");
	page_free(root_job, page, PAGE_ORDER_MAX);
}

static void tags(void)
{
	paddr_t page;

	page_alloc(root_job, 0, &page);
	page_set_tag(page, 0x1234567890abcdef);
	ok(page_get_tag(page) == 0x1234567890abcdef, "a page keeps its tag");
	page_free(root_job, page, 0);
	page_alloc(root_job, 0, &page);
	is_u64(page_get_tag(page), 0, "a new holder does not see the tag");
	page_free(root_job, page, 0);
}

static void early(void)
{
	paddr_t page;

	fake_boot(1);
	is_i64(page_alloc(NULL, 2, &page), NX_OK,
	       "the kernel itself takes pages without a job");
	is_u64(root_job->quotas[JOB_PAGES].used, 0, "which nobody pays for");
	page_free(NULL, page, 2);
	is_u64(page_free_count(), page_total_count(), "and gives them back");
}

int main(void)
{
	plan(0);
	for (uint64_t seed = 1; seed <= 4; seed++)
		trace(seed * 7919);
	whole_blocks();
	tags();
	early();
	return done();
}

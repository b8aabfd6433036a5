/* SPDX-License-Identifier: BSD-2-Clause */
/* Slabs: cells are zeroed, never overlap, never share a page between jobs,
 * and no page is left when all are freed. */
#include "fake.h"

#include <kernel/slab.h>

#define CELLS_MAX 600
#define STEPS 60000
#define JOBS 3

struct cell {
	unsigned char *bytes;
	size_t size_bytes;
	unsigned job;
	unsigned char pattern;
};

static struct cell cells[CELLS_MAX];
static unsigned cell_count;
static struct job *jobs[JOBS];
static uint8_t page_owner[FAKE_RAM_PAGES]; /* job + 1 */
static unsigned page_cells[FAKE_RAM_PAGES];

static bool all_are(const unsigned char *bytes, size_t size_bytes,
		    unsigned char value)
{
	for (size_t i = 0; i < size_bytes; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static bool step_alloc(void)
{
	struct cell *cell = &cells[cell_count];
	uint64_t page;
	void *bytes;
	nx_status_t status;

	cell->job = (unsigned)fake_random(JOBS);
	cell->size_bytes = 1 + fake_random(SLAB_SIZE_MAX);
	if (fake_random(2) == 0)
		cell->size_bytes = 1 + fake_random(130);
	status = slab_alloc(jobs[cell->job], cell->size_bytes, &bytes);
	if (status == NX_ERR_QUOTA_PAGES)
		return jobs[cell->job]->quotas[JOB_PAGES].used ==
		       jobs[cell->job]->quotas[JOB_PAGES].max;
	if (status != NX_OK)
		return false;
	cell->bytes = bytes;
	cell->pattern = (unsigned char)(1 + fake_random(255));
	if (!all_are(cell->bytes, cell->size_bytes, 0))
		return false;
	memset(cell->bytes, cell->pattern, cell->size_bytes);
	page = (virt_to_phys(bytes) - FAKE_RAM_BASE) / NX_PAGE_SIZE;
	if (page_cells[page] != 0 && page_owner[page] != cell->job + 1)
		return false;
	page_owner[page] = (uint8_t)(cell->job + 1);
	page_cells[page]++;
	cell_count++;
	return true;
}

static bool step_free(void)
{
	unsigned i = (unsigned)fake_random(cell_count);
	struct cell cell = cells[i];
	bool kept = all_are(cell.bytes, cell.size_bytes, cell.pattern);

	page_cells[(virt_to_phys(cell.bytes) - FAKE_RAM_BASE) / NX_PAGE_SIZE]--;
	slab_free(jobs[cell.job], cell.bytes, cell.size_bytes);
	cells[i] = cells[--cell_count];
	return kept;
}

static bool pages_are_exact(void)
{
	uint64_t used[JOBS] = { 0 };

	for (unsigned p = 0; p < FAKE_RAM_PAGES; p++)
		if (page_cells[p] > 0)
			used[page_owner[p] - 1]++;
	for (unsigned j = 0; j < JOBS; j++)
		if (jobs[j]->quotas[JOB_PAGES].used != used[j])
			return false;
	return true;
}

static void trace(void)
{
	bool agrees = true;
	unsigned step;

	for (step = 0; step < STEPS && agrees; step++) {
		bool grow = fake_random(CELLS_MAX) >= cell_count;

		agrees = grow ? step_alloc() : cell_count == 0 || step_free();
		if (step % 64 == 0)
			agrees = agrees && pages_are_exact();
	}
	ok(agrees, "%u steps: zeroed, kept apart, paid by their job alone",
	   STEPS);
	if (!agrees)
		diag("step %u", step);
	agrees = true;
	while (cell_count > 0)
		agrees = step_free() && agrees;
	ok(agrees, "all cells kept what was written");
	for (unsigned j = 0; j < JOBS; j++)
		is_u64(jobs[j]->quotas[JOB_PAGES].used, 0,
		       "job %u holds no page after its last cell", j);
}

static void classes(struct job *job)
{
	static const unsigned per_page[SLAB_CLASSES] = { 64, 32, 16, 8, 4, 2 };

	for (unsigned class = 0; class < SLAB_CLASSES; class ++) {
		void *held[65];
		unsigned count = 0;

		do
			slab_alloc(job, (size_t)SLAB_SIZE_MIN << class,
				   &held[count++]);
		while (job->quotas[JOB_PAGES].used == 1);
		is_u64(count - 1, per_page[class],
		       "a page is %u cells of %u bytes", per_page[class],
		       SLAB_SIZE_MIN << class);
		while (count-- > 0)
			slab_free(job, held[count],
				  (size_t)SLAB_SIZE_MIN << class);
	}
	slab_free(job, NULL, 64);
	is_u64(job->quotas[JOB_PAGES].used, 0, "freeing NULL is fine");
}

int main(void)
{
	void *cell = &cell;
	struct job *none;

	plan(0);
	fake_boot(4711);
	for (unsigned j = 0; j < JOBS; j++)
		jobs[j] = fake_job(root_job, 40 + 30 * j, 0);
	trace();
	classes(jobs[0]);
	none = fake_job(root_job, 0, 0);
	is_i64(slab_alloc(none, 64, &cell), NX_ERR_QUOTA_PAGES,
	       "a job without pages gets QUOTA_PAGES");
	ok(cell == &cell, "and the output is untouched");
	object_unref(&none->object);
	for (unsigned j = 0; j < JOBS; j++)
		object_unref(&jobs[j]->object);
	ok(fake_is_empty(), "nothing is left");
	return done();
}

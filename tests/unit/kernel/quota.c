/* SPDX-License-Identifier: BSD-2-Clause */
/* Quotas exhausted at every point where something is charged: each call is
 * made in a job that may use 0, 1, 2, ... of a resource until it works.
 * Each refusal names the resource and leaves every count as it was. The
 * same with a machine that runs out of pages while the quota would do. */
#include "fake.h"

struct scene {
	struct process *self;
	struct job *job;
	nx_handle_t vmo, child, child_job;
};

static struct scene scene;

/* What a call may not change when it fails. */
struct counts {
	uint64_t objects, handles, mappings, free_pages;
	uint64_t used[JOB_RESOURCES], root_used[JOB_RESOURCES];
	uint32_t reserved;
};

static struct counts counts_now(void)
{
	struct counts counts;

	memset(&counts, 0, sizeof(counts)); /* compared as bytes */
	counts.objects = counters[NX_COUNTER_OBJECTS];
	counts.handles = counters[NX_COUNTER_HANDLES];
	counts.mappings = counters[NX_COUNTER_MAPPINGS];
	counts.free_pages = page_free_count();
	for (unsigned r = 0; r < JOB_RESOURCES; r++) {
		counts.used[r] = scene.job->quotas[r].used;
		counts.root_used[r] = root_job->quotas[r].used;
	}
	counts.reserved = scene.self->handles.reserved_count;
	return counts;
}

/* A process in a job of its own, whose table is full to the last slot of
 * its page, so that the next handle needs a page. */
static void scene_start(void)
{
	struct process *child;
	struct job *inner;
	nx_handle_t number;

	fake_boot(5);
	scene.job = fake_job(root_job, 1500, 300);
	scene.self = fake_thread.process = fake_process(scene.job, 1);
	sys_vmo_create(NX_HANDLE_NONE, 8 * NX_PAGE_SIZE, &scene.vmo);
	inner = fake_job(root_job, 300, 100);
	child = fake_process(inner, 2);
	child->state = NX_PROCESS_NEW;
	handle_install_new(&scene.self->handles, &child->object, &scene.child);
	handle_install_new(&scene.self->handles, &scene.job->object,
			   &scene.child_job);
	object_unref(&child->object);
	object_unref(&inner->object);
	while (scene.self->handles.free_count > 0)
		sys_handle_dup(scene.vmo, 0, 0, NX_HANDLE_NONE, &number);
}

static void scene_stop(void)
{
	process_end(scene.self, NX_PROCESS_EXITED, 0);
	object_unref(&scene.self->object);
	object_unref(&scene.job->object);
}

static nx_status_t do_dup(void)
{
	nx_handle_t out;

	return sys_handle_dup(scene.vmo, NX_RIGHTS_SAME, 0, NX_HANDLE_NONE,
			      &out);
}

static nx_status_t do_vmo_create(void)
{
	nx_handle_t out;

	return sys_vmo_create(NX_HANDLE_NONE, 20 * NX_PAGE_SIZE, &out);
}

static nx_status_t do_vmo_create_large(void)
{
	nx_handle_t out;

	return sys_vmo_create(NX_HANDLE_NONE, 700 * NX_PAGE_SIZE, &out);
}

static nx_status_t do_vmo_slice(void)
{
	nx_handle_t out;

	return sys_vmo_slice(scene.vmo, NX_PAGE_SIZE, 99, &out);
}

static nx_status_t do_vmo_contiguous(void)
{
	nx_handle_t out;

	return sys_vmo_contiguous(NX_HANDLE_NONE, 5 * NX_PAGE_SIZE, &out);
}

static nx_status_t do_vmo_snapshot(void)
{
	nx_handle_t out;

	return sys_vmo_snapshot(scene.vmo, 0, 8 * NX_PAGE_SIZE, &out);
}

static nx_status_t do_vmo_resize(void)
{
	return sys_vmo_resize(scene.vmo, 700 * NX_PAGE_SIZE);
}

static nx_status_t do_map(void)
{
	nx_uaddr_t at;

	return sys_map(NX_HANDLE_NONE, scene.vmo, 0, 8 * NX_PAGE_SIZE,
		       NX_MAP_READ | NX_MAP_WRITE, 0, &at);
}

/* Across two page tables: the second may fail when the first is there. */
static nx_status_t do_map_across(void)
{
	nx_uaddr_t at;

	return sys_map(NX_HANDLE_NONE, scene.vmo, 0, 8 * NX_PAGE_SIZE,
		       NX_MAP_READ | NX_MAP_FIXED,
		       (2 * FAKE_TABLE_PAGES - 4) * NX_PAGE_SIZE, &at);
}

static nx_status_t do_job_create(void)
{
	nx_handle_t out;

	return sys_job_create(scene.child_job, 3, 2, 0, &out);
}

static nx_status_t do_process_create(void)
{
	struct process *process;
	nx_status_t status;
	nx_handle_t out;
	const uint64_t name[2] = { 0, 0 };

	status = process_create(scene.job, 9, name, &process);
	if (status != NX_OK)
		return status;
	status = handle_install_new(&scene.self->handles, &process->object,
				    &out);
	object_unref(&process->object);
	return status;
}

static nx_status_t do_reserve_four(void)
{
	nx_status_t status = handle_reserve(&scene.self->handles, 4);

	if (status == NX_OK)
		handle_unreserve(&scene.self->handles, 4);
	return status;
}

static const struct {
	const char *name;
	nx_status_t (*act)(void);
	unsigned pages; /* refusals before it works */
	unsigned handles;
} rows[] = {
	/* a page of slots */
	{ "handle_dup", do_dup, 1, 1 },
	/* 20 pages, a page of slots */
	{ "vmo_create", do_vmo_create, 21, 1 },
	/* 700 pages, a leaf that is a page, a page of slots */
	{ "vmo_create of two leaves", do_vmo_create_large, 702, 1 },
	{ "vmo_slice", do_vmo_slice, 1, 1 },
	/* 5 pages, a page of slots */
	{ "vmo_contiguous", do_vmo_contiguous, 6, 1 },
	{ "vmo_snapshot", do_vmo_snapshot, 9, 1 },
	/* 692 pages, two tables for lists, one that was there is kept */
	{ "vmo_resize", do_vmo_resize, 694, 0 },
	/* the record and a table */
	{ "map", do_map, 2, 0 },
	{ "map across two tables", do_map_across, 3, 0 },
	/* cell of the job, its part, a page of slots */
	{ "job_create", do_job_create, 5, 3 },
	{ "process_create", do_process_create, 2, 1 },
	{ "handle_reserve", do_reserve_four, 1, 4 },
};

/* Let the job use `allowed` more of a resource than it does; the rest is
 * hidden, and given back before it ends. */
static nx_status_t act_with(unsigned row, enum job_resource resource,
			    uint64_t allowed, bool *out_exact)
{
	struct quota *quota;
	struct counts before, after;
	uint64_t max;
	nx_status_t status;

	scene_start();
	quota = &scene.job->quotas[resource];
	max = quota->max;
	quota->max = quota->used + allowed;
	before = counts_now();
	status = rows[row].act();
	after = counts_now();
	quota->max = max;
	*out_exact =
		status == NX_OK || memcmp(&before, &after, sizeof(before)) == 0;
	scene_stop();
	*out_exact = fake_is_empty() && *out_exact;
	return status;
}

static void climb(unsigned row, enum job_resource resource, const char *what,
		  nx_status_t wanted, unsigned refusals)
{
	nx_status_t status = wanted;
	bool all_exact = true;
	uint64_t allowed = 0, step = refusals > 100 ? 37 : 1;

	while (status == wanted && all_exact && allowed <= refusals) {
		/* Large ones in strides, but each of the last steps. */
		status = act_with(row, resource, allowed, &all_exact);
		if (status != wanted)
			break;
		allowed += allowed + step < refusals ? step : 1;
	}
	ok(all_exact && status == NX_OK, "%s: %s refusals leave nothing behind",
	   rows[row].name, what);
	is_u64(allowed, refusals, "%s needs so many %s", rows[row].name, what);
}

/* Pages of the machine run out: all but `left` are taken. */
static nx_status_t act_in_need(unsigned row, uint64_t left, bool *out_exact)
{
	static paddr_t taken[FAKE_RAM_PAGES];
	unsigned count = 0;
	struct counts before, after;
	nx_status_t status;

	scene_start();
	while (page_free_count() > left)
		page_alloc(NULL, 0, &taken[count++]);
	before = counts_now();
	status = rows[row].act();
	after = counts_now();
	while (count > 0)
		page_free(NULL, taken[--count], 0);
	*out_exact =
		status == NX_OK || memcmp(&before, &after, sizeof(before)) == 0;
	scene_stop();
	*out_exact = fake_is_empty() && *out_exact;
	return status;
}

static void starve(unsigned row)
{
	nx_status_t status = NX_ERR_NO_MEMORY;
	bool exact = true;
	uint64_t left = 0, last = rows[row].pages;

	if (rows[row].act == do_job_create)
		last -= 3; /* a part is no page yet */
	for (; exact && left <= last && status == NX_ERR_NO_MEMORY;
	     left += left + 37 < last ? (last > 100 ? 37 : 1) : 1)
		status = act_in_need(row, left, &exact);
	ok(exact && status == NX_OK && left == last + 1,
	   "%s: NO_MEMORY leaves nothing behind", rows[row].name);
}

int main(void)
{
	plan(0);
	for (unsigned row = 0; row < ARRAY_COUNT(rows); row++) {
		climb(row, JOB_PAGES, "pages", NX_ERR_QUOTA_PAGES,
		      rows[row].pages);
		if (rows[row].handles > 0)
			climb(row, JOB_HANDLES, "handles", NX_ERR_QUOTA_HANDLES,
			      rows[row].handles);
		/* A run may be missing before memory is. */
		if (rows[row].act != do_vmo_contiguous)
			starve(row);
	}
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is shared until it is written, that grows, shrinks, goes and
 * comes again, against arrays of numbers: after each step every page of every
 * VMO, and of every mapping, has the content it must have, nobody can write a
 * page that is also somebody else's, and each job pays for exactly the pages
 * it has. */
#include "fake.h"

#define VMOS_MAX 12
#define PAGES_MAX 24
#define MAPPINGS_MAX 16
#define STEPS 20000
#define ABSENT UINT64_MAX

struct shadow {
	struct vmo *vmo; /* NULL: free */
	struct shadow *root;
	uint64_t first; /* in the root */
	uint64_t count;
	uint64_t words[PAGES_MAX]; /* of a root */
};

struct view {
	struct shadow *of; /* NULL: free */
	struct process *process;
	uint64_t first; /* in the VMO */
	uint64_t count;
	nx_uaddr_t address;
	uint32_t access;
};

static struct shadow shadows[VMOS_MAX];
static struct view views[MAPPINGS_MAX];
static struct process *processes[2];
static struct job *jobs[2];
static uint64_t next_word;

static struct shadow *any(void)
{
	struct shadow *shadow = &shadows[fake_random(VMOS_MAX)];

	return shadow->vmo != NULL ? shadow : NULL;
}

static struct shadow *room(void)
{
	for (unsigned i = 0; i < VMOS_MAX; i++)
		if (shadows[i].vmo == NULL && shadows[i].root == NULL)
			return &shadows[i];
	return NULL;
}

static uint64_t *word(const struct shadow *shadow, uint64_t page)
{
	return &shadow->root->words[shadow->first + page];
}

static struct window *window_of(const struct view *view)
{
	return view->process->space.arch.window;
}

static uint64_t *page_words(paddr_t page)
{
	return phys_to_virt(page);
}

/* The last word, since the first ones of a page that waits are in use. */
static uint64_t *content(paddr_t page)
{
	return page_words(page) + NX_PAGE_SIZE / sizeof(uint64_t) - 1;
}

static bool shadow_holds(const struct shadow *shadow)
{
	for (uint64_t i = 0; i < shadow->count; i++) {
		uint64_t wanted = *word(shadow, i);
		paddr_t page = vmo_page(shadow->vmo, i);

		if (wanted == ABSENT ? page != 0
				     : page == 0 || *content(page) != wanted ||
					       *page_words(page) != wanted)
			return false;
	}
	return shadow->vmo->size_bytes == shadow->count * NX_PAGE_SIZE;
}

static bool view_holds(const struct view *view)
{
	const struct window *window = window_of(view);
	uint64_t at = fake_page_number(view->address);

	for (uint64_t i = 0; i < view->count; i++) {
		struct page_run run = vmo_run(view->of->vmo, view->first + i);
		paddr_t page = run.pages ? run.pages[0] : run.base;

		if (window->pages[at + i] != page ||
		    (window->access[at + i] & ~view->access) != 0 ||
		    (run.shared &&
		     (window->access[at + i] & NX_MAP_WRITE) != 0) ||
		    *content(page) != *word(view->of, view->first + i))
			return false;
	}
	return true;
}

static bool jobs_hold(void)
{
	uint64_t sum = root_job->quotas[JOB_PAGES].used;

	for (unsigned i = 0; i < 2; i++) {
		const struct quota *pages = &jobs[i]->quotas[JOB_PAGES];

		if (pages->used != page_count_of(jobs[i]))
			return false;
		sum += pages->used - pages->max;
	}
	return sum == page_total_count() - page_free_count();
}

static bool holds(void)
{
	for (unsigned i = 0; i < VMOS_MAX; i++)
		if (shadows[i].vmo != NULL && !shadow_holds(&shadows[i])) {
			diag("VMO %u", i);
			return false;
		}
	for (unsigned i = 0; i < MAPPINGS_MAX; i++)
		if (views[i].of != NULL && !view_holds(&views[i])) {
			diag("mapping %u", i);
			return false;
		}
	return jobs_hold();
}

static void adopt(struct shadow *shadow, struct vmo *vmo, uint64_t count)
{
	shadow->vmo = vmo;
	shadow->root = shadow;
	shadow->first = 0;
	shadow->count = count;
	memset(shadow->words, 0, sizeof(shadow->words));
}

static void step_create(void)
{
	struct shadow *shadow = room();
	uint64_t count = 1 + fake_random(PAGES_MAX);
	enum vmo_type type = fake_random(4) == 0 ? VMO_CONTIGUOUS : VMO_PLAIN;
	struct vmo *vmo;

	if (shadow == NULL || vmo_begin(jobs[fake_random(2)], type,
					count * NX_PAGE_SIZE, &vmo) != NX_OK)
		return;
	if (vmo_fill(vmo, count) == NX_OK)
		adopt(shadow, vmo, count);
	else
		object_unref(&vmo->object);
}

/* Room for a part of some VMO, which is *source; NULL: there is none. */
static struct shadow *room_for_part(struct shadow **source, uint64_t *first,
				    uint64_t *count)
{
	struct shadow *shadow = room();

	*source = any();
	if (shadow == NULL || *source == NULL)
		return NULL;
	*first = fake_random((*source)->count);
	*count = 1 + fake_random((*source)->count - *first);
	return shadow;
}

static void step_snapshot(void)
{
	uint64_t first, count;
	struct shadow *source, *shadow = room_for_part(&source, &first, &count);
	struct vmo *vmo;

	if (shadow == NULL ||
	    vmo_snapshot_begin(jobs[fake_random(2)], source->vmo,
			       first * NX_PAGE_SIZE, count * NX_PAGE_SIZE,
			       &vmo) != NX_OK)
		return;
	if (vmo_snapshot_more(vmo) != NX_OK) {
		object_unref(&vmo->object);
		return;
	}
	adopt(shadow, vmo, count);
	for (uint64_t i = 0; i < count; i++)
		shadow->words[i] = *word(source, first + i);
}

static void step_slice(void)
{
	uint64_t first, count;
	struct shadow *source, *shadow = room_for_part(&source, &first, &count);

	if (shadow == NULL ||
	    vmo_create_slice(jobs[fake_random(2)], source->vmo,
			     first * NX_PAGE_SIZE, count * NX_PAGE_SIZE,
			     &shadow->vmo) != NX_OK)
		return;
	shadow->root = source->root;
	shadow->first = source->first + first;
	shadow->count = count;
}

/* Somebody else may still refer to its words. */
static void step_close(void)
{
	struct shadow *shadow = any();

	if (shadow == NULL)
		return;
	for (unsigned i = 0; i < MAPPINGS_MAX; i++)
		if (views[i].of == shadow)
			return;
	for (unsigned i = 0; i < VMOS_MAX; i++)
		if (&shadows[i] != shadow && shadows[i].root == shadow)
			return;
	object_unref(&shadow->vmo->object);
	shadow->vmo = NULL;
	shadow->root = NULL;
}

static void fill(paddr_t page, uint64_t value)
{
	for (unsigned i = 0; i < NX_PAGE_SIZE / sizeof(uint64_t); i++)
		page_words(page)[i] = value;
}

static void step_write(void)
{
	struct shadow *shadow = any();
	uint64_t page;

	if (shadow == NULL)
		return;
	page = fake_random(shadow->count);
	if (*word(shadow, page) == ABSENT)
		return;
	fill(vmo_own_page(shadow->vmo, page), ++next_word);
	*word(shadow, page) = next_word;
}

/* As a program, which may fault first. */
static bool step_store(void)
{
	struct view *view = &views[fake_random(MAPPINGS_MAX)];
	uint64_t page, at;
	nx_uaddr_t address;

	if (view->of == NULL)
		return true;
	page = fake_random(view->count);
	address = view->address + page * NX_PAGE_SIZE;
	at = fake_page_number(address);
	if ((window_of(view)->access[at] & NX_MAP_WRITE) == 0 &&
	    space_write_fault(&view->process->space, address + 8) !=
		    ((view->access & NX_MAP_WRITE) != 0))
		return false;
	if ((view->access & NX_MAP_WRITE) == 0)
		return true;
	if ((window_of(view)->access[at] & NX_MAP_WRITE) == 0)
		return false;
	fill(window_of(view)->pages[at], ++next_word);
	*word(view->of, view->first + page) = next_word;
	return true;
}

static bool any_absent(const struct shadow *shadow, uint64_t first,
		       uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (*word(shadow, first + i) == ABSENT)
			return true;
	return false;
}

static bool step_map(void)
{
	struct view *view = &views[fake_random(MAPPINGS_MAX)];
	struct shadow *shadow = any();
	nx_status_t status;

	if (view->of != NULL) {
		bool cut = fake_random(4) == 0;

		if (cut)
			view->access = NX_MAP_READ;
		status = space_protect(&view->process->space, view->address,
				       view->count * NX_PAGE_SIZE,
				       cut ? NX_MAP_READ : 0);
		if (!cut)
			view->of = NULL;
		return status == NX_OK;
	}
	if (shadow == NULL)
		return true;
	view->process = processes[fake_random(2)];
	view->first = fake_random(shadow->count);
	view->count = 1 + fake_random(shadow->count - view->first);
	view->access = NX_MAP_READ | (fake_random(2) ? NX_MAP_WRITE : 0);
	status = space_map(&view->process->space, shadow->vmo, NULL,
			   view->first * NX_PAGE_SIZE,
			   view->count * NX_PAGE_SIZE, view->access, 0,
			   &view->address);
	if (status == NX_OK)
		view->of = shadow;
	return status != NX_ERR_BAD_STATE
		       ? status != NX_OK ||
				 !any_absent(shadow, view->first, view->count)
		       : any_absent(shadow, view->first, view->count);
}

static bool is_viewed(const struct shadow *root, uint64_t first, uint64_t count)
{
	for (unsigned i = 0; i < MAPPINGS_MAX; i++) {
		const struct view *view = &views[i];

		if (view->of != NULL && view->of->root == root &&
		    view->of->first + view->first < first + count &&
		    first < view->of->first + view->first + view->count)
			return true;
	}
	return false;
}

static bool has_parts(const struct shadow *root)
{
	for (unsigned i = 0; i < VMOS_MAX; i++)
		if (shadows[i].vmo != NULL && shadows[i].root == root &&
		    &shadows[i] != root)
			return true;
	return false;
}

static nx_status_t resize(struct vmo *vmo, uint64_t size_bytes)
{
	bool is_reserved = false;
	nx_status_t status = vmo_object_resize(vmo, size_bytes, &is_reserved);

	if (is_reserved)
		vmo_reserve_end(vmo);
	return status;
}

static bool step_resize(void)
{
	struct shadow *shadow = any();
	uint64_t count = 1 + fake_random(PAGES_MAX);
	nx_status_t status, wanted = NX_OK;

	if (shadow == NULL)
		return true;
	status = resize(shadow->vmo, count * NX_PAGE_SIZE);
	if (shadow->vmo->type != VMO_PLAIN)
		wanted = NX_ERR_BAD_STATE;
	else if (count < shadow->count &&
		 (has_parts(shadow) ||
		  is_viewed(shadow, count, shadow->count - count)))
		wanted = NX_ERR_BUSY;
	if (status == NX_ERR_QUOTA_PAGES && count > shadow->count)
		return wanted == NX_OK;
	if (status == NX_OK) {
		for (uint64_t i = shadow->count; i < count; i++)
			shadow->words[i] = 0;
		shadow->count = count;
	}
	return status == wanted;
}

static bool step_commit(void)
{
	struct shadow *shadow = any();
	bool give = fake_random(2) == 0;
	uint64_t first, count, offset, size;
	nx_status_t status, wanted = NX_OK;

	if (shadow == NULL)
		return true;
	first = fake_random(shadow->count);
	count = 1 + fake_random(shadow->count - first);
	offset = first * NX_PAGE_SIZE;
	size = count * NX_PAGE_SIZE;
	if (give) {
		status = vmo_object_decommit(shadow->vmo, &offset, &size);
		if (is_viewed(shadow->root, shadow->first + first, count))
			wanted = NX_ERR_BUSY;
	} else {
		bool is_reserved = false;

		status = vmo_object_commit(shadow->vmo, &offset, &size,
					   &is_reserved);
		if (status == NX_ERR_QUOTA_PAGES)
			return any_absent(shadow->root, 0, shadow->root->count);
		if (is_reserved)
			vmo_reserve_end(shadow->vmo);
	}
	if (shadow->root->vmo->type != VMO_PLAIN)
		wanted = NX_ERR_BAD_STATE;
	for (uint64_t i = 0; i < count && status == NX_OK; i++)
		if (give)
			*word(shadow, first + i) = ABSENT;
		else if (*word(shadow, first + i) == ABSENT)
			*word(shadow, first + i) = 0;
	return status == wanted;
}

static bool step(void)
{
	switch (fake_random(12)) {
	case 0:
		step_create();
		return true;
	case 1:
	case 2:
		step_snapshot();
		return true;
	case 3:
		step_slice();
		return true;
	case 4:
		step_close();
		return true;
	case 5:
		step_write();
		return true;
	case 6:
	case 7:
		return step_store();
	case 8:
		return step_resize();
	case 9:
		return step_commit();
	default:
		return step_map();
	}
}

static void finish(void)
{
	for (unsigned i = 0; i < 2; i++) {
		process_end(processes[i], NX_PROCESS_EXITED, 0);
		object_unref(&processes[i]->object);
	}
	for (unsigned i = 0; i < VMOS_MAX; i++)
		if (shadows[i].vmo != NULL)
			object_unref(&shadows[i].vmo->object);
	for (unsigned i = 0; i < 2; i++)
		object_unref(&jobs[i]->object);
}

static void random_steps(uint64_t seed)
{
	unsigned i;

	fake_boot(seed);
	memset(shadows, 0, sizeof(shadows));
	memset(views, 0, sizeof(views));
	next_word = 0;
	for (i = 0; i < 2; i++) {
		jobs[i] = fake_job(root_job, 110, 4);
		processes[i] = fake_process(root_job, i + 1);
	}
	for (i = 0; i < STEPS; i++) {
		if (!step()) {
			diag("seed %llu: step %u has another status",
			     (unsigned long long)seed, i);
			break;
		}
		if (!holds()) {
			diag("seed %llu: after step %u",
			     (unsigned long long)seed, i);
			break;
		}
	}
	is_u64(i, STEPS, "seed %llu: content, access and payers agree",
	       (unsigned long long)seed);
	ok(counters[NX_COUNTER_PAGES_COPIED] > 100, "%llu pages were copied",
	   (unsigned long long)counters[NX_COUNTER_PAGES_COPIED]);
	counters[NX_COUNTER_PAGES_COPIED] = 0;
	finish();
	ok(fake_is_empty(), "nothing is left");
}

/* One write costs one copy, however many snapshots of snapshots there are,
 * and whoever dies first. */
static void chain(void)
{
	enum { LENGTH = 200 };
	static struct vmo *vmos[LENGTH];
	bool same = true;

	fake_boot(3);
	vmo_create(root_job, NX_PAGE_SIZE, &vmos[0]);
	fill(vmo_page(vmos[0], 0), 77);
	for (unsigned i = 1; i < LENGTH; i++) {
		vmo_snapshot_begin(root_job, vmos[i - 1], 0, NX_PAGE_SIZE,
				   &vmos[i]);
		vmo_snapshot_more(vmos[i]);
	}
	counters[NX_COUNTER_PAGES_COPIED] = 0;
	fill(vmo_own_page(vmos[0], 0), 1);
	is_u64(counters[NX_COUNTER_PAGES_COPIED], 1,
	       "the first of 200 is written: one copy");
	for (unsigned i = 1; i < LENGTH; i++)
		same = same && *content(vmo_page(vmos[i], 0)) == 77;
	ok(same, "of all others nobody notices");
	for (unsigned i = 0; i + 1 < LENGTH; i++)
		object_unref(&vmos[i]->object);
	is_u64(counters[NX_COUNTER_PAGES_COPIED], 1,
	       "199 of them die: no copy");
	is_u64(*content(vmo_page(vmos[LENGTH - 1], 0)), 77,
	       "the last one has the content");
	ok(!shared_is(*page_list_entry(&vmos[LENGTH - 1]->memory.pages, 0)),
	   "and alone");
	object_unref(&vmos[LENGTH - 1]->object);
	ok(fake_is_empty(), "nothing is left");
}

static void payers(void)
{
	struct vmo *vmo, *snapshot;

	fake_boot(4);
	for (unsigned i = 0; i < 2; i++)
		jobs[i] = fake_job(root_job, 20, 4);
	vmo_create(jobs[0], 4 * NX_PAGE_SIZE, &vmo);
	vmo_snapshot_begin(jobs[1], vmo, 0, 4 * NX_PAGE_SIZE, &snapshot);
	vmo_snapshot_more(snapshot);
	ok(jobs[1]->quotas[JOB_PAGES].used >= 4,
	   "a snapshot pays for its pages at once");
	fill(vmo_own_page(vmo, 1), 5);
	fill(vmo_own_page(snapshot, 2), 6);
	ok(jobs_hold(), "whoever writes, each pays for what it has");
	object_unref(&vmo->object);
	is_u64(jobs[0]->quotas[JOB_PAGES].used, 0,
	       "the end of the source gives exactly its pages back");
	is_u64(page_count_of(jobs[0]), 0, "and none of it is left");
	ok(jobs_hold(), "the snapshot keeps its own");
	object_unref(&snapshot->object);
	object_unref(&jobs[0]->object);
	object_unref(&jobs[1]->object);
	ok(fake_is_empty(), "nothing is left");
}

static void snapshots_refused(void)
{
	struct process *process;
	nx_uaddr_t address;
	struct vmo *vmo, *snapshot = NULL;
	unsigned mapped = 0;

	fake_boot(5);
	process = fake_process(root_job, 1);
	vmo_create(root_job, 2 * NX_PAGE_SIZE, &vmo);
	is_i64(vmo_snapshot_begin(root_job, vmo, 1, 1, &snapshot),
	       NX_ERR_INVALID_ARGS, "an offset inside a page");
	is_i64(vmo_snapshot_begin(root_job, vmo, 3 * NX_PAGE_SIZE, 0,
				  &snapshot),
	       NX_ERR_INVALID_ARGS, "no size, wherever");
	is_i64(vmo_snapshot_begin(root_job, vmo, 0, UINT64_MAX, &snapshot),
	       NX_ERR_OUT_OF_RANGE, "a size that wraps");
	is_i64(vmo_snapshot_begin(root_job, vmo, 2 * NX_PAGE_SIZE, 1,
				  &snapshot),
	       NX_ERR_OUT_OF_RANGE, "behind the end");
	vmo->pin_count = 1;
	is_i64(vmo_snapshot_begin(root_job, vmo, 0, 1, &snapshot), NX_ERR_BUSY,
	       "what is pinned is not shared");
	vmo->pin_count = 0;
	vmo_snapshot_begin(root_job, vmo, 0, 1, &snapshot);
	vmo_snapshot_more(snapshot);
	while (space_map(&process->space, snapshot, NULL, 0, NX_PAGE_SIZE,
			 NX_MAP_READ, 0, &address) == NX_OK)
		mapped++;
	is_u64(mapped, VMO_SHARED_MAPPINGS_MAX,
	       "what is shared is mapped so many times");
	vmo_object_seal(snapshot, NX_SEAL_WRITE);
	is_i64(space_map(&process->space, snapshot, NULL, 0, NX_PAGE_SIZE,
			 NX_MAP_READ, 0, &address),
	       NX_OK, "but sealed as often as anybody likes");
	object_unref(&snapshot->object);
	while (space_map(&process->space, vmo, NULL, 0, NX_PAGE_SIZE,
			 NX_MAP_READ, 0, &address) == NX_OK)
		;
	is_i64(vmo_snapshot_begin(root_job, vmo, 0, 1, &snapshot), NX_OK,
	       "it shares again what is not mapped more often");
	object_unref(&snapshot->object);
	object_unref(&vmo->object);
	process_end(process, NX_PROCESS_EXITED, 0);
	object_unref(&process->object);
	ok(fake_is_empty(), "nothing is left");
}

/* The steps of a snapshot, a growth and a commit that are given up. */
static void given_up(void)
{
	struct vmo *vmo, *snapshot;
	uint64_t offset = 0, size = 300 * NX_PAGE_SIZE;
	bool is_reserved = false;
	uint64_t free_pages;

	fake_boot(6);
	vmo_create(root_job, 300 * NX_PAGE_SIZE, &vmo);
	fake_patience = 3;
	vmo_snapshot_begin(root_job, vmo, 0, 300 * NX_PAGE_SIZE, &snapshot);
	is_i64(vmo_snapshot_more(snapshot), SYS_AGAIN, "half a snapshot");
	is_i64(resize(vmo, NX_PAGE_SIZE), NX_ERR_BUSY,
	       "its source does not shrink");
	object_unref(&snapshot->object);
	while (!steps_run(&fake_thread.steps))
		;
	is_u64(vmo->part_count, 0, "is given up");
	free_pages = page_free_count();
	is_i64(vmo_object_resize(vmo, 600 * NX_PAGE_SIZE, &is_reserved),
	       SYS_AGAIN, "half a growth");
	is_u64(vmo->size_bytes, 300 * NX_PAGE_SIZE, "is not seen");
	vmo_reserve_end(vmo);
	is_reserved = false;
	is_i64(resize(vmo, 300 * NX_PAGE_SIZE - 1), NX_OK,
	       "another size is set");
	is_u64(vmo->content_bytes, 300 * NX_PAGE_SIZE - 1, "and told");
	while (!steps_run(&fake_thread.steps))
		;
	fake_patience = 0;
	is_i64(resize(vmo, 299 * NX_PAGE_SIZE), NX_OK, "it shrinks");
	ok(page_free_count() > free_pages, "what was behind the end is free");
	resize(vmo, 300 * NX_PAGE_SIZE);
	fake_patience = 3;
	while (vmo_object_decommit(vmo, &offset, &size) == SYS_AGAIN)
		;
	is_u64(vmo->memory.pages.absent_count, 300, "all of it is given back");
	offset = 0;
	size = 300 * NX_PAGE_SIZE;
	free_pages = page_free_count();
	is_i64(vmo_object_commit(vmo, &offset, &size, &is_reserved), SYS_AGAIN,
	       "it comes again in part");
	is_u64(page_free_count(), free_pages - 300, "but all is charged");
	object_unref(&vmo->object);
	while (!steps_run(&fake_thread.steps))
		;
	ok(fake_is_empty(), "nothing is left");
}

/* A mapping that has lost its access in part shows nobody else's pages to be
 * written where it has not. */
static void half_cut(void)
{
	struct process *process;
	struct vmo *vmo, *snapshot;
	const struct window *window;
	nx_uaddr_t address;
	bool none = true;

	fake_boot(8);
	process = fake_process(root_job, 1);
	vmo_create(root_job, 8 * NX_PAGE_SIZE, &vmo);
	space_map(&process->space, vmo, NULL, 0, 8 * NX_PAGE_SIZE,
		  NX_MAP_READ | NX_MAP_WRITE, 0, &address);
	window = process->space.arch.window;
	fake_patience = 2;
	is_i64(space_protect(&process->space, address, 8 * NX_PAGE_SIZE,
			     NX_MAP_READ),
	       SYS_AGAIN, "half of a mapping is read-only");
	fake_patience = 0;
	ok((window->access[fake_page_number(address) + 7] & NX_MAP_WRITE) != 0,
	   "the rest is not");
	vmo_snapshot_begin(root_job, vmo, 0, 8 * NX_PAGE_SIZE, &snapshot);
	is_i64(vmo_snapshot_more(snapshot), NX_OK, "it is snapshot");
	for (unsigned i = 0; i < 8; i++)
		none = none && (window->access[fake_page_number(address) + i] &
				NX_MAP_WRITE) == 0;
	ok(none, "then none of it can be written");
	object_unref(&snapshot->object);
	object_unref(&vmo->object);
	process_end(process, NX_PROCESS_EXITED, 0);
	object_unref(&process->object);
	ok(fake_is_empty(), "nothing is left");
}

/* What others do between the steps of a snapshot, and of a growth. */
static void between_steps(void)
{
	struct vmo *vmo, *snapshot;
	bool is_reserved = false;

	fake_boot(7);
	vmo_create(root_job, 300 * NX_PAGE_SIZE, &vmo);
	fake_patience = 3;
	vmo_snapshot_begin(root_job, vmo, 0, 300 * NX_PAGE_SIZE, &snapshot);
	is_i64(vmo_snapshot_more(snapshot), SYS_AGAIN, "half a snapshot");
	vmo_pinned(vmo, true);
	is_i64(vmo_snapshot_more(snapshot), NX_ERR_BUSY,
	       "does not go on with what is pinned meanwhile");
	vmo_unpinned(vmo, true);
	object_unref(&snapshot->object);
	is_i64(vmo_object_resize(vmo, 500 * NX_PAGE_SIZE, &is_reserved),
	       SYS_AGAIN, "half a growth");
	fake_patience = 0;
	is_i64(resize(vmo, 400 * NX_PAGE_SIZE), NX_OK, "others grow it");
	*content(vmo_page(vmo, 350)) = 1;
	fake_patience = 1;
	is_i64(resize(vmo, 300 * NX_PAGE_SIZE), NX_OK, "and shrink it");
	fake_patience = 0;
	is_i64(vmo_object_resize(vmo, 500 * NX_PAGE_SIZE, &is_reserved),
	       NX_ERR_BUSY, "what went is not there again");
	vmo_reserve_end(vmo);
	while (!steps_run(&fake_thread.steps))
		;
	is_i64(resize(vmo, 500 * NX_PAGE_SIZE), NX_OK, "until it has gone");
	is_u64(*content(vmo_page(vmo, 350)), 0, "and zeroes come");
	object_unref(&vmo->object);
	ok(fake_is_empty(), "nothing is left");
}

/* A VMO whose size and pages two threads change at the same time. */
static void meanwhile(void)
{
	uint64_t offset = 0, size = 6 * NX_PAGE_SIZE;
	uint64_t other = NX_PAGE_SIZE, other_size = 3 * NX_PAGE_SIZE;
	uint64_t last = 5 * NX_PAGE_SIZE, last_size = NX_PAGE_SIZE;
	bool is_reserved = false;
	unsigned again = 0;
	struct vmo *vmo;

	fake_boot(8);
	vmo_create(root_job, 300 * NX_PAGE_SIZE, &vmo);
	fake_patience = 1;
	is_i64(resize(vmo, 6 * NX_PAGE_SIZE), NX_OK, "one makes it small");
	is_i64(resize(vmo, 300 * NX_PAGE_SIZE), NX_ERR_BUSY,
	       "until its pages are gone no other makes it large");
	while (!steps_run(&fake_thread.steps))
		;
	is_i64(resize(vmo, 7 * NX_PAGE_SIZE), NX_OK, "then it may grow");
	fake_patience = 0;
	vmo_object_decommit(vmo, &last, &last_size);
	fake_patience = 1;
	is_i64(vmo_object_commit(vmo, &offset, &size, &is_reserved), SYS_AGAIN,
	       "one commits a range that has all pages but one");
	fake_patience = 0;
	is_i64(vmo_object_decommit(vmo, &other, &other_size), NX_OK,
	       "another gives some of them back");
	is_i64(vmo_object_commit(vmo, &offset, &size, &is_reserved),
	       NX_ERR_CANCELED, "more than was reserved does not come");
	vmo_reserve_end(vmo);
	resize(vmo, 300 * NX_PAGE_SIZE);
	offset = 0;
	size = 300 * NX_PAGE_SIZE;
	fake_patience = 1;
	while (vmo_object_decommit(vmo, &offset, &size) == SYS_AGAIN)
		again++;
	ok(again >= 300 / 8, "pages are given back in many steps (%u)", again);
	fake_patience = 0;
	object_unref(&vmo->object);
	ok(fake_is_empty(), "nothing is left");
}

#define LOOKS 64

/* Nobody can make another look through any number of mappings. */
static void mapped_often(void)
{
	struct process *process;
	nx_uaddr_t address;
	struct vmo *vmo;

	fake_boot(9);
	process = fake_process(root_job, 1);
	vmo_create(root_job, 3 * NX_PAGE_SIZE, &vmo);
	for (unsigned i = 0; i < LOOKS; i++)
		space_map(&process->space, vmo, NULL, 0, NX_PAGE_SIZE,
			  NX_MAP_READ, 0, &address);
	is_i64(resize(vmo, 2 * NX_PAGE_SIZE), NX_OK,
	       "a page that no mapping has can go");
	space_map(&process->space, vmo, NULL, 0, NX_PAGE_SIZE, NX_MAP_READ, 0,
		  &address);
	is_i64(resize(vmo, NX_PAGE_SIZE), NX_ERR_BUSY,
	       "not if there are too many to be sure");
	object_unref(&vmo->object);
	process_end(process, NX_PROCESS_EXITED, 0);
	object_unref(&process->object);
	ok(fake_is_empty(), "nothing is left");
}

static void runs(void)
{
	paddr_t base, again;
	struct vmo *vmo;
	bool follow = true;

	fake_boot(7);
	is_i64(page_take_run(root_job, 5, &base), NX_OK, "five pages in a row");
	is_u64(root_job->quotas[JOB_PAGES].used, 5, "are charged as five");
	is_u64(base % (8 * NX_PAGE_SIZE), 0, "aligned as eight");
	is_u64(page_count_of(root_job), 5, "and no others are taken");
	page_free_run(root_job, base, 5);
	is_i64(page_take_run(root_job, 1024, &base), NX_OK, "the largest run");
	is_i64(page_take_run(root_job, 1024, &again), NX_ERR_NO_MEMORY,
	       "there is no second one");
	page_free_run(root_job, base, 1024);
	is_i64(page_take_run(root_job, 1024, &again), NX_OK,
	       "until it is whole again");
	page_free_run(root_job, again, 1024);
	ok(fake_is_empty(), "nothing is left");
	vmo_begin(root_job, VMO_CONTIGUOUS, 700 * NX_PAGE_SIZE, &vmo);
	vmo_fill(vmo, 700);
	for (uint64_t i = 0; i < 700; i++)
		follow = follow && vmo_page(vmo, i) ==
					   vmo_page(vmo, 0) + i * NX_PAGE_SIZE;
	ok(follow, "pages of a contiguous VMO follow each other");
	is_u64(vmo_run(vmo, 3).count, 697, "in one run");
	object_unref(&vmo->object);
	ok(fake_is_empty(), "nothing is left");
}

int main(void)
{
	plan(0);
	runs();
	chain();
	payers();
	snapshots_refused();
	given_up();
	half_cut();
	between_steps();
	meanwhile();
	mapped_often();
	for (uint64_t seed = 1; seed <= 4; seed++)
		random_steps(seed);
	return done();
}

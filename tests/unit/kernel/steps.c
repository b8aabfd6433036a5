/* SPDX-License-Identifier: BSD-2-Clause */
/* Long work in steps: what each of them leaves behind when somebody waits
 * for the kernel all the time, and that the last one leaves nothing. */
#include "fake.h"

#define LARGE_PAGES 1500
#define HANDLES 9000
#define SEARCHED 1000

/* What kernel_schedule() would do; how often it had to. */
static unsigned finish(void)
{
	unsigned rounds = 1;

	while (!steps_run(&fake_thread.steps))
		rounds++;
	return rounds;
}

static void freeing(void)
{
	struct vmo *vmo;
	uint64_t before;
	unsigned rounds;

	fake_boot(1);
	vmo_create(root_job, LARGE_PAGES * NX_PAGE_SIZE, &vmo);
	before = page_free_count();
	fake_patience = 1;
	object_unref(&vmo->object);
	ok(page_free_count() > before && page_free_count() < before + 100,
	   "a large VMO goes bit by bit");
	is_u64(root_job->quotas[JOB_PAGES].used,
	       root_job->quotas[JOB_PAGES].max - page_free_count(),
	       "whose pages are charged while they are there");
	rounds = finish();
	ok(rounds >= LARGE_PAGES / 16, "in many steps (%u)", rounds);
	ok(fake_is_empty(), "of which the last leaves nothing");
}

static void filling(void)
{
	struct vmo *vmo;
	nx_status_t status;
	unsigned again = 0;

	fake_boot(2);
	is_i64(vmo_begin(root_job, VMO_PLAIN, LARGE_PAGES * NX_PAGE_SIZE, &vmo),
	       NX_OK, "a VMO begins without pages");
	fake_patience = 3;
	while ((status = vmo_fill(vmo, LARGE_PAGES)) == SYS_AGAIN)
		again++;
	is_i64(status, NX_OK, "it gets its pages");
	ok(again >= LARGE_PAGES / 4, "when asked again (%u times)", again);
	fake_patience = 0;
	object_unref(&vmo->object);
	vmo_begin(root_job, VMO_PLAIN, LARGE_PAGES * NX_PAGE_SIZE, &vmo);
	fake_patience = 700;
	is_i64(vmo_fill(vmo, LARGE_PAGES), SYS_AGAIN,
	       "one that is half filled");
	object_unref(&vmo->object);
	finish();
	ok(fake_is_empty(), "can be given up");
}

static void filling_fails(void)
{
	struct job *job;
	struct vmo *vmo;
	nx_status_t status;

	fake_boot(3);
	job = fake_job(root_job, LARGE_PAGES + 2, 1);
	vmo_begin(job, VMO_PLAIN, LARGE_PAGES * NX_PAGE_SIZE, &vmo);
	fake_patience = 1;
	while ((status = vmo_fill(vmo, LARGE_PAGES)) == SYS_AGAIN)
		continue;
	is_i64(status, NX_ERR_QUOTA_PAGES, "its tables are over the quota");
	object_unref(&vmo->object);
	finish();
	is_u64(job->quotas[JOB_PAGES].used, 0, "all it had comes back");
	object_unref(&job->object);
	ok(fake_is_empty(), "nothing is left");
}

struct scene {
	struct process *process;
	struct vmo *vmo;
	struct handle *source;
	nx_uaddr_t address;
};

static void scene_begin(struct scene *scene)
{
	nx_handle_t number;

	fake_boot(4);
	scene->process = fake_process(root_job, 1);
	fake_thread.process = scene->process;
	vmo_create(root_job, LARGE_PAGES * NX_PAGE_SIZE, &scene->vmo);
	handle_install_new(&scene->process->handles, &scene->vmo->object,
			   &number);
	object_unref(&scene->vmo->object);
	handle_find(&scene->process->handles, number, NX_KIND_VMO, 0,
		    &scene->source);
}

static nx_status_t scene_map(struct scene *scene)
{
	return space_map(&scene->process->space, scene->vmo,
			 &scene->source->link, 0, LARGE_PAGES * NX_PAGE_SIZE,
			 NX_MAP_READ | NX_MAP_WRITE, 0, &scene->address);
}

static void scene_end(struct scene *scene)
{
	process_end(scene->process, NX_PROCESS_EXITED, 0);
	object_unref(&scene->process->object);
	finish();
	ok(fake_is_empty(), "nothing is left");
}

static void coming(void)
{
	struct scene scene;
	nx_status_t status;
	unsigned again = 0;

	scene_begin(&scene);
	fake_patience = 1;
	is_i64(scene_map(&scene), SYS_AGAIN, "a large mapping comes in steps");
	ok(fake_thread.coming != NULL && scene.vmo->writable_count == 1,
	   "and is writable from the first");
	is_i64(space_protect(&scene.process->space, fake_thread.coming->address,
			     LARGE_PAGES * NX_PAGE_SIZE, 0),
	       NX_ERR_NOT_FOUND, "nobody finds it yet");
	while ((status = space_map_more(&scene.address)) == SYS_AGAIN)
		again++;
	is_i64(status, NX_OK, "it is whole");
	ok(again > 2 && fake_thread.coming == NULL, "some steps later");
	is_i64(space_protect(&scene.process->space, scene.address,
			     LARGE_PAGES * NX_PAGE_SIZE, 0),
	       NX_OK, "it goes");
	is_i64(space_protect(&scene.process->space, scene.address,
			     LARGE_PAGES * NX_PAGE_SIZE, 0),
	       NX_ERR_NOT_FOUND, "for all calls at once");
	is_u64(scene.vmo->writable_count, 1, "but not for seals");
	finish();
	is_u64(scene.vmo->writable_count, 0, "until nobody sees it any more");
	scene_end(&scene);
}

static void coming_revoked(void)
{
	struct scene scene;

	scene_begin(&scene);
	fake_patience = 1;
	is_i64(scene_map(&scene), SYS_AGAIN, "a mapping is coming");
	while (handle_revoke(&scene.source->link) == SYS_AGAIN)
		continue;
	ok(fake_thread.coming == NULL, "when its handle is revoked it is not");
	finish();
	is_u64(scene.vmo->mapping_count, 0, "any more");
	scene_end(&scene);
}

/* A page, read only, however often the search for a place stops. */
static unsigned map_page(struct scene *scene, nx_uaddr_t *out_address)
{
	unsigned searches = 0;
	nx_status_t status;

	do {
		searches++;
		status = space_map(&scene->process->space, scene->vmo, NULL, 0,
				   NX_PAGE_SIZE, NX_MAP_READ, 0, out_address);
	} while (status == SYS_AGAIN && fake_thread.coming == NULL);
	while (status == SYS_AGAIN)
		status = space_map_more(out_address);
	return status == NX_OK ? searches : 0;
}

static unsigned unmap_page(struct scene *scene, nx_uaddr_t address)
{
	unsigned searches = 1;
	nx_status_t status;

	while ((status = space_protect(&scene->process->space, address,
				       NX_PAGE_SIZE, 0)) == SYS_AGAIN)
		searches++;
	finish();
	return status == NX_OK ? searches : 0;
}

static void searching(void)
{
	struct scene scene;
	nx_uaddr_t at[SEARCHED], again;
	bool all = true;

	scene_begin(&scene);
	for (unsigned i = 0; i < SEARCHED; i++)
		all = all && map_page(&scene, &at[i]) == 1 &&
		      (i == 0 || at[i] > at[i - 1]);
	ok(all, "places for %u mappings are found at once", SEARCHED);
	fake_patience = 1;
	ok(unmap_page(&scene, at[3]) > SEARCHED / 100,
	   "to find one of them by its address takes steps");
	ok(unmap_page(&scene, at[2]) == 1, "the one before it is near");
	unmap_page(&scene, at[SEARCHED - 2]);
	unmap_page(&scene, at[SEARCHED - 1]);
	unmap_page(&scene, at[0]);
	ok(map_page(&scene, &again) == 1 && again == at[0] &&
		   map_page(&scene, &again) == 1 && again == at[2] &&
		   map_page(&scene, &again) == 1 && again == at[3],
	   "the lowest place comes first");
	ok(map_page(&scene, &again) > SEARCHED / 100 &&
		   again == at[SEARCHED - 2],
	   "and no search begins where nothing can be");
	fake_patience = 0;
	scene_end(&scene);
}

static void cutting(void)
{
	struct scene scene;
	struct window *window;
	const uint64_t size = LARGE_PAGES * NX_PAGE_SIZE;
	unsigned again = 0;
	bool all = true;

	scene_begin(&scene);
	scene_map(&scene);
	fake_patience = 2;
	is_i64(space_protect(&scene.process->space, scene.address, size,
			     NX_MAP_READ),
	       SYS_AGAIN, "access is cut in steps");
	is_u64(scene.vmo->writable_count, 1, "it is writable until the last");
	is_i64(vmo_object_seal(scene.vmo, NX_SEAL_WRITE), NX_ERR_BUSY,
	       "so it cannot be sealed");
	while (space_protect(&scene.process->space, scene.address, size,
			     NX_MAP_READ) == SYS_AGAIN)
		again++;
	ok(again > 0, "some steps later");
	is_i64(vmo_object_seal(scene.vmo, NX_SEAL_WRITE), NX_OK, "it can");
	window = scene.process->space.arch.window;
	for (uint64_t i = 0; i < LARGE_PAGES; i++)
		all = all &&
		      window->access[fake_page_number(scene.address) + i] ==
			      NX_MAP_READ;
	ok(all, "no page of it can be written");
	fake_patience = 0;
	scene_end(&scene);
}

static void revoking(void)
{
	struct scene scene;
	unsigned again = 0;

	scene_begin(&scene);
	for (unsigned i = 0; i < HANDLES; i++) {
		handle_reserve(&scene.process->handles, 1);
		handle_install(&scene.process->handles, &scene.vmo->object, 0,
			       0, &scene.source->link);
	}
	fake_patience = 5;
	while (handle_revoke(&scene.source->link) == SYS_AGAIN)
		again++;
	ok(again >= HANDLES / 10, "%u handles are revoked in %u calls", HANDLES,
	   again);
	is_u64(scene.process->handles.used_count, 1, "but the source");
	scene_end(&scene);
}

static void killing(void)
{
	struct job *job, *below;
	struct process *process[3];
	struct vmo *vmo;
	unsigned rounds;

	fake_boot(5);
	job = fake_job(root_job, 1000, 500);
	below = fake_job(job, 500, 200);
	for (unsigned i = 0; i < 3; i++) {
		process[i] = fake_process(i == 0 ? job : below, 1);
		vmo_create(process[i]->object.job, 40 * NX_PAGE_SIZE, &vmo);
		for (unsigned n = 0; n < 50; n++) {
			handle_reserve(&process[i]->handles, 1);
			handle_install(&process[i]->handles, &vmo->object, 0, 0,
				       NULL);
		}
		object_unref(&vmo->object);
	}
	object_unref(&below->object);
	fake_patience = 1;
	job_kill(job, 3);
	is_i64(object_create(job, NX_KIND_PORT, (void **)&vmo),
	       NX_ERR_BAD_STATE, "nothing is made in a job that ends");
	job_kill(job, 4);
	rounds = finish();
	ok(rounds > 2, "it ends in steps (%u), also for who comes second",
	   rounds);
	for (unsigned i = 0; i < 3; i++)
		object_unref(&process[i]->object);
	finish();
	is_u64(job->quotas[JOB_PAGES].max, 0, "and all is its parent's again");
	object_unref(&job->object);
	finish();
	ok(fake_is_empty(), "nothing is left");
}

/* A thread that dies leaves its steps to another one. */
static void moved(void)
{
	struct steps other;
	struct vmo *vmo[2];

	fake_boot(6);
	for (unsigned i = 0; i < 2; i++)
		vmo_create(root_job, 100 * NX_PAGE_SIZE, &vmo[i]);
	fake_patience = 1;
	object_unref(&vmo[0]->object);
	object_unref(&vmo[1]->object);
	steps_init(&other);
	steps_move(&fake_thread.steps, &other);
	ok(!steps_pending(&fake_thread.steps) && steps_pending(&other),
	   "what is left to do has one owner");
	while (!steps_run(&other))
		continue;
	finish();
	ok(fake_is_empty(), "who does it");
}

/* Of so many nodes, the first of them in the list that stays. */
static bool joins(unsigned there, unsigned count)
{
	struct list from, to, nodes[4];
	const struct list *at = &to;
	bool right;

	list_init(&from);
	list_init(&to);
	for (unsigned i = 0; i < count; i++)
		list_push_back(i < there ? &to : &from, &nodes[i]);
	list_move_all(&from, &to);
	right = list_is_empty(&from) && from.prev == &from;
	for (unsigned i = 0; i < count; i++, at = at->next)
		right = right && at->next == &nodes[i] && nodes[i].prev == at;
	return right && at->next == &to && to.prev == at;
}

static void joined(void)
{
	bool right = true;

	for (unsigned count = 0; count <= 4; count++)
		for (unsigned there = 0; there <= count; there++)
			right = right && joins(there, count);
	ok(right, "all of a list goes behind another one, in its order");
}

int main(void)
{
	plan(0);
	freeing();
	filling();
	filling_fails();
	coming();
	coming_revoked();
	searching();
	cutting();
	revoking();
	killing();
	moved();
	joined();
	return done();
}

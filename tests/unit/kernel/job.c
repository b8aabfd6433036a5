/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs: parts come out of the parent's at creation and come back exactly,
 * whatever is left alive when a job is killed. */
#include "fake.h"

static uint64_t used(const struct job *job, enum job_resource resource)
{
	return job->quotas[resource].used;
}

static void reservation(void)
{
	const uint64_t too_many[JOB_RESOURCES] = { 60, 10, 5 };
	const uint64_t huge[JOB_RESOURCES] = { UINT64_MAX, 1, 1 };
	struct job *parent, *child, *none = NULL;

	fake_boot(1);
	parent = fake_job(root_job, 100, 20);
	is_u64(used(root_job, JOB_PAGES), 101, "a part and a cell are charged");
	is_u64(used(root_job, JOB_HANDLES), 20, "handles too");
	child = fake_job(parent, 40, 10);
	is_u64(used(parent, JOB_PAGES), 41, "a grandchild is its parent's");
	is_u64(used(root_job, JOB_PAGES), 101, "and not charged further up");
	is_i64(job_create(parent, too_many, &none), NX_ERR_QUOTA_PAGES,
	       "more than is left: QUOTA_PAGES");
	is_i64(job_create(parent, huge, &none), NX_ERR_QUOTA_PAGES,
	       "a part that would overflow: QUOTA_PAGES");
	is_i64(job_create(parent, (const uint64_t[JOB_RESOURCES]){ 1, 11, 0 }, &none),
	       NX_ERR_QUOTA_HANDLES, "too many handles: QUOTA_HANDLES");
	is_i64(job_create(parent, (const uint64_t[JOB_RESOURCES]){ 1, 1, 9 }, &none),
	       NX_ERR_QUOTA_THREADS, "too many threads: QUOTA_THREADS");
	ok(none == NULL, "the output is untouched");
	ok(used(parent, JOB_PAGES) == 41 && used(parent, JOB_HANDLES) == 10 &&
		   used(parent, JOB_THREADS) == 4,
	   "nothing of a refused job stays charged");
	is_i64(job_charge(child, JOB_HANDLES, 10), NX_OK, "a job can use all");
	is_i64(job_charge(child, JOB_HANDLES, 1), NX_ERR_QUOTA_HANDLES,
	       "but no more");
	is_i64(job_charge(child, JOB_HANDLES, UINT64_MAX), NX_ERR_QUOTA_HANDLES,
	       "and no overflow helps");
	job_uncharge(child, JOB_HANDLES, 10);
	object_unref(&child->object);
	is_u64(used(parent, JOB_PAGES), 0, "a job that ends gives all back");
	object_unref(&parent->object);
	ok(fake_is_empty(), "up to the first one");
}

static void kill_exact(void)
{
	struct job *top, *leaf;
	struct process *victim, *outsider;
	struct vmo *vmo, *root_vmo;
	nx_uaddr_t address;
	uint64_t before;

	fake_boot(1);
	outsider = fake_process(root_job, 1);
	vmo_create(root_job, NX_PAGE_SIZE, &root_vmo);
	before = used(root_job, JOB_PAGES);
	top = fake_job(root_job, 300, 100);
	leaf = fake_job(top, 100, 50);
	victim = fake_process(leaf, 2);
	vmo_create(leaf, 10 * NX_PAGE_SIZE, &vmo);
	handle_reserve(&victim->handles, 1);
	handle_install(&victim->handles, &root_vmo->object, 0, 0, NULL);
	space_map(&victim->space, root_vmo, NULL, 0, NX_PAGE_SIZE, NX_MAP_READ,
		  0, &address);
	space_map(&outsider->space, vmo, NULL, 0, 10 * NX_PAGE_SIZE,
		  NX_MAP_READ, 0, &address);
	object_unref(&vmo->object); /* lives by the outsider's mapping */
	object_unref(&victim->object);
	job_kill(top, 5);
	is_u64(root_vmo->mapping_count, 0, "mappings of the killed are gone");
	/* Left: the leaf's cell, ten pages, three slabs of VMO and tables. */
	is_u64(top->quotas[JOB_PAGES].max, 1 + 10 + 3,
	       "a killed job keeps what outsiders hold, and no more");
	is_u64(used(top, JOB_PAGES), top->quotas[JOB_PAGES].max,
	       "it cannot use anything");
	ok(object_create(top, NX_KIND_PORT, (void **)&vmo) == NX_ERR_BAD_STATE,
	   "nor create an object");
	object_unref(&leaf->object);
	space_protect(&outsider->space, address, 10 * NX_PAGE_SIZE, 0);
	is_u64(used(top, JOB_PAGES), 0, "the last object gives the rest back");
	is_u64(used(root_job, JOB_PAGES), before + 1,
	       "at once, though a handle to the job may be open");
	object_unref(&top->object);
	is_u64(used(root_job, JOB_PAGES), before,
	       "the first job has all again");
	object_unref(&root_vmo->object);
	process_end(outsider, NX_PROCESS_EXITED, 0);
	object_unref(&outsider->object);
	ok(fake_is_empty(), "nothing is left");
}

/* A tree of random shape whose members hold each other's things; killing a
 * random part returns exactly what that part had. */
static bool kill_random(void)
{
	struct job *jobs[24] = { root_job };
	struct process *processes[24];
	unsigned count = 1, made = 0;

	for (; count < 24; count++) {
		struct job *parent = jobs[fake_random(count)];

		jobs[count] = NULL; /* stays so where quotas do not allow it */
		if (parent != NULL)
			jobs[count] = fake_job(parent, 600 - count * 20, 40);
	}
	for (unsigned i = 1; i < 24; i++) {
		processes[made] = NULL;
		if (jobs[i] != NULL)
			processes[made] = fake_process(jobs[i], i);
		if (processes[made] != NULL)
			made++;
	}
	for (unsigned i = 0; i < 60 && made > 0; i++) {
		struct process *to = processes[fake_random(made)];
		struct process *from = processes[fake_random(made)];
		nx_handle_t number;

		handle_install_new(&to->handles, &from->object, &number);
		handle_install_new(&to->handles, &from->object.job->object,
				   &number);
	}
	for (unsigned i = 0; i < made; i++)
		object_unref(&processes[i]->object);
	job_kill(jobs[1], 1);
	for (unsigned i = 1; i < 24; i++)
		if (jobs[i] != NULL)
			job_kill(jobs[i], 1);
	for (unsigned i = 1; i < 24; i++)
		if (jobs[i] != NULL)
			object_unref(&jobs[i]->object);
	return fake_is_empty();
}

/* Jobs as deep as they may be. */
static void deep(bool killed)
{
	struct job *top, *job, *next;
	unsigned depth = 1;

	fake_boot(1);
	job = top = fake_job(root_job, 2700, 0);
	while ((next = fake_job(job, job->quotas[JOB_PAGES].max - 1, 0)) !=
	       NULL) {
		if (job != top)
			object_unref(&job->object);
		job = next;
		depth++;
	}
	is_u64(depth, NX_JOB_DEPTH_MAX, "jobs are so deep, and no deeper");
	ok(job_is_below(job, top) && !job_is_below(top, job),
	   "the last is below the first");
	if (killed) {
		job_kill(top, 1);
		ok(job->dying, "all are killed with the first");
		is_u64(job->quotas[JOB_PAGES].max, 0, "and have nothing");
	}
	object_unref(&job->object);
	is_u64(used(top, JOB_PAGES), 0, "all end with the last reference");
	object_unref(&top->object);
	ok(fake_is_empty(), "nothing is left");
}

static void kill_first(void)
{
	struct process *process;
	struct job *job;

	fake_boot(1);
	job = fake_job(root_job, 100, 10);
	process = fake_process(job, 1);
	job_kill(root_job, 9);
	is_u64(process->state, NX_PROCESS_KILLED,
	       "killing the first job ends every process");
	ok(process->exit_code == 9, "with the code given");
	ok(job_watched(job) == NULL, "nobody watches");
	object_unref(&process->object);
	object_unref(&job->object);
	ok(fake_is_empty(), "nothing is left");
}

int main(void)
{
	bool exact = true;
	uint64_t seed;

	plan(0);
	reservation();
	kill_exact();
	for (seed = 1; seed <= 120 && exact; seed++) {
		fake_boot(seed * 77);
		exact = kill_random();
	}
	if (!ok(exact, "120 random trees of jobs are killed exactly"))
		diag("seed %llu", (unsigned long long)seed - 1);
	deep(false);
	deep(true);
	kill_first();
	return done();
}

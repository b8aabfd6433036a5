/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs: quotas. A child's part is `used` in its parent from creation on,
 * so the sum of what all jobs may use is what the machine has. */
#include <kernel/arch.h>
#include <kernel/counters.h>
#include <kernel/event.h>
#include <kernel/filter.h>
#include <kernel/handle.h>
#include <kernel/hart.h>
#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/string.h>
#include <kernel/thread.h>

/* What the machine can keep apart, whatever its memory. */
#define ROOT_HANDLES (UINT64_C(1) << 20)
#define ROOT_THREADS (UINT64_C(1) << 16)
#define ROOT_SHARES (UINT64_C(1) << 20)

static const nx_status_t quota_errors[JOB_RESOURCES] = {
	[JOB_PAGES] = NX_ERR_QUOTA_PAGES,
	[JOB_HANDLES] = NX_ERR_QUOTA_HANDLES,
	[JOB_THREADS] = NX_ERR_QUOTA_THREADS,
	[JOB_SHARES] = NX_ERR_QUOTA_SHARES,
};

static bool kill_step(struct work *work);

static struct job first_job GUARDED;
struct job *root_job;
uint64_t tasks_version;

HELD static void job_init(struct job *job, struct job *parent,
			  const uint64_t parts[JOB_RESOURCES])
{
	job->parent = parent;
	job->depth = parent != NULL ? parent->depth + 1 : 0;
	list_init(&job->children);
	list_init(&job->siblings);
	list_init(&job->processes);
	list_init(&job->zombies);
	list_init(&job->in_handler);
	work_init(&job->kill, kill_step);
	slab_cache_init(job->caches);
	for (unsigned r = 0; r < JOB_RESOURCES; r++)
		job->quotas[r] = (struct quota){ .used = 0, .max = parts[r] };
}

void job_boot(void)
{
	const uint64_t parts[JOB_RESOURCES] = {
		[JOB_PAGES] = page_free_count(),
		[JOB_HANDLES] = ROOT_HANDLES,
		[JOB_THREADS] = ROOT_THREADS,
		[JOB_SHARES] = ROOT_SHARES,
	};

	tasks_version = 1;
	counters[NX_COUNTER_OBJECTS] = 0;
	counters[NX_COUNTER_HANDLES] = 0;
	counters[NX_COUNTER_MAPPINGS] = 0;
	memset(&first_job, 0, sizeof(first_job));
	job_init(&first_job, NULL, parts);
	object_create_first(&first_job.object);
	root_job = &first_job;
}

void kernel_give_back(const struct boot_range *range)
{
	uint64_t count = range->size_bytes >> NX_PAGE_BITS;

	page_add_range(range->base, range->size_bytes);
	root_job->quotas[JOB_PAGES].max += count;
	counters[NX_COUNTER_PAGES_KERNEL] -= count;
}

nx_status_t job_charge(struct job *job, enum job_resource resource,
		       uint64_t count)
{
	struct quota *quota = &job->quotas[resource];

	if (count > quota->max - quota->used)
		return quota_errors[resource];
	quota->used += count;
	return NX_OK;
}

void job_uncharge(struct job *job, enum job_resource resource, uint64_t count)
{
	for (; job != NULL; job = job->parent) {
		struct quota *quota = &job->quotas[resource];

		KASSERT(quota->used >= count);
		quota->used -= count;
		if (!job->dying || job->parent == NULL)
			return;
		quota->max -= count;
	}
}

/* Charge all resources or none. */
HELD static nx_status_t charge_parts(struct job *job,
				     const uint64_t parts[JOB_RESOURCES])
{
	for (unsigned r = 0; r < JOB_RESOURCES; r++) {
		nx_status_t status = job_charge(job, r, parts[r]);

		if (status != NX_OK) {
			while (r-- > 0)
				job_uncharge(job, r, parts[r]);
			return status;
		}
	}
	return NX_OK;
}

nx_status_t job_create(struct job *parent, const uint64_t parts[JOB_RESOURCES],
		       struct job **out_job)
{
	struct job *job;
	nx_status_t status;

	if (parent->depth == NX_JOB_DEPTH_MAX)
		return NX_ERR_NO_SPACE;
	status = object_create(parent, NX_KIND_JOB, &job);
	if (status != NX_OK)
		return status;
	job_init(job, parent, (const uint64_t[JOB_RESOURCES]){ 0 });
	status = charge_parts(parent, parts);
	if (status != NX_OK) {
		object_unref(&job->object);
		return status;
	}
	for (unsigned r = 0; r < JOB_RESOURCES; r++)
		job->quotas[r].max = parts[r];
	list_push_back(&parent->children, &job->siblings);
	tasks_version++;
	*out_job = job;
	return NX_OK;
}

nx_status_t job_set_shares(struct job *job, uint64_t shares)
{
	struct quota *quota = &job->quotas[JOB_SHARES];
	nx_status_t status = NX_OK;

	if (job->dying || shares < quota->used)
		return NX_ERR_BAD_STATE;
	if (shares < quota->max)
		job_uncharge(job->parent, JOB_SHARES, quota->max - shares);
	else
		status = job_charge(job->parent, JOB_SHARES,
				    shares - quota->max);
	if (status == NX_OK)
		quota->max = shares;
	return status;
}

/* Everything of a job holds a reference on it, so nothing of it is left, and
 * no walk over jobs comes past it any more: its part is its parent's at once.
 */
bool job_last(struct object *object)
{
	struct job *job = CONTAINER_OF(object, struct job, object);

	list_remove(&job->siblings);
	tasks_version++;
	for (unsigned r = 0; r < JOB_RESOURCES; r++) {
		KASSERT(job->quotas[r].used == 0);
		job_uncharge(job->parent, r, job->quotas[r].max);
		job->quotas[r].max = 0;
	}
	return false;
}

bool job_destroy(struct object *object)
{
	struct job *job = CONTAINER_OF(object, struct job, object);

	event_watch_end(&job->watch);
	job_handler_end(job);
	filter_unref(job->filter);
	return true;
}

/* A job whose processes and children have ended. */
HELD static void kill_leaf(struct job *job)
{
	list_remove(&job->siblings);
	tasks_version++;
	for (unsigned r = 0; r < JOB_RESOURCES && job->parent != NULL; r++) {
		struct quota *quota = &job->quotas[r];
		uint64_t unused = quota->max - quota->used;

		quota->max = quota->used;
		job_uncharge(job->parent, r, unused);
	}
	event_watch_end(&job->watch);
	job_handler_end(job);
}

HELD static void kill_move(struct job *top, struct job *to)
{
	object_ref(&to->object);
	object_unref(&top->kill_at->object);
	top->kill_at = to;
}

/* What harts have put away may be theirs to free yet. */
HELD static void take_hart_steps(void)
{
	for (uint32_t i = 0; i < HARTS_MAX; i++)
		if ((harts_online >> i & 1) != 0 &&
		    &harts[i].steps != steps_here())
			steps_move(&harts[i].steps, steps_here());
}

/* One that is not the current thread, or NULL. */
HELD static struct thread *zombie_of(const struct job *job)
{
	LIST_FOR_EACH(struct thread, zombie, &job->zombies, in_process)
		if (zombie != current_thread())
			return zombie;
	return NULL;
}

/* Children first, so that what is below is over before what is above. A
 * child holds its parent, so one reference is enough: on where the walk is.
 * Nothing new appears where it was. */
HELD static bool kill_step(struct work *work)
{
	struct job *top = CONTAINER_OF(work, struct job, kill);
	struct job *at = top->kill_at;
	struct thread *zombie;

	at->dying = true;
	if (!list_is_empty(&at->children)) {
		kill_move(top,
			  LIST_ENTRY(at->children.next, struct job, siblings));
		return false;
	}
	if (!list_is_empty(&at->processes)) {
		process_end(
			LIST_ENTRY(at->processes.next, struct process, in_job),
			NX_PROCESS_KILLED, top->kill_code);
		return false;
	}
	zombie = zombie_of(at);
	if (zombie != NULL) {
		thread_bury(zombie);
		return false;
	}
	take_hart_steps();
	if (steps_here()->dead != NULL)
		return false;
	kill_leaf(at);
	if (at != top) {
		kill_move(top, at->parent);
		return false;
	}
	top->kill_at = NULL;
	top->killed = true;
	object_unref(&top->object);
	return true;
}

void job_kill(struct job *job, int64_t code)
{
	if (job->killed)
		return;
	if (job->kill_at == NULL) {
		object_ref(&job->object);
		job->kill_at = job;
		job->kill_code = code;
	}
	steps_add(&job->kill);
}

bool job_is_below(const struct job *job, const struct job *ancestor)
{
	while (job != NULL && job != ancestor)
		job = job->parent;
	return job != NULL;
}

struct job *job_behind(struct job *job, const struct job *top)
{
	if (!list_is_empty(&job->children))
		return LIST_ENTRY(job->children.next, struct job, siblings);
	while (job != top) {
		if (job->siblings.next != &job->parent->children)
			return LIST_ENTRY(job->siblings.next, struct job,
					  siblings);
		job = job->parent;
	}
	return NULL;
}

struct job *job_watched(struct job *job)
{
	while (job != NULL && job->watch.event == NULL)
		job = job->parent;
	return job;
}

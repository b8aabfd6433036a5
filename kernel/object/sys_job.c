/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on jobs that are about quotas and members. */
#include <kernel/arguments.h>
#include <kernel/filter.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/steps.h>
#include <kernel/syscall.h>
#include <kernel/timer.h>
#include <nexus/rights.h>

/* Processes or jobs, of a walk. */
#define LOOKS_A_STEP 32

nx_status_t job_payer(nx_handle_t number, struct job **out_job)
{
	*out_job = current_process()->object.job;
	return argument_optional(number, NX_KIND_JOB, NX_RIGHT_WRITE, out_job);
}

nx_status_t sys_job_create(nx_handle_t parent, uint64_t pages, uint64_t handles,
			   uint64_t threads, nx_handle_t *out_job)
{
	const uint64_t parts[JOB_RESOURCES] = {
		[JOB_PAGES] = pages,
		[JOB_HANDLES] = handles,
		[JOB_THREADS] = threads,
	};
	struct filter *filter = NULL;
	struct job *payer, *job;
	nx_status_t status =
		argument_object(parent, NX_KIND_JOB, NX_RIGHT_MANAGE, &payer);

	if (status != NX_OK)
		return status;
	status = filter_both(payer, payer->filter, current_thread()->filter,
			     &filter);
	if (status != NX_OK)
		return status;
	status = job_create(payer, parts, &job);
	if (status != NX_OK) {
		filter_unref(filter);
		return status;
	}
	job->filter = filter;
	return argument_install(&job->object, out_job);
}

nx_status_t sys_job_stats(nx_handle_t job, uint64_t *out_pages_used,
			  uint64_t *out_pages_max, uint64_t *out_handles_used,
			  uint64_t *out_handles_max, uint64_t *out_threads_used,
			  uint64_t *out_threads_max, uint64_t *out_cpu_ns)
{
	struct job *object;
	nx_status_t status =
		argument_object(job, NX_KIND_JOB, NX_RIGHT_INSPECT, &object);

	if (status != NX_OK)
		return status;
	sched_charge_all();
	*out_pages_used = object->quotas[JOB_PAGES].used;
	*out_pages_max = object->quotas[JOB_PAGES].max;
	*out_handles_used = object->quotas[JOB_HANDLES].used;
	*out_handles_max = object->quotas[JOB_HANDLES].max;
	*out_threads_used = object->quotas[JOB_THREADS].used;
	*out_threads_max = object->quotas[JOB_THREADS].max;
	*out_cpu_ns = time_ticks_to_ns(sched_job_ticks(object));
	return NX_OK;
}

/* What is known of the least above `after` is good until a job or a process
 * comes or goes; then the walk begins again. */
HELD static nx_status_t process_behind(struct job *top, uint64_t after,
				       struct process **out_process)
{
	struct tasks_walk *walk = &current_thread()->walk;

	if (walk->version != tasks_version)
		*walk = (struct tasks_walk){ .version = tasks_version,
					     .job = top,
					     .process = &top->processes };
	for (unsigned looks = 1; walk->job != NULL; looks++) {
		struct process *process;

		if (looks % LOOKS_A_STEP == 0 && kernel_poll())
			return SYS_AGAIN;
		walk->process = walk->process->next;
		if (walk->process == &walk->job->processes) {
			walk->job = job_behind(walk->job, top);
			if (walk->job != NULL)
				walk->process = &walk->job->processes;
			continue;
		}
		process = LIST_ENTRY(walk->process, struct process, in_job);
		if (process->object.id > after &&
		    (walk->best == NULL ||
		     process->object.id < walk->best->object.id))
			walk->best = process;
	}
	*out_process = walk->best;
	return walk->best != NULL ? NX_OK : NX_ERR_NOT_FOUND;
}

nx_status_t sys_job_next(nx_handle_t job, uint64_t after,
			 uint64_t *out_process_id, uint64_t *out_job_id,
			 uint32_t *out_service_id, uint32_t *out_state,
			 uint64_t *out_handle_count, uint64_t *out_cpu_ns,
			 uint64_t *out_name_low, uint64_t *out_name_high)
{
	struct job *top;
	struct process *process;
	nx_status_t status =
		argument_object(job, NX_KIND_JOB, NX_RIGHT_INSPECT, &top);

	if (status == NX_OK)
		status = process_behind(top, after, &process);
	if (status != SYS_AGAIN)
		current_thread()->walk.version = 0;
	if (status != NX_OK)
		return status;
	sched_charge_all();
	*out_process_id = process->object.id;
	*out_job_id = process->object.job->object.id;
	*out_service_id = process->service_id;
	*out_state = process_state(process);
	*out_handle_count = process->handles.used_count;
	*out_cpu_ns = time_ticks_to_ns(sched_process_ticks(process));
	*out_name_low = process->name[0];
	*out_name_high = process->name[1];
	return NX_OK;
}

nx_status_t sys_job_set_shares(nx_handle_t parent, nx_handle_t job,
			       uint64_t shares)
{
	struct job *above, *child;
	nx_status_t status =
		argument_object(parent, NX_KIND_JOB, NX_RIGHT_MANAGE, &above);

	if (status == NX_OK)
		status = argument_object(job, NX_KIND_JOB, NX_RIGHT_MANAGE,
					 &child);
	if (status != NX_OK)
		return status;
	if (child->parent != above)
		return NX_ERR_INVALID_ARGS;
	return job_set_shares(child, shares);
}

nx_status_t sys_job_shares(nx_handle_t job, uint64_t *out_shares_used,
			   uint64_t *out_shares_max)
{
	struct job *object;
	nx_status_t status =
		argument_object(job, NX_KIND_JOB, NX_RIGHT_INSPECT, &object);

	if (status != NX_OK)
		return status;
	*out_shares_used = object->quotas[JOB_SHARES].used;
	*out_shares_max = object->quotas[JOB_SHARES].max;
	return NX_OK;
}

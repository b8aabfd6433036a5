/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on harts, and on where threads run. */
#include <kernel/syscall.h>

#include <kernel/arguments.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

nx_status_t sys_thread_affinity(nx_handle_t number, uint64_t affinity)
{
	struct thread *thread = current_thread();
	nx_status_t status;

	if ((affinity & HARTS_ALL) == 0)
		return NX_ERR_INVALID_ARGS;
	status = argument_optional(number, NX_KIND_THREAD, NX_RIGHT_MANAGE,
				   &thread);
	if (status != NX_OK)
		return status;
	sched_set_affinity(thread, (uint32_t)(affinity & HARTS_ALL));
	return hart_await_evictions();
}

nx_status_t sys_hart_list(nx_handle_t number, uint64_t *out_online,
			  uint32_t *out_here)
{
	struct job *job;
	nx_status_t status =
		argument_object(number, NX_KIND_JOB, NX_RIGHT_INSPECT, &job);

	if (status != NX_OK)
		return status;
	*out_online = harts_online;
	*out_here = this_hart()->id;
	return NX_OK;
}

nx_status_t sys_hart_set(nx_handle_t number, uint32_t hart, uint32_t runs)
{
	struct job *job;
	nx_status_t status;

	if (runs > 1)
		return NX_ERR_INVALID_ARGS;
	status = argument_object(number, NX_KIND_JOB, NX_RIGHT_MANAGE, &job);
	if (status != NX_OK)
		return status;
	if (job != root_job)
		return NX_ERR_ACCESS_DENIED;
	status = runs == 1 ? hart_start(hart) : hart_stop(hart);
	return status == NX_OK ? hart_await_evictions() : status;
}

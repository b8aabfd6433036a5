/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on budgets. */
#include <kernel/syscall.h>

#include <kernel/arguments.h>
#include <kernel/budget.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/thread.h>
#include <kernel/timer.h>

/* More urgent than oneself is for whoever manages the job. */
static nx_status_t class_check(nx_handle_t number, uint32_t qos_class)
{
	struct job *job;

	if (qos_class <= current_thread()->budget->qos_class)
		return NX_OK;
	if (number == NX_HANDLE_NONE)
		return NX_ERR_ACCESS_DENIED;
	return handle_object(&current_process()->handles, number, NX_KIND_JOB,
			     NX_RIGHT_MANAGE, &job);
}

nx_status_t sys_budget_create(nx_handle_t number, uint32_t qos_class,
			      uint32_t share, nx_handle_t *out_budget)
{
	struct budget *budget;
	struct job *job;
	nx_status_t status;

	if (qos_class >= QOS_CLASSES || share == 0 || share > NX_SHARE_MAX)
		return NX_ERR_INVALID_ARGS;
	status = job_payer(number, &job);
	if (status == NX_OK)
		status = class_check(number, qos_class);
	if (status == NX_OK)
		status = budget_create(job, qos_class, share, &budget);
	if (status != NX_OK)
		return status;
	return argument_install(&budget->object, out_budget);
}

nx_status_t sys_budget_info(nx_handle_t number, uint32_t *out_qos_class,
			    uint32_t *out_share, uint64_t *out_cpu_ns)
{
	struct budget *budget;
	nx_status_t status =
		handle_object(&current_process()->handles, number,
			      NX_KIND_BUDGET, NX_RIGHT_INSPECT, &budget);

	if (status != NX_OK)
		return status;
	sched_charge_all();
	*out_qos_class = budget->qos_class;
	*out_share = budget->share;
	*out_cpu_ns = time_ticks_to_ns(budget->cpu_ticks);
	return NX_OK;
}

nx_status_t sys_thread_affinity(nx_handle_t number, uint64_t affinity)
{
	struct thread *thread = current_thread();
	nx_status_t status = NX_OK;

	if ((affinity & HARTS_ALL) == 0)
		return NX_ERR_INVALID_ARGS;
	if (number != NX_HANDLE_NONE)
		status =
			handle_object(&current_process()->handles, number,
				      NX_KIND_THREAD, NX_RIGHT_MANAGE, &thread);
	if (status != NX_OK)
		return status;
	sched_set_affinity(thread, (uint32_t)(affinity & HARTS_ALL));
	return hart_await_evictions();
}

nx_status_t sys_hart_list(nx_handle_t number, uint64_t *out_online,
			  uint32_t *out_here)
{
	struct job *job;
	nx_status_t status = handle_object(&current_process()->handles, number,
					   NX_KIND_JOB, NX_RIGHT_INSPECT, &job);

	if (status != NX_OK)
		return status;
	kernel_lock_assert();
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
	status = handle_object(&current_process()->handles, number, NX_KIND_JOB,
			       NX_RIGHT_MANAGE, &job);
	if (status != NX_OK)
		return status;
	if (job != root_job)
		return NX_ERR_ACCESS_DENIED;
	status = runs == 1 ? hart_start(hart) : hart_stop(hart);
	return status == NX_OK ? hart_await_evictions() : status;
}

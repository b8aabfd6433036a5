/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on budgets. */
#include <kernel/syscall.h>

#include <kernel/arguments.h>
#include <kernel/budget.h>
#include <kernel/job.h>
#include <kernel/limit.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/timer.h>

/* More urgent than oneself is for whoever manages the job. */
HELD static nx_status_t class_check(nx_handle_t number, uint32_t qos_class)
{
	struct job *job;

	if (qos_class <= current_thread()->budget->qos_class)
		return NX_OK;
	if (number == NX_HANDLE_NONE)
		return NX_ERR_ACCESS_DENIED;
	return argument_object(number, NX_KIND_JOB, NX_RIGHT_MANAGE, &job);
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
	nx_status_t status = argument_object(number, NX_KIND_BUDGET,
					     NX_RIGHT_INSPECT, &budget);

	if (status != NX_OK)
		return status;
	sched_charge_all();
	*out_qos_class = budget->qos_class;
	*out_share = budget->share;
	*out_cpu_ns = time_ticks_to_ns(budget->cpu_ticks);
	return NX_OK;
}

HELD static nx_status_t budget_lookup(nx_handle_t number,
				      struct budget **out_budget)
{
	*out_budget = current_thread()->budget;
	return argument_optional(number, NX_KIND_BUDGET, NX_RIGHT_MANAGE,
				 out_budget);
}

/* One's own is not raised, and nobody else's. */
HELD static nx_status_t own_check(nx_handle_t number,
				  const struct budget *budget, bool raises)
{
	if (number != NX_HANDLE_NONE)
		return NX_OK;
	if (raises)
		return NX_ERR_ACCESS_DENIED;
	return budget->thread_count > 1 ? NX_ERR_BUSY : NX_OK;
}

nx_status_t sys_budget_set(nx_handle_t number, uint32_t qos_class,
			   uint32_t ceiling, uint32_t share)
{
	struct budget *budget;
	nx_status_t status;

	if (ceiling >= QOS_CLASSES || qos_class > ceiling || share == 0 ||
	    share > NX_SHARE_MAX)
		return NX_ERR_INVALID_ARGS;
	status = budget_lookup(number, &budget);
	if (status != NX_OK)
		return status;
	if (ceiling > budget->ceiling)
		return NX_ERR_ACCESS_DENIED;
	status = own_check(number, budget,
			   qos_class > budget->qos_class ||
				   share > budget->share);
	if (status != NX_OK)
		return status;
	sched_charge_all();
	status = budget_set_share(budget, share);
	if (status != NX_OK)
		return status;
	budget->qos_class = qos_class;
	budget->ceiling = ceiling;
	sched_turns_anew(budget);
	return NX_OK;
}

/* More of the time than a limit that is there gives. */
HELD static bool is_more(const struct budget *budget, uint64_t limit_ns,
			 uint64_t period_ns)
{
	if (budget->limit_ticks == 0)
		return false;
	return limit_ns == 0 || limit_ns * budget->period_ticks >
					budget->limit_ticks * period_ns;
}

nx_status_t sys_budget_limit(nx_handle_t number, uint64_t limit_ns,
			     uint64_t period_ns)
{
	struct budget *budget;
	nx_status_t status;

	if ((limit_ns != 0 || period_ns != 0) &&
	    (period_ns < NX_PERIOD_MIN_NS || period_ns > NX_PERIOD_MAX_NS ||
	     limit_ns < NX_LIMIT_MIN_NS || limit_ns > period_ns))
		return NX_ERR_INVALID_ARGS;
	status = budget_lookup(number, &budget);
	if (status != NX_OK)
		return status;
	status =
		own_check(number, budget, is_more(budget, limit_ns, period_ns));
	if (status != NX_OK)
		return status;
	limit_set(budget, limit_ns, period_ns);
	sched_turns_anew(budget);
	return NX_OK;
}

nx_status_t sys_budget_limits(nx_handle_t number, uint32_t *out_ceiling,
			      uint64_t *out_limit_ns, uint64_t *out_period_ns,
			      uint64_t *out_held_count)
{
	struct budget *budget;
	nx_status_t status = argument_object(number, NX_KIND_BUDGET,
					     NX_RIGHT_INSPECT, &budget);

	if (status != NX_OK)
		return status;
	*out_ceiling = budget->ceiling;
	*out_limit_ns = time_ticks_to_ns(budget->limit_ticks);
	*out_period_ns = time_ticks_to_ns(budget->period_ticks);
	*out_held_count = budget->held_count;
	return NX_OK;
}

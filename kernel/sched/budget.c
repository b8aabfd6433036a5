/* SPDX-License-Identifier: BSD-2-Clause */
/* Budgets; see budget.h. */
#include <kernel/budget.h>

#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/run_queue.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

/* Callers may call in a circle; the walk ends here whatever they do. */
#define DONATION_DEPTH_MAX 8

nx_status_t budget_set_share(struct budget *budget, uint32_t share)
{
	struct job *job = budget->object.job;
	nx_status_t status = NX_OK;

	if (share < budget->share)
		job_uncharge(job, JOB_SHARES, budget->share - share);
	else
		status = job_charge(job, JOB_SHARES, share - budget->share);
	if (status != NX_OK)
		return status;
	budget->share = share;
	budget->rate = RUN_RATE / share;
	budget->span = budget->rate * this_hart()->slice_ticks;
	return NX_OK;
}

nx_status_t budget_create(struct job *job, uint32_t qos_class, uint32_t share,
			  struct budget **out_budget)
{
	struct budget *budget;
	nx_status_t status = object_create(job, NX_KIND_BUDGET, &budget);

	if (status != NX_OK)
		return status;
	list_init(&budget->held);
	status = budget_set_share(budget, share);
	if (status != NX_OK) {
		object_unref(&budget->object);
		return status;
	}
	budget->qos_class = qos_class;
	budget->ceiling = qos_class;
	*out_budget = budget;
	return NX_OK;
}

bool budget_destroy(struct object *object)
{
	struct budget *budget = CONTAINER_OF(object, struct budget, object);

	timer_disarm(&budget->refill);
	job_uncharge(object->job, JOB_SHARES, budget->share);
	return true;
}

struct thread *budget_payer(struct thread *thread)
{
	for (unsigned i = 0; i < DONATION_DEPTH_MAX; i++) {
		if (thread->caller == NULL)
			break;
		thread = thread->caller;
	}
	return thread;
}

/* So that waits that end at about the same time are one interrupt. */
uint64_t sched_slack_ns(struct thread *thread)
{
	static const uint64_t slack_ns[QOS_CLASSES] = {
		[NX_QOS_IDLE] = 8000000,
		[NX_QOS_NORMAL] = 4000000,
		[NX_QOS_INTERACTIVE] = 1000000,
		[NX_QOS_PERF_BURST] = 0,
	};

	return slack_ns[budget_effective(thread)->qos_class];
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Budgets; see budget.h. */
#include <kernel/budget.h>

#include <kernel/hooks.h>
#include <kernel/thread.h>

/* Callers may call in a circle; the walk ends here whatever they do. */
#define DONATION_DEPTH_MAX 8

nx_status_t budget_create(struct job *job, uint32_t qos_class, uint32_t share,
			  struct budget **out_budget)
{
	struct budget *budget;
	void *object;
	nx_status_t status = object_create(job, NX_KIND_BUDGET, &object);

	if (status != NX_OK)
		return status;
	budget = object;
	budget->qos_class = qos_class;
	budget->share = share;
	*out_budget = budget;
	return NX_OK;
}

bool budget_destroy(struct object *object)
{
	(void)object;
	return true;
}

struct budget *budget_donated(struct thread *thread)
{
	for (unsigned i = 0; i < DONATION_DEPTH_MAX; i++) {
		if (thread->caller == NULL)
			break;
		thread = thread->caller;
	}
	return thread->budget;
}

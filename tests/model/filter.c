/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters: the words of all that hold, and the rates of each. */
#include "model.h"

#include <string.h>

static bool is_rated(const struct model_filter *filter)
{
	for (unsigned i = 0; i < NX_RATE_COUNT; i++)
		if (filter->rules.rates[i].per_second != 0)
			return true;
	return false;
}

static bool has(const struct model_filter *filter,
		const struct model_filter *rated)
{
	for (unsigned i = 0; i < filter->rated_count; i++)
		if (filter->rated[i] == rated)
			return true;
	return filter == rated;
}

/* All that `other` forbids, `filter` forbids too. */
static bool within(const struct model_filter *filter,
		   const struct model_filter *other)
{
	bool all = (filter->rules.calls & ~other->rules.calls) == 0 &&
		   (other->rules.options & ~filter->rules.options) == 0;

	for (unsigned i = 0; i < NX_SYS_COUNT; i++)
		all = all && (filter->rules.operations[i] &
			      ~other->rules.operations[i]) == 0;
	for (unsigned i = 0; i < other->rated_count; i++)
		all = all && has(filter, other->rated[i]);
	return all && (!is_rated(other) || has(filter, other));
}

static nx_status_t add_rated(struct model_filter *filter,
			     struct model_filter *rated)
{
	if (has(filter, rated))
		return NX_OK;
	if (filter->rated_count == MODEL_RATED_MAX)
		return NX_ERR_NO_SPACE;
	model_ref(rated);
	filter->rated[filter->rated_count++] = rated;
	return NX_OK;
}

static nx_status_t add(struct model_filter *filter, struct model_filter *other)
{
	nx_status_t status = NX_OK;

	filter->rules.calls &= other->rules.calls;
	filter->rules.options |= other->rules.options;
	for (unsigned i = 0; i < NX_SYS_COUNT; i++)
		filter->rules.operations[i] &= other->rules.operations[i];
	for (unsigned i = 0; i < other->rated_count && status == NX_OK; i++)
		status = add_rated(filter, other->rated[i]);
	if (status == NX_OK && is_rated(other))
		status = add_rated(filter, other);
	return status;
}

static struct model_filter *another(struct model_filter *filter)
{
	if (filter)
		model_ref(filter);
	return filter;
}

nx_status_t model_filter_both(struct model_job *payer,
			      struct model_filter *left,
			      struct model_filter *right,
			      struct model_filter **out_filter)
{
	struct model_filter *filter;
	nx_status_t status;

	if (!right || (left && within(left, right))) {
		*out_filter = another(left);
		return NX_OK;
	}
	if (!left || within(right, left)) {
		*out_filter = another(right);
		return NX_OK;
	}
	if (payer->dying)
		return NX_ERR_BAD_STATE;
	if (model_no_memory())
		return model.told;
	filter = model_create(NX_KIND_FILTER, sizeof(*filter), payer);
	nx_filter_init(&filter->rules);
	status = add(filter, left);
	if (status == NX_OK)
		status = add(filter, right);
	if (status == NX_OK)
		*out_filter = filter;
	else
		model_unref(filter);
	return status;
}

struct nx_filter_rules model_rules;

static nx_status_t narrow(struct model_filter *filter,
			  struct model_filter **out_filter)
{
	struct model_filter *narrow;
	nx_status_t status = NX_OK;

	if (model_no_memory())
		return model.told;
	narrow = model_create(NX_KIND_FILTER, sizeof(*narrow),
			      model.self->process->object.job);
	narrow->rules = model_rules;
	narrow->rules.calls |= UINT32_C(1) << NX_SYS_exit;
	for (unsigned i = 0; i < NX_RATE_COUNT; i++)
		narrow->tokens[i] = model_rules.rates[i].burst;
	if (filter)
		status = add(narrow, filter);
	if (status == NX_OK)
		*out_filter = narrow;
	else
		model_unref(narrow);
	return status;
}

static nx_status_t rules_check(void)
{
	if ((model_rules.options & ~NX_FILTER_KILL) != 0)
		return NX_ERR_INVALID_ARGS;
	for (unsigned i = 0; i < NX_RATE_COUNT; i++) {
		const struct nx_rate *rate = &model_rules.rates[i];

		if (rate->per_second > NX_RATE_MAX ||
		    rate->burst > NX_RATE_BURST_MAX ||
		    (rate->per_second == 0) != (rate->burst == 0))
			return NX_ERR_INVALID_ARGS;
	}
	return NX_OK;
}

static bool lives(const struct model_job *job)
{
	for (struct model_object *o = model.objects; o; o = o->next) {
		const struct model_process *process =
			(const struct model_process *)o;

		if (!o->alive)
			continue;
		/* A process that has ended lives nowhere, a job that was
		 * killed is nobody's child. */
		if (o->kind == NX_KIND_JOB && !((struct model_job *)o)->dying &&
		    ((struct model_job *)o)->parent == job)
			return true;
		if (o->kind == NX_KIND_PROCESS && o->job == job &&
		    process->state <= NX_PROCESS_RUNNING)
			return true;
	}
	return false;
}

static nx_status_t install(struct model_filter **slot)
{
	struct model_filter *filter = NULL;
	nx_status_t status = narrow(*slot, &filter);

	if (status != NX_OK)
		return status;
	if (*slot)
		model_unref(*slot);
	*slot = filter;
	return NX_OK;
}

nx_status_t model_filter_install(void)
{
	uint64_t number = model.self->in.a[0];
	struct model_object *target = &model.self->object;
	struct model_node *node;
	struct model_job *job;
	nx_status_t status = NX_OK;

	if (number > UINT32_MAX)
		return NX_ERR_INVALID_ARGS;
	if (number != NX_HANDLE_NONE) {
		status = model_lookup((nx_handle_t)number, NX_KIND_NONE, 0,
				      &node);
		if (status != NX_OK)
			return status;
		target = node->object;
		if (target->kind != NX_KIND_THREAD &&
		    target->kind != NX_KIND_JOB)
			return NX_ERR_WRONG_KIND;
		if ((node->rights & NX_RIGHT_MANAGE) == 0)
			return NX_ERR_ACCESS_DENIED;
	}
	status = rules_check();
	if (status != NX_OK)
		return status;
	if (target->kind == NX_KIND_THREAD)
		return install(&((struct model_thread *)target)->filter);
	job = (struct model_job *)target;
	if (job == model.root || job->dying || lives(job))
		return NX_ERR_BAD_STATE;
	return install(&job->filter);
}

static unsigned rate_of(uint64_t call, uint64_t operation)
{
	switch (call) {
	case NX_SYS_call:
		return NX_RATE_CALL;
	case NX_SYS_send:
		return NX_RATE_SEND;
	case NX_SYS_port_create:
	case NX_SYS_event_create:
	case NX_SYS_process_create:
	case NX_SYS_thread_create:
	case NX_SYS_vmo_create:
		return NX_RATE_CREATE;
	case NX_SYS_vmo_ctl:
		return operation == NX_OP_vmo_slice ||
				       operation == NX_OP_vmo_snapshot ||
				       operation == NX_OP_vmo_contiguous
			       ? NX_RATE_CREATE
			       : NX_RATE_COUNT;
	case NX_SYS_mmio_ctl:
		return operation == NX_OP_mmio_narrow ? NX_RATE_CREATE
						      : NX_RATE_COUNT;
	case NX_SYS_irq_ctl:
		return operation == NX_OP_irq_narrow ? NX_RATE_CREATE
						     : NX_RATE_COUNT;
	case NX_SYS_dma_ctl:
		return operation == NX_OP_dma_narrow ? NX_RATE_CREATE
						     : NX_RATE_COUNT;
	case NX_SYS_job_ctl:
		return operation == NX_OP_job_create ? NX_RATE_CREATE
						     : NX_RATE_COUNT;
	case NX_SYS_sched_ctl:
		return operation == NX_OP_budget_create ? NX_RATE_CREATE
							: NX_RATE_COUNT;
	default:
		return NX_RATE_COUNT;
	}
}

static bool is_control(uint64_t call)
{
	return call == NX_SYS_mmio_ctl || call == NX_SYS_irq_ctl ||
	       call == NX_SYS_dma_ctl || call == NX_SYS_thread_ctl ||
	       call == NX_SYS_vmo_ctl || call == NX_SYS_job_ctl ||
	       call == NX_SYS_sched_ctl || call == NX_SYS_trace_ctl;
}

static bool empty(const struct model_filter *filter, unsigned rate)
{
	return filter->rules.rates[rate].per_second != 0 &&
	       filter->tokens[rate] == 0;
}

static void spend(struct model_filter *filter, unsigned rate)
{
	if (filter->rules.rates[rate].per_second != 0)
		filter->tokens[rate]--;
}

nx_status_t model_filter_ask(void)
{
	struct model_thread *self = model.self;
	struct model_filter *filter = self->filter;
	uint64_t call = self->call, operation = self->in.a[1];
	bool control = is_control(call);
	unsigned rate;

	if (!filter || call >= NX_SYS_COUNT || (control && operation >= 32))
		return NX_OK;
	if ((filter->rules.calls >> call & 1) == 0 ||
	    (control && (filter->rules.operations[call] >> operation & 1) == 0))
		return NX_ERR_FILTERED;
	rate = rate_of(call, operation);
	if (rate == NX_RATE_COUNT)
		return NX_OK;
	for (unsigned i = 0; i < filter->rated_count; i++)
		if (empty(filter->rated[i], rate))
			return NX_ERR_THROTTLED;
	if (empty(filter, rate))
		return NX_ERR_THROTTLED;
	for (unsigned i = 0; i < filter->rated_count; i++)
		spend(filter->rated[i], rate);
	spend(filter, rate);
	return NX_OK;
}

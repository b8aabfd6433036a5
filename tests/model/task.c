/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs, processes, threads, budgets: how they begin and end. */
#include "model.h"

nx_status_t model_payer(uint64_t number, struct model_job **out_job)
{
	*out_job = model.self->process->object.job;
	if (number == NX_HANDLE_NONE)
		return NX_OK;
	return model_find(number, NX_KIND_JOB, NX_RIGHT_WRITE, out_job);
}

nx_status_t model_payer_of_new(uint64_t number, struct model_job **out_job)
{
	nx_status_t status = model_payer(number, out_job);

	if (status == NX_OK && (*out_job)->dying)
		status = NX_ERR_BAD_STATE;
	if (status == NX_OK && model_no_memory())
		status = model.told;
	return status;
}

static nx_status_t job_create(void)
{
	struct model_filter *filter = NULL;
	struct model_job *parent, *job;
	nx_status_t status =
		model_find(in(0), NX_KIND_JOB, NX_RIGHT_MANAGE, &parent);

	if (status != NX_OK)
		return status;
	status = model_filter_both(parent, parent->filter, model.self->filter,
				   &filter);
	if (status == NX_OK && parent->depth == NX_JOB_DEPTH_MAX)
		status = NX_ERR_NO_SPACE;
	if (status == NX_OK && parent->dying)
		status = NX_ERR_BAD_STATE;
	/* Pages are charged first. */
	if (status == NX_OK && model_no_memory())
		status = model.told;
	if (status == NX_OK)
		status = model_charge(parent, MODEL_HANDLES, in(3));
	if (status == NX_OK) {
		status = model_charge(parent, MODEL_THREADS, in(4));
		if (status != NX_OK)
			model_uncharge(parent, MODEL_HANDLES, in(3));
	}
	if (status != NX_OK) {
		if (filter)
			model_unref(filter);
		return status;
	}
	job = model_create(NX_KIND_JOB, sizeof(*job), parent);
	job->parent = parent;
	job->depth = parent->depth + 1;
	job->max[MODEL_HANDLES] = in(3);
	job->max[MODEL_THREADS] = in(4);
	job->filter = filter;
	return model_install_made(&job->object);
}

static nx_status_t may_name(uint64_t number, uint64_t service_id)
{
	struct model_node *node;

	if (service_id == model.self->process->service_id)
		return NX_OK;
	if (number == NX_HANDLE_NONE)
		return NX_ERR_ACCESS_DENIED;
	return model_lookup((nx_handle_t)number, NX_KIND_JOB, NX_RIGHT_MANAGE,
			    &node);
}

static nx_status_t process_create(void)
{
	struct model_filter *filter = NULL;
	struct model_process *process;
	struct model_job *job;
	nx_status_t status = model_payer(in(0), &job);

	if (status == NX_OK)
		status = may_name(in(0), in(1));
	if (status == NX_OK)
		status = model_filter_both(job, job->filter, model.self->filter,
					   &filter);
	if (status != NX_OK)
		return status;
	if (job->dying || model_no_memory()) {
		if (filter)
			model_unref(filter);
		return job->dying ? NX_ERR_BAD_STATE : model.told;
	}
	process = model_create(NX_KIND_PROCESS, sizeof(*process), job);
	process->state = NX_PROCESS_NEW;
	process->service_id = (uint32_t)in(1);
	process->filter = filter;
	return model_install_made(&process->object);
}

nx_status_t model_process_of(uint64_t number, nx_rights_t rights,
			     struct model_process **out_process)
{
	*out_process = model.self->process;
	if (number == NX_HANDLE_NONE)
		return NX_OK;
	return model_find(number, NX_KIND_PROCESS, rights, out_process);
}

static nx_status_t budget_of(uint64_t number, struct model_budget **out_budget)
{
	*out_budget = model.self->budget;
	if (number == NX_HANDLE_NONE)
		return NX_OK;
	return model_find(number, NX_KIND_BUDGET, NX_RIGHT_MANAGE, out_budget);
}

static void thread_make(struct model_process *process,
			struct model_budget *budget,
			struct model_filter *filter,
			struct model_thread **out_thread)
{
	struct model_thread *thread = model_create(
		NX_KIND_THREAD, sizeof(*thread), process->object.job);

	thread->process = process;
	thread->budget = budget;
	budget->thread_count++;
	thread->filter = filter;
	thread->bytes_max = NX_MESSAGE_FRAME_MAX;
	thread->caps_max = NX_MESSAGE_CAPS_MAX;
	thread->got_fill = -1;
	model_ref(budget);
	model_ref(thread); /* while it is not dead */
	*out_thread = thread;
}

static nx_status_t thread_create(void)
{
	struct model_filter *filter = NULL;
	struct model_process *process;
	struct model_budget *budget;
	struct model_thread *thread;
	nx_status_t status = model_process_of(in(0), NX_RIGHT_MANAGE, &process);

	if (status == NX_OK)
		status = budget_of(in(1), &budget);
	if (status == NX_OK)
		status = model_filter_both(process->object.job, process->filter,
					   model.self->filter, &filter);
	if (status != NX_OK)
		return status;
	if (process->object.job->dying)
		status = NX_ERR_BAD_STATE;
	if (status == NX_OK && model_no_memory())
		status = model.told;
	if (status == NX_OK)
		status = model_charge(process->object.job, MODEL_THREADS, 1);
	if (status == NX_OK && process->state > NX_PROCESS_RUNNING) {
		model_uncharge(process->object.job, MODEL_THREADS, 1);
		status = NX_ERR_BAD_STATE;
	}
	if (status != NX_OK) {
		if (filter)
			model_unref(filter);
		return status;
	}
	thread_make(process, budget, filter, &thread);
	status =
		model_charge(model.self->process->object.job, MODEL_HANDLES, 1);
	if (status == NX_OK) {
		model.made =
			model_install(model.self->process, &thread->object,
				      model_rights_of(NX_KIND_THREAD), 0, NULL);
		model.made_object = &thread->object;
	} else {
		model_thread_kill(thread);
	}
	model_unref(thread);
	return status;
}

static nx_status_t thread_start(void)
{
	struct model_thread *thread;
	nx_status_t status =
		model_find(in(0), NX_KIND_THREAD, NX_RIGHT_MANAGE, &thread);

	if (status != NX_OK)
		return status;
	if (thread->state != MODEL_NEW)
		return NX_ERR_BAD_STATE;
	model_ref(thread->process);
	thread->process->state = NX_PROCESS_RUNNING;
	thread->process->started_count++;
	thread->started = true;
	thread->state = MODEL_RUNNABLE;
	return NX_OK;
}

void model_thread_kill(struct model_thread *thread)
{
	struct model_process *process = thread->process;
	struct model_job *job = process->object.job;

	if (thread->state == MODEL_DEAD)
		return;
	model_unblock(thread);
	if (thread->caller)
		model_wake_closed(thread->caller,
				  thread->caller->port->generation);
	thread->caller_gone = false;
	thread->state = MODEL_DEAD;
	model_uncharge(job, MODEL_THREADS, 1);
	if (thread->started)
		process->started_count--;
	thread->budget->thread_count--;
	model_unref(thread->budget);
	thread->budget = NULL;
	if (thread->started)
		model_unref(process);
	model_unref(thread);
}

void model_thread_end(struct model_thread *thread, uint32_t state, int64_t code)
{
	struct model_process *process = thread->process;

	if (thread->state == MODEL_DEAD)
		return;
	model_ref(process);
	model_thread_kill(thread);
	if (process->state == NX_PROCESS_RUNNING && process->started_count == 0)
		model_process_end(process, state, code);
	model_unref(process);
}

static struct model_thread *thread_of(const struct model_process *process)
{
	for (struct model_object *o = model.objects; o; o = o->next) {
		struct model_thread *thread = (struct model_thread *)o;

		if (o->kind == NX_KIND_THREAD && o->alive &&
		    thread->process == process && thread->state != MODEL_DEAD)
			return thread;
	}
	return NULL;
}

/* The handles of the process: nobody shall see in which order. */
static void close_all(struct model_process *process)
{
	for (unsigned i = 0; i < model.node_high; i++) {
		struct model_node *node = &model.nodes[i];

		if (node->type == NODE_HANDLE && node->process == process)
			model_close(node, true);
	}
}

void model_process_end(struct model_process *process, uint32_t state,
		       int64_t code)
{
	struct model_thread *thread;

	if (process->state > NX_PROCESS_RUNNING)
		return;
	model_ref(process);
	process->state = state;
	process->code = code;
	while ((thread = thread_of(process)) != NULL)
		model_thread_kill(thread);
	close_all(process);
	model_unmap_all(process);
	model_unref(process);
}

/* The oldest of a kind in a job that has not ended. */
static struct model_object *living_in(const struct model_job *job,
				      uint32_t kind)
{
	struct model_object *found = NULL;

	for (struct model_object *o = model.objects; o; o = o->next) {
		if (!o->alive || o->kind != kind || o->job != job)
			continue;
		if (kind == NX_KIND_JOB ? !((struct model_job *)o)->dying
					: ((struct model_process *)o)->state <=
						  NX_PROCESS_RUNNING)
			found = o;
	}
	return found;
}

/* Children first, of each the oldest first. What a job may still use is its
 * parent's at once. */
static void job_kill(struct model_job *job, int64_t code)
{
	struct model_object *object;

	model_ref(job);
	job->dying = true;
	while ((object = living_in(job, NX_KIND_JOB)) != NULL)
		job_kill((struct model_job *)object, code);
	while ((object = living_in(job, NX_KIND_PROCESS)) != NULL)
		model_process_end((struct model_process *)object,
				  NX_PROCESS_KILLED, code);
	for (unsigned r = 0; r < MODEL_RESOURCES; r++) {
		uint64_t unused = job->max[r] - job->used[r];

		job->max[r] = job->used[r];
		model_uncharge(job->parent, r, unused);
	}
	model_unref(job);
}

static nx_status_t task_kill(void)
{
	struct model_object *object;
	struct model_node *node;
	nx_status_t status;

	if (in(0) > UINT32_MAX)
		return NX_ERR_INVALID_ARGS;
	status = model_lookup((nx_handle_t)in(0), NX_KIND_NONE, 0, &node);
	if (status != NX_OK)
		return status;
	object = node->object;
	if (object->kind != NX_KIND_THREAD && object->kind != NX_KIND_PROCESS &&
	    object->kind != NX_KIND_JOB)
		return NX_ERR_WRONG_KIND;
	if ((node->rights & NX_RIGHT_MANAGE) == 0)
		return NX_ERR_ACCESS_DENIED;
	model_ref(object);
	if (object->kind == NX_KIND_THREAD)
		model_thread_end((struct model_thread *)object,
				 NX_PROCESS_KILLED, (int64_t)in(1));
	else if (object->kind == NX_KIND_PROCESS)
		model_process_end((struct model_process *)object,
				  NX_PROCESS_KILLED, (int64_t)in(1));
	else if (!((struct model_job *)object)->dying)
		job_kill((struct model_job *)object, (int64_t)in(1));
	model_unref(object);
	return NX_OK;
}

static nx_status_t leave(void)
{
	struct model_thread *self = model.self;

	if (in(1) > 1)
		return NX_ERR_INVALID_ARGS;
	if (in(1) == 1)
		model_process_end(self->process, NX_PROCESS_EXITED,
				  (int64_t)in(0));
	else
		model_thread_end(self, NX_PROCESS_EXITED, (int64_t)in(0));
	return MODEL_BLOCKED;
}

static nx_status_t budget_create(void)
{
	struct model_budget *budget;
	struct model_node *node;
	struct model_job *job;
	nx_status_t status;

	if (in(2) > NX_QOS_PERF_BURST || in(3) == 0 || in(3) > NX_SHARE_MAX)
		return NX_ERR_INVALID_ARGS;
	status = model_payer(in(0), &job);
	if (status == NX_OK && in(2) > model.self->budget->qos_class)
		status = in(0) == NX_HANDLE_NONE
				 ? NX_ERR_ACCESS_DENIED
				 : model_lookup((nx_handle_t)in(0), NX_KIND_JOB,
						NX_RIGHT_MANAGE, &node);
	if (status == NX_OK && job->dying)
		status = NX_ERR_BAD_STATE;
	if (status == NX_OK && model_no_memory())
		status = model.told;
	if (status != NX_OK)
		return status;
	budget = model_create(NX_KIND_BUDGET, sizeof(*budget), job);
	status = model_charge(job, MODEL_SHARES, in(3));
	if (status != NX_OK) {
		model_unref(budget);
		return status;
	}
	budget->qos_class = (uint32_t)in(2);
	budget->ceiling = (uint32_t)in(2);
	budget->share = (uint32_t)in(3);
	return model_install_made(&budget->object);
}

/* One's own is not raised, and nobody else's. */
static nx_status_t own_check(const struct model_budget *budget, bool raises)
{
	if (in(0) != NX_HANDLE_NONE)
		return NX_OK;
	if (raises)
		return NX_ERR_ACCESS_DENIED;
	return budget->thread_count > 1 ? NX_ERR_BUSY : NX_OK;
}

static nx_status_t budget_set(void)
{
	uint64_t qos_class = in(2), ceiling = in(3), share = in(4);
	struct model_budget *budget;
	nx_status_t status;

	if (ceiling > NX_QOS_PERF_BURST || qos_class > ceiling || share == 0 ||
	    share > NX_SHARE_MAX)
		return NX_ERR_INVALID_ARGS;
	status = budget_of(in(0), &budget);
	if (status == NX_OK && ceiling > budget->ceiling)
		status = NX_ERR_ACCESS_DENIED;
	if (status == NX_OK)
		status = own_check(budget, qos_class > budget->qos_class ||
						   share > budget->share);
	if (status == NX_OK && share > budget->share)
		status = model_charge(budget->object.job, MODEL_SHARES,
				      share - budget->share);
	if (status != NX_OK)
		return status;
	if (share < budget->share)
		model_uncharge(budget->object.job, MODEL_SHARES,
			       budget->share - share);
	budget->qos_class = (uint32_t)qos_class;
	budget->ceiling = (uint32_t)ceiling;
	budget->share = (uint32_t)share;
	return NX_OK;
}

static nx_status_t budget_limit(void)
{
	uint64_t limit_ns = in(2), period_ns = in(3);
	struct model_budget *budget;
	nx_status_t status;

	if ((limit_ns != 0 || period_ns != 0) &&
	    (period_ns < NX_PERIOD_MIN_NS || period_ns > NX_PERIOD_MAX_NS ||
	     limit_ns < NX_LIMIT_MIN_NS || limit_ns > period_ns))
		return NX_ERR_INVALID_ARGS;
	status = budget_of(in(0), &budget);
	if (status == NX_OK)
		status = own_check(
			budget, budget->limit_ns != 0 &&
					(limit_ns == 0 ||
					 limit_ns * budget->period_ns >
						 budget->limit_ns * period_ns));
	if (status != NX_OK)
		return status;
	budget->limit_ns = limit_ns;
	budget->period_ns = period_ns;
	return NX_OK;
}

static nx_status_t budget_limits(void)
{
	struct model_budget *budget;
	nx_status_t status =
		model_find(in(0), NX_KIND_BUDGET, NX_RIGHT_INSPECT, &budget);

	if (status != NX_OK)
		return status;
	model_out(0, budget->ceiling);
	model_out(1, budget->limit_ns);
	model_out(2, budget->period_ns);
	return NX_OK;
}

static nx_status_t budget_info(void)
{
	struct model_budget *budget;
	nx_status_t status =
		model_find(in(0), NX_KIND_BUDGET, NX_RIGHT_INSPECT, &budget);

	if (status != NX_OK)
		return status;
	model_out(0, budget->qos_class);
	model_out(1, budget->share);
	return NX_OK;
}

static nx_status_t job_stats(void)
{
	struct model_node *node;
	struct model_job *job;
	nx_status_t status;

	if (in(0) > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	status = model_lookup((nx_handle_t)in(0), NX_KIND_JOB, NX_RIGHT_INSPECT,
			      &node);
	if (status != NX_OK)
		return status;
	job = (struct model_job *)node->object;
	model_out(2, job->used[MODEL_HANDLES]);
	model_out(3, job->max[MODEL_HANDLES]);
	model_out(4, job->used[MODEL_THREADS]);
	model_out(5, job->max[MODEL_THREADS]);
	return NX_OK;
}

static nx_status_t job_set_shares(void)
{
	struct model_job *parent, *job;
	nx_status_t status =
		model_find(in(0), NX_KIND_JOB, NX_RIGHT_MANAGE, &parent);
	uint64_t shares = in(3);

	if (status == NX_OK)
		status = model_find(in(2), NX_KIND_JOB, NX_RIGHT_MANAGE, &job);
	if (status != NX_OK)
		return status;
	if (job->parent != parent)
		return NX_ERR_INVALID_ARGS;
	if (job->dying || shares < job->used[MODEL_SHARES])
		return NX_ERR_BAD_STATE;
	if (shares > job->max[MODEL_SHARES])
		status = model_charge(parent, MODEL_SHARES,
				      shares - job->max[MODEL_SHARES]);
	else
		model_uncharge(parent, MODEL_SHARES,
			       job->max[MODEL_SHARES] - shares);
	if (status == NX_OK)
		job->max[MODEL_SHARES] = shares;
	return status;
}

static nx_status_t job_shares(void)
{
	struct model_job *job;
	nx_status_t status =
		model_find(in(0), NX_KIND_JOB, NX_RIGHT_INSPECT, &job);

	if (status != NX_OK)
		return status;
	model_out(0, job->used[MODEL_SHARES]);
	model_out(1, job->max[MODEL_SHARES]);
	return NX_OK;
}

static nx_status_t job_call(void)
{
	switch (in(1)) {
	case NX_OP_job_create:
		return job_create();
	case NX_OP_job_set_shares:
		return job_set_shares();
	case NX_OP_job_shares:
		return job_shares();
	default:
		return job_stats();
	}
}

static nx_status_t budget_call(void)
{
	switch (in(1)) {
	case NX_OP_budget_create:
		return budget_create();
	case NX_OP_budget_set:
		return budget_set();
	case NX_OP_budget_limit:
		return budget_limit();
	case NX_OP_budget_limits:
		return budget_limits();
	default:
		return budget_info();
	}
}

nx_status_t model_task_call(void)
{
	switch (model.self->call) {
	case NX_SYS_process_create:
		return process_create();
	case NX_SYS_thread_create:
		return thread_create();
	case NX_SYS_thread_ctl:
		return in(1) == NX_OP_thread_start ? thread_start()
						   : NX_ERR_BAD_CALL;
	case NX_SYS_task_kill:
		return task_kill();
	case NX_SYS_exit:
		return leave();
	case NX_SYS_job_ctl:
		return job_call();
	default:
		return budget_call();
	}
}

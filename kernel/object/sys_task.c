/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that make, start and end what runs. */
#include <kernel/syscall.h>

#include <kernel/arch.h>
#include <kernel/arguments.h>
#include <kernel/budget.h>
#include <kernel/filter.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/thread.h>

HELD static nx_status_t process_begin(nx_handle_t number, uint32_t service_id,
				      const uint64_t name[2])
{
	struct filter *filter = NULL;
	struct process *process;
	struct job *job;
	nx_status_t status = job_payer(number, &job);

	/* To speak in another's name is for whoever manages the job. */
	if (status == NX_OK && service_id != current_process()->service_id)
		status = number == NX_HANDLE_NONE
				 ? NX_ERR_ACCESS_DENIED
				 : argument_object(number, NX_KIND_JOB,
						   NX_RIGHT_MANAGE, &job);
	if (status == NX_OK)
		status = filter_both(job, job->filter, current_thread()->filter,
				     &filter);
	if (status == NX_OK)
		status = process_create(job, service_id, name, &process);
	if (status != NX_OK) {
		filter_unref(filter);
		return status;
	}
	process->filter = filter;
	return argument_begun(&process->object);
}

nx_status_t sys_process_create(nx_handle_t number, uint32_t service_id,
			       uint64_t name_low, uint64_t name_high,
			       nx_handle_t *out_process)
{
	const uint64_t name[2] = { name_low, name_high };
	const struct thread *self = current_thread();
	nx_status_t status = NX_OK;

	if (self->unfinished == NULL)
		status = process_begin(number, service_id, name);
	if (status == NX_OK)
		status = process_set_up(
			CONTAINER_OF(self->unfinished, struct process, object));
	return argument_finish(status, out_process);
}

HELD static nx_status_t thread_begin(struct process *process)
{
	const struct thread *self = current_thread();
	struct filter *filter = NULL;
	struct thread *thread;
	nx_status_t status = NX_OK;

	if (process->filter != NULL || self->filter != NULL)
		status = filter_both(process->object.job, process->filter,
				     self->filter, &filter);
	if (status == NX_OK)
		status = thread_create(process, &thread);
	if (status != NX_OK) {
		filter_unref(filter);
		return status;
	}
	if (filter != NULL)
		filter_give(thread, filter);
	return argument_begun(&thread->object);
}

nx_status_t sys_thread_create(nx_handle_t process_number,
			      nx_handle_t budget_number,
			      nx_handle_t *out_thread)
{
	struct thread *self = current_thread();
	struct handle_table *table = &self->process->handles;
	struct budget *budget = self->budget;
	struct process *process;
	nx_status_t status =
		argument_process(process_number, NX_RIGHT_MANAGE, &process);

	if (status == NX_OK)
		status = argument_optional(budget_number, NX_KIND_BUDGET,
					   NX_RIGHT_MANAGE, &budget);
	if (status == NX_OK && self->unfinished == NULL)
		status = thread_begin(process);
	if (status == NX_OK)
		status = handle_reserve_one(table);
	if (status == NX_OK) {
		status = thread_set_up(
			CONTAINER_OF(self->unfinished, struct thread, object),
			process, budget);
		if (status == NX_OK)
			*out_thread = handle_install(
				table, self->unfinished,
				object_rights[NX_KIND_THREAD], 0, NULL);
		else
			handle_unreserve(table, 1);
	}
	if (status != SYS_AGAIN)
		thread_leave_call(self);
	return status;
}

nx_status_t sys_thread_start(nx_handle_t number, nx_uaddr_t entry,
			     nx_uaddr_t stack, uint64_t argument)
{
	struct thread *thread;
	nx_status_t status = argument_object(number, NX_KIND_THREAD,
					     NX_RIGHT_MANAGE, &thread);

	if (status != NX_OK)
		return status;
	return thread_start(thread, entry, stack, argument);
}

/* A thread takes its process with it if it was the last. */
HELD static bool end_thread(struct thread *thread, int64_t code)
{
	struct process *process = thread->process;
	bool is_over;

	if (process == NULL)
		return true;
	object_ref(&process->object);
	thread_end(thread, NX_PROCESS_KILLED, code);
	if (process->state > NX_PROCESS_RUNNING)
		process_end(process, NX_PROCESS_KILLED, code);
	is_over = process->state <= NX_PROCESS_RUNNING || process->emptied;
	object_unref(&process->object);
	return is_over;
}

/* What has begun to end is ended by this thread; true: nothing is left. */
HELD static bool end_task(struct object *object, int64_t code)
{
	struct process *process;
	struct job *job;

	switch (object->kind) {
	case NX_KIND_THREAD:
		return end_thread(CONTAINER_OF(object, struct thread, object),
				  code);
	case NX_KIND_PROCESS:
		process = CONTAINER_OF(object, struct process, object);
		process_end(process, NX_PROCESS_KILLED, code);
		return process->emptied;
	default:
		job = CONTAINER_OF(object, struct job, object);
		job_kill(job, code);
		return job->killed;
	}
}

nx_status_t sys_task_kill(nx_handle_t number, int64_t code)
{
	struct handle *handle;
	struct object *object;
	bool is_over;
	nx_status_t status = argument_handle(number, NX_KIND_NONE, 0, &handle);

	if (status != NX_OK)
		return status;
	object = handle->object;
	if (object->kind != NX_KIND_THREAD && object->kind != NX_KIND_PROCESS &&
	    object->kind != NX_KIND_JOB)
		return NX_ERR_WRONG_KIND;
	if ((handle->link.rights & NX_RIGHT_MANAGE) == 0)
		return NX_ERR_ACCESS_DENIED;
	object_ref(object);
	is_over = end_task(object, code);
	object_unref(object);
	/* Steps wait for the harts as well; who takes them over does not wait
	 * for this thread, so it asks again. */
	if (!is_over && current_thread()->state != THREAD_DEAD)
		return SYS_AGAIN;
	return hart_await_evictions();
}

nx_status_t sys_exit(int64_t code, uint32_t whole)
{
	if (whole > 1)
		return NX_ERR_INVALID_ARGS;
	if (whole == 1)
		process_end(current_process(), NX_PROCESS_EXITED, code);
	else
		thread_end(current_thread(), NX_PROCESS_EXITED, code);
	return SYS_BLOCKED;
}

nx_status_t sys_job_reset(nx_handle_t number, uint32_t kind, uint32_t code)
{
	struct job *job;
	nx_status_t status;

	if (kind != NX_RESET_SHUTDOWN && kind != NX_RESET_REBOOT)
		return NX_ERR_INVALID_ARGS;
	status = argument_object(number, NX_KIND_JOB, NX_RIGHT_MANAGE, &job);
	if (status != NX_OK)
		return status;
	if (job != root_job)
		return NX_ERR_ACCESS_DENIED;
	arch_reset(kind, code);
}

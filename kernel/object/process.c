/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes. The end of one happens once and whole, by whatever way it
 * comes; what is left is an object that says how it ended. */
#include <kernel/process.h>

#include <kernel/arch.h>
#include <kernel/filter.h>
#include <kernel/hart.h>
#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/sched.h>
#include <kernel/thread.h>
#include <kernel/trace.h>
#include <kernel/watch.h>

nx_status_t process_create(struct job *job, uint32_t service_id,
			   const uint64_t name[2], struct process **out_process)
{
	struct process *process;
	void *object;
	nx_status_t status = object_create(job, NX_KIND_PROCESS, &object);

	if (status != NX_OK)
		return status;
	process = object;
	process->state = NX_PROCESS_KILLED; /* nothing to end yet */
	process->service_id = service_id;
	process->name[0] = name[0];
	process->name[1] = name[1];
	list_init(&process->in_job);
	list_init(&process->threads);
	handle_table_init(&process->handles, process);
	status = space_init(&process->space, job);
	if (status != NX_OK) {
		object_unref(&process->object);
		return status;
	}
	process->state = NX_PROCESS_NEW;
	list_push_back(&job->processes, &process->in_job);
	*out_process = process;
	return NX_OK;
}

static bool has_ended(const struct process *process)
{
	return process->state != NX_PROCESS_NEW &&
	       process->state != NX_PROCESS_RUNNING;
}

/* No hart runs a thread of it any more. */
static void finish(struct process *process)
{
	arch_space_leave(&process->space);
	space_fini(&process->space);
	list_remove(&process->in_job);
	trace(NX_TRACE_ENDED, process->object.id, process->state,
	      (uint64_t)process->exit_code);
	if (process->ran)
		watch_exit(process);
}

/* Takes no reference on the process: it may have none left. */
static void empty(struct process *process, uint32_t state, int64_t code)
{
	process->ran = process->state == NX_PROCESS_RUNNING;
	process->state = state;
	process->exit_code = code;
	while (!list_is_empty(&process->threads))
		thread_kill(LIST_ENTRY(process->threads.next, struct thread,
				       in_process));
	handle_table_fini(&process->handles);
	if (process->linger_count == 0)
		finish(process);
}

void process_left(struct process *process)
{
	if (--process->linger_count == 0 && has_ended(process))
		finish(process);
}

void process_end(struct process *process, uint32_t state, int64_t code)
{
	if (has_ended(process))
		return;
	object_ref(&process->object);
	empty(process, state, code);
	object_unref(&process->object);
}

void process_destroy(struct object *object)
{
	struct process *process = CONTAINER_OF(object, struct process, object);

	if (!has_ended(process))
		empty(process, NX_PROCESS_KILLED, 0);
	filter_unref(process->filter);
}

void process_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct process *process = (const struct process *)object;

	*state = process->state;
	*value = (uint64_t)process->exit_code;
}

struct process *current_process(void)
{
	return current_thread()->process;
}

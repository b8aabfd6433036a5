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

_Static_assert(sizeof(struct process) <= 512, "a cell of 512 bytes");

HELD static void end_begin(struct process *process, uint32_t state,
			   int64_t code)
{
	process->ran = process->state == NX_PROCESS_RUNNING;
	process->state = state;
	process->exit_code = code;
}

/* Nothing new comes in: the state refuses it. */
HELD static bool end_step(struct process *process)
{
	if (!list_is_empty(&process->threads)) {
		thread_kill(LIST_ENTRY(process->threads.next, struct thread,
				       in_process));
		return false;
	}
	if (!handle_table_fini(&process->handles))
		return false;
	/* A hart that still runs a thread of it is about to leave that. */
	if (process->linger_count > 0)
		return false;
	arch_space_leave(&process->space);
	if (!space_fini(&process->space))
		return false;
	list_remove(&process->in_job);
	tasks_version++;
	process->emptied = true;
	trace(NX_TRACE_ENDED, process->object.id, process->state,
	      (uint64_t)process->exit_code);
	if (process->ran)
		watch_exit(process);
	return true;
}

HELD static bool end_work(struct work *work)
{
	struct process *process = CONTAINER_OF(work, struct process, end);

	if (!end_step(process))
		return false;
	object_unref(&process->object);
	return true;
}

nx_status_t process_create(struct job *job, uint32_t service_id,
			   const uint64_t name[2], struct process **out_process)
{
	struct process *process = NULL;
	nx_status_t status = object_create(job, NX_KIND_PROCESS, &process);

	if (status != NX_OK)
		return status;
	process->state = NX_PROCESS_KILLED; /* nothing to end yet */
	process->emptied = true;
	work_init(&process->end, end_work);
	process->service_id = service_id;
	process->name[0] = name[0];
	process->name[1] = name[1];
	list_init(&process->in_job);
	list_init(&process->threads);
	handle_table_init(&process->handles, process);
	*out_process = process;
	return NX_OK;
}

nx_status_t process_set_up(struct process *process)
{
	struct job *job = process->object.job;
	nx_status_t status;

	if (!process->emptied)
		return NX_OK;
	if (job->dying)
		return NX_ERR_BAD_STATE;
	status = space_init(&process->space, job);
	if (status != NX_OK)
		return status;
	process->state = NX_PROCESS_NEW;
	process->emptied = false;
	list_push_back(&job->processes, &process->in_job);
	tasks_version++;
	return kernel_poll() ? SYS_AGAIN : NX_OK;
}

void process_end(struct process *process, uint32_t state, int64_t code)
{
	if (process->emptied)
		return;
	if (process->state <= NX_PROCESS_RUNNING) {
		object_ref(&process->object);
		end_begin(process, state, code);
	}
	/* Somebody else may take the steps over, and this thread never goes
	 * on. */
	if (current_thread() != NULL && current_thread()->process == process)
		thread_kill(current_thread());
	steps_add(&process->end);
}

/* One that nobody ended has no thread that started. */
bool process_last(struct object *object)
{
	struct process *process = CONTAINER_OF(object, struct process, object);

	kernel_lock_assert();
	if (process->emptied)
		return false;
	object->reference_count = 1; /* of its end */
	end_begin(process, NX_PROCESS_KILLED, 0);
	steps_add(&process->end);
	return true;
}

bool process_destroy(struct object *object)
{
	struct process *process = CONTAINER_OF(object, struct process, object);

	filter_unref(process->filter);
	return true;
}

/* It has ended when nothing of it is left. */
uint32_t process_state(const struct process *process)
{
	if (process->state > NX_PROCESS_RUNNING && !process->emptied)
		return process->ran ? NX_PROCESS_RUNNING : NX_PROCESS_NEW;
	return process->state;
}

void process_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct process *process = (const struct process *)object;

	*state = process_state(process);
	*value = (uint64_t)process->exit_code;
}

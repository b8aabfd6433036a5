/* SPDX-License-Identifier: BSD-2-Clause */
#include "execd.h"

#include <lib/roles.h>
#include <nexus/syscalls.h>

#define CLIENT_RIGHTS                                                          \
	(NX_RIGHT_CALL | NX_RIGHT_SEND | NX_RIGHT_DUP | NX_RIGHT_TRANSFER |    \
	 NX_RIGHT_INSPECT)
#define NAME_BYTES 17

static void close_handle(nx_handle_t *handle)
{
	if (*handle != NX_HANDLE_NONE)
		nx_handle_close(*handle);
	*handle = NX_HANDLE_NONE;
}

/* What every program gets: its job to look at, the console, the packages,
 * and nothing that could change another program. */
static unsigned give(const struct execd *execd, const struct task *task,
		     struct launch_handle *handles)
{
	const uint32_t shared[] = { ROLE_CONSOLE, ROLE_PACKAGEFS };
	unsigned count = 0;

	handles[count++] =
		(struct launch_handle){ NX_ROLE_JOB, task->job.handle,
					NX_RIGHT_INSPECT, 0 };
	for (unsigned i = 0; i < 2; i++) {
		nx_handle_t source = program_handle(execd->program, shared[i]);

		if (source != NX_HANDLE_NONE)
			handles[count++] =
				(struct launch_handle){ shared[i], source,
							CLIENT_RIGHTS, 0 };
	}
	return count;
}

static const char *short_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/' && path[1])
			name = path + 1;
	return name;
}

static nx_status_t launch_file(struct execd *execd, struct task *task,
			       const char *const *args, unsigned arg_count,
			       const struct program_file *file)
{
	struct launch_handle handles[4];
	struct launch launch = {
		.job = task->job,
		.service_id = task->id,
		.name = short_name(args[0]),
		.file = { file->bytes.vmo, 0, file->bytes.size_bytes,
			  file->bytes.bytes },
		.stack_bytes = TASK_STACK_BYTES,
		.handles = handles,
		.args = args,
		.arg_count = arg_count,
		.parent = &execd->program->startup.record,
	};

	launch.handle_count = give(execd, task, handles);
	return launch_start(&launch, &task->process);
}

static nx_status_t free_task(struct execd *execd, uint32_t client,
			     struct task **out_task)
{
	unsigned used = 0;

	*out_task = NULL;
	for (unsigned i = 0; i < TASKS_MAX; i++) {
		struct task *task = &execd->tasks[i];

		if (task->state == TASK_FREE)
			*out_task = task;
		else if (task->client == client)
			used++;
	}
	return used < CLIENT_TASKS_MAX && *out_task ? NX_OK
						    : NX_ERR_OVER_BUDGET;
}

static void end_job(struct task *task)
{
	if (task->job.handle != NX_HANDLE_NONE)
		nx_task_kill(task->job.handle, 0);
	close_handle(&task->process.handle);
	close_handle(&task->job.handle);
}

static nx_status_t run_file(struct execd *execd, struct task *task,
			    const char *const *args, unsigned arg_count,
			    struct program_file *file)
{
	nx_status_t status;

	status = nx_job_create(execd->workers, TASK_PAGES, TASK_HANDLES,
			       TASK_THREADS, &task->job);
	if (status == NX_OK)
		status = launch_file(execd, task, args, arg_count, file);
	if (status != NX_OK)
		end_job(task);
	return status;
}

nx_status_t task_start(struct execd *execd, uint32_t client,
		       const char *const *args, unsigned arg_count,
		       struct task **out_task)
{
	struct task *task;
	nx_status_t status = free_task(execd, client, &task);

	if (status != NX_OK)
		return status;
	memset(task, 0, sizeof(*task));
	status = program_file_open(execd, args[0], &task->file);
	if (status != NX_OK)
		return status;
	task->id = execd->next_id++;
	if (execd->next_id < TASK_ID_FIRST)
		execd->next_id = TASK_ID_FIRST; /* the services' own */
	status = run_file(execd, task, args, arg_count, &task->file);
	if (status != NX_OK) {
		program_file_close(&task->file);
		return status;
	}
	task->client = client;
	task->state = TASK_RUNNING;
	*out_task = task;
	return NX_OK;
}

/* Calls, for a message may find the queue full; neither ever waits for us. */
static void say_gone(struct execd *execd, uint32_t id)
{
	struct nx_message_buffer *buffer = execd->program->buffer;

	packagefs_release_client(buffer, execd->packagefs, id);
	console_release_client(buffer, execd->console, id);
}

void task_ended(struct execd *execd, struct task *task)
{
	if (task->state != TASK_RUNNING)
		return;
	task->state = TASK_ENDED;
	end_job(task);
	program_file_close(&task->file);
	say_gone(execd, task->id);
	if (task->event.handle != NX_HANDLE_NONE)
		nx_signal(task->event, task->bits);
}

void task_forget(struct execd *execd, struct task *task)
{
	if (task->state == TASK_RUNNING) {
		task->process_state = NX_PROCESS_KILLED;
		task_ended(execd, task);
	}
	close_handle(&task->event.handle);
	task->state = TASK_FREE;
}

/* Crash reports name the process by its service id. */
static void take_crashes(struct execd *execd)
{
	uint64_t process, cause, dropped;
	nx_uaddr_t pc, address, stack, caller;
	uint32_t service;

	while (nx_job_crash(execd->workers, &process, &service, &cause, &pc,
			    &address, &stack, &caller, &dropped) == NX_OK) {
		for (unsigned i = 0; i < TASKS_MAX; i++) {
			struct task *task = &execd->tasks[i];

			if (task->state == TASK_FREE || task->id != service)
				continue;
			task->cause = cause;
			task->pc = pc;
			task->address = address;
		}
		program_print(execd->program,
			      "execd: program %u crashed: cause %lu at "
			      "0x%lx, address 0x%lx, stack 0x%lx\n",
			      service, cause, pc, address, stack);
	}
}

void execd_event(void *state, uint64_t bits)
{
	struct execd *execd = state;

	(void)bits;
	take_crashes(execd);
	for (unsigned i = 0; i < TASKS_MAX; i++) {
		struct task *task = &execd->tasks[i];
		uint64_t identity, id, process_state, value;
		nx_rights_t rights;
		uint32_t kind;

		if (task->state != TASK_RUNNING ||
		    nx_handle_info(task->process.handle, &kind, &rights,
				   &identity, &id, &process_state,
				   &value) != NX_OK ||
		    process_state < NX_PROCESS_EXITED)
			continue;
		task->process_state = (uint32_t)process_state;
		task->code = (int64_t)value;
		task_ended(execd, task);
	}
}

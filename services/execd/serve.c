/* SPDX-License-Identifier: BSD-2-Clause */
#include "execd.h"

#include <nexus/syscalls.h>

#define ARGS_MAX 32

/* Strings ended by NUL, the last too. Returns how many, 0 if malformed. */
static unsigned split(const char *text, size_t size, const char **args)
{
	unsigned count = 0;
	size_t at = 0;

	if (size == 0 || text[size - 1] != '\0' || text[0] == '\0')
		return 0;
	while (at < size) {
		if (count == ARGS_MAX)
			return 0;
		args[count++] = text + at;
		at += strlen(text + at) + 1;
	}
	return count;
}

static struct task *find_task(struct execd *execd, uint32_t client, uint32_t id)
{
	for (unsigned i = 0; i < TASKS_MAX; i++) {
		struct task *task = &execd->tasks[i];

		if (task->state != TASK_FREE && task->client == client &&
		    task->id == id)
			return task;
	}
	return NULL;
}

nx_status_t exec_serve_start(struct execd *execd,
			     struct service_request *request,
			     const uint8_t *text, size_t text_bytes,
			     nx_event_t event, uint64_t bits,
			     uint32_t *out_task)
{
	const char *args[ARGS_MAX];
	unsigned count = split((const char *)text, text_bytes, args);
	struct task *task = NULL;
	nx_status_t status;

	if (count == 0 || bits == 0)
		return NX_ERR_MALFORMED;
	status = task_start(execd, request->client, args, count, &task);
	if (status != NX_OK)
		return status;
	task->event = event;
	task->bits = bits;
	request->caps[0] = NX_HANDLE_NONE; /* the task's now */
	*out_task = task->id;
	return NX_OK;
}

nx_status_t exec_serve_result(struct execd *execd,
			      struct service_request *request, uint32_t id,
			      uint32_t *out_state, int64_t *out_code,
			      uint64_t *out_cause, uint64_t *out_pc,
			      uint64_t *out_address)
{
	struct task *task = find_task(execd, request->client, id);

	if (!task)
		return NX_ERR_NOT_FOUND;
	execd_event(execd, 0);
	if (task->state == TASK_RUNNING)
		return NX_ERR_WOULD_BLOCK;
	*out_state = task->process_state;
	*out_code = task->code;
	*out_cause = task->cause;
	*out_pc = task->pc;
	*out_address = task->address;
	task_forget(execd, task);
	return NX_OK;
}

nx_status_t exec_serve_kill(struct execd *execd,
			    struct service_request *request, uint32_t id)
{
	struct task *task = find_task(execd, request->client, id);

	if (!task)
		return NX_ERR_NOT_FOUND;
	if (task->state != TASK_RUNNING)
		return NX_OK;
	task->process_state = NX_PROCESS_KILLED;
	task_ended(execd, task);
	return NX_OK;
}

nx_status_t exec_serve_release_client(struct execd *execd,
				      struct service_request *request,
				      uint64_t client)
{
	(void)request;
	for (unsigned i = 0; i < TASKS_MAX; i++)
		if (execd->tasks[i].state != TASK_FREE &&
		    execd->tasks[i].client == client)
			task_forget(execd, &execd->tasks[i]);
	return NX_OK;
}

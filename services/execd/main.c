/* SPDX-License-Identifier: BSD-2-Clause
 * execd: starts programs out of mounted packages and reaps them.
 */
#include "execd.h"

#include <lib/roles.h>
#include <nexus/syscalls.h>

#define PROTO_NAME exec
#define PROTO_TABLE <proto/exec.def>
#define PROTO_STATE execd
#include <proto/server.h>

#define BIT_ENDED UINT64_C(1)

static const struct service_table exec_table = {
	.name = "execd",
	.methods = exec_methods,
	.count = sizeof(exec_methods) / sizeof(exec_methods[0]),
	.event = execd_event,
};

static nx_status_t watch_workers(struct execd *execd)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	struct service_watch *watch = &execd->watch;
	nx_status_t status = nx_event_create(job, &watch->event);

	watch->mask = BIT_ENDED;
	if (status == NX_OK)
		status = service_watch(&execd->service, watch);
	if (status == NX_OK)
		status = nx_job_watch(execd->workers, watch->event, BIT_ENDED,
				      BIT_ENDED);
	return status;
}

/* Programs of an execd that died went with it, and their numbers are given
 * out again: nobody may find what another left behind. */
static void forget_programs(struct execd *execd)
{
	struct nx_message_buffer *buffer = execd->program->buffer;

	packagefs_release_from(buffer, execd->packagefs, TASK_ID_FIRST);
	console_release_from(buffer, execd->console, TASK_ID_FIRST);
}

static int execd_main(struct program *program)
{
	struct execd *execd =
		heap_allocate_zero(&program->heap, 1, sizeof(*execd));
	nx_status_t status;

	if (!execd)
		return NX_ERR_NO_MEMORY;
	execd->program = program;
	execd->next_id = TASK_ID_FIRST;
	execd->workers.handle = program_handle(program, ROLE_WORKERS);
	execd->packages.handle = program_handle(program, ROLE_PACKAGEFS);
	execd->packagefs.handle =
		program_handle_nth(program, ROLE_PACKAGEFS, 1);
	execd->console.handle = program_handle_nth(program, ROLE_CONSOLE, 1);
	execd->service.program = program;
	execd->service.port.handle = program_handle(program, ROLE_PORT);
	execd->service.table = &exec_table;
	execd->service.state = execd;
	forget_programs(execd);
	status = watch_workers(execd);
	if (status == NX_OK) {
		program_print(program, "execd: ready\n");
		status = service_run(&execd->service);
	}
	program_print(program, "execd: ends, %s\n", nx_status_name(status));
	return status;
}

PROGRAM(execd)

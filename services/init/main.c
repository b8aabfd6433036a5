/* SPDX-License-Identifier: BSD-2-Clause
 * The first process: reads the system plan out of the boot package, starts
 * what it says, and starts again what ends.
 */
#include "init.h"

#include <lib/roles.h>
#include <nexus/syscalls.h>

#define PROTO_NAME system
#define PROTO_TABLE <proto/system.def>
#define PROTO_STATE init
#include <proto/server.h>

#define PLAN_PATH "/system.plan"
#define PORT_DEPTH 32

static const struct service_table system_table = {
	.name = "init",
	.methods = system_methods,
	.count = sizeof(system_methods) / sizeof(system_methods[0]),
	.event = init_event,
};

static nx_status_t open_package(struct init *init)
{
	struct epk_failure failure;
	nx_status_t status;

	init->package.handle =
		program_handle(init->program, NX_ROLE_BOOT_PACKAGE);
	status = image_open(&init->image, &init->program->heap, init->package,
			    2, &failure);
	if (status != NX_OK)
		init_log(init, "init: boot package refused: %s, stage %s, %s\n",
			 nx_status_name(status), epk_stage_name(failure.stage),
			 epk_status_name(failure.status));
	return status;
}

/* The text stays allocated: the plan points into it. */
static nx_status_t read_plan(struct init *init)
{
	struct epk_node node;
	uint32_t index;
	size_t size;
	char *text;

	if (epk_walk(&init->image.epk, 0, PLAN_PATH, strlen(PLAN_PATH), 0,
		     &index) != EPK_OK ||
	    epk_node_get(&init->image.epk, index, &node) != EPK_OK) {
		init_log(init, "init: the boot package has no " PLAN_PATH "\n");
		return NX_ERR_NOT_FOUND;
	}
	text = heap_allocate(&init->program->heap, node.size_bytes);
	if (!text)
		return NX_ERR_NO_MEMORY;
	if (epk_read(&init->image.mount, index, 0, text, node.size_bytes,
		     &size) != EPK_OK)
		return NX_ERR_CORRUPT;
	if (plan_parse(&init->plan, text, size) == PLAN_OK)
		return NX_OK;
	init_log(init, "init: " PLAN_PATH ":%u: %s\n", init->plan.line,
		 plan_sentence(init->plan.error));
	return NX_ERR_MALFORMED;
}

static nx_status_t watch_jobs(struct init *init)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	struct service_watch *watch = &init->watch;
	nx_status_t status = nx_event_create(job, &watch->event);

	watch->mask = INIT_BIT_EXIT | INIT_BIT_CRASH | INIT_BIT_TIMER;
	if (status == NX_OK)
		status = service_watch(&init->service, watch);
	if (status == NX_OK)
		status = nx_job_watch(init->job, watch->event, INIT_BIT_EXIT,
				      INIT_BIT_CRASH);
	return status;
}

static nx_status_t prepare(struct init *init)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	nx_status_t status = open_package(init);

	if (status == NX_OK)
		status = read_plan(init);
	if (status == NX_OK)
		status = nx_port_create(job, PORT_DEPTH, &init->service.port);
	if (status == NX_OK)
		status = init_make_ports(init);
	if (status == NX_OK)
		status = watch_jobs(init);
	return status;
}

static void start_all(struct init *init)
{
	for (unsigned i = 0; i < init->plan.service_count; i++) {
		struct running_service *service = &init->services[i];

		const struct plan_service *plan = service->plan;

		if ((plan->when.size && !init_booted_with(init, &plan->when)) ||
		    (plan->unless.size &&
		     init_booted_with(init, &plan->unless)))
			continue;
		init_start(init, service);
	}
}

static int init_main(struct program *program)
{
	struct init *init =
		heap_allocate_zero(&program->heap, 1, sizeof(*init));
	nx_status_t status;

	if (!init)
		return NX_ERR_NO_MEMORY;
	init->program = program;
	init->job.handle = program_handle(program, NX_ROLE_JOB);
	init->trace.handle = program_handle(program, NX_ROLE_TRACE);
	init->windows.handle = program_handle(program, NX_ROLE_MMIO);
	init->lines.handle = program_handle(program, NX_ROLE_IRQ);
	init->devices.handle = program_handle(program, NX_ROLE_DMA);
	init->service.program = program;
	init->service.table = &system_table;
	init->service.state = init;
	status = prepare(init);
	if (status == NX_OK) {
		start_all(init);
		status = service_run(&init->service);
	}
	init_log(init, "init: ends, %s\n", nx_status_name(status));
	return status;
}

PROGRAM(init)

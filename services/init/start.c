/* SPDX-License-Identifier: BSD-2-Clause
 * Starting one service: a job of its own with the plan's quotas, the program
 * out of the boot package, the handles of the plan and no others.
 */
#include "init.h"

#include <crt/text.h>
#include <lib/roles.h>
#include <nexus/syscalls.h>

#define STACK_PAGES_DEFAULT 16
#define HANDLES_MAX (PLAN_GRANTS_MAX + 4)
#define ARGS_TEXT_MAX 2048

/** What is put together for a start and undone after it. */
struct kit {
	struct launch_handle handles[HANDLES_MAX];
	unsigned handle_count;
	nx_handle_t temporary[HANDLES_MAX];
	unsigned temporary_count;
	char text[ARGS_TEXT_MAX];
	size_t text_size;
	const char *args[PROGRAM_ARGS_MAX];
	unsigned arg_count;
};

bool init_booted_with(const struct init *init, const struct plan_word *word)
{
	for (uint32_t i = 1; i < init->program->arg_count; i++)
		if (text_is(word->text, word->size, init->program->args[i]))
			return true;
	return false;
}

nx_status_t init_make_ports(struct init *init)
{
	const nx_job_t job = { NX_HANDLE_NONE };

	for (unsigned i = 0; i < init->plan.service_count; i++) {
		struct running_service *service = &init->services[i];
		nx_status_t status;

		service->plan = &init->plan.services[i];
		if (service->plan->depth == 0)
			continue;
		status = nx_port_create(job, service->plan->depth,
					&service->port);
		if (status != NX_OK)
			return status;
	}
	return NX_OK;
}

static void add_handle(struct kit *kit, uint32_t role, nx_handle_t source,
		       nx_rights_t rights)
{
	kit->handles[kit->handle_count++] =
		(struct launch_handle){ role, source, rights, 0 };
}

static nx_status_t add_grants(struct init *init,
			      const struct running_service *service,
			      struct kit *kit)
{
	for (unsigned i = 0; i < service->plan->grant_count; i++) {
		nx_handle_t temporary = NX_HANDLE_NONE;
		nx_status_t status;

		status = init_grant(init, service, &service->plan->grants[i],
				    &kit->handles[kit->handle_count],
				    &temporary);
		if (status != NX_OK)
			return status;
		kit->handle_count++;
		if (temporary != NX_HANDLE_NONE)
			kit->temporary[kit->temporary_count++] = temporary;
	}
	return NX_OK;
}

static void add_arg(struct kit *kit, const char *text, size_t size)
{
	if (kit->arg_count == PROGRAM_ARGS_MAX ||
	    size >= ARGS_TEXT_MAX - kit->text_size)
		return;
	memcpy(kit->text + kit->text_size, text, size);
	kit->args[kit->arg_count++] = kit->text + kit->text_size;
	kit->text_size += size;
	kit->text[kit->text_size++] = '\0';
}

static void add_args(const struct init *init, const struct plan_service *plan,
		     struct kit *kit)
{
	add_arg(kit, plan->name, strlen(plan->name));
	for (unsigned i = 0; i < plan->argument_count; i++) {
		const struct plan_word *word = &plan->arguments[i];

		if (!text_is(word->text, word->size, "boot")) {
			add_arg(kit, word->text, word->size);
			continue;
		}
		for (uint32_t k = 1; k < init->program->arg_count; k++)
			add_arg(kit, init->program->args[k],
				strlen(init->program->args[k]));
	}
}

static nx_status_t make_jobs(struct init *init, struct running_service *service)
{
	const struct plan_quota *own = &service->plan->quota;
	const struct plan_quota *more = &service->plan->workers;
	nx_status_t status;

	status = nx_job_create(init->job, own->pages + more->pages,
			       own->handles + more->handles,
			       own->threads + more->threads, &service->job);
	if (status != NX_OK || more->pages == 0)
		return status;
	return nx_job_create(service->job, more->pages, more->handles,
			     more->threads, &service->workers);
}

static nx_status_t fill_kit(struct init *init, struct running_service *service,
			    struct kit *kit)
{
	add_handle(kit, NX_ROLE_JOB, service->job.handle, NX_RIGHT_INSPECT);
	if (service->port.handle != NX_HANDLE_NONE)
		add_handle(kit, ROLE_PORT, service->port.handle,
			   NX_RIGHT_RECV | NX_RIGHT_SEND | NX_RIGHT_DUP |
				   NX_RIGHT_MANAGE | NX_RIGHT_INSPECT);
	if (service->workers.handle != NX_HANDLE_NONE)
		add_handle(kit, ROLE_WORKERS, service->workers.handle,
			   NX_RIGHT_WRITE | NX_RIGHT_MANAGE | NX_RIGHT_DUP |
				   NX_RIGHT_INSPECT);
	add_args(init, service->plan, kit);
	return add_grants(init, service, kit);
}

static nx_status_t launch_with(struct init *init,
			       struct running_service *service,
			       const struct kit *kit)
{
	const struct plan_service *plan = service->plan;
	struct launch launch = {
		.job = service->job,
		.service_id = plan->id,
		.name = plan->name,
		.stack_bytes = (plan->stack_pages ? plan->stack_pages
						  : STACK_PAGES_DEFAULT) *
			       NX_PAGE_SIZE,
		.handles = kit->handles,
		.handle_count = kit->handle_count,
		.args = kit->args,
		.arg_count = kit->arg_count,
		.parent = &init->program->startup.record,
	};
	struct image_file file;
	nx_status_t status;

	status = image_file(&init->image, plan->program, strlen(plan->program),
			    &file);
	if (status != NX_OK)
		return status;
	if (!file.executable)
		return NX_ERR_NOT_EXECUTABLE;
	launch.file = (struct launch_file){ init->package, file.offset,
					    file.size_bytes,
					    init->image.bytes + file.offset };
	return launch_start(&launch, &service->process);
}

static nx_status_t try_start(struct init *init, struct running_service *service)
{
	struct kit *kit =
		heap_allocate_zero(&init->program->heap, 1, sizeof(*kit));
	nx_status_t status;

	if (!kit)
		return NX_ERR_NO_MEMORY;
	status = make_jobs(init, service);
	if (status == NX_OK)
		status = fill_kit(init, service, kit);
	if (status == NX_OK)
		status = launch_with(init, service, kit);
	while (kit->temporary_count)
		nx_handle_close(kit->temporary[--kit->temporary_count]);
	heap_free(&init->program->heap, kit);
	return status;
}

void init_start(struct init *init, struct running_service *service)
{
	nx_status_t status = try_start(init, service);

	service->started_ns = program_now_ns(init->program);
	if (status == NX_OK) {
		service->state = RUNNING_YES;
		init_log(init, "init: up %s\n", service->plan->name);
		return;
	}
	init_log(init, "init: cannot start %s from %s: %s\n",
		 service->plan->name, service->plan->program,
		 nx_status_name(status));
	init_ended(init, service);
}

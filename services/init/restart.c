/* SPDX-License-Identifier: BSD-2-Clause
 * What ends is noticed, reported, cleaned away and started again, later each
 * time it fails soon after its start.
 */
#include "init.h"

#include <nexus/syscalls.h>

#define BACK_OFF_FIRST_NS UINT64_C(50000000)
#define BACK_OFF_MAX_NS UINT64_C(10000000000)
#define BACK_OFF_SLACK_NS UINT64_C(5000000)
/** After so long without an end the next failure is the first again. */
#define HEALTHY_NS UINT64_C(30000000000)
#define FAILURES_MAX 10

static void close_handle(nx_handle_t *handle)
{
	if (*handle != NX_HANDLE_NONE)
		nx_handle_close(*handle);
	*handle = NX_HANDLE_NONE;
}

/* Everything that the service held goes with its job. */
static void clean_up(struct running_service *service)
{
	if (service->job.handle != NX_HANDLE_NONE)
		nx_task_kill(service->job.handle, 0);
	close_handle(&service->process.handle);
	close_handle(&service->workers.handle);
	close_handle(&service->job.handle);
}

static void tell_others(struct init *init, const struct running_service *gone)
{
	const nx_process_t self = { NX_HANDLE_NONE };

	for (unsigned i = 0; i < init->plan.service_count; i++) {
		const struct running_service *other = &init->services[i];
		nx_client_t client;

		if (other == gone || !other->plan->notify ||
		    other->state != RUNNING_YES)
			continue;
		if (nx_handle_dup(other->port.handle, NX_RIGHT_SEND,
				  PROTO_MANAGE, self, &client.handle) != NX_OK)
			continue;
		proto_post(client, PROTO_METHOD_RELEASE_CLIENT, 1,
			   gone->plan->id);
		nx_handle_close(client.handle);
	}
}

static void arm_timer(struct init *init)
{
	uint64_t next = NX_DEADLINE_NEVER;

	for (unsigned i = 0; i < init->plan.service_count; i++) {
		const struct running_service *service = &init->services[i];

		if (service->state == RUNNING_LATER &&
		    service->restart_ns < next)
			next = service->restart_ns;
	}
	nx_timer_set(init->watch.event, INIT_BIT_TIMER, next,
		     BACK_OFF_SLACK_NS);
}

static uint64_t back_off(unsigned failures)
{
	uint64_t wait = BACK_OFF_FIRST_NS << (failures - 1);

	return wait < BACK_OFF_MAX_NS ? wait : BACK_OFF_MAX_NS;
}

static void plan_restart(struct init *init, struct running_service *service)
{
	uint64_t now = program_now_ns(init->program);

	service->state = RUNNING_NO;
	if (service->plan->restart_never)
		return;
	if (now - service->started_ns > HEALTHY_NS)
		service->failures = 0;
	if (++service->failures > FAILURES_MAX) {
		init_log(init, "init: %s given up\n", service->plan->name);
		return;
	}
	service->state = RUNNING_LATER;
	service->restart_ns = now + back_off(service->failures);
	arm_timer(init);
}

void init_ended(struct init *init, struct running_service *service)
{
	clean_up(service);
	tell_others(init, service);
	plan_restart(init, service);
}

static void report_crashes(struct init *init)
{
	for (;;) {
		uint64_t process, cause, dropped;
		nx_uaddr_t pc, address, stack, caller;
		uint32_t service;

		if (nx_job_crash(init->job, &process, &service, &cause, &pc,
				 &address, &stack, &caller, &dropped) != NX_OK)
			return;
		init_log(init,
			 "init: service %u crashed: cause %lu at 0x%lx, "
			 "address 0x%lx, stack 0x%lx, caller 0x%lx\n",
			 service, cause, pc, address, stack, caller);
		if (dropped)
			init_log(init, "init: %lu crash reports lost\n",
				 dropped);
	}
}

static const char *ending(uint64_t state)
{
	switch (state) {
	case NX_PROCESS_EXITED:
		return "ended";
	case NX_PROCESS_KILLED:
		return "was killed";
	default:
		return "crashed";
	}
}

static void look_for_ends(struct init *init)
{
	for (unsigned i = 0; i < init->plan.service_count; i++) {
		struct running_service *service = &init->services[i];
		uint64_t identity, id, state, value;
		nx_rights_t rights;
		uint32_t kind;

		if (service->state != RUNNING_YES)
			continue;
		if (nx_handle_info(service->process.handle, &kind, &rights,
				   &identity, &id, &state, &value) != NX_OK ||
		    state < NX_PROCESS_EXITED)
			continue;
		init_log(init, "init: %s %s, code %ld\n", service->plan->name,
			 ending(state), (long)value);
		init_ended(init, service);
	}
}

static void start_again(struct init *init)
{
	uint64_t now = program_now_ns(init->program);

	for (unsigned i = 0; i < init->plan.service_count; i++) {
		struct running_service *service = &init->services[i];

		if (service->state != RUNNING_LATER ||
		    service->restart_ns > now)
			continue;
		service->restarts++;
		init_start(init, service);
	}
	arm_timer(init);
}

void init_event(void *state, uint64_t bits)
{
	struct init *init = state;

	if (bits & INIT_BIT_CRASH)
		report_crashes(init);
	if (bits & (INIT_BIT_EXIT | INIT_BIT_CRASH))
		look_for_ends(init);
	if (bits & INIT_BIT_TIMER)
		start_again(init);
}

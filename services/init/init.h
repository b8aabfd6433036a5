/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INIT_INIT_H
#define INIT_INIT_H
/** @file init.h
 * The state of init: the plan, the boot package, and for each service its
 * port, which outlives it, and the process that serves there now. */
#include "plan.h"

#include <lib/image.h>
#include <lib/launch.h>
#include <lib/service.h>

/** init's service id. */
#define INIT_SERVICE_ID 1

/* Bits of init's one event. */
#define INIT_BIT_EXIT UINT64_C(1)
#define INIT_BIT_CRASH UINT64_C(2)
#define INIT_BIT_TIMER UINT64_C(4)

enum running {
	RUNNING_NO, /* not in this boot, or ended for good */
	RUNNING_YES,
	RUNNING_LATER /* will be started at restart_ns */
};

struct running_service {
	const struct plan_service *plan;
	nx_port_t port; /* NONE: it does not serve */
	nx_job_t job;
	nx_job_t workers;
	nx_process_t process;
	enum running state;
	uint64_t started_ns;
	uint64_t restart_ns;
	unsigned failures; /* in a row, for the back-off */
	uint64_t restarts; /* ever */
};

struct init {
	struct service service;
	struct service_watch watch;
	struct program *program;
	nx_job_t job; /* the first */
	nx_trace_t trace;
	nx_mmio_t windows; /* of all devices; so are the next two */
	nx_irq_t lines;
	nx_dma_t devices;
	nx_vmo_t package;
	struct image image;
	struct plan plan;
	struct running_service services[PLAN_SERVICES_MAX];
};

/** A line on the machine's debug line. */
#define init_log(init, ...) program_print((init)->program, __VA_ARGS__)

/** Make the ports that the plan asks for. */
nx_status_t init_make_ports(struct init *init);
/** Start a service; says `init: up NAME` if and only if it did. */
void init_start(struct init *init, struct running_service *service);
/** A service ended or did not start: clean up, say so to those who want to
 * know, and plan the next start. */
void init_ended(struct init *init, struct running_service *service);
/** What a grant is to the child; made handles are in out_temporary, closed
 * by the caller. */
nx_status_t init_grant(struct init *init, const struct running_service *service,
		       const struct plan_grant *grant,
		       struct launch_handle *out_handle,
		       nx_handle_t *out_temporary);
/** Something ended or it is time to start something again. */
void init_event(void *state, uint64_t bits);
/** Is this word among the machine's boot arguments? */
bool init_booted_with(const struct init *init, const struct plan_word *word);

#define PROTO_NAME system
#define PROTO_TABLE <proto/system.def>
#define PROTO_STATE init
#define PROTO_PROTOTYPES
#include <proto/server.h>
#endif /* INIT_INIT_H */

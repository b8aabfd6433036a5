/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that a test makes in passing. */
#include "use.h"

#include <string.h>

struct facts facts_of(nx_handle_t handle)
{
	struct facts facts;

	memset(&facts, 0, sizeof(facts));
	facts.status = nx_handle_info(handle, &facts.kind, &facts.rights,
				      &facts.identity, &facts.id, &facts.state,
				      &facts.value);
	return facts;
}

nx_port_t new_port(uint32_t depth)
{
	nx_port_t port = { NX_HANDLE_NONE };

	nx_port_create((nx_job_t){ 0 }, depth, &port);
	return port;
}

nx_event_t new_event(void)
{
	nx_event_t event = { NX_HANDLE_NONE };

	nx_event_create((nx_job_t){ 0 }, &event);
	return event;
}

nx_vmo_t new_vmo(uint64_t size_bytes)
{
	nx_vmo_t vmo = { NX_HANDLE_NONE };

	nx_vmo_create((nx_job_t){ 0 }, size_bytes, &vmo);
	return vmo;
}

nx_job_t new_job(const struct test *test, uint64_t pages, uint64_t handles,
		 uint64_t threads)
{
	nx_job_t job = { NX_HANDLE_NONE };

	nx_job_create(test->job, pages, handles, threads, &job);
	return job;
}

nx_handle_t dup_of(nx_handle_t handle, nx_rights_t rights)
{
	return badge_of(handle, rights, 0);
}

nx_handle_t badge_of(nx_handle_t handle, nx_rights_t rights, uint32_t badge)
{
	nx_handle_t made = NX_HANDLE_NONE;

	nx_handle_dup(handle, rights, badge, (nx_process_t){ 0 }, &made);
	return made;
}

nx_uaddr_t map_here(nx_vmo_t vmo, uint64_t size_bytes, uint32_t access)
{
	nx_uaddr_t mapped = 0;

	nx_map((nx_process_t){ 0 }, vmo, 0, size_bytes, access, 0, &mapped);
	return mapped;
}

nx_status_t unmap_here(nx_uaddr_t address, uint64_t size_bytes)
{
	return nx_unmap_protect((nx_process_t){ 0 }, address, size_bytes, 0);
}

uint64_t harts_there(const struct test *test)
{
	uint64_t mask = 0;
	uint32_t here;

	nx_hart_list(test->job, &mask, &here);
	return mask;
}

struct use_of_job job_use(nx_job_t job)
{
	struct use_of_job use = { 0, 0, 0 };
	uint64_t pages_max, handles_max, threads_max, cpu;

	nx_job_stats(job, &use.pages, &pages_max, &use.handles, &handles_max,
		     &use.threads, &threads_max, &cpu);
	return use;
}

bool use_is_equal(struct use_of_job left, struct use_of_job right)
{
	return left.pages == right.pages && left.handles == right.handles &&
	       left.threads == right.threads;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_USE_H
#define SYSTEM_USE_H
/** @file use.h
 * Calls that a test makes in passing. What cannot be made is a handle or an
 * address of 0, which the test then stumbles over. */
#include "system_test.h"

struct facts {
	uint32_t kind;
	nx_rights_t rights;
	uint64_t identity;
	uint64_t id;
	uint64_t state;
	uint64_t value;
	nx_status_t status;
};

/** What handle_info says; all 0 but the status if it is refused. */
struct facts facts_of(nx_handle_t handle);

nx_port_t new_port(uint32_t depth);
nx_event_t new_event(void);
nx_vmo_t new_vmo(uint64_t size_bytes);
/** A child of the first job. */
nx_job_t new_job(const struct test *test, uint64_t pages, uint64_t handles,
		 uint64_t threads);
nx_handle_t dup_of(nx_handle_t handle, nx_rights_t rights);
nx_handle_t badge_of(nx_handle_t handle, nx_rights_t rights, uint32_t badge);
/** Map all of a VMO into this process. */
nx_uaddr_t map_here(nx_vmo_t vmo, uint64_t size_bytes, uint32_t access);
nx_status_t unmap_here(nx_uaddr_t address, uint64_t size_bytes);

/** A bit for each hart that is there. */
uint64_t harts_there(const struct test *test);

struct use_of_job {
	uint64_t pages, handles, threads; /* used */
};
struct use_of_job job_use(nx_job_t job);
bool use_is_equal(struct use_of_job left, struct use_of_job right);
#endif /* SYSTEM_USE_H */

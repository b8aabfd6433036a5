/* SPDX-License-Identifier: BSD-2-Clause */
/* Other threads and processes. A process runs the same program: on the
 * machine a copy of this image, which holds nothing mutable, is mapped where
 * it was linked; in the simulator the host's code is everywhere. */
#include "system_test.h"

#include <string.h>

#define TRIES 10000
#define TRY_NS UINT64_C(1000000)

#if defined(__riscv)
extern const char image_start[];
extern const char image_end[];
#else
#define image_start ((const char *)0)
#define image_end ((const char *)0)
#endif

static void peer_enter(uint64_t page_address, uint64_t buffer)
{
	struct peer_page *page = (struct peer_page *)(uintptr_t)page_address;

	page->function(page, (struct nx_message_buffer *)(uintptr_t)buffer);
	for (;;)
		nx_exit(0, 0);
}

static nx_status_t map_image(struct peer *peer)
{
	uint64_t size = (uintptr_t)image_end - (uintptr_t)image_start;
	nx_uaddr_t mapped;
	nx_status_t status;

	if (size == 0)
		return NX_OK;
	status = nx_vmo_create((nx_job_t){ 0 }, size, &peer->image_vmo);
	if (status == NX_OK)
		status = nx_vmo_write(peer->image_vmo, 0, image_start, size);
	if (status == NX_OK)
		status = nx_vmo_seal(peer->image_vmo, NX_SEAL_WRITE);
	if (status == NX_OK)
		status = nx_map(peer->process, peer->image_vmo, 0, size,
				NX_MAP_READ | NX_MAP_EXEC | NX_MAP_FIXED,
				(uintptr_t)image_start, &mapped);
	return status;
}

static nx_status_t map_page(struct test *test, struct peer *peer,
			    peer_function *function)
{
	const uint32_t access = NX_MAP_READ | NX_MAP_WRITE;
	nx_uaddr_t here;
	nx_status_t status;

	status = nx_vmo_create((nx_job_t){ 0 }, NX_PAGE_SIZE, &peer->page_vmo);
	if (status == NX_OK)
		status = nx_map((nx_process_t){ 0 }, peer->page_vmo, 0,
				NX_PAGE_SIZE, access, 0, &here);
	if (status != NX_OK)
		return status;
	peer->page = (struct peer_page *)(uintptr_t)here;
	peer->page->function = function;
	peer->page->trace = test->trace;
	peer->page->ticks_per_second = test->ticks_per_second;
	peer->page_there = here;
	if (peer->process.handle == NX_HANDLE_NONE)
		return NX_OK;
	return nx_map(peer->process, peer->page_vmo, 0, NX_PAGE_SIZE, access, 0,
		      &peer->page_there);
}

static nx_status_t map_stack(struct peer *peer)
{
	nx_uaddr_t mapped;
	nx_status_t status;

	status = nx_vmo_create((nx_job_t){ 0 }, PEER_STACK_BYTES,
			       &peer->stack_vmo);
	if (status == NX_OK)
		status = nx_map(peer->process, peer->stack_vmo, 0,
				PEER_STACK_BYTES, NX_MAP_READ | NX_MAP_WRITE, 0,
				&mapped);
	if (status != NX_OK)
		return status;
	if (peer->process.handle == NX_HANDLE_NONE)
		peer->stack_here = mapped;
	peer->stack_end = mapped + PEER_STACK_BYTES;
	return NX_OK;
}

static bool prepare(struct test *test, struct peer *peer,
		    peer_function *function)
{
	nx_status_t status = map_page(test, peer, function);

	if (status == NX_OK)
		status = map_stack(peer);
	if (status == NX_OK)
		status = nx_thread_create(peer->process, test->peer_budget,
					  &peer->thread);
	if (status == NX_OK)
		return true;
	peer_drop(test, peer);
	return check_status(test, status, NX_OK, "a peer is made");
}

bool peer_process(struct test *test, struct peer *peer, nx_job_t job,
		  peer_function *function)
{
	nx_status_t status;

	memset(peer, 0, sizeof(*peer));
	status = nx_process_create(job, PEER_SERVICE, UINT64_C(0x72656570), 0,
				   &peer->process);
	if (status == NX_OK)
		status = map_image(peer);
	if (status != NX_OK) {
		peer_drop(test, peer);
		return check_status(test, status, NX_OK, "a process is made");
	}
	if (!prepare(test, peer, function))
		return false;
	status = nx_handle_dup(test->trace.handle, NX_RIGHTS_SAME, 0,
			       peer->process, &peer->page->trace.handle);
	return status == NX_OK ||
	       check_status(test, status, NX_OK, "it is given the debug line");
}

bool peer_thread(struct test *test, struct peer *peer, peer_function *function)
{
	memset(peer, 0, sizeof(*peer));
	return prepare(test, peer, function);
}

nx_status_t peer_give(struct peer *peer, unsigned index, nx_handle_t handle,
		      nx_rights_t rights)
{
	if (peer->process.handle == NX_HANDLE_NONE) {
		peer->page->handles[index] = handle;
		return NX_OK;
	}
	return nx_handle_dup(handle, rights, 0, peer->process,
			     &peer->page->handles[index]);
}

nx_status_t peer_start(struct peer *peer)
{
	return nx_thread_start(peer->thread, (uintptr_t)peer_enter,
			       peer->stack_end, peer->page_there);
}

static uint64_t info(nx_handle_t handle, bool second)
{
	uint32_t kind;
	nx_rights_t rights;
	uint64_t identity, id, state, value;

	if (nx_handle_info(handle, &kind, &rights, &identity, &id, &state,
			   &value) != NX_OK)
		return UINT64_MAX;
	return second ? value : state;
}

uint64_t peer_state(const struct peer *peer)
{
	return info(peer->process.handle ? peer->process.handle
					 : peer->thread.handle,
		    false);
}

int64_t peer_code(const struct peer *peer)
{
	return (int64_t)info(peer->process.handle, true);
}

static bool has_ended(const struct peer *peer)
{
	uint64_t state = peer_state(peer);

	if (peer->process.handle == NX_HANDLE_NONE)
		return state == NX_THREAD_DEAD;
	return state >= NX_PROCESS_EXITED;
}

bool peer_wait(struct test *test, const struct peer *peer)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if (has_ended(peer))
			return true;
		sleep_ns(test, i < 8 ? 0 : TRY_NS);
	}
	return check(test, false, "a peer ends in time");
}

bool peer_await(struct test *test, const struct peer *peer, unsigned index,
		uint64_t value)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if (peer->page->words[index] >= value)
			return true;
		sleep_ns(test, i < 8 ? 0 : TRY_NS);
	}
	return check(test, false, "a peer gets so far in time");
}

bool peer_await_blocked(struct test *test, const struct peer *peer)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if (info(peer->thread.handle, false) == NX_THREAD_BLOCKED)
			return true;
		sleep_ns(test, i < 8 ? 0 : TRY_NS);
	}
	return check(test, false, "a peer blocks in time");
}

static void close_handle(nx_handle_t handle)
{
	if (handle != NX_HANDLE_NONE)
		nx_handle_close(handle);
}

void peer_drop(struct test *test, struct peer *peer)
{
	(void)test;
	if (peer->thread.handle != NX_HANDLE_NONE)
		nx_task_kill(peer->thread.handle, 0);
	if (peer->process.handle != NX_HANDLE_NONE)
		nx_task_kill(peer->process.handle, 0);
	if (peer->page)
		nx_unmap_protect((nx_process_t){ 0 }, (uintptr_t)peer->page,
				 NX_PAGE_SIZE, 0);
	if (peer->stack_here)
		nx_unmap_protect((nx_process_t){ 0 }, peer->stack_here,
				 PEER_STACK_BYTES, 0);
	close_handle(peer->thread.handle);
	close_handle(peer->process.handle);
	close_handle(peer->page_vmo.handle);
	close_handle(peer->stack_vmo.handle);
	close_handle(peer->image_vmo.handle);
	memset(peer, 0, sizeof(*peer));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Every exception that a program can raise ends that program alone, and the
 * watcher of its job is told what happened. */
#include "provoke.h"
#include "use.h"

#define KERNEL_HALF UINT64_C(0xffffffc000000000)
#define KERNEL_IMAGE UINT64_C(0xffffffff80200000)
#define DEVICE UINT64_C(0x10000000)

/* Numbers of the machine's privileged specification, which the simulator
 * follows as far as the host tells it. */
enum {
	CAUSE_ANY = 0,
	CAUSE_ILLEGAL = 2,
	CAUSE_BREAKPOINT = 3,
	CAUSE_LOAD_MISALIGNED = 4, /* QEMU says so of stores as well */
	CAUSE_FETCH_PAGE = 12,
	CAUSE_LOAD_PAGE = 13,
	CAUSE_STORE_PAGE = 15
};

/* words[0]: an address that is mapped to read; words[1]: says alive. */
#define PEER(name, statement)                                                  \
	static void name(struct peer_page *page,                               \
			 struct nx_message_buffer *buffer)                     \
	{                                                                      \
		(void)buffer;                                                  \
		page->words[1] = 1;                                            \
		statement;                                                     \
		page->words[1] = 2;                                            \
	}

PEER(illegal, provoke_illegal())
PEER(privileged, provoke_privileged())
PEER(supervisor_return, provoke_return())
PEER(breakpoint, provoke_breakpoint())
PEER(load_null, provoke_load(0))
PEER(load_unmapped, provoke_load(page->words[0] + NX_PAGE_SIZE))
PEER(load_kernel, provoke_load(KERNEL_HALF))
PEER(load_kernel_image, provoke_load(KERNEL_IMAGE))
PEER(load_device, provoke_load(DEVICE))
PEER(load_nowhere, provoke_load(UINT64_C(0x8000000000000000)))
PEER(store_null, provoke_store(0))
PEER(store_read_only, provoke_store(page->words[0]))
PEER(store_kernel, provoke_store(KERNEL_IMAGE))
PEER(store_device, provoke_store(DEVICE))
PEER(jump_null, provoke_jump(0))
PEER(jump_data, provoke_jump(page->words[0]))
PEER(jump_kernel, provoke_jump(KERNEL_IMAGE))
PEER(overflow, provoke_overflow())
#if defined(__riscv)
PEER(misaligned_load, provoke_misaligned_load(page->words[0] + 1))
PEER(misaligned_store, provoke_misaligned_store((uintptr_t)page + 257))
#endif

static const struct exception {
	const char *name;
	peer_function *function;
	uint64_t cause;
	bool address_is_known; /* 0 */
} exceptions[] = {
	{ "an illegal instruction", illegal, CAUSE_ILLEGAL, false },
	{ "a privileged instruction", privileged, CAUSE_ANY, false },
	{ "a return from supervisor mode", supervisor_return, CAUSE_ANY,
	  false },
	{ "a breakpoint", breakpoint, CAUSE_BREAKPOINT, false },
	{ "a load from address 0", load_null, CAUSE_LOAD_PAGE, true },
	{ "a load from nothing", load_unmapped, CAUSE_LOAD_PAGE, false },
	{ "a load from the kernel's half", load_kernel, CAUSE_LOAD_PAGE,
	  false },
	{ "a load from the kernel's image", load_kernel_image, CAUSE_LOAD_PAGE,
	  false },
	{ "a load from a device", load_device, CAUSE_LOAD_PAGE, false },
	{ "a load from no address", load_nowhere, CAUSE_LOAD_PAGE, false },
	{ "a store to address 0", store_null, CAUSE_STORE_PAGE, true },
	{ "a store to read-only memory", store_read_only, CAUSE_STORE_PAGE,
	  false },
	{ "a store to the kernel", store_kernel, CAUSE_ANY, false },
	{ "a store to a device", store_device, CAUSE_STORE_PAGE, false },
	{ "a jump to address 0", jump_null, CAUSE_FETCH_PAGE, true },
	{ "a jump to memory that is not executable", jump_data,
	  CAUSE_FETCH_PAGE, false },
	{ "a jump to the kernel", jump_kernel, CAUSE_ANY, false },
	{ "a stack that overflows", overflow, CAUSE_STORE_PAGE, false },
#if defined(__riscv)
	{ "a misaligned load", misaligned_load, CAUSE_LOAD_MISALIGNED, false },
	{ "a misaligned store", misaligned_store, CAUSE_ANY, false },
#endif
};

struct watch {
	nx_job_t job;
	nx_event_t event;
	nx_vmo_t vmo; /* mapped read-only into each process */
};

static bool read_report(struct test *test, const struct watch *watch,
			const struct peer *peer, const struct exception *row)
{
	uint64_t process_id, cause, dropped, bits = 0;
	nx_uaddr_t pc, address, stack, caller;
	uint32_t service;

	if (nx_wait(watch->event, 2, now_ns(test) + UINT64_C(5000000000),
		    &bits) != NX_OK ||
	    nx_job_crash(watch->job, &process_id, &service, &cause, &pc,
			 &address, &stack, &caller, &dropped) != NX_OK) {
		remark(test, "there is no report");
		return false;
	}
	if (process_id != facts_of(peer->process.handle).id) {
		remark(test, "the report is about somebody else");
		return false;
	}
	if ((row->cause != CAUSE_ANY && cause != row->cause) ||
	    (row->address_is_known && address != 0) || dropped != 0) {
		remark(test, "cause %lu at %lx, pc %lx", (unsigned long)cause,
		       (unsigned long)address, (unsigned long)pc);
		return false;
	}
	return true;
}

static bool crashes(struct test *test, const struct watch *watch,
		    const struct exception *row)
{
	struct peer peer;
	nx_uaddr_t mapped = 0;
	bool ended, reported;

	if (!peer_process(test, &peer, watch->job, row->function))
		return false;
	nx_map(peer.process, watch->vmo, 0, NX_PAGE_SIZE, NX_MAP_READ, 0,
	       &mapped);
	peer.page->words[0] = mapped;
	peer_start(&peer);
	ended = peer_wait(test, &peer) &&
		peer_state(&peer) == NX_PROCESS_CRASHED &&
		peer.page->words[1] == 1;
	if (!ended)
		remark(test, "state %lu, word %lu",
		       (unsigned long)peer_state(&peer),
		       (unsigned long)peer.page->words[1]);
	reported = read_report(test, watch, &peer, row);
	peer_drop(test, &peer);
	return ended && reported;
}

static void each_exception(struct test *test)
{
	uint64_t faults = machine_counter(test, NX_COUNTER_FAULTS);
	struct watch watch = {
		.job = new_job(test, 256, 32, 4),
		.event = new_event(),
		.vmo = new_vmo(NX_PAGE_SIZE),
	};

	check_status(test, nx_job_watch(watch.job, watch.event, 1, 2), NX_OK,
		     "a job is watched");
	for (unsigned i = 0; i < ARRAY_COUNT(exceptions); i++)
		check(test, crashes(test, &watch, &exceptions[i]),
		      "%s ends its process alone and is reported",
		      exceptions[i].name);
	check(test,
	      machine_counter(test, NX_COUNTER_FAULTS) - faults ==
		      ARRAY_COUNT(exceptions),
	      "each exception was counted once");
	nx_task_kill(watch.job.handle, 0);
	nx_handle_close(watch.job.handle);
	nx_handle_close(watch.event.handle);
	nx_handle_close(watch.vmo.handle);
}

/* Nobody takes the reports: the oldest are kept, the others counted. */
static void many_crashes(struct test *test)
{
	nx_job_t job = new_job(test, 256, 32, 4);
	nx_event_t event = new_event();
	uint64_t id, cause, dropped = 0, last = 0;
	nx_uaddr_t pc, address, stack, caller;
	uint32_t service;
	unsigned reports = 0;

	nx_job_watch(job, event, 1, 2);
	for (unsigned i = 0; i < 12; i++) {
		struct peer peer;

		if (!peer_process(test, &peer, job, illegal))
			break;
		peer_start(&peer);
		peer_wait(test, &peer);
		peer_drop(test, &peer);
	}
	while (nx_job_crash(job, &id, &service, &cause, &pc, &address, &stack,
			    &caller, &last) == NX_OK) {
		dropped += last;
		reports++;
	}
	check(test, reports > 0 && reports + dropped == 12,
	      "reports that nobody takes are counted, not lost in silence");
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
	nx_handle_close(event.handle);
}

/* A crash of one thread ends all of its process; the other threads are
 * waiting, ready, and not started. */
static void waits(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_message message = { 0 };
	nx_port_t port = { page->handles[0] };

	(void)buffer;
	page->words[2] = 1;
	nx_recv(port, &message);
	page->words[2] = 2;
}

static void crash_takes_all(struct test *test)
{
	nx_port_t port = new_port(1);
	struct peer peer;
	nx_thread_t second = { 0 }, third = { 0 };

	if (!peer_process(test, &peer, test->job, waits))
		return;
	peer_give(&peer, 0, port.handle, NX_RIGHTS_SAME);
	nx_thread_create(peer.process, (nx_budget_t){ 0 }, &second);
	nx_thread_create(peer.process, (nx_budget_t){ 0 }, &third);
	peer_start(&peer);
	peer_await_blocked(test, &peer);
	nx_thread_start(second, 8, 0, 0); /* nothing is there */
	check(test,
	      peer_wait(test, &peer) &&
		      peer_state(&peer) == NX_PROCESS_CRASHED &&
		      peer.page->words[2] == 1,
	      "a crash ends the process with all its threads");
	check(test,
	      facts_of(peer.thread.handle).state == NX_THREAD_DEAD &&
		      facts_of(second.handle).state == NX_THREAD_DEAD &&
		      facts_of(third.handle).state == NX_THREAD_DEAD,
	      "its threads are dead: waiting, running and new ones");
	nx_handle_close(second.handle);
	nx_handle_close(third.handle);
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

const struct system_case system_cases[] = {
	{ "exceptions", each_exception },
	{ "many crashes", many_crashes },
	{ "crash of one thread", crash_takes_all },
	{ NULL, NULL },
};

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_SYSTEM_TEST_H
#define SYSTEM_SYSTEM_TEST_H
/** @file system_test.h
 * Tests of the kernel as its users see it. A test program is the first
 * process of a machine, real or simulated; it uses the contract and nothing
 * else, and prints TAP on the debug line.
 *
 * A program is one file with a table system_cases[]. Behind each case the
 * pages, handles, objects and mappings of the machine must be what they were
 * before. There is no mutable global: in the simulator all programs share
 * one host process. */
#include <nexus/nexus.h>

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** A device without a driver, of both machines; another is behind it. */
#define DEVICE_PAGE UINT64_C(0x10001000)
#define DEVICE_MAGIC UINT32_C(0x74726976)
/** The serial line, which the kernel keeps. */
#define KEPT_PAGE UINT64_C(0x10000000)
#define KEPT_LINE 10

struct test {
	nx_process_t process; /* this one */
	nx_job_t job;	      /* the first job */
	nx_trace_t trace;
	nx_mmio_t mmio; /* the first window */
	nx_irq_t irq;	/* all lines */
	nx_dma_t dma;	/* of all devices */
	nx_vmo_t package;
	nx_event_t sleep;
	struct nx_message_buffer *buffer;
	nx_budget_t
		peer_budget; /* of peers made from now on; none: this one's */
	uint64_t ticks_per_second;
	uint64_t memory_bytes; /* RAM of the machine */
	uint32_t service_id;
	unsigned run;
	unsigned failed;
};

struct system_case {
	const char *name;
	void (*run)(struct test *test);
};

/** Ended by a row without a name. */
extern const struct system_case system_cases[];

/** One line of the report; returns the condition. */
bool check(struct test *test, bool condition, const char *sentence, ...)
	__attribute__((format(printf, 3, 4)));
/** The same for a status that must be `wanted`. */
bool check_status(struct test *test, nx_status_t status, nx_status_t wanted,
		  const char *sentence, ...)
	__attribute__((format(printf, 4, 5)));
/** A remark. */
void remark(const struct test *test, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

uint64_t now_ns(const struct test *test);
/** Let others run for so long; 0: at least once. */
void sleep_ns(struct test *test, uint64_t ns);
/** A counter of the machine, NX_COUNTER_*. */
uint64_t machine_counter(const struct test *test, uint32_t counter);

/* Others: threads and processes that a test starts. What they are given and
 * what they say goes through one page that both see. */

#define PEER_HANDLES 8
#define PEER_WORDS 32

struct peer_page {
	void (*function)(struct peer_page *page,
			 struct nx_message_buffer *buffer);
	nx_trace_t trace; /* of processes, too */
	uint64_t ticks_per_second;
	nx_handle_t handles[PEER_HANDLES]; /* as the peer names them */
	volatile uint64_t words[PEER_WORDS];
};

typedef void peer_function(struct peer_page *page,
			   struct nx_message_buffer *buffer);

struct peer {
	nx_process_t process; /* none: a thread of this process */
	nx_thread_t thread;
	nx_vmo_t page_vmo;
	nx_vmo_t stack_vmo;
	nx_vmo_t image_vmo;
	struct peer_page *page;
	nx_uaddr_t page_there;
	nx_uaddr_t stack_here; /* where a thread's stack is mapped */
	nx_uaddr_t stack_end;
};

/** Service id of processes that a test starts. */
#define PEER_SERVICE 7
#define PEER_STACK_BYTES UINT64_C(32768)

/** Make a process in `job`, which takes MANAGE, that will run `function`; not
 * started. */
bool peer_process(struct test *test, struct peer *peer, nx_job_t job,
		  peer_function *function);
/** Make a thread of this process. */
bool peer_thread(struct test *test, struct peer *peer, peer_function *function);
/** Give a process a handle, or tell a thread of one. */
nx_status_t peer_give(struct peer *peer, unsigned index, nx_handle_t handle,
		      nx_rights_t rights);
nx_status_t peer_start(struct peer *peer);
/** Wait until it has ended; false after ten seconds. */
bool peer_wait(struct test *test, const struct peer *peer);
/** State of its process or thread, as handle_info says. */
uint64_t peer_state(const struct peer *peer);
/** Exit code of a process. */
int64_t peer_code(const struct peer *peer);
/** Let it run until words[index] is at least `value`; false after ten
 * seconds. */
bool peer_await(struct test *test, const struct peer *peer, unsigned index,
		uint64_t value);
/** Wait until its thread is blocked. */
bool peer_await_blocked(struct test *test, const struct peer *peer);
/** End it and give everything back. */
void peer_drop(struct test *test, struct peer *peer);
#endif /* SYSTEM_SYSTEM_TEST_H */

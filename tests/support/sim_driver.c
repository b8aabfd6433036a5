/* SPDX-License-Identifier: BSD-2-Clause
 * A client that goes on working while services die around it: each round
 * starts a program, borrows a file and writes a line. When many rounds in a
 * row were good the machine's counts must be what they were in the beginning.
 *
 * With the argument `hostile` it also sends requests that chance made, through
 * the same handles, takes memory back while a service copies into it, asks
 * without waiting for the answer, and lets the services forget it before it
 * counts.
 */
#include "support/sim_services.h"

#include <crt/program.h>
#include <crt/thread.h>
#include <lib/package_client.h>
#include <lib/roles.h>
#include <nexus/counters.h>
#include <nexus/options.h>
#include <nexus/syscalls.h>
#include <proto/console.h>
#include <proto/exec.h>
#include <proto/system.h>

#define ROUNDS_MAX 3000
#define ROUNDS_BEFORE 5
#define ROUNDS_LEAST 120
#define GOOD_IN_A_ROW 12
#define SETTLE_TRIES 15
#define WAIT_NS UINT64_C(1000000000)
#define REST_NS UINT64_C(30000000)

#define HOSTILE_CALLS 1500
#define HOSTILE_WAIT_NS UINT64_C(2000000)
#define HOSTILE_READS 100
/** Of a further thread: its stack and what the heap adds. */
#define THREAD_BYTES 16384

struct counts {
	uint64_t objects;
	uint64_t handles;
	uint64_t mappings;
};

struct driver {
	struct program *program;
	nx_client_t console;
	nx_client_t packages;
	nx_client_t exec;
	nx_client_t system;
	nx_trace_t trace;
	nx_event_t event;
	nx_vmo_t memory;
	volatile bool takes_back;
};

static void wait_ns(const struct driver *driver, uint64_t wait)
{
	uint64_t bits;

	nx_wait(driver->event, 1, program_now_ns(driver->program) + wait,
		&bits);
}

static bool run_hello(const struct driver *driver)
{
	struct nx_message_buffer *buffer = driver->program->buffer;
	uint64_t cause, pc, address;
	uint32_t task, state = 0;
	int64_t code = 0;

	if (exec_start(buffer, driver->exec, "hello", 6, driver->event, 1,
		       &task) != NX_OK)
		return false;
	wait_ns(driver, WAIT_NS);
	/* One that is late is not left behind. */
	exec_kill(buffer, driver->exec, task);
	return exec_result(buffer, driver->exec, task, &state, &code, &cause,
			   &pc, &address) == NX_OK &&
	       state == NX_PROCESS_EXITED && code == 3;
}

static bool borrow(const struct driver *driver)
{
	struct package_bytes bytes;
	struct package_file file;
	bool good = false;

	if (package_open(driver->program->buffer, driver->packages, "/lent",
			 &file) != NX_OK)
		return false;
	if (package_read_all(&file, PACKAGE_BY_LOAN, &bytes) == NX_OK) {
		good = bytes.lent && bytes.size_bytes == file.size_bytes;
		package_release(&file, &bytes);
	}
	package_close(&file);
	return good;
}

static bool one_round(const struct driver *driver)
{
	return run_hello(driver) && borrow(driver) &&
	       console_write(driver->program->buffer, driver->console,
			     "round\n", 6) == NX_OK;
}

/* What is still on its way to its end is not counted yet. */
static struct counts count(const struct driver *driver)
{
	struct counts counts = { 0 };

	wait_ns(driver, REST_NS);
	nx_counter_read(driver->trace, NX_COUNTER_OBJECTS, &counts.objects);
	nx_counter_read(driver->trace, NX_COUNTER_HANDLES, &counts.handles);
	nx_counter_read(driver->trace, NX_COUNTER_MAPPINGS, &counts.mappings);
	return counts;
}

static bool same(const struct counts *left, const struct counts *right)
{
	return left->objects == right->objects &&
	       left->handles == right->handles &&
	       left->mappings == right->mappings;
}

static uint64_t next_random(uint64_t *state)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return (*state ^ *state >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 16;
}

/* Often a number that means something somewhere. */
static uint64_t random_word(uint64_t *state)
{
	static const uint64_t likely[] = {
		0,
		1,
		2,
		4095,
		4096,
		0x10000,
		0x10001,
		0x7fffffff,
		0xffffffff,
		UINT64_MAX,
		UINT64_MAX - 4095,
		300000,
		1048576,
		1048577,
	};
	uint64_t choice = next_random(state);

	return choice % 3 ? likely[choice / 3 % 14] : next_random(state);
}

static void random_frame(uint64_t *state, struct nx_message_buffer *buffer,
			 size_t size)
{
	static const char *const likely[] = { "/lent",	    "/large",
					      "/",	    "hello",
					      "/many/deep", "forever",
					      "/../..//x",  "/system" };
	const char *text = likely[next_random(state) % 8];

	for (size_t i = 0; i < size; i++)
		buffer->send_frame[i] = (uint8_t)next_random(state);
	if (next_random(state) % 2)
		memcpy(buffer->send_frame, text, strlen(text) + 1);
}

static void random_caps(uint64_t *state, const struct driver *driver,
			unsigned count)
{
	const nx_handle_t mine[] = { driver->event.handle,
				     driver->memory.handle,
				     driver->console.handle,
				     driver->trace.handle };

	for (unsigned i = 0; i < count; i++)
		driver->program->buffer->send_caps[i] =
			(struct nx_message_cap){ mine[next_random(state) % 4],
						 NX_RIGHTS_SAME };
}

/* The form is that of a method more often than not. */
static void random_call(uint64_t *state, const struct driver *driver)
{
	const nx_client_t to[] = { driver->console, driver->packages,
				   driver->exec };
	struct nx_message_buffer *buffer = driver->program->buffer;
	unsigned method = (unsigned)(next_random(state) % 21);
	unsigned caps = (unsigned)(next_random(state) % 8 / 6);
	size_t frame = next_random(state) % 2 ? next_random(state) % 24 : 0;
	struct nx_message message;

	message.header =
		proto_header(method, (unsigned)(next_random(state) % 5), frame,
			     caps) |
		NX_HEADER_DEADLINE;
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		message.words[i] = random_word(state);
	random_frame(state, buffer, frame);
	random_caps(state, driver, caps);
	buffer->deadline_ns = program_now_ns(driver->program) + HOSTILE_WAIT_NS;
	if (next_random(state) % 4 == 0) {
		nx_send(to[next_random(state) % 3], &message);
		return;
	}
	if (nx_call(to[next_random(state) % 3], &message) != NX_OK)
		return;
	for (unsigned i = 0; i < nx_header_caps(message.header); i++)
		nx_handle_close(buffer->recv_caps[i].handle);
}

/* The answer has a handle in it, and nobody to take it. */
static void look_up_by_send(const struct driver *driver)
{
	static const char name[] = "packagefsd";
	struct nx_message message = {
		.header = proto_header(system_METHOD_lookup, 0,
				       sizeof(name) - 1, 0),
	};

	memcpy(driver->program->buffer->send_frame, name, sizeof(name) - 1);
	nx_send(driver->system, &message);
}

static void take_back(void *argument, struct nx_message_buffer *buffer)
{
	const struct driver *driver = argument;

	(void)buffer;
	while (driver->takes_back) {
		nx_handle_revoke(driver->memory.handle);
		nx_yield();
	}
}

/* Memory that goes away while it is filled. */
static void read_into_nothing(struct driver *driver)
{
	struct nx_message_buffer *buffer = driver->program->buffer;
	struct program_thread what = { .run = take_back, .argument = driver };
	struct package_file file;
	uint64_t count;

	if (package_open(buffer, driver->packages, "/large", &file) != NX_OK)
		return;
	driver->takes_back = true;
	if (program_thread_start(driver->program, &what) == NX_OK)
		for (unsigned i = 0; i < HOSTILE_READS; i++)
			packagefs_read_into(buffer, driver->packages,
					    file.number, 0, 65536, 0,
					    driver->memory, &count);
	driver->takes_back = false;
	wait_ns(driver, REST_NS);
	package_close(&file);
}

static void be_hostile(struct driver *driver)
{
	static const uint32_t roles[] = { ROLE_CONSOLE, ROLE_PACKAGEFS,
					  ROLE_EXEC };
	uint64_t state = driver->program->startup.record.random[0];

	look_up_by_send(driver);
	read_into_nothing(driver);
	for (unsigned i = 0; i < HOSTILE_CALLS; i++)
		random_call(&state, driver);
	for (unsigned i = 0; i < 3; i++) {
		const nx_client_t manage = { program_handle_nth(driver->program,
								roles[i], 1) };

		proto_post(manage, PROTO_METHOD_RELEASE_CLIENT, 1,
			   driver->program->startup.record.service_id);
	}
	wait_ns(driver, REST_NS);
}

/* Others may still be busy with what the last round left them. */
static struct counts count_at_rest(struct driver *driver)
{
	struct counts now = count(driver), before;
	unsigned tries = SETTLE_TRIES;

	do {
		before = now;
		wait_ns(driver, REST_NS);
		now = count(driver);
	} while (!same(&before, &now) && tries-- > 0);
	return now;
}

static unsigned work(struct driver *driver, struct counts *out_before)
{
	unsigned in_a_row = 0, round = 0;

	while (round < ROUNDS_LEAST || in_a_row < GOOD_IN_A_ROW) {
		if (round == ROUNDS_MAX)
			return 1;
		if (round == ROUNDS_BEFORE)
			*out_before = count_at_rest(driver);
		if (round == ROUNDS_BEFORE &&
		    program_option(driver->program, "hostile"))
			be_hostile(driver);
		if (one_round(driver)) {
			in_a_row++;
		} else {
			in_a_row = 0;
			wait_ns(driver, REST_NS);
		}
		round++;
	}
	return 0;
}

/* A service that died last comes back within its back-off. */
static bool settles(const struct driver *driver, const struct counts *before,
		    struct counts *out_after)
{
	for (unsigned i = 0; i < SETTLE_TRIES; i++) {
		*out_after = count(driver);
		if (same(before, out_after))
			return true;
		wait_ns(driver, WAIT_NS);
	}
	return false;
}

/* 0 good, 1 the services did not come back, 2 something was lost. */
static int driver_main(struct program *program)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	struct driver driver = {
		.program = program,
		.console = { program_handle(program, ROLE_CONSOLE) },
		.packages = { program_handle(program, ROLE_PACKAGEFS) },
		.exec = { program_handle(program, ROLE_EXEC) },
		.system = { program_handle(program, ROLE_SYSTEM) },
		.trace = { program_handle(program, NX_ROLE_TRACE) },
	};
	struct counts before = { 0 }, after;
	unsigned code;

	if (nx_event_create(job, &driver.event) != NX_OK ||
	    nx_vmo_create(job, 65536, &driver.memory) != NX_OK)
		return 9;
	/* The region that a thread's stack is taken from stays. */
	heap_free(&program->heap, heap_allocate(&program->heap, THREAD_BYTES));
	code = work(&driver, &before);
	if (code == 0 && !settles(&driver, &before, &after)) {
		program_print(program,
			      "driver: objects %lu %lu, handles %lu %lu, "
			      "mappings %lu %lu\n",
			      before.objects, after.objects, before.handles,
			      after.handles, before.mappings, after.mappings);
		code = 2;
	}
	system_reset(program->buffer, driver.system, NX_RESET_SHUTDOWN, code);
	return 0;
}

PROGRAM(driver)

/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulator itself: its images are programs, its outcomes are told apart,
 * one seed is one run, and a program is fenced in by the host's page tables
 * and by the checks of the kernel alike. */
#include "support/sim.h"
#include "support/tap.h"

#include <nexus/nexus.h>

#include <stdlib.h>

/* What the first process is given, found again by each program. */
struct given {
	nx_process_t process;
	nx_job_t job;
	nx_trace_t trace;
	uint64_t random;
};

static struct given take(uint64_t handle)
{
	struct given given = { 0 };
	struct nx_startup startup;
	nx_vmo_t vmo = { (nx_handle_t)handle };

	if (nx_vmo_read(vmo, 0, &startup, sizeof(startup)) != NX_OK)
		nx_exit(1, 1);
	for (unsigned i = 0; i < startup.handle_count; i++) {
		nx_handle_t number = startup.handles[i].handle;

		if (startup.handles[i].role == NX_ROLE_PROCESS)
			given.process.handle = number;
		if (startup.handles[i].role == NX_ROLE_JOB)
			given.job.handle = number;
		if (startup.handles[i].role == NX_ROLE_TRACE)
			given.trace.handle = number;
	}
	given.random = startup.random[0];
	return given;
}

static void stops(const void *context, uint64_t a0, uint64_t a1)
{
	struct given given = take(a0);

	(void)context;
	(void)a1;
	nx_job_reset(given.job, NX_RESET_REBOOT, 7);
}

static void waits(const void *context, uint64_t a0, uint64_t a1)
{
	nx_event_t event = { 0 };
	uint64_t bits;

	(void)context;
	(void)a0;
	(void)a1;
	nx_event_create((nx_job_t){ 0 }, &event);
	nx_wait(event, 1, NX_DEADLINE_NEVER, &bits);
}

static void spins(const void *context, uint64_t a0, uint64_t a1)
{
	(void)context;
	(void)a0;
	(void)a1;
	for (;;)
		nx_yield();
}

/* Says back each line that is typed, and stops at an empty one. */
static void echoes(const void *context, uint64_t a0, uint64_t a1)
{
	struct given given = take(a0);
	nx_event_t event = { 0 };
	uint64_t bits, count;
	char byte;

	(void)context;
	(void)a1;
	nx_event_create((nx_job_t){ 0 }, &event);
	nx_debug_watch(given.trace, event, 1);
	nx_debug_write(given.trace, "ready\n", 6);
	for (;;) {
		if (nx_debug_read(given.trace, &byte, 1, &count) != NX_OK) {
			nx_wait(event, 1, NX_DEADLINE_NEVER, &bits);
			continue;
		}
		if (byte == '!')
			nx_job_reset(given.job, NX_RESET_SHUTDOWN, 0);
		nx_debug_write(given.trace, &byte, 1);
	}
}

/* The window of a child is no memory of its parent, though both lie in one
 * host process: neither call nor copy reaches it. Ends with what it saw. */
static void peeks(const void *context, uint64_t a0, uint64_t a1)
{
	struct given given = take(a0);
	nx_process_t child = { 0 };
	nx_vmo_t vmo = { 0 };
	nx_uaddr_t here = 0, there = 0;
	uint32_t seen = 0;

	(void)context;
	(void)a1;
	nx_process_create(given.job, 2, 0, 0, &child);
	nx_vmo_create((nx_job_t){ 0 }, NX_PAGE_SIZE, &vmo);
	nx_map(child, vmo, 0, NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE, 0,
	       &there);
	nx_map((nx_process_t){ 0 }, vmo, 0, NX_PAGE_SIZE,
	       NX_MAP_READ | NX_MAP_WRITE, 0, &here);
	if (nx_vmo_write(vmo, 0, (void *)(uintptr_t)here, 8) == NX_OK)
		seen |= 1;
	if (nx_vmo_write(vmo, 0, (void *)(uintptr_t)there, 8) ==
	    NX_ERR_BAD_ADDRESS)
		seen |= 2;
	if (nx_vmo_read(vmo, 0, (void *)(uintptr_t)there, 8) ==
	    NX_ERR_BAD_ADDRESS)
		seen |= 4;
	/* Constants of the host program may be read, never written. */
	if (nx_vmo_write(vmo, 0, "constant", 8) == NX_OK)
		seen |= 8;
	if (nx_vmo_read(vmo, 0, (void *)(uintptr_t) "constant", 8) ==
	    NX_ERR_BAD_ADDRESS)
		seen |= 16;
	nx_job_reset(given.job, NX_RESET_SHUTDOWN, seen);
}

static void returns(const void *context, uint64_t a0, uint64_t a1)
{
	(void)context;
	(void)a0;
	(void)a1;
}

static struct sim_result boot(void (*start)(const void *, uint64_t, uint64_t),
			      uint64_t seed, const struct sim_input *inputs,
			      size_t input_count)
{
	const struct sim_program program = { "init", start, NULL };
	struct sim_package package;
	struct sim_result result;
	struct sim_options options = {
		.seed = seed,
		.ram_bytes = 4 << 20,
		.programs = &program,
		.program_count = 1,
		.inputs = inputs,
		.input_count = input_count,
		.preempt_permille = 50,
		.steps_max = 2000,
	};

	sim_pack_init("init", &package);
	options.package = package.bytes;
	options.package_bytes = package.size_bytes;
	sim_run(&options, &result);
	sim_unpack(&package);
	return result;
}

static void images(void)
{
	uint8_t bytes[SIM_IMAGE_BYTES_MAX];
	struct nx_program program;
	size_t size = sim_image("some-name", bytes);

	ok(size > 0 && nx_program_decode(bytes, size, size, &program) == NX_OK,
	   "an image is a program like any other");
	ok(program.segment_count == 2 &&
		   (program.segments[0].access & NX_MAP_EXEC) &&
		   (program.segments[1].access & NX_MAP_WRITE),
	   "it has a part to execute and a part to write");
	is_u64(sim_image("", bytes), 0, "a program has a name");
	is_u64(sim_image("a-name-of-forty-eight-characters-is-one-too-long"
			 "-------------",
			 bytes),
	       0, "and not too long a one");
}

static void outcomes(void)
{
	struct sim_result result = boot(stops, 1, NULL, 0);

	ok(result.outcome == SIM_RESET && result.kind == NX_RESET_REBOOT &&
		   result.code == 7,
	   "a machine that is reset tells how and with which code");
	result = boot(waits, 1, NULL, 0);
	ok(result.outcome == SIM_DEADLOCK, "one where all wait for ever stops");
	result = boot(spins, 1, NULL, 0);
	ok(result.outcome == SIM_STEPS && result.steps == 2000,
	   "one that never ends is stopped");
	result = boot(returns, 1, NULL, 0);
	ok(result.outcome == SIM_DEADLOCK &&
		   strstr(result.console, "crash") != NULL,
	   "a program that returns to nowhere crashes");
}

static void typing(void)
{
	static const struct sim_input inputs[] = {
		{ "ready\n", "first" },
		{ "first", " second" },
		{ "second", "!" },
	};
	bool all = true;

	for (uint64_t seed = 0; seed < 50; seed++) {
		struct sim_result result = boot(echoes, seed, inputs, 3);

		all = all && result.outcome == SIM_RESET &&
		      strstr(result.console, "ready\nfirst second") != NULL;
	}
	ok(all, "text is typed when what it waits for was printed");
}

static void seeds(void)
{
	static const struct sim_input inputs[] = {
		{ "ready\n", "a text of some length!" },
	};
	uint64_t ticks[20];
	bool same = true, differ = false;

	for (uint64_t seed = 0; seed < 20; seed++) {
		struct sim_result result = boot(echoes, seed, inputs, 1);

		ticks[seed] = result.ticks << 20 ^ result.steps;
	}
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct sim_result result = boot(echoes, seed, inputs, 1);

		same = same &&
		       ticks[seed] == (result.ticks << 20 ^ result.steps);
		differ = differ || ticks[seed] != ticks[0];
	}
	ok(same, "a seed gives the same run again");
	ok(differ, "another seed gives another one");
}

int main(void)
{
	struct sim_result result;

	plan(13);
	images();
	outcomes();
	typing();
	seeds();
	result = boot(peeks, 1, NULL, 0);
	ok(result.outcome == SIM_RESET && (result.code & 7) == 7,
	   "a process reaches its own memory and nobody else's");
	ok((result.code & 24) == 24,
	   "the host's constants are read, and never written");
	sim_release();
	return done();
}

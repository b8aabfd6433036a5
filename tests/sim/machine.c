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
	/* On a machine of one hart there is no other to start. */
	nx_job_reset(given.job, NX_RESET_REBOOT,
		     nx_hart_set(given.job, 1, 1) == NX_ERR_NOT_FOUND ? 7 : 8);
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

/* Which harts are there, once they had the time to come. */
static void lists(const void *context, uint64_t a0, uint64_t a1)
{
	struct given given = take(a0);
	nx_event_t event = { 0 };
	uint64_t bits, online = 0;
	uint32_t here;

	(void)context;
	(void)a1;
	nx_event_create((nx_job_t){ 0 }, &event);
	nx_wait(event, 1, 50000000, &bits);
	nx_hart_list(given.job, &online, &here);
	nx_job_reset(given.job, NX_RESET_SHUTDOWN, (uint32_t)online);
}

/* What two threads on two harts tell each other. */
struct shared {
	nx_event_t event;
	uint64_t ticks; /* when it woke, by the clock of its hart */
	bool woke;
};

static void wakes(uint64_t argument, uint64_t buffer)
{
	struct shared *shared = (struct shared *)(uintptr_t)argument;
	uint64_t bits;

	(void)buffer;
	nx_wait(shared->event, 1, NX_DEADLINE_NEVER, &bits);
	shared->ticks = nx_ticks();
	__atomic_store_n(&shared->woke, true, __ATOMIC_RELEASE);
	nx_exit(0, 0);
}

/* Wakes a thread of the second hart: how long did that take, by the clocks of
 * both? Ends with that, and 100000 more, for clocks may differ. */
static void signals(const void *context, uint64_t a0, uint64_t a1)
{
	struct given given = take(a0);
	struct shared shared = { .woke = false };
	nx_event_t sleep = { 0 };
	nx_thread_t thread = { 0 };
	uint64_t bits, start;

	(void)context;
	(void)a1;
	nx_thread_affinity((nx_thread_t){ 0 }, 1);
	nx_event_create((nx_job_t){ 0 }, &shared.event);
	nx_event_create((nx_job_t){ 0 }, &sleep);
	nx_thread_create((nx_process_t){ 0 }, (nx_budget_t){ 0 }, &thread);
	nx_thread_affinity(thread, 2);
	nx_thread_start(thread, (uintptr_t)wakes, 0, (uintptr_t)&shared);
	nx_wait(sleep, 1, 50000000, &bits);
	start = nx_ticks();
	nx_signal(shared.event, 1);
	while (!__atomic_load_n(&shared.woke, __ATOMIC_ACQUIRE))
		nx_yield();
	nx_job_reset(given.job, NX_RESET_SHUTDOWN,
		     (uint32_t)(shared.ticks - start + 100000));
}

static void returns(const void *context, uint64_t a0, uint64_t a1)
{
	(void)context;
	(void)a0;
	(void)a1;
}

static struct sim_result boot_with(void (*start)(const void *, uint64_t,
						 uint64_t),
				   struct sim_options options)
{
	const struct sim_program program = { "init", start, NULL };
	struct sim_package package;
	struct sim_result result;

	options.ram_bytes = 4 << 20;
	options.programs = &program;
	options.program_count = 1;
	sim_pack_init("init", &package);
	options.package = package.bytes;
	options.package_bytes = package.size_bytes;
	sim_run(&options, &result);
	sim_unpack(&package);
	return result;
}

static struct sim_result boot(void (*start)(const void *, uint64_t, uint64_t),
			      uint64_t seed, const struct sim_input *inputs,
			      size_t input_count)
{
	const struct sim_options options = {
		.seed = seed,
		.inputs = inputs,
		.input_count = input_count,
		.preempt_permille = 50,
		.steps_max = 2000,
	};

	return boot_with(start, options);
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

static unsigned harts_of(uint32_t loss_permille, uint64_t seed)
{
	const struct sim_options options = { .seed = seed,
					     .hart_count = 8,
					     .hart_loss_permille =
						     loss_permille };
	struct sim_result result = boot_with(lists, options);

	return result.outcome == SIM_RESET
		       ? (unsigned)__builtin_popcount(result.code)
		       : 0;
}

static void lost_harts(void)
{
	bool all = true, none = true, some = false;

	for (uint64_t seed = 0; seed < 20; seed++) {
		unsigned count = harts_of(500, seed);

		all = all && harts_of(0, seed) == 8;
		none = none && harts_of(1000, seed) == 1;
		some = some || (count > 1 && count < 8);
	}
	ok(all, "eight harts come");
	ok(none && some, "or some of them never do, and the rest goes on");
}

/* The least and the most ticks of signals(), of some seeds. */
static void wake_ticks(uint64_t kick_delay, uint64_t skew, int64_t *least,
		       int64_t *most)
{
	*least = INT64_MAX;
	*most = INT64_MIN;
	for (uint64_t seed = 0; seed < 40; seed++) {
		const struct sim_options options = {
			.seed = seed,
			.hart_count = 2,
			.kick_delay_ticks = kick_delay,
			.skew_ticks = skew,
		};
		struct sim_result result = boot_with(signals, options);
		int64_t ticks = (int64_t)result.code - 100000;

		if (result.outcome != SIM_RESET)
			ticks = INT64_MAX;
		*least = ticks < *least ? ticks : *least;
		*most = ticks > *most ? ticks : *most;
	}
}

static void late_and_skewed(void)
{
	int64_t least, most;

	wake_ticks(0, 0, &least, &most);
	ok(least >= 0 && most < 1000,
	   "a kick arrives at once: %lld to %lld ticks", (long long)least,
	   (long long)most);
	wake_ticks(20000, 0, &least, &most);
	ok(least >= 0 && most > 10000 && most < 21000,
	   "or late: %lld to %lld ticks", (long long)least, (long long)most);
	wake_ticks(0, 20000, &least, &most);
	ok(least < -5000 && most > 5000,
	   "clocks of two harts differ: %lld to %lld ticks", (long long)least,
	   (long long)most);
}

int main(void)
{
	struct sim_result result;

	plan(18);
	images();
	outcomes();
	typing();
	seeds();
	result = boot(peeks, 1, NULL, 0);
	ok(result.outcome == SIM_RESET && (result.code & 7) == 7,
	   "a process reaches its own memory and nobody else's");
	ok((result.code & 24) == 24,
	   "the host's constants are read, and never written");
	lost_harts();
	late_and_skewed();
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A mix of processes that call, send to, map, revoke and kill each other, as
 * chance has it, while allocations fail and processes are ended from outside
 * in the middle of anything. Whatever they did: when their job has been
 * killed, pages, handles, objects and mappings are what they were. */
#include "sim/worker.h"
#include "support/sim.h"
#include "support/tap.h"

#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/thread.h>
#include <nexus/nexus.h>

#include <inttypes.h>
#include <stdlib.h>

#define SEEDS 1200
#define SEEDS_LONG 60000
#define WORKERS 5
#define MS UINT64_C(1000000)

/* What a seed found; written by the program through its exit code only. */
enum { LEAK_NONE = 0, LEAK_PAGES, LEAK_HANDLES, LEAK_OBJECTS, LEAK_MAPPINGS };

static const uint32_t counted[] = { NX_COUNTER_PAGES_FREE, NX_COUNTER_HANDLES,
				    NX_COUNTER_OBJECTS, NX_COUNTER_MAPPINGS };

struct begun {
	nx_job_t job;
	nx_trace_t trace;
	nx_mmio_t mmio;
	nx_irq_t irq;
	nx_dma_t dma;
	nx_event_t sleep;
	uint64_t random;
};

/* A device that nobody has. */
#define DEVICE_PAGE UINT64_C(0x10001000)
#define DEVICE_LINE 1
#define HARTS_MAX_HERE 8

static void begin(struct begun *begun, nx_handle_t handle)
{
	struct nx_startup startup;

	if (nx_vmo_read((nx_vmo_t){ handle }, 0, &startup, sizeof(startup)))
		nx_exit(1, 1);
	for (unsigned i = 0; i < startup.handle_count; i++) {
		const nx_handle_t given = startup.handles[i].handle;

		if (startup.handles[i].role == NX_ROLE_JOB)
			begun->job.handle = given;
		if (startup.handles[i].role == NX_ROLE_TRACE)
			begun->trace.handle = given;
		if (startup.handles[i].role == NX_ROLE_MMIO)
			begun->mmio.handle = given;
		if (startup.handles[i].role == NX_ROLE_IRQ)
			begun->irq.handle = given;
		if (startup.handles[i].role == NX_ROLE_DMA)
			begun->dma.handle = given;
	}
	begun->random = startup.random[0] | 1;
	while (nx_event_create((nx_job_t){ 0 }, &begun->sleep) != NX_OK)
		continue;
}

static void measure(const struct begun *begun, uint64_t *out_values)
{
	for (unsigned i = 0; i < ARRAY_COUNT(counted); i++)
		while (nx_counter_read(begun->trace, counted[i],
				       &out_values[i]) != NX_OK)
			continue;
}

/* A worker in the job, with the means to reach the others. */
static void start_worker(struct begun *begun, nx_job_t job,
			 const nx_handle_t *given, unsigned given_count)
{
	nx_process_t process = { 0 };
	nx_thread_t thread = { 0 };
	nx_handle_t there;

	if (nx_process_create(job, 2, 0, 0, &process) != NX_OK)
		return;
	if (nx_thread_create(process, (nx_budget_t){ 0 }, &thread) == NX_OK) {
		for (unsigned i = 0; i < given_count; i++)
			nx_handle_dup(given[i], NX_RIGHTS_SAME, 0, process,
				      &there);
		nx_thread_start(thread, (uintptr_t)worker, 0,
				worker_random(&begun->random) | 1);
		nx_handle_close(thread.handle);
	}
	nx_handle_close(process.handle);
}

static void make_workers(struct begun *begun, nx_job_t job)
{
	nx_port_t ports[2] = { { 0 }, { 0 } };
	nx_event_t event = { 0 };
	nx_vmo_t vmo = { 0 };
	nx_mmio_t window = { 0 };
	nx_irq_t line = { 0 }, virtual_line = { 0 };
	nx_dma_t device = { 0 };
	nx_handle_t given[9];

	nx_port_create(job, 2, &ports[0]);
	nx_port_create(job, 1, &ports[1]);
	nx_event_create(job, &event);
	nx_vmo_create(job, 3 * NX_PAGE_SIZE, &vmo);
	nx_mmio_narrow(begun->mmio, DEVICE_PAGE, NX_PAGE_SIZE, &window);
	nx_irq_narrow(begun->irq, DEVICE_LINE, &line);
	nx_irq_narrow(begun->irq, NX_IRQ_VIRTUAL, &virtual_line);
	nx_dma_narrow(begun->dma, DEVICE_PAGE, NX_DMA_TRUSTED, &device);
	given[0] = job.handle;
	given[1] = ports[0].handle;
	given[2] = ports[1].handle;
	given[3] = event.handle;
	given[4] = vmo.handle;
	given[5] = window.handle;
	given[6] = line.handle;
	given[7] = virtual_line.handle;
	given[8] = device.handle;
	for (unsigned i = 0; i < WORKERS; i++)
		start_worker(begun, job, given, ARRAY_COUNT(given));
	for (unsigned i = 1; i < ARRAY_COUNT(given); i++)
		if (given[i])
			nx_handle_close(given[i]);
}

/* The device has been left with pins in quarantine, most likely. */
static void reset_device(const struct begun *begun)
{
	nx_mmio_t window = { 0 };
	nx_dma_t device = { 0 };
	uint64_t pages;

	while (nx_mmio_narrow(begun->mmio, DEVICE_PAGE, NX_PAGE_SIZE,
			      &window) != NX_OK)
		continue;
	while (nx_dma_narrow(begun->dma, DEVICE_PAGE, NX_DMA_TRUSTED,
			     &device) != NX_OK)
		continue;
	nx_dma_reset(device, window, &pages);
	nx_handle_close(device.handle);
	nx_handle_close(window.handle);
}

/* One hart stops or begins, wherever lines and threads are. */
static void change_harts(struct begun *begun)
{
	uint64_t random = worker_random(&begun->random) >> 20;

	nx_hart_set(begun->job, (uint32_t)(random % HARTS_MAX_HERE),
		    (uint32_t)(random >> 8 & 1));
}

static uint32_t round_of_work(struct begun *begun)
{
	uint64_t before[ARRAY_COUNT(counted)], after[ARRAY_COUNT(counted)];
	nx_job_t job = { 0 };
	uint64_t bits;

	measure(begun, before);
	if (nx_job_create(begun->job, 300, 300, 24, &job) == NX_OK) {
		make_workers(begun, job);
		for (unsigned i = 0; i < 4; i++) {
			nx_wait(begun->sleep, 1,
				nx_ticks() * 100 +
					worker_random(&begun->random) %
						(15 * MS),
				&bits);
			change_harts(begun);
		}
		nx_task_kill(job.handle, 0);
		nx_handle_close(job.handle);
		reset_device(begun);
	}
	measure(begun, after);
	for (unsigned i = 0; i < ARRAY_COUNT(counted); i++)
		if (before[i] != after[i])
			return LEAK_PAGES + i;
	return LEAK_NONE;
}

static void start(const void *context, uint64_t a0, uint64_t a1)
{
	struct begun begun = { .random = 0 };
	uint32_t leak = LEAK_NONE;

	(void)context;
	(void)a1;
	begin(&begun, (nx_handle_t)a0);
	/* The first round leaves pages in tables that are kept. */
	round_of_work(&begun);
	for (unsigned i = 0; i < 2 && leak == LEAK_NONE; i++)
		leak = round_of_work(&begun);
	for (;;)
		nx_job_reset(begun.job, NX_RESET_SHUTDOWN, leak);
}

static const struct sim_program programs[] = { { "init", start, NULL } };

/* A thread's way back to a call that was stopped may be another one by then. */
static void change_call(void)
{
	struct thread *thread = current_thread();
	uint64_t random = sim_random();

	if (thread == NULL || thread->process == NULL ||
	    !thread->frame.arch.again ||
	    thread->process->object.job == root_job || random % 4 != 0)
		return;
	thread->frame.registers.a[random >> 8 & 7] += random >> 16 & 3;
	if ((random >> 20 & 3) == 0)
		thread->frame.call = random >> 24 & 31;
	if (thread->frame.call == NX_SYS_exit ||
	    thread->frame.call == NX_SYS_wait)
		thread->frame.call = NX_SYS_yield;
}

/* And a process of the job ends in the middle of whatever it does. */
static void disturb(void *context, uint64_t step)
{
	struct job *job;
	uint64_t skip = sim_random() % 8;

	(void)context;
	(void)step;
	change_call();
	if (sim_random() % 300 != 0 || list_is_empty(&root_job->children))
		return;
	job = LIST_ENTRY(root_job->children.next, struct job, siblings);
	LIST_FOR_EACH(struct process, process, &job->processes, in_job) {
		if (skip-- > 0)
			continue;
		object_ref(&process->object);
		process_end(process, NX_PROCESS_KILLED, 9);
		object_unref(&process->object);
		return;
	}
}

static void run(const struct sim_arguments *arguments,
		const struct sim_package *package, uint64_t seed,
		struct sim_result *out_result)
{
	struct sim_options options = {
		.seed = seed,
		.ram_bytes = 8 << 20,
		.package = package->bytes,
		.package_bytes = package->size_bytes,
		.programs = programs,
		.program_count = ARRAY_COUNT(programs),
		.line_permille = (uint32_t)(seed % 4 * 25),
		.preempt_permille = (uint32_t)(seed % 3 * 30),
		.fail_permille = (uint32_t)(seed % 5 * 20),
		.steps_max = 200000,
		.on_step = disturb,
		.verbose = arguments->verbose,
	};

	sim_harts(seed, &options);
	sim_run(&options, out_result);
}

static bool is_clean(const struct sim_result *result)
{
	return result->outcome == SIM_RESET && result->code == LEAK_NONE;
}

int main(int argc, char **argv)
{
	struct sim_arguments arguments;
	struct sim_package package;
	struct sim_result result;
	uint64_t steps = 0, refused = 0, bad = 0;

	sim_parse(argc, argv, getenv("NEXUS_LONG") ? SEEDS_LONG : SEEDS,
		  &arguments);
	plan(3);
	sim_pack_init("init", &package);
	for (uint64_t i = 0; i < arguments.seed_count && bad < 5; i++) {
		run(&arguments, &package, arguments.seed + i, &result);
		steps += result.steps;
		refused += result.refused;
		if (is_clean(&result))
			continue;
		bad++;
		diag("seed %" PRIu64 ": %s, code %" PRIu32, arguments.seed + i,
		     sim_outcome_name(result.outcome), result.code);
		if (result.outcome == SIM_PANIC)
			diag("%s", result.console);
		sim_replay(&arguments, arguments.seed + i);
	}
	diag("%" PRIu64 " seeds, %" PRIu64 " entries to the kernel, %" PRIu64
	     " allocations refused",
	     arguments.seed_count, steps, refused);
	ok(bad == 0, "behind every seed's work the machine is as before");
	ok(steps > 100 * arguments.seed_count, "the seeds did some work");
	ok(refused > 0 || arguments.seed_count == 1,
	   "allocations were made to fail");
	sim_unpack(&package);
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCENARIO_H
#define TESTS_SCENARIO_H
/** @file scenario.h
 * A program that the simulator runs under many seeds: instead of a boot
 * package, this makes the first process, whose code is scenario(). Every
 * statement is checked under every seed and reported once. All processes are
 * functions of the program, and see its memory and the kernel's. */
#include "support/tap.h"

#include <arch/sim.h>
#include <kernel/arch.h>
#include <kernel/budget.h>
#include <kernel/console.h>
#include <kernel/counters.h>
#include <kernel/handle.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/log.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/thread.h>
#include <nexus/nexus.h>

#include <stdlib.h>

#define CHECKS_MAX 128
#define SERVICE_FIRST 1

static struct statement {
	const char *text;
	unsigned run_count;
	uint64_t failed_seed;
	bool failed;
	int64_t got;
} statements[CHECKS_MAX];
static unsigned statement_count;
static uint64_t seed;

static struct statement *find(const char *text)
{
	for (unsigned i = 0; i < statement_count; i++)
		if (strcmp(statements[i].text, text) == 0)
			return &statements[i];
	if (statement_count == CHECKS_MAX)
		abort();
	statements[statement_count].text = text;
	return &statements[statement_count++];
}

static bool equal(int64_t got, int64_t wanted, const char *text)
{
	struct statement *statement = find(text);

	statement->run_count++;
	if (got != wanted && !statement->failed) {
		statement->failed = true;
		statement->failed_seed = seed;
		statement->got = got;
	}
	return got == wanted;
}

TAP_UNUSED static bool truth(bool holds, const char *text)
{
	return equal(holds, true, text);
}

/* What the first process begins with. */
static nx_job_t root;
static nx_process_t nobody;
static nx_budget_t own_budget;

/* The code of the first process; ends the machine. */
static void scenario(uint64_t argument, uint64_t buffer);

#define MS UINT64_C(1000000)

typedef void peer_function(uint64_t argument, uint64_t buffer);

TAP_UNUSED static nx_event_t new_event(void)
{
	nx_event_t event = { 0 };

	nx_event_create((nx_job_t){ 0 }, &event);
	return event;
}

static void sleep_until(uint64_t deadline_ns)
{
	nx_event_t event = new_event();
	uint64_t bits;

	nx_wait(event, 1, deadline_ns, &bits);
	nx_handle_close(event.handle);
}

TAP_UNUSED static void pause_ns(uint64_t ns)
{
	sleep_until(time_now_ns() + ns);
}

TAP_UNUSED static nx_budget_t new_budget(uint32_t qos_class)
{
	nx_budget_t budget = { 0 };

	nx_budget_create(root, qos_class, NX_SHARE_DEFAULT, &budget);
	return budget;
}

TAP_UNUSED static void start_on(nx_budget_t budget, peer_function *function,
				uint64_t argument, nx_thread_t *out_thread)
{
	nx_thread_create(nobody, budget, out_thread);
	nx_thread_start(*out_thread, (uintptr_t)function, 0, argument);
}

/* A test after which all is as it was. */
static void run(void (*test)(void), const char *what)
{
	uint64_t objects = counters[NX_COUNTER_OBJECTS], handles = counters[NX_COUNTER_HANDLES];
	uint64_t pages = page_free_count();
	uint64_t threads = root_job->quotas[JOB_THREADS].used;

	test();
	pause_ns(50 * MS);
	truth(objects == counters[NX_COUNTER_OBJECTS] &&
		      handles == counters[NX_COUNTER_HANDLES] &&
		      pages == page_free_count() &&
		      threads == root_job->quotas[JOB_THREADS].used,
	      what);
}

static nx_handle_t first_handle(struct process *process, struct object *object)
{
	nx_handle_t handle = NX_HANDLE_NONE;

	handle_install_new(&process->handles, object, &handle);
	return handle;
}

/* In place of a package: the first process is in here. */
void kernel_boot(const struct boot_info *info)
{
	const uint64_t name[2] = { 0x74736574, 0 };
	struct process *process;
	struct budget *budget;
	struct thread *thread;

	hart_boot();
	counters_init();
	log_init();
	console_init();
	page_init(info->memory[0].base,
		  info->memory[0].base + info->memory[0].size_bytes);
	page_add_range(info->memory[0].base, info->memory[0].size_bytes);
	job_boot();
	process_create(root_job, SERVICE_FIRST, name, &process);
	process_set_up(process);
	budget_create(root_job, NX_QOS_NORMAL, NX_SHARE_DEFAULT, &budget);
	thread_create(process, &thread);
	thread_set_up(thread, process, budget);
	root.handle = first_handle(process, &root_job->object);
	own_budget.handle = first_handle(process, &budget->object);
	thread_start(thread, (uintptr_t)scenario, 0, 0);
	object_unref(&thread->object);
	object_unref(&budget->object);
	object_unref(&process->object);
}

/* All of the plan; with argv[1], for that seed alone. */
static void scenario_run(unsigned seed_count, int argc, char **argv)
{
	uint64_t only = argc > 1 ? strtoull(argv[1], NULL, 0) : 0;
	unsigned bad = 0;

	plan(0);
	for (seed = only; seed < (only != 0 ? only + 1 : seed_count); seed++) {
		struct sim_options options = {
			.seed = seed,
			.preempt_permille = (uint32_t)(seed % 5 * 60),
			.steps_max = 1000000,
			.verbose = only != 0,
		};
		struct sim_result result;

		sim_run(&options, &result);
		if (result.outcome == SIM_RESET)
			continue;
		diag("seed %lu: outcome %d after %lu steps",
		     (unsigned long)seed, (int)result.outcome,
		     (unsigned long)result.steps);
		diag("%s", result.console);
		bad++;
	}
	for (unsigned i = 0; i < statement_count; i++) {
		ok(!statements[i].failed, "%s", statements[i].text);
		if (statements[i].failed)
			diag("seed %lu: got %ld",
			     (unsigned long)statements[i].failed_seed,
			     (long)statements[i].got);
	}
	is_u64(bad, 0, "every machine ends by itself");
}
#endif /* TESTS_SCENARIO_H */

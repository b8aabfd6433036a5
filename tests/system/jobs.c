/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs and what lives by them: quotas that are parts of others, killing, the
 * watch, lists, and how processes end. */
#include "messages.h"
#include "provoke.h"

#define MS UINT64_C(1000000)

static void drop_job(nx_job_t job)
{
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
}

struct limits {
	uint64_t pages, handles, threads;
};

static struct limits limits_of(nx_job_t job)
{
	struct limits limits = { 0, 0, 0 };
	uint64_t pages, handles, threads, cpu;

	nx_job_stats(job, &pages, &limits.pages, &handles, &limits.handles,
		     &threads, &limits.threads, &cpu);
	return limits;
}

static void parts(struct test *test)
{
	nx_job_t job = new_job(test, 200, 100, 10), child = { 0 }, none = { 0 };
	struct limits limits = limits_of(job);

	check(test,
	      limits.pages == 200 && limits.handles == 100 &&
		      limits.threads == 10,
	      "a job has the quotas that it was made with");
	check_status(test, nx_job_create(job, 150, 60, 6, &child), NX_OK,
		     "a child takes its part of them");
	check(test, job_use(job).pages >= 150 && job_use(job).handles >= 60,
	      "which its parent uses then");
	check_status(test, nx_job_create(job, 150, 0, 0, &none),
		     NX_ERR_QUOTA_PAGES, "there are no pages for another");
	check_status(test, nx_job_create(job, 1, 60, 0, &none),
		     NX_ERR_QUOTA_HANDLES, "nor handles");
	check_status(test, nx_job_create(job, 1, 0, 6, &none),
		     NX_ERR_QUOTA_THREADS, "nor threads");
	check_status(test, nx_job_create(job, UINT64_MAX, 0, 0, &none),
		     NX_ERR_QUOTA_PAGES, "whatever is asked for");
	check_status(test, nx_task_kill(child.handle, 0), NX_OK,
		     "the child is ended");
	nx_handle_close(child.handle);
	check(test, job_use(job).pages < 10 && job_use(job).handles < 10,
	      "its part goes back");
	drop_job(job);
}

static void waits_for_ever(struct peer_page *page,
			   struct nx_message_buffer *buffer)
{
	nx_event_t event = new_event();
	nx_vmo_t vmo = new_vmo(5 * NX_PAGE_SIZE);
	uint64_t bits;

	(void)buffer;
	map_here(vmo, 5 * NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE);
	nx_timer_set(event, 2, NX_DEADLINE_NEVER - 1, 0);
	page->words[0] = 1;
	nx_wait(event, 1, NX_DEADLINE_NEVER, &bits);
}

static void runs_for_ever(struct peer_page *page,
			  struct nx_message_buffer *buffer)
{
	(void)buffer;
	page->words[0] = 1;
	for (;;)
		nx_yield();
}

static void receives_for_ever(struct peer_page *page,
			      struct nx_message_buffer *buffer)
{
	nx_port_t port = new_port(4);
	struct nx_message message = { .header = nx_header(1, 1000, 0, 0) };

	(void)buffer;
	for (unsigned i = 0; i < 4; i++)
		nx_send(nx_port_client(port), &message);
	page->words[0] = 1;
	nx_call(nx_port_client(port), &message);
}

/* Processes that wait, run, call themselves, and are new; then all die. */
static void kill_all(struct test *test)
{
	static peer_function *const functions[] = {
		waits_for_ever, runs_for_ever, receives_for_ever, waits_for_ever
	};
	uint64_t free = machine_counter(test, NX_COUNTER_PAGES_FREE);
	uint64_t objects = machine_counter(test, NX_COUNTER_OBJECTS);
	nx_job_t job = new_job(test, 400, 200, 20);
	struct peer peers[ARRAY_COUNT(functions)];

	for (unsigned i = 0; i < ARRAY_COUNT(functions); i++) {
		if (!peer_process(test, &peers[i], job, functions[i]))
			return;
		if (i == 3)
			continue;
		peer_start(&peers[i]);
		peer_await(test, &peers[i], 0, 1);
	}
	check(test, job_use(job).threads == ARRAY_COUNT(functions),
	      "processes of all sorts live in a job");
	check_status(test, nx_task_kill(job.handle, 21), NX_OK,
		     "the job is killed");
	for (unsigned i = 0; i < ARRAY_COUNT(functions); i++) {
		check(test,
		      peer_state(&peers[i]) == NX_PROCESS_KILLED &&
			      peer_code(&peers[i]) == 21,
		      "process %u of it is dead", i + 1);
		peer_drop(test, &peers[i]);
	}
	nx_handle_close(job.handle);
	check(test, machine_counter(test, NX_COUNTER_PAGES_FREE) == free,
	      "exactly its pages come back");
	check(test, machine_counter(test, NX_COUNTER_OBJECTS) == objects,
	      "and all its objects are gone");
}

#define DEPTH 40

/* Each job inside the one before; one kill ends them all. */
static void deep(struct test *test)
{
	nx_job_t jobs[DEPTH];
	struct peer peer;
	bool all = true;

	jobs[0] = new_job(test, 40 * DEPTH, 200, 10);
	for (unsigned i = 1; i < DEPTH; i++) {
		jobs[i].handle = NX_HANDLE_NONE;
		all = all && nx_job_create(jobs[i - 1], 40 * (DEPTH - i),
					   200 - i, 10, &jobs[i]) == NX_OK;
	}
	check(test, all, "jobs are made %u deep", DEPTH);
	if (!peer_process(test, &peer, jobs[DEPTH - 1], runs_for_ever))
		return;
	peer_start(&peer);
	peer_await(test, &peer, 0, 1);
	check_status(test, nx_task_kill(jobs[0].handle, 0), NX_OK,
		     "the first one is killed");
	check(test, peer_state(&peer) == NX_PROCESS_KILLED,
	      "a process in the last one dies");
	peer_drop(test, &peer);
	for (unsigned i = 0; i < DEPTH; i++)
		nx_handle_close(jobs[i].handle);
}

/* Each is held by the one below it only. */
static void deepest(struct test *test)
{
	nx_job_t job = new_job(test, NX_JOB_DEPTH_MAX, 0, 0);
	unsigned depth = 1;
	nx_status_t status;

	for (;;) {
		nx_job_t child = { NX_HANDLE_NONE };

		status = nx_job_create(job, NX_JOB_DEPTH_MAX - depth, 0, 0,
				       &child);
		if (status != NX_OK)
			break;
		nx_handle_close(job.handle);
		job = child;
		depth++;
	}
	check_status(test, status, NX_ERR_NO_SPACE, "jobs end somewhere");
	check(test, depth == NX_JOB_DEPTH_MAX, "below %u of them", depth);
	nx_handle_close(job.handle);
}

static void dead_job(struct test *test)
{
	nx_job_t job = new_job(test, 100, 50, 5), child = { 0 };
	nx_event_t event = { 0 };
	nx_process_t process = { 0 };
	nx_vmo_t vmo = { 0 };

	nx_task_kill(job.handle, 0);
	check_status(test, nx_event_create(job, &event), NX_ERR_BAD_STATE,
		     "a dead job pays for no event");
	check_status(test, nx_vmo_create(job, 1, &vmo), NX_ERR_BAD_STATE,
		     "nor for memory");
	check_status(test, nx_process_create(job, 0, 0, 0, &process),
		     NX_ERR_BAD_STATE, "nor for a process");
	check_status(test, nx_job_create(job, 1, 1, 1, &child),
		     NX_ERR_BAD_STATE, "nor for a child");
	check_status(test, nx_task_kill(job.handle, 0), NX_OK,
		     "it is killed again");
	nx_handle_close(job.handle);
}

static void exits_with(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	nx_exit(-77, 2); /* no such thing */
	page->words[0] = 1;
	nx_exit(-77, (uint32_t)page->words[1]);
}

static void crashes(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)page;
	(void)buffer;
	provoke_illegal();
}

static uint64_t take_bits(struct test *test, nx_event_t event)
{
	uint64_t bits = 0;

	nx_wait(event, UINT64_MAX, now_ns(test) + 50 * MS, &bits);
	return bits;
}

static void run_in(struct test *test, nx_job_t job, peer_function *function,
		   struct peer *peer)
{
	if (!peer_process(test, peer, job, function))
		return;
	peer->page->words[1] = 1;
	peer_start(peer);
	peer_wait(test, peer);
}

static void watches(struct test *test)
{
	nx_job_t job = new_job(test, 400, 200, 20), child = { 0 };
	nx_event_t event = new_event(), inner = new_event();
	struct peer peer;

	nx_job_create(job, 200, 100, 10, &child);
	check_status(test, nx_job_watch(job, event, 4, 8), NX_OK,
		     "a job is watched");
	run_in(test, job, exits_with, &peer);
	check(test, take_bits(test, event) == 4, "an exit is told");
	peer_drop(test, &peer);
	run_in(test, job, crashes, &peer);
	check(test, (take_bits(test, event) & 8) != 0, "a crash is told");
	peer_drop(test, &peer);
	take_bits(test, event);
	run_in(test, child, exits_with, &peer);
	check(test, take_bits(test, event) == 4,
	      "a child without a watch leaves it to its parent");
	peer_drop(test, &peer);
	nx_job_watch(child, inner, 1, 2);
	run_in(test, child, exits_with, &peer);
	check(test, take_bits(test, inner) == 1 && take_bits(test, event) == 0,
	      "one with a watch does not");
	peer_drop(test, &peer);
	check_status(test, nx_job_watch(job, (nx_event_t){ 0 }, 0, 0), NX_OK,
		     "the watch is ended");
	run_in(test, job, exits_with, &peer);
	check(test, take_bits(test, event) == 0, "nothing is told any more");
	peer_drop(test, &peer);
	drop_job(job);
	nx_handle_close(child.handle);
	nx_handle_close(event.handle);
	nx_handle_close(inner.handle);
}

static void ends(struct test *test)
{
	struct peer peer;

	run_in(test, test->job, exits_with, &peer);
	check(test,
	      peer_state(&peer) == NX_PROCESS_EXITED &&
		      peer_code(&peer) == -77 && peer.page->words[0] == 1,
	      "a process ends with its code; a strange way to is refused");
	check_status(test,
		     nx_thread_create(peer.process, (nx_budget_t){ 0 },
				      &(nx_thread_t){ 0 }),
		     NX_ERR_BAD_STATE, "it gets no new thread");
	check_status(test, nx_task_kill(peer.process.handle, 3), NX_OK,
		     "killing it changes nothing");
	check(test, peer_code(&peer) == -77, "its code is the first one");
	peer_drop(test, &peer);
	if (!peer_process(test, &peer, test->job, exits_with))
		return;
	peer_start(&peer);
	peer_wait(test, &peer);
	check(test,
	      peer_state(&peer) == NX_PROCESS_EXITED && peer_code(&peer) == -77,
	      "the last thread ends its process");
	check_status(test, nx_thread_start(peer.thread, 0, 0, 0),
		     NX_ERR_BAD_STATE, "a thread starts once");
	peer_drop(test, &peer);
}

/* Walk the list of all processes below a job. */
static void lists(struct test *test)
{
	nx_job_t job = new_job(test, 400, 200, 20);
	struct peer peers[3];
	uint64_t after = 0, id, job_id, handles, cpu, low, high;
	uint32_t service, state;
	unsigned count = 0;
	bool ascending = true, told = true;

	for (unsigned i = 0; i < 3; i++)
		if (!peer_process(test, &peers[i], job, runs_for_ever))
			return;
	while (nx_job_next(job, after, &id, &job_id, &service, &state, &handles,
			   &cpu, &low, &high) == NX_OK) {
		ascending = ascending && id > after;
		told = told && service == PEER_SERVICE && low == 0x72656570 &&
		       state == NX_PROCESS_NEW &&
		       job_id == facts_of(job.handle).id;
		after = id;
		count++;
	}
	check(test, count == 3 && ascending, "each process is listed once");
	check(test, told, "with its name, service, job and state");
	check(test, after == facts_of(peers[2].process.handle).id,
	      "and its id is that of its handle");
	for (unsigned i = 0; i < 3; i++)
		peer_drop(test, &peers[i]);
	drop_job(job);
}

static void resets(struct test *test)
{
	nx_job_t job = new_job(test, 10, 10, 1);

	check_status(test, nx_job_reset(job, NX_RESET_SHUTDOWN, 1),
		     NX_ERR_ACCESS_DENIED,
		     "another job than the first does not stop the machine");
	check_status(test, nx_job_reset(test->job, 2, 1), NX_ERR_INVALID_ARGS,
		     "nor does the first in an unknown way");
	drop_job(job);
}

/* Service ids come from who may manage the job. */
static void services(struct test *test)
{
	nx_job_t job = new_job(test, 100, 50, 5);
	nx_job_t payer = { dup_of(job.handle, NX_RIGHT_WRITE) };
	nx_process_t process = { 0 }, none = { 0 };

	check_status(test,
		     nx_process_create(payer, test->service_id, 0, 0, &process),
		     NX_OK, "who pays may make a process of its own service");
	check_status(test, nx_process_create(payer, 99, 0, 0, &none),
		     NX_ERR_ACCESS_DENIED, "but not of another one");
	nx_handle_close(process.handle);
	nx_handle_close(payer.handle);
	drop_job(job);
}

const struct system_case system_cases[] = {
	{ "parts", parts },
	{ "kill", kill_all },
	{ "deep jobs", deep },
	{ "the deepest job", deepest },
	{ "dead job", dead_job },
	{ "watch", watches },
	{ "ends of processes", ends },
	{ "lists", lists },
	{ "resets", resets },
	{ "services", services },
	{ NULL, NULL },
};

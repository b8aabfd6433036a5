/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters: what they refuse, that they are never widened, and that nothing
 * made by whoever has one is without it. */
#include "calls.h"
#include "messages.h"

#define MS UINT64_C(1000000)

static const nx_job_t own = { 0 };
static const nx_process_t here = { 0 };

/* Of the calling thread. */
static nx_status_t install(const struct nx_filter_rules *rules)
{
	return nx_filter_install(NX_HANDLE_NONE, rules);
}

static nx_status_t install_rate(unsigned rate, uint32_t per_second,
				uint32_t burst)
{
	struct nx_filter_rules rules;

	nx_filter_init(&rules);
	rules.rates[rate] = (struct nx_rate){ per_second, burst };
	return install(&rules);
}

static nx_status_t forbid(uint32_t call)
{
	struct nx_filter_rules rules;

	nx_filter_init(&rules);
	nx_filter_forbid(&rules, call);
	return install(&rules);
}

static nx_status_t make_event(void)
{
	nx_event_t event = { 0 };
	nx_status_t status = nx_event_create(own, &event);

	if (status == NX_OK)
		nx_handle_close(event.handle);
	return status;
}

/* What a peer did, one status a word, and 1 in the last one behind all. */
#define DONE (PEER_WORDS - 1)

static void note(struct peer_page *page, unsigned index, nx_status_t status)
{
	page->words[index] = (uint64_t)(int64_t)status;
}

static bool run(struct test *test, struct peer *peer, peer_function *function,
		nx_handle_t handle)
{
	if (!peer_thread(test, peer, function))
		return false;
	peer_give(peer, 0, handle, NX_RIGHTS_SAME);
	peer_start(peer);
	return peer_await(test, peer, DONE, 1);
}

static nx_status_t said(const struct peer *peer, unsigned index)
{
	return (nx_status_t)peer->page->words[index];
}

static void refusals(struct test *test)
{
	struct nx_filter_rules rules;
	nx_event_t event = new_event();
	nx_job_t job = new_job(test, 50, 20, 2);
	nx_process_t process = { 0 };

	nx_filter_init(&rules);
	check_status(test, nx_filter_install(event.handle, &rules),
		     NX_ERR_WRONG_KIND, "an event has no filter");
	check_status(test, nx_filter_install(test->job.handle, &rules),
		     NX_ERR_BAD_STATE, "nor has the first job");
	rules.options = 2;
	check_status(test, install(&rules), NX_ERR_INVALID_ARGS,
		     "an unknown option is refused");
	check_status(test, install_rate(NX_RATE_SEND, 0, 1),
		     NX_ERR_INVALID_ARGS, "a burst without a rate is refused");
	check_status(test, install_rate(NX_RATE_SEND, 1, 0),
		     NX_ERR_INVALID_ARGS, "a rate without a burst is refused");
	check_status(test, install_rate(NX_RATE_SEND, NX_RATE_MAX + 1, 1),
		     NX_ERR_INVALID_ARGS, "a rate over the largest is refused");
	check_status(test, install_rate(NX_RATE_SEND, 1, NX_RATE_BURST_MAX + 1),
		     NX_ERR_INVALID_ARGS, "so is such a burst");
	nx_filter_init(&rules);
	nx_process_create(job, 0, 0, 0, &process);
	check_status(test, nx_filter_install(job.handle, &rules),
		     NX_ERR_BAD_STATE, "a job that has a process is too late");
	nx_task_kill(job.handle, 0);
	nx_handle_close(process.handle);
	nx_handle_close(job.handle);
	nx_handle_close(event.handle);
}

static void narrows(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_event_t event = { page->handles[0] };
	struct nx_filter_rules rules;
	uint64_t bits;

	(void)buffer;
	note(page, 0, forbid(NX_SYS_signal));
	note(page, 1, nx_signal(event, 1));
	note(page, 2, nx_wait(event, 1, NX_DEADLINE_NOW, &bits));
	nx_filter_init(&rules);
	note(page, 3, install(&rules));
	note(page, 4, nx_signal(event, 1));
	page->words[DONE] = 1;
}

static void narrow(struct test *test)
{
	uint64_t denied = machine_counter(test, NX_COUNTER_DENIED);
	nx_event_t event = new_event();
	struct peer peer;

	if (!run(test, &peer, narrows, event.handle))
		return;
	check_status(test, said(&peer, 0), NX_OK, "a thread filters itself");
	check_status(test, said(&peer, 1), NX_ERR_FILTERED,
		     "what it forbids is refused");
	check_status(test, said(&peer, 2), NX_ERR_TIMED_OUT,
		     "and was not done; what it allows is");
	check_status(test, said(&peer, 3), NX_OK,
		     "to allow everything is no error");
	check_status(test, said(&peer, 4), NX_ERR_FILTERED,
		     "but brings nothing back");
	check_status(test, nx_signal(event, 1), NX_OK,
		     "another thread of the process is as free as before");
	check(test, machine_counter(test, NX_COUNTER_DENIED) == denied + 2,
	      "refusals are counted");
	peer_wait(test, &peer);
	check(test, peer_state(&peer) == NX_THREAD_DEAD, "exit is allowed");
	peer_drop(test, &peer);
	nx_handle_close(event.handle);
}

/* Each call but exit, with no argument that is right. */
static void calls_all(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_filter_rules rules = { .calls = 0 };
	uint64_t wrong = 0;

	(void)buffer;
	note(page, 0, install(&rules));
	for (unsigned i = 0; i < call_row_count; i++) {
		struct nx_registers registers = { { 0,
						    call_rows[i].operation } };

		if (call_rows[i].number != NX_SYS_exit &&
		    nx_trap(call_rows[i].number, &registers) != NX_ERR_FILTERED)
			wrong++;
	}
	page->words[1] = wrong;
	page->words[DONE] = 1;
}

static void all_calls(struct test *test)
{
	struct peer peer;

	if (!run(test, &peer, calls_all, test->trace.handle))
		return;
	check(test, said(&peer, 0) == NX_OK && peer.page->words[1] == 0,
	      "each call can be forbidden");
	peer_drop(test, &peer);
}

/* words[1 + i]: status of operation i with only that one forbidden. The
 * rules add up, so that one thread sees them all. */
static void operates(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_filter_rules rules;
	nx_vmo_t vmo = { page->handles[0] };
	char byte = 1;

	(void)buffer;
	note(page, 0, nx_vmo_write(vmo, 0, &byte, 1));
	nx_filter_init(&rules);
	nx_filter_forbid_operation(&rules, NX_SYS_vmo_ctl, NX_OP_vmo_write);
	note(page, 1, install(&rules));
	note(page, 2, nx_vmo_write(vmo, 0, &byte, 1));
	note(page, 3, nx_vmo_read(vmo, 0, &byte, 1));
	page->words[DONE] = 1;
}

static void operations(struct test *test)
{
	nx_vmo_t vmo = new_vmo(NX_PAGE_SIZE);
	struct peer peer;

	if (!run(test, &peer, operates, vmo.handle))
		return;
	check(test, said(&peer, 0) == NX_OK && said(&peer, 1) == NX_OK,
	      "one operation of a call is forbidden");
	check_status(test, said(&peer, 2), NX_ERR_FILTERED, "it is refused");
	check_status(test, said(&peer, 3), NX_OK, "its neighbours are not");
	peer_drop(test, &peer);
	nx_handle_close(vmo.handle);
}

/* Whatever it is, once it runs: can it signal? */
static void signals(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	note(page, 0, nx_signal((nx_event_t){ page->handles[0] }, 1));
	page->words[DONE] = 1;
}

/* A thread that a filter is given to before it starts. */
static void given(struct test *test)
{
	struct nx_filter_rules rules;
	nx_event_t event = new_event();
	struct peer peer;

	nx_filter_init(&rules);
	nx_filter_forbid(&rules, NX_SYS_signal);
	if (!peer_thread(test, &peer, signals))
		return;
	peer_give(&peer, 0, event.handle, NX_RIGHTS_SAME);
	check_status(test, nx_filter_install(peer.thread.handle, &rules), NX_OK,
		     "a thread is given a filter");
	peer_start(&peer);
	peer_await(test, &peer, DONE, 1);
	check_status(test, said(&peer, 0), NX_ERR_FILTERED, "it holds");
	peer_drop(test, &peer);
	nx_handle_close(event.handle);
}

static void process_of(struct test *test, nx_job_t job, nx_status_t wanted,
		       const char *sentence)
{
	nx_event_t event = new_event();
	struct peer peer;

	if (peer_process(test, &peer, job, signals)) {
		peer_give(&peer, 0, event.handle, NX_RIGHTS_SAME);
		peer_start(&peer);
		peer_await(test, &peer, DONE, 1);
		check_status(test, said(&peer, 0), wanted, "%s", sentence);
		peer_drop(test, &peer);
	}
	nx_handle_close(event.handle);
}

static void drop_job(nx_job_t job)
{
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
}

static void jobs(struct test *test)
{
	nx_job_t job = new_job(test, 400, 100, 10), child = { 0 };
	struct nx_filter_rules rules;

	nx_filter_init(&rules);
	nx_filter_forbid(&rules, NX_SYS_signal);
	check_status(test, nx_filter_install(job.handle, &rules), NX_OK,
		     "a new job is given a filter");
	process_of(test, job, NX_ERR_FILTERED, "processes in it have it");
	check_status(test, nx_job_create(job, 150, 40, 4, &child), NX_OK,
		     "a job is made below");
	process_of(test, child, NX_ERR_FILTERED, "it holds there, too");
	drop_job(child);
	drop_job(job);
	job = new_job(test, 200, 50, 4);
	process_of(test, job, NX_OK, "a job beside it is free");
	drop_job(job);
}

/* handles: 0 the first job, 1 an event. What a filtered thread makes is a
 * job; what its parent then finds in that is filtered. */
static void makes_job(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_job_t job = { 0 };

	(void)buffer;
	note(page, 0, forbid(NX_SYS_signal));
	note(page, 1,
	     nx_job_create((nx_job_t){ page->handles[0] }, 200, 50, 4, &job));
	page->words[2] = job.handle;
	page->words[DONE] = 1;
}

static void makes_process(struct peer_page *page,
			  struct nx_message_buffer *buffer)
{
	nx_process_t process = { 0 };
	nx_thread_t thread = { 0 };

	(void)buffer;
	note(page, 0, forbid(NX_SYS_signal));
	note(page, 1,
	     nx_process_create((nx_job_t){ page->handles[0] }, PEER_SERVICE, 0,
			       0, &process));
	nx_thread_create(here, (nx_budget_t){ 0 }, &thread);
	page->words[2] = process.handle;
	page->words[3] = thread.handle;
	page->words[DONE] = 1;
}

/* Does a thread that runs signals() with this filter, whoever made it,
 * find it refused? The thread is this process's. */
static void thread_signals(struct test *test, nx_thread_t thread)
{
	nx_event_t event = new_event();
	struct peer peer;

	if (peer_thread(test, &peer, signals)) {
		nx_thread_t mine = peer.thread;

		peer.thread = thread;
		peer_give(&peer, 0, event.handle, NX_RIGHTS_SAME);
		peer_start(&peer);
		peer_await(test, &peer, DONE, 1);
		check_status(test, said(&peer, 0), NX_ERR_FILTERED,
			     "a thread made by a filtered one is filtered");
		peer_wait(test, &peer);
		nx_task_kill(mine.handle, 0);
		nx_handle_close(mine.handle);
		peer_drop(test, &peer);
	}
	nx_handle_close(event.handle);
}

static void inherited(struct test *test)
{
	struct peer peer;

	if (!run(test, &peer, makes_job, test->job.handle))
		return;
	check_status(test, said(&peer, 1), NX_OK, "a filtered thread makes");
	process_of(test, (nx_job_t){ (nx_handle_t)peer.page->words[2] },
		   NX_ERR_FILTERED, "what is in a job of its making has it");
	drop_job((nx_job_t){ (nx_handle_t)peer.page->words[2] });
	peer_drop(test, &peer);
	if (!run(test, &peer, makes_process, test->job.handle))
		return;
	check_status(test, said(&peer, 1), NX_OK, "it makes a process, too");
	nx_handle_close((nx_handle_t)peer.page->words[2]);
	thread_signals(test, (nx_thread_t){ (nx_handle_t)peer.page->words[3] });
	peer_drop(test, &peer);
}

static void dies(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_filter_rules rules;

	(void)buffer;
	nx_filter_init(&rules);
	nx_filter_forbid(&rules, NX_SYS_signal);
	rules.options = NX_FILTER_KILL;
	note(page, 0, install(&rules));
	nx_signal((nx_event_t){ page->handles[0] }, 1);
	page->words[DONE] = 1;
}

static void kills(struct test *test)
{
	nx_job_t job = new_job(test, 200, 50, 4);
	struct peer peer;

	if (!peer_process(test, &peer, job, dies))
		return;
	peer_start(&peer);
	peer_wait(test, &peer);
	check(test,
	      peer_state(&peer) == NX_PROCESS_KILLED &&
		      peer_code(&peer) == NX_ERR_FILTERED,
	      "a filter that kills ends the process");
	check(test, peer.page->words[DONE] == 0, "which does nothing more");
	peer_drop(test, &peer);
	drop_job(job);
}

static uint64_t peer_now_ns(const struct peer_page *page)
{
	return nx_ticks() * (1000000000 / page->ticks_per_second);
}

#define PER_SECOND 20
#define BURST 3

/* words[8]: how many were granted in the words[9] ns of it all. */
static void creates(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_event_t sleep = { page->handles[0] };
	uint64_t bits, start_ns = peer_now_ns(page);

	(void)buffer;
	note(page, 0, install_rate(NX_RATE_CREATE, PER_SECOND, BURST));
	for (unsigned i = 0; i < BURST; i++)
		page->words[8] += make_event() == NX_OK;
	note(page, 1, page->words[8] == BURST ? NX_OK : NX_ERR_THROTTLED);
	for (unsigned i = 0; i < 50; i++)
		page->words[8] += make_event() == NX_OK;
	note(page, 2, install_rate(NX_RATE_CREATE, 1000000, 1000));
	for (unsigned i = 0; i < 50; i++)
		page->words[8] += make_event() == NX_OK;
	nx_wait(sleep, 1, peer_now_ns(page) + 70 * MS, &bits);
	note(page, 3, make_event());
	page->words[8] += page->words[3] == NX_OK;
	page->words[9] = peer_now_ns(page) - start_ns;
	page->words[DONE] = 1;
}

static void rates(struct test *test)
{
	nx_event_t sleep = new_event();
	struct peer peer;

	if (!run(test, &peer, creates, sleep.handle))
		return;
	check_status(test, said(&peer, 1), NX_OK,
		     "as many as the burst are made at once");
	check_status(test, said(&peer, 2), NX_OK, "another rate comes");
	check_status(test, said(&peer, 3), NX_OK, "time brings one back");
	check(test,
	      peer.page->words[8] <=
		      BURST + 1 + peer.page->words[9] * PER_SECOND / 1000000000,
	      "in all no more than the first rate allows are made");
	peer_drop(test, &peer);
	nx_handle_close(sleep.handle);
}

static void nests(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_status_t status = NX_OK;
	unsigned count = 0;

	(void)buffer;
	while (status == NX_OK && count < 100) {
		status = install_rate(NX_RATE_SEND, 1000, 1);
		count += status == NX_OK;
	}
	note(page, 0, status);
	page->words[1] = count;
	note(page, 2, forbid(NX_SYS_signal));
	page->words[DONE] = 1;
}

static void nested(struct test *test)
{
	struct peer peer;

	if (!run(test, &peer, nests, test->trace.handle))
		return;
	check(test, said(&peer, 0) == NX_ERR_NO_SPACE,
	      "rates upon rates come to an end");
	check(test, peer.page->words[1] >= 8, "after some");
	check_status(test, said(&peer, 2), NX_ERR_NO_SPACE,
		     "where nothing can be added nothing changes");
	peer_drop(test, &peer);
}

/* The fast path must not pass a filter by. words[8]: which filter. */
static void calls_twice(struct peer_page *page,
			struct nx_message_buffer *buffer)
{
	nx_client_t client = { page->handles[0] };

	(void)buffer;
	if (page->words[8] == 0)
		note(page, 0, install_rate(NX_RATE_CALL, 1, 2));
	else
		note(page, 0, forbid(NX_SYS_call));
	for (unsigned i = 1; i <= 3; i++) {
		struct nx_message message = { .header = nx_header(1, 0, 0, 0) };

		note(page, i, nx_call(client, &message));
	}
	page->words[DONE] = 1;
}

static struct peer call_through(struct test *test, nx_port_t port,
				uint64_t which)
{
	struct nx_message message = { .header = 0 };
	nx_status_t status = NX_OK;
	struct peer peer;

	if (!peer_thread(test, &peer, calls_twice))
		return peer;
	peer.page->words[8] = which;
	peer_give(&peer, 0, port.handle, NX_RIGHT_CALL);
	peer_start(&peer);
	while (peer.page->words[DONE] == 0 &&
	       (status == NX_OK || status == NX_ERR_TIMED_OUT)) {
		message.header = NX_HEADER_DEADLINE;
		test->buffer->deadline_ns = now_ns(test) + 50 * MS;
		status = nx_recv(port, &message);
		if (status != NX_OK)
			continue;
		message = (struct nx_message){ .header = 0 };
		nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
	}
	peer_await(test, &peer, DONE, 1);
	return peer;
}

static void fast_calls(struct test *test)
{
	nx_port_t port = new_port(4);
	struct peer peer = call_through(test, port, 0);

	check(test, said(&peer, 1) == NX_OK && said(&peer, 2) == NX_OK,
	      "calls of a burst are made");
	check_status(test, said(&peer, 3), NX_ERR_THROTTLED,
		     "one more is not, though somebody receives");
	peer_drop(test, &peer);
	if (!peer_thread(test, &peer, calls_twice))
		return;
	peer.page->words[8] = 1;
	peer_give(&peer, 0, port.handle, NX_RIGHT_CALL);
	peer_start(&peer);
	peer_await(test, &peer, DONE, 1);
	check_status(test, said(&peer, 1), NX_ERR_FILTERED,
		     "to call can be forbidden, too");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

const struct system_case system_cases[] = {
	{ "refusals", refusals },     { "narrow", narrow },
	{ "all calls", all_calls },   { "operations", operations },
	{ "given", given },	      { "jobs", jobs },
	{ "inherited", inherited },   { "kills", kills },
	{ "rates", rates },	      { "nested", nested },
	{ "fast calls", fast_calls }, { NULL, NULL },
};

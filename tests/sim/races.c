/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process does, on the first hart or the second, while another one does
 * what may be in its way. */
#include "races.h"

#include "system/messages.h"
#include "system/report.h"

enum { W_GO, W_STATUS, W_BITS, W_DONE };

bool race_runs;

static void begin(void)
{
	race_runs = true;
}

static void peer_end(struct test *test, struct peer *peer)
{
	peer_wait(test, peer);
	race_runs = false;
}

/* A signal and a wait for it: never both without the other. */
static void waits(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_event_t there = { page->handles[0] }, back = { page->handles[1] };
	uint64_t bits = 0;

	(void)buffer;
	for (unsigned i = 0; i < 2; i++) {
		nx_wait(there, 1, NX_DEADLINE_NEVER, &bits);
		nx_signal(back, 2);
	}
}

static void wake_up(struct test *test, nx_job_t job)
{
	nx_event_t there = new_event(), back = new_event();
	struct peer peer;
	uint64_t bits = 0;
	bool all = true;

	if (!peer_process(test, &peer, job, waits))
		return;
	peer_give(&peer, 0, there.handle, NX_RIGHTS_SAME);
	peer_give(&peer, 1, back.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	begin();
	for (unsigned i = 0; i < 2; i++) {
		nx_signal(there, 1);
		all = nx_wait(back, 2, NX_DEADLINE_NEVER, &bits) == NX_OK &&
		      bits == 2 && all;
	}
	peer_end(test, &peer);
	check(test, all && peer_state(&peer) == NX_PROCESS_EXITED,
	      "each signal wakes its waiter");
	peer_drop(test, &peer);
	nx_handle_close(there.handle);
	nx_handle_close(back.handle);
}

/* A wait ends by a bit or by its time; the bit is taken or still there. */
static void times_out(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_event_t event = { page->handles[0] };
	uint64_t bits = 0, now_ns = nx_ticks() * 100;

	(void)buffer;
	page->words[W_STATUS] =
		(uint64_t)(int64_t)nx_wait(event, 1, now_ns + 1, &bits);
	page->words[W_BITS] = bits;
}

static void time_out(struct test *test, nx_job_t job)
{
	nx_event_t event = new_event();
	struct peer peer;
	uint64_t left = 0;
	nx_status_t status;

	if (!peer_process(test, &peer, job, times_out))
		return;
	peer_give(&peer, 0, event.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	begin();
	nx_signal(event, 1);
	peer_end(test, &peer);
	status = (nx_status_t)peer.page->words[W_STATUS];
	nx_wait(event, 1, NX_DEADLINE_NOW, &left);
	check(test,
	      (status == NX_OK && peer.page->words[W_BITS] == 1 && left == 0) ||
		      (status == NX_ERR_TIMED_OUT && left == 1),
	      "a bit is taken once or still there");
	peer_drop(test, &peer);
	nx_handle_close(event.handle);
}

/* A server and a client, and one of them is killed at any moment. */
static void serves(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_port_t port = { page->handles[0] };
	struct nx_message message = { .header = 0 };
	nx_status_t status = nx_recv(port, &message);

	(void)buffer;
	while (status == NX_OK || status == NX_ERR_PEER_CLOSED) {
		page->words[W_DONE]++;
		message.words[0]++;
		message.header = nx_header(1, 0, 0, 0);
		status = nx_reply_recv(port, &message);
	}
}

static void calls(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_client_t client = { page->handles[0] };

	(void)buffer;
	for (unsigned i = 0; i < 2; i++) {
		struct nx_message message = { .header = nx_header(1, 0, 0, 0),
					      .words = { i } };
		nx_status_t status = nx_call(client, &message);

		page->words[W_STATUS] = (uint64_t)(int64_t)status;
		if (status == NX_OK && message.words[0] != i + 1)
			page->words[W_BITS] = 1; /* somebody else's answer */
	}
	page->words[W_DONE] = 1;
}

static bool make_pair(struct test *test, nx_job_t job, struct peer *server,
		      struct peer *client)
{
	nx_port_t port = new_port(1);

	if (!peer_process(test, server, job, serves) ||
	    !peer_process(test, client, job, calls))
		return false;
	peer_give(server, 0, port.handle, NX_RIGHTS_SAME);
	peer_give(client, 0, port.handle, NX_RIGHT_CALL);
	nx_handle_close(port.handle);
	peer_start(server);
	return true;
}

static void kill_server(struct test *test, nx_job_t job)
{
	struct peer server, client;
	nx_status_t status;

	if (!make_pair(test, job, &server, &client))
		return;
	peer_start(&client);
	begin();
	nx_task_kill(server.process.handle, 9);
	peer_end(test, &client);
	status = (nx_status_t)client.page->words[W_STATUS];
	check(test,
	      client.page->words[W_DONE] == 1 &&
		      client.page->words[W_BITS] == 0 &&
		      (status == NX_ERR_PEER_CLOSED || status == NX_OK),
	      "a client learns that its server was killed");
	peer_drop(test, &server);
	peer_drop(test, &client);
}

static void kill_client(struct test *test, nx_job_t job)
{
	struct peer server, client;
	uint64_t done;

	if (!make_pair(test, job, &server, &client))
		return;
	peer_start(&client);
	begin();
	nx_task_kill(client.process.handle, 9);
	done = client.page->words[W_DONE];
	peer_end(test, &client);
	check(test,
	      client.page->words[W_DONE] == done &&
		      (done == 1 || peer_state(&client) == NX_PROCESS_KILLED),
	      "a client that was killed does nothing more");
	check(test, peer_await_blocked(test, &server),
	      "its server waits for another one");
	peer_drop(test, &client);
	peer_drop(test, &server);
}

/* Each of two ends the other. */
static void kills(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t bits;

	(void)buffer;
	nx_wait((nx_event_t){ page->handles[1] }, 1, NX_DEADLINE_NEVER, &bits);
	page->words[W_STATUS] =
		(uint64_t)(int64_t)nx_task_kill(page->handles[0], 5) + 100;
}

static void two_kills(struct test *test, nx_job_t job)
{
	nx_event_t go[2] = { new_event(), new_event() };
	struct peer peers[2];
	unsigned killed = 0, ended = 0;

	for (unsigned i = 0; i < 2; i++)
		if (!peer_process(test, &peers[i], job, kills))
			return;
	for (unsigned i = 0; i < 2; i++) {
		peer_give(&peers[i], 0, peers[1 - i].process.handle,
			  NX_RIGHTS_SAME);
		peer_give(&peers[i], 1, go[i].handle, NX_RIGHTS_SAME);
	}
	for (unsigned i = 0; i < 2; i++)
		peer_start(&peers[i]);
	begin();
	nx_signal(go[0], 1);
	nx_signal(go[1], 1);
	peer_end(test, &peers[0]);
	peer_wait(test, &peers[1]);
	for (unsigned i = 0; i < 2; i++) {
		killed += peer_state(&peers[i]) == NX_PROCESS_KILLED;
		ended += peers[i].page->words[W_STATUS] != 0;
	}
	check(test, killed >= 1 && killed + ended >= 2,
	      "of two that kill each other one at least does");
	for (unsigned i = 0; i < 2; i++) {
		peer_drop(test, &peers[i]);
		nx_handle_close(go[i].handle);
	}
}

/* A hart goes and comes back under two that call each other. */
static void stop_hart(struct test *test, nx_job_t job)
{
	struct peer server, client;
	nx_status_t stopped, started = NX_ERR_BUSY;

	if (!make_pair(test, job, &server, &client))
		return;
	peer_start(&client);
	begin();
	stopped = nx_hart_set(test->job, 1, 0);
	for (unsigned i = 0; i < 100 && started == NX_ERR_BUSY; i++) {
		started = nx_hart_set(test->job, 1, 1);
		if (started == NX_ERR_BUSY)
			sleep_ns(test, 100000);
	}
	peer_end(test, &client);
	check(test,
	      stopped == NX_OK && started == NX_OK &&
		      (nx_status_t)client.page->words[W_STATUS] == NX_OK &&
		      client.page->words[W_BITS] == 0,
	      "calls go on while a hart stops and starts");
	peer_drop(test, &client);
	peer_drop(test, &server);
}

/* Who may run where changes under two that call each other. */
static void move(struct test *test, nx_job_t job)
{
	struct peer server, client;

	if (!make_pair(test, job, &server, &client))
		return;
	peer_start(&client);
	begin();
	nx_thread_affinity(client.thread, 2);
	nx_thread_affinity(server.thread, 1);
	nx_thread_affinity(client.thread, 1);
	peer_end(test, &client);
	check(test,
	      (nx_status_t)client.page->words[W_STATUS] == NX_OK &&
		      client.page->words[W_BITS] == 0,
	      "calls go on while threads are moved");
	peer_drop(test, &client);
	peer_drop(test, &server);
}

/* The last handle that receives is closed while somebody calls. */
static void close_port(struct test *test, nx_job_t job)
{
	nx_port_t port = new_port(1);
	struct nx_message message = { .header = NX_HEADER_NONBLOCK };
	struct peer client;
	nx_status_t status;

	if (!peer_process(test, &client, job, calls))
		return;
	peer_give(&client, 0, port.handle, NX_RIGHT_CALL);
	peer_start(&client);
	begin();
	nx_recv(port, &message);
	nx_handle_close(port.handle);
	message.header = 0;
	nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
	peer_end(test, &client);
	status = (nx_status_t)client.page->words[W_STATUS];
	check(test,
	      client.page->words[W_DONE] == 1 && status == NX_ERR_PEER_CLOSED,
	      "a client learns that its port is closed");
	peer_drop(test, &client);
}

/* A job dies while a process in it makes threads and events. */
static void makes(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_thread_t thread = { 0 };
	nx_event_t event;

	(void)page;
	(void)buffer;
	nx_event_create((nx_job_t){ 0 }, &event);
	nx_thread_create((nx_process_t){ 0 }, (nx_budget_t){ 0 }, &thread);
	nx_task_kill(thread.handle, 0);
	nx_event_create((nx_job_t){ 0 }, &event);
	nx_exit(3, 1);
}

static void kill_job(struct test *test, nx_job_t job)
{
	struct use_of_job before = job_use(test->job);
	nx_job_t child = { 0 };
	struct peer peer;
	bool same;

	nx_job_create(job, 100, 50, 4, &child);
	if (!peer_process(test, &peer, child, makes))
		return;
	peer_start(&peer);
	begin();
	nx_task_kill(child.handle, 9);
	race_runs = false;
	check(test, peer_state(&peer) >= NX_PROCESS_EXITED,
	      "a job that was killed has nobody who runs");
	peer_drop(test, &peer);
	nx_handle_close(child.handle);
	same = use_is_equal(before, job_use(test->job));
	check(test, same, "and everything is back");
}

/* Handles that are duplicated while what they come from is revoked. */
#define COPIES 6

static void copies(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_handle_t made[COPIES] = { page->handles[0] };
	uint64_t bits;

	(void)buffer;
	for (unsigned i = 1; i < COPIES; i++)
		made[i] = dup_of(made[i - 1], NX_RIGHTS_SAME);
	nx_wait((nx_event_t){ page->handles[1] }, 1, NX_DEADLINE_NEVER, &bits);
	for (unsigned i = 0; i < COPIES; i++)
		page->words[W_BITS] += facts_of(made[i]).status == NX_OK;
}

static void revoke(struct test *test, nx_job_t job)
{
	nx_event_t event = new_event(), go = new_event();
	struct peer peer;
	nx_status_t status;

	if (!peer_process(test, &peer, job, copies))
		return;
	peer_give(&peer, 0, event.handle, NX_RIGHTS_SAME);
	peer_give(&peer, 1, go.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	begin();
	status = nx_handle_revoke(event.handle);
	nx_signal(go, 1);
	peer_end(test, &peer);
	check(test, status == NX_OK && peer.page->words[W_BITS] == 0,
	      "nothing is left of what came from a revoked handle");
	peer_drop(test, &peer);
	nx_handle_close(event.handle);
	nx_handle_close(go.handle);
}

/* Memory that is unmapped while the kernel reads it for another thread. */
#define PAGES_OF_IT 6

static void reads(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_vmo_t to = { page->handles[0] };
	const uint64_t at = page->words[W_GO];

	(void)buffer;
	for (unsigned i = 0; i < PAGES_OF_IT; i++) {
		bool gone = page->words[W_DONE] != 0;
		nx_status_t status = nx_vmo_write(
			to, 0, (void *)(uintptr_t)(at + i * NX_PAGE_SIZE), 1);

		if (status != NX_ERR_BAD_ADDRESS && (gone || status != NX_OK))
			page->words[W_BITS]++;
	}
}

static void unmap(struct test *test, nx_job_t job)
{
	nx_vmo_t vmo = new_vmo(PAGES_OF_IT * NX_PAGE_SIZE);
	nx_vmo_t to = new_vmo(NX_PAGE_SIZE);
	nx_uaddr_t at = map_here(vmo, PAGES_OF_IT * NX_PAGE_SIZE, NX_MAP_READ);
	struct peer peer;
	nx_status_t status;

	(void)job;
	if (!peer_thread(test, &peer, reads))
		return;
	peer_give(&peer, 0, to.handle, NX_RIGHTS_SAME);
	peer.page->words[W_GO] = at;
	peer_start(&peer);
	begin();
	status = unmap_here(at, PAGES_OF_IT * NX_PAGE_SIZE);
	peer.page->words[W_DONE] = 1;
	peer_end(test, &peer);
	check(test, status == NX_OK && peer.page->words[W_BITS] == 0,
	      "memory that was unmapped is not read");
	peer_drop(test, &peer);
	nx_handle_close(vmo.handle);
	nx_handle_close(to.handle);
}

/* Memory that one gives back is there for another when the call returns. */
static void gives_back(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	nx_handle_close(page->handles[0]);
	page->words[W_DONE] = 1;
}

static void give_back(struct test *test, nx_job_t job)
{
	nx_job_t small = { 0 };
	nx_vmo_t vmo = { 0 }, again = { 0 };
	struct peer peer;
	nx_status_t status;
	bool done;

	nx_job_create(job, 24, 0, 0, &small);
	nx_vmo_create(small, 16 * NX_PAGE_SIZE, &vmo);
	if (!peer_process(test, &peer, job, gives_back))
		return;
	peer_give(&peer, 0, vmo.handle, NX_RIGHTS_SAME);
	nx_handle_close(vmo.handle);
	peer_start(&peer);
	begin();
	do {
		done = peer.page->words[W_DONE] != 0;
		status = nx_vmo_create(small, 16 * NX_PAGE_SIZE, &again);
		if (status == NX_ERR_QUOTA_PAGES && !done)
			sleep_ns(test, 100000);
	} while (status == NX_ERR_QUOTA_PAGES && !done);
	peer_end(test, &peer);
	check(test, status == NX_OK, "pages are back when the close returns");
	peer_drop(test, &peer);
	nx_handle_close(again.handle);
	nx_handle_close(small.handle);
}

/* Two kill the same job, and each finds it dead then. */
static void kills_too(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	page->words[W_STATUS] =
		(uint64_t)(int64_t)nx_task_kill(page->handles[0], 5) + 100;
	page->words[W_BITS] = facts_of(page->handles[1]).state;
}

static void kill_twice(struct test *test, nx_job_t job)
{
	struct use_of_job before = job_use(test->job);
	nx_job_t child = { 0 };
	struct peer victim, killer;

	nx_job_create(job, 100, 50, 4, &child);
	if (!peer_process(test, &victim, child, makes) ||
	    !peer_process(test, &killer, job, kills_too))
		return;
	peer_give(&killer, 0, child.handle, NX_RIGHTS_SAME);
	peer_give(&killer, 1, victim.process.handle, NX_RIGHTS_SAME);
	peer_start(&victim);
	peer_start(&killer);
	begin();
	nx_task_kill(child.handle, 9);
	check(test, peer_state(&victim) >= NX_PROCESS_EXITED,
	      "a job that two kill is dead for one");
	peer_end(test, &killer);
	check(test,
	      killer.page->words[W_STATUS] == 100 &&
		      killer.page->words[W_BITS] >= NX_PROCESS_EXITED,
	      "and for the other");
	peer_drop(test, &victim);
	peer_drop(test, &killer);
	nx_handle_close(child.handle);
	check(test, use_is_equal(before, job_use(test->job)),
	      "and everything is back");
}

const struct race races[] = {
	{ "a signal and a wait", wake_up },
	{ "a signal and a deadline", time_out },
	{ "a call and the death of the server", kill_server },
	{ "a call and the death of the client", kill_client },
	{ "two that kill each other", two_kills },
	{ "a call and the stop of a hart", stop_hart },
	{ "a call and moves of both sides", move },
	{ "a call and the end of the port", close_port },
	{ "work and the death of its job", kill_job },
	{ "duplicates and a revoke", revoke },
	{ "a copy and an unmap", unmap },
	{ "memory from one to another", give_back },
	{ "two that kill one job", kill_twice },
	{ NULL, NULL },
};

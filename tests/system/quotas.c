/* SPDX-License-Identifier: BSD-2-Clause */
/* Quotas, exhausted in every call that takes from them. Whatever the call, a
 * refusal changes nothing, and behind it everything comes back. */
#include "messages.h"

#include <string.h>

/* What a peer has made and will undo. */
#define MADE_MAX 1500

struct maker_state {
	struct peer_page *page;
	struct nx_message_buffer *buffer;
	nx_job_t job; /* its own, with all rights */
	nx_vmo_t vmo;
	nx_port_t port;
	nx_handle_t made[MADE_MAX];
	unsigned made_count;
	nx_uaddr_t mapped[MADE_MAX];
	unsigned mapped_count;
};

static const nx_job_t own = { 0 };
static const nx_process_t here = { 0 };

static nx_status_t keep(struct maker_state *state, nx_status_t status,
			nx_handle_t handle)
{
	if (status == NX_OK && state->made_count < MADE_MAX)
		state->made[state->made_count++] = handle;
	return status;
}

static nx_status_t make_event(struct maker_state *state)
{
	nx_event_t event = { 0 };
	nx_status_t status = nx_event_create(own, &event);

	return keep(state, status, event.handle);
}

static nx_status_t make_port(struct maker_state *state)
{
	nx_port_t port = { 0 };
	nx_status_t status = nx_port_create(own, 1, &port);

	return keep(state, status, port.handle);
}

static nx_status_t make_process(struct maker_state *state)
{
	nx_process_t process = { 0 };
	nx_status_t status =
		nx_process_create(state->job, PEER_SERVICE, 0, 0, &process);

	return keep(state, status, process.handle);
}

static nx_status_t make_thread(struct maker_state *state)
{
	nx_thread_t thread = { 0 };
	nx_status_t status =
		nx_thread_create(here, (nx_budget_t){ 0 }, &thread);

	return keep(state, status, thread.handle);
}

static nx_status_t make_vmo(struct maker_state *state)
{
	nx_vmo_t vmo = { 0 };
	nx_status_t status = nx_vmo_create(own, NX_PAGE_SIZE, &vmo);

	return keep(state, status, vmo.handle);
}

static nx_status_t make_large_vmo(struct maker_state *state)
{
	nx_vmo_t vmo = { 0 };
	nx_status_t status = nx_vmo_create(own, 64 * NX_PAGE_SIZE, &vmo);

	return keep(state, status, vmo.handle);
}

static nx_status_t make_slice(struct maker_state *state)
{
	nx_vmo_t slice = { 0 };
	nx_status_t status = nx_vmo_slice(state->vmo, 0, NX_PAGE_SIZE, &slice);

	return keep(state, status, slice.handle);
}

static nx_status_t make_budget(struct maker_state *state)
{
	nx_budget_t budget = { 0 };
	nx_status_t status = nx_budget_create(own, NX_QOS_IDLE, 1, &budget);

	return keep(state, status, budget.handle);
}

static nx_status_t make_job(struct maker_state *state)
{
	nx_job_t job = { 0 };
	nx_status_t status = nx_job_create(state->job, 1, 0, 0, &job);

	return keep(state, status, job.handle);
}

static nx_status_t make_handle(struct maker_state *state)
{
	nx_handle_t handle = NX_HANDLE_NONE;
	nx_status_t status = nx_handle_dup(state->port.handle, NX_RIGHTS_SAME,
					   0, here, &handle);

	return keep(state, status, handle);
}

static nx_status_t make_mapping(struct maker_state *state)
{
	nx_uaddr_t mapped = 0;
	nx_status_t status = nx_map(here, state->vmo, 0, NX_PAGE_SIZE,
				    NX_MAP_READ, 0, &mapped);

	if (status == NX_OK && state->mapped_count < MADE_MAX)
		state->mapped[state->mapped_count++] = mapped;
	return status;
}

static nx_status_t make_message(struct maker_state *state)
{
	struct nx_message message = { .header = nx_header(
					      1, NX_MESSAGE_FRAME_MAX, 0,
					      NX_HEADER_NONBLOCK) };

	return nx_send(nx_port_client(state->port), &message);
}

static const struct maker {
	const char *name;
	nx_status_t (*make)(struct maker_state *state);
	bool takes_handle;
} makers[] = {
	{ "vmo_create", make_vmo, true },
	{ "vmo_create of many pages", make_large_vmo, true },
	{ "event_create", make_event, true },
	{ "port_create", make_port, true },
	{ "process_create", make_process, true },
	{ "thread_create", make_thread, true },
	{ "vmo_slice", make_slice, true },
	{ "budget_create", make_budget, true },
	{ "job_create", make_job, true },
	{ "handle_dup", make_handle, true },
	{ "map", make_mapping, false },
	{ "send", make_message, false },
};

/* words[]: what a peer tells of maker i. */
#define WORD_STATUS(i) (2 * (i))
#define WORD_SAME(i) (2 * (i) + 1)
#define WORD_FILLED 30
#define WORD_END 31

static void undo(struct maker_state *state)
{
	while (state->mapped_count > 0)
		nx_unmap_protect(here, state->mapped[--state->mapped_count],
				 NX_PAGE_SIZE, 0);
	while (state->made_count > 0) {
		nx_handle_t handle = state->made[--state->made_count];

		nx_task_kill(handle, 0); /* of tasks only */
		nx_handle_close(handle);
	}
}

/* Until it is refused; and refused again, with nothing changed. */
static void exhaust(struct maker_state *state, unsigned index)
{
	volatile uint64_t *words = state->page->words;
	nx_status_t status = NX_OK;
	struct use_of_job before;

	for (unsigned i = 0; i < MADE_MAX && status == NX_OK; i++)
		status = makers[index].make(state);
	before = job_use(state->job);
	if (makers[index].make(state) == status &&
	    use_is_equal(before, job_use(state->job)))
		words[WORD_SAME(index)] = 1;
	words[WORD_STATUS(index)] = (uint64_t)(int64_t)status;
}

static bool prepare(struct maker_state *state, struct peer_page *page,
		    struct nx_message_buffer *buffer)
{
	memset(state, 0, sizeof(*state));
	state->page = page;
	state->buffer = buffer;
	state->job.handle = page->handles[0];
	state->vmo = new_vmo(NX_PAGE_SIZE);
	state->port = new_port(NX_PORT_DEPTH_MAX);
	return state->vmo.handle && state->port.handle;
}

static void exhaust_pages(struct peer_page *page,
			  struct nx_message_buffer *buffer)
{
	struct maker_state state;

	if (!prepare(&state, page, buffer))
		return;
	for (unsigned i = 0; i < ARRAY_COUNT(makers); i++)
		exhaust(&state, i);
	undo(&state);
	page->words[WORD_END] = make_vmo(&state) == NX_OK;
}

static void exhaust_handles(struct peer_page *page,
			    struct nx_message_buffer *buffer)
{
	struct maker_state state;
	nx_status_t status = NX_OK;

	if (!prepare(&state, page, buffer))
		return;
	while (status == NX_OK)
		status = make_handle(&state);
	page->words[WORD_FILLED] = (uint64_t)(int64_t)status;
	for (unsigned i = 0; i < ARRAY_COUNT(makers); i++)
		if (makers[i].takes_handle)
			exhaust(&state, i);
	undo(&state);
	page->words[WORD_END] = make_vmo(&state) == NX_OK;
}

static bool run_peer(struct test *test, struct peer *peer, nx_job_t job,
		     peer_function *function)
{
	if (!peer_process(test, peer, job, function))
		return false;
	nx_job_set_shares(test->job, job, MADE_MAX);
	if (peer_give(peer, 0, job.handle, NX_RIGHTS_SAME) != NX_OK ||
	    peer_start(peer) != NX_OK || !peer_wait(test, peer)) {
		peer_drop(test, peer);
		return check(test, false, "the peer runs");
	}
	return true;
}

/* With its job, which then has all that it had before. */
static void end_peer(struct test *test, struct peer *peer, nx_job_t job,
		     struct use_of_job before, const char *what)
{
	peer_drop(test, peer);
	check(test, use_is_equal(before, job_use(job)),
	      "the job has all its %s back", what);
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
}

/* With nothing left, maker i makes nothing, and says so. */
static bool is_refused(const struct peer *peer, unsigned i, nx_status_t status)
{
	return (nx_status_t)peer->page->words[WORD_STATUS(i)] == status &&
	       peer->page->words[WORD_SAME(i)] == 1;
}

static void pages(struct test *test)
{
	nx_job_t job = new_job(test, 96, 4000, 100);
	struct use_of_job before = job_use(job);
	struct peer peer;

	if (!run_peer(test, &peer, job, exhaust_pages))
		return;
	for (unsigned i = 0; i < ARRAY_COUNT(makers); i++) {
		check_status(test,
			     (nx_status_t)peer.page->words[WORD_STATUS(i)],
			     NX_ERR_QUOTA_PAGES, "%s ends at the page quota",
			     makers[i].name);
		check(test, peer.page->words[WORD_SAME(i)] == 1,
		      "%s takes nothing when it is refused", makers[i].name);
	}
	check(test, peer.page->words[WORD_END] == 1,
	      "pages that are given back can be used again");
	end_peer(test, &peer, job, before, "pages");
}

static void handles(struct test *test)
{
	nx_job_t job = new_job(test, 512, 100, 50);
	struct use_of_job before = job_use(job);
	struct peer peer;

	if (!run_peer(test, &peer, job, exhaust_handles))
		return;
	check_status(test, (nx_status_t)peer.page->words[WORD_FILLED],
		     NX_ERR_QUOTA_HANDLES, "duplicates end at the quota");
	for (unsigned i = 0; i < ARRAY_COUNT(makers); i++) {
		if (!makers[i].takes_handle)
			continue;
		check(test, is_refused(&peer, i, NX_ERR_QUOTA_HANDLES),
		      "%s without a handle left makes nothing", makers[i].name);
	}
	check(test, peer.page->words[WORD_END] == 1,
	      "handles that are closed can be used again");
	end_peer(test, &peer, job, before, "handles");
}

static void exhaust_threads(struct peer_page *page,
			    struct nx_message_buffer *buffer)
{
	struct maker_state state;

	if (!prepare(&state, page, buffer))
		return;
	while (state.made_count < MADE_MAX && make_thread(&state) == NX_OK)
		page->words[WORD_FILLED]++;
	exhaust(&state, 5);
	nx_task_kill(state.made[0], 0);
	page->words[WORD_END] = make_thread(&state) == NX_OK;
	undo(&state);
}

static void threads(struct test *test)
{
	nx_job_t job = new_job(test, 512, 500, 10);
	struct use_of_job before = job_use(job);
	struct peer peer;

	if (!run_peer(test, &peer, job, exhaust_threads))
		return;
	check(test, peer.page->words[WORD_FILLED] == 9,
	      "a job has as many threads as its quota");
	check(test, is_refused(&peer, 5, NX_ERR_QUOTA_THREADS),
	      "and not one more");
	check(test, peer.page->words[WORD_END] == 1,
	      "a thread that is killed makes room for another");
	end_peer(test, &peer, job, before, "threads");
}

/* A peer without room for a handle receives capabilities. words[0..]:
 * statuses of recv: full, with one free, with two free. */
static void receives_full(struct peer_page *page,
			  struct nx_message_buffer *buffer)
{
	struct maker_state state;
	nx_port_t port = { page->handles[1] };

	if (!prepare(&state, page, buffer))
		return;
	while (make_handle(&state) == NX_OK)
		page->words[WORD_FILLED]++;
	for (unsigned i = 0; i < 3; i++) {
		struct nx_message message = { .header = NX_HEADER_NONBLOCK };

		page->words[i] = (uint64_t)(int64_t)nx_recv(port, &message);
		nx_handle_close(state.made[--state.made_count]);
	}
	undo(&state);
}

static void full_receiver(struct test *test)
{
	nx_job_t job = new_job(test, 128, 60, 4);
	nx_port_t port = new_port(1);
	struct nx_message message = { .header = nx_header(1, 0, 2, 0) };
	struct peer peer;

	test->buffer->send_caps[0] =
		(struct nx_message_cap){ test->trace.handle, NX_RIGHTS_SAME };
	test->buffer->send_caps[1] = test->buffer->send_caps[0];
	nx_send(nx_port_client(port), &message);
	if (!peer_process(test, &peer, job, receives_full))
		return;
	peer_give(&peer, 0, job.handle, NX_RIGHTS_SAME);
	peer_give(&peer, 1, port.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	peer_wait(test, &peer);
	check_status(test, (nx_status_t)peer.page->words[0],
		     NX_ERR_QUOTA_HANDLES,
		     "a receiver without room for handles gets none");
	check_status(test, (nx_status_t)peer.page->words[1],
		     NX_ERR_QUOTA_HANDLES, "nor one of two");
	check_status(test, (nx_status_t)peer.page->words[2], NX_OK,
		     "with room for both the message is still there");
	peer_drop(test, &peer);
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
	nx_handle_close(port.handle);
}

/* The same for an answer: the caller has no room. */
static void calls_full(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct maker_state state;

	if (!prepare(&state, page, buffer))
		return;
	while (make_handle(&state) == NX_OK)
		page->words[WORD_FILLED]++;
	for (unsigned i = 0; i < 2; i++) {
		struct nx_message message = { .header = nx_header(1, 0, 0, 0) };

		page->words[i] = (uint64_t)(int64_t)nx_call(
			(nx_client_t){ page->handles[1] }, &message);
	}
	undo(&state);
}

static void full_caller(struct test *test)
{
	const nx_reply_t to_caller = { NX_HANDLE_CALLER };
	nx_job_t job = new_job(test, 128, 60, 4);
	nx_port_t port = new_port(1);
	struct nx_message message = receive_within(test);
	struct peer peer;
	nx_status_t status;

	if (!peer_process(test, &peer, job, calls_full))
		return;
	peer_give(&peer, 0, job.handle, NX_RIGHTS_SAME);
	peer_give(&peer, 1, port.handle, NX_RIGHT_CALL);
	peer_start(&peer);
	nx_recv(port, &message);
	test->buffer->send_caps[0] =
		(struct nx_message_cap){ test->trace.handle, NX_RIGHTS_SAME };
	message.header = nx_header(1, 0, 1, 0);
	status = nx_reply(to_caller, &message);
	check_status(test, status, NX_ERR_QUOTA_HANDLES,
		     "an answer with a capability finds no room");
	message.header = 0;
	check_status(test, nx_reply(to_caller, &message), NX_OK,
		     "one without it is still possible");
	message = receive_within(test);
	nx_recv(port, &message);
	message.header = 0;
	nx_reply(to_caller, &message);
	peer_wait(test, &peer);
	check(test,
	      (nx_status_t)peer.page->words[0] == NX_OK &&
		      (nx_status_t)peer.page->words[1] == NX_OK,
	      "the caller has got its answers");
	peer_drop(test, &peer);
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
	nx_handle_close(port.handle);
}

/* The most handles that a process can have at a time. words[0]: how many;
 * then statuses. */
static void fills_table(struct peer_page *page,
			struct nx_message_buffer *buffer)
{
	nx_event_t event = new_event();
	nx_handle_t last = NX_HANDLE_NONE, made = event.handle;
	nx_status_t status = NX_OK;

	(void)buffer;
	while (status == NX_OK && page->words[0] < 20000) {
		last = made;
		status = nx_handle_dup(event.handle, NX_RIGHTS_SAME, 0, here,
				       &made);
		page->words[0]++;
	}
	page->words[1] = (uint64_t)(int64_t)status;
	nx_handle_close(last);
	page->words[2] = (uint64_t)(int64_t)nx_handle_dup(
		event.handle, NX_RIGHTS_SAME, 0, here, &made);
	page->words[3] = (uint64_t)(int64_t)nx_handle_revoke(event.handle);
	page->words[4] = (uint64_t)(int64_t)facts_of(made).status;
	page->words[5] = (uint64_t)(int64_t)facts_of(event.handle).status;
}

static void table(struct test *test)
{
	nx_job_t job = new_job(test, 512, 30000, 2);
	struct peer peer;
	const volatile uint64_t *words;

	if (!run_peer(test, &peer, job, fills_table))
		return;
	words = peer.page->words;
	check(test, (nx_status_t)words[1] == NX_ERR_NO_SPACE && words[0] > 1000,
	      "a full handle table refuses one more");
	check(test, (nx_status_t)words[2] == NX_OK,
	      "when a handle is closed there is room for one");
	check(test,
	      (nx_status_t)words[3] == NX_OK &&
		      (nx_status_t)words[4] == NX_ERR_BAD_HANDLE &&
		      (nx_status_t)words[5] == NX_OK,
	      "one revoke clears all that came from a handle");
	peer_drop(test, &peer);
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
}

static void machine(struct test *test)
{
	uint64_t kernel = machine_counter(test, NX_COUNTER_PAGES_KERNEL);
	uint64_t total = machine_counter(test, NX_COUNTER_PAGES_TOTAL);
	uint64_t free = machine_counter(test, NX_COUNTER_PAGES_FREE);

	check(test, kernel > 0 && kernel < total && free < total,
	      "what is not handed out is counted");
	check(test, kernel + total == test->memory_bytes / NX_PAGE_SIZE,
	      "and with what is, it is the machine's memory");
}

const struct system_case system_cases[] = {
	{ "machine", machine },
	{ "pages", pages },
	{ "handles", handles },
	{ "threads", threads },
	{ "receiver without room", full_receiver },
	{ "caller without room", full_caller },
	{ "handle table", table },
	{ NULL, NULL },
};

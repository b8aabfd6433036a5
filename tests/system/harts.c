/* SPDX-License-Identifier: BSD-2-Clause */
/* Several harts: who runs where, and that what is over on one is over on all
 * when the call returns: a mapping, a thread, a hart. On one hart the same
 * holds, and is tested with what there is. */
#include "use.h"

#define HARTS_MAX 8
#define CALLS 200
#define PAIRS 4
#define TRACES 20
#define PAIRS_NS UINT64_C(100000000)
#define A_WHILE_NS UINT64_C(2000000)
/* Far more than it takes; a busy host may hold all harts for a while. */
#define URGENT_NS UINT64_C(10000000000)

/* words[] of a page. */
enum { W_COUNT, W_HERE, W_SEEN, W_WRONG };

static uint32_t here(const struct test *test)
{
	uint32_t hart = HARTS_MAX;
	uint64_t mask;

	nx_hart_list(test->job, &mask, &hart);
	return hart;
}

static uint32_t last_hart(const struct test *test)
{
	return 63 - (uint32_t)__builtin_clzll(harts_there(test));
}

static void run_on(uint64_t mask)
{
	nx_thread_affinity((nx_thread_t){ 0 }, mask);
}

static void run_anywhere(void)
{
	run_on((UINT64_C(1) << HARTS_MAX) - 1);
}

static void refusals(struct test *test)
{
	nx_job_t child = new_job(test, 10, 10, 1);
	nx_handle_t blind = dup_of(test->job.handle, NX_RIGHT_MANAGE);
	nx_handle_t weak = dup_of(test->job.handle, NX_RIGHT_INSPECT);
	uint64_t mask;
	uint32_t hart;

	check(test, (harts_there(test) & 1) != 0, "the first hart is there");
	check(test, harts_there(test) >> here(test) & 1,
	      "so is the one we are on");
	check_status(test, nx_hart_list((nx_job_t){ blind }, &mask, &hart),
		     NX_ERR_ACCESS_DENIED, "the list needs INSPECT");
	check_status(test, nx_thread_affinity((nx_thread_t){ 0 }, 0),
		     NX_ERR_INVALID_ARGS, "a thread runs somewhere");
	check_status(test,
		     nx_thread_affinity((nx_thread_t){ 0 },
					UINT64_C(1) << HARTS_MAX),
		     NX_ERR_INVALID_ARGS, "and on a hart that could be");
	check_status(test, nx_hart_set(test->job, 1, 2), NX_ERR_INVALID_ARGS,
		     "a hart runs or does not");
	check_status(test, nx_hart_set((nx_job_t){ weak }, 1, 0),
		     NX_ERR_ACCESS_DENIED, "to stop one needs MANAGE");
	check_status(test, nx_hart_set(child, 1, 0), NX_ERR_ACCESS_DENIED,
		     "and the first job");
	check_status(test, nx_hart_set(test->job, 0, 0), NX_ERR_BAD_STATE,
		     "the first hart does not stop");
	check_status(test, nx_hart_set(test->job, 63, 0), NX_ERR_NOT_FOUND,
		     "one that is not there cannot");
	nx_handle_close(blind);
	nx_handle_close(weak);
	nx_handle_close(child.handle);
}

static void everywhere(struct test *test)
{
	uint64_t mask = harts_there(test);
	bool right = true;

	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		run_on(UINT64_C(1) << i);
		right = right && here(test) == i;
		sleep_ns(test, 1000);
		right = right && here(test) == i;
	}
	check(test, right, "a thread runs where it shall, and wakes there");
	run_on(UINT64_C(1) << (HARTS_MAX - 1));
	check(test, harts_there(test) >> here(test) & 1,
	      "without any of its harts it runs somewhere");
	run_anywhere();
}

/* handles[0]: a port. */
static void adder(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_port_t port = { page->handles[0] };
	struct nx_message message = { .header = 0 };
	nx_status_t status = nx_recv(port, &message);

	(void)buffer;
	while (status == NX_OK) {
		message.words[0]++;
		message.header = nx_header(0, 0, 0, 0);
		status = nx_reply_recv(port, &message);
	}
}

static bool count_calls(nx_port_t port)
{
	bool right = true;

	for (uint64_t i = 0; i < CALLS; i++) {
		struct nx_message message = { .header = nx_header(0, 0, 0, 0) };

		message.words[0] = i;
		right = right &&
			nx_call((nx_client_t){ port.handle }, &message) ==
				NX_OK &&
			message.words[0] == i + 1;
	}
	return right;
}

static void across(struct test *test)
{
	nx_port_t port = new_port(1);
	uint32_t last = last_hart(test);
	struct peer peer;

	if (!peer_process(test, &peer, test->job, adder))
		return;
	peer_give(&peer, 0, port.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	check(test, count_calls(port), "a server that may be anywhere answers");
	nx_thread_affinity(peer.thread, UINT64_C(1) << last);
	run_on(1);
	check(test, count_calls(port), "so does one on the last hart");
	check(test, here(test) == 0, "and its client has not left the first");
	run_anywhere();
	check(test, count_calls(port), "a client that may move calls on");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

/* handles[0]: a port to call, as often as it can. */
static void caller(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_client_t client = { page->handles[0] };
	struct nx_message message = { .header = 0 };

	(void)buffer;
	for (;;) {
		message.header = nx_header(0, 0, 0, 0);
		message.words[0] = page->words[W_COUNT];
		if (nx_call(client, &message) != NX_OK ||
		    message.words[0] != page->words[W_COUNT] + 1)
			page->words[W_WRONG]++;
		page->words[W_COUNT]++;
	}
}

/* Pairs that have nothing to do with one another. */
static void pairs(struct test *test)
{
	struct peer servers[PAIRS], clients[PAIRS];
	nx_port_t ports[PAIRS];
	uint64_t calls = 0, wrong = 0;

	for (unsigned i = 0; i < PAIRS; i++) {
		ports[i] = new_port(1);
		if (!peer_process(test, &servers[i], test->job, adder) ||
		    !peer_process(test, &clients[i], test->job, caller))
			return;
		peer_give(&servers[i], 0, ports[i].handle, NX_RIGHTS_SAME);
		peer_give(&clients[i], 0, ports[i].handle, NX_RIGHTS_SAME);
		peer_start(&servers[i]);
		peer_start(&clients[i]);
	}
	sleep_ns(test, PAIRS_NS);
	for (unsigned i = 0; i < PAIRS; i++) {
		/* On a busy host a hart may stand still for as long. */
		peer_await(test, &clients[i], W_COUNT, CALLS);
		calls += clients[i].page->words[W_COUNT];
		wrong += clients[i].page->words[W_WRONG];
	}
	check(test, wrong == 0, "pairs do not disturb each other");
	remark(test, "pairs: %lu calls in all", (unsigned long)calls);
	for (unsigned i = 0; i < PAIRS; i++) {
		peer_drop(test, &clients[i]);
		peer_drop(test, &servers[i]);
		nx_handle_close(ports[i].handle);
	}
}

/* Counts, and says where; handles[1]: a job. nx_ticks() is where the
 * simulator lets others run. */
static void spin(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	for (;;) {
		uint64_t mask;
		uint32_t hart = HARTS_MAX;

		nx_hart_list((nx_job_t){ page->handles[1] }, &mask, &hart);
		page->words[W_HERE] = hart;
		page->words[W_COUNT]++;
		nx_ticks();
	}
}

/* The same without any call. */
static void hog(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	for (;;) {
		page->words[W_COUNT]++;
		nx_ticks();
	}
}

static bool begin(struct test *test, struct peer *peer, peer_function *function)
{
	if (!peer_process(test, peer, test->job, function))
		return false;
	peer_give(peer, 1, test->job.handle, NX_RIGHT_INSPECT);
	peer_start(peer);
	return true;
}

static void moved(struct test *test)
{
	uint64_t mask = harts_there(test);
	struct peer peer;
	bool right = true, on = true;

	if (!begin(test, &peer, spin))
		return;
	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		on = on &&
		     nx_thread_affinity(peer.thread, UINT64_C(1) << i) == NX_OK;
		on = on && peer_await(test, &peer, W_COUNT,
				      peer.page->words[W_COUNT] + 2);
		right = right && peer.page->words[W_HERE] == i;
	}
	check(test, on, "a thread that runs is moved, and runs on");
	check(test, right, "where it was told to");
	peer_drop(test, &peer);
}

static void killed(struct test *test)
{
	uint64_t count;
	struct peer peer;

	if (!begin(test, &peer, hog))
		return;
	nx_thread_affinity(peer.thread, UINT64_C(1) << last_hart(test));
	run_on(1);
	peer_await(test, &peer, W_COUNT, 10);
	check_status(test, nx_task_kill(peer.thread.handle, 0), NX_OK,
		     "a thread that runs elsewhere is killed");
	count = peer.page->words[W_COUNT];
	sleep_ns(test, A_WHILE_NS);
	check(test, peer.page->words[W_COUNT] == count,
	      "and does nothing any more when the call returns");
	run_anywhere();
	peer_drop(test, &peer);
}

/* handles[2] is the address of a word: tell what is in it, or write it. */
static void reader(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const volatile uint64_t *word =
		(const volatile uint64_t *)(uintptr_t)page->words[W_WRONG];

	(void)buffer;
	for (;;) {
		page->words[W_SEEN] = *word;
		page->words[W_COUNT]++;
		nx_ticks();
	}
}

static void writer(struct peer_page *page, struct nx_message_buffer *buffer)
{
	volatile uint64_t *word =
		(volatile uint64_t *)(uintptr_t)page->words[W_WRONG];

	(void)buffer;
	for (;;) {
		*word = *word + 1;
		page->words[W_COUNT]++;
		nx_ticks();
	}
}

/* A peer on the last hart that uses a page; access 0: until it is unmapped,
 * else until it is cut to that. */
static void cut(struct test *test, peer_function *function, uint32_t access,
		const char *what)
{
	nx_vmo_t vmo = new_vmo(NX_PAGE_SIZE);
	volatile uint64_t *word = (volatile uint64_t *)(uintptr_t)map_here(
		vmo, NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE);
	uint64_t before;
	nx_uaddr_t there = 0;
	struct peer peer;

	if (!peer_process(test, &peer, test->job, function))
		return;
	nx_map(peer.process, vmo, 0, NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE,
	       0, &there);
	peer.page->words[W_WRONG] = there;
	nx_thread_affinity(peer.thread, UINT64_C(1) << last_hart(test));
	run_on(1);
	peer_start(&peer);
	peer_await(test, &peer, W_COUNT, 10);
	check_status(
		test,
		nx_unmap_protect(peer.process, there, NX_PAGE_SIZE, access),
		NX_OK, "%s", what);
	before = *word;
	*word = before + 1000;
	peer_wait(test, &peer);
	check(test, peer_state(&peer) == NX_PROCESS_CRASHED,
	      "whoever goes on with it crashes");
	check(test,
	      *word == before + 1000 && peer.page->words[W_SEEN] <= before,
	      "and has not seen or done anything since the call returned");
	run_anywhere();
	peer_drop(test, &peer);
	unmap_here((uintptr_t)word, NX_PAGE_SIZE);
	nx_handle_close(vmo.handle);
}

static void cut_off(struct test *test)
{
	cut(test, reader, 0, "a page is unmapped under a reader elsewhere");
	cut(test, writer, 0, "a page is unmapped under a writer elsewhere");
	cut(test, writer, NX_MAP_READ, "a page is made read-only under one");
}

#define TOLD_PAGES 16

/* However many pages go: the hart that may remember them is told once, and
 * nobody who does not run the program. */
static void told_once(struct test *test)
{
	nx_vmo_t vmo = new_vmo(TOLD_PAGES * NX_PAGE_SIZE);
	nx_uaddr_t mine = map_here(vmo, TOLD_PAGES * NX_PAGE_SIZE, NX_MAP_READ);
	nx_uaddr_t there = 0;
	uint64_t count, wanted = 0;
	struct peer peer;

	if (!peer_process(test, &peer, test->job, reader))
		return;
	nx_map(peer.process, vmo, 0, TOLD_PAGES * NX_PAGE_SIZE, NX_MAP_READ, 0,
	       &there);
	peer.page->words[W_WRONG] = peer.page_there;
	nx_thread_affinity(peer.thread, UINT64_C(1) << last_hart(test));
	run_on(1);
	peer_start(&peer);
	peer_await(test, &peer, W_COUNT, 10);
#if defined(__riscv)
	wanted = last_hart(test) != 0;
#endif
	count = machine_counter(test, NX_COUNTER_SHOOTDOWNS);
	nx_unmap_protect(peer.process, there, TOLD_PAGES * NX_PAGE_SIZE, 0);
	count = machine_counter(test, NX_COUNTER_SHOOTDOWNS) - count;
	check(test, count == wanted, "%u pages that go are told of once",
	      TOLD_PAGES);
	count = machine_counter(test, NX_COUNTER_SHOOTDOWNS);
	unmap_here(mine, TOLD_PAGES * NX_PAGE_SIZE);
	count = machine_counter(test, NX_COUNTER_SHOOTDOWNS) - count;
	check(test, count == 0, "and a hart that never had them is not");
	run_anywhere();
	peer_drop(test, &peer);
	nx_handle_close(vmo.handle);
}

#define BUDGET_CHANGES 200

/* Of a budget on which nobody is. */
static uint64_t kicks_of_changes(const struct test *test, nx_budget_t budget)
{
	uint64_t count = machine_counter(test, NX_COUNTER_KICKS) +
			 machine_counter(test, NX_COUNTER_KICKS_MERGED);

	for (unsigned i = 0; i < BUDGET_CHANGES; i++)
		nx_budget_set(budget, NX_QOS_IDLE, NX_QOS_IDLE, 1 + i % 2);
	return machine_counter(test, NX_COUNTER_KICKS) +
	       machine_counter(test, NX_COUNTER_KICKS_MERGED) - count;
}

/* Whoever changes budgets all day costs others nothing. */
static void budgets_of_others(struct test *test)
{
	nx_budget_t budget = { NX_HANDLE_NONE };
	struct peer peer;

	nx_budget_create(test->job, NX_QOS_IDLE, 1, &budget);
	if (!begin(test, &peer, hog))
		return;
	nx_thread_affinity(peer.thread, UINT64_C(1) << last_hart(test));
	run_on(1);
	peer_await(test, &peer, W_COUNT, 10);
	check(test, kicks_of_changes(test, budget) < BUDGET_CHANGES / 4,
	      "a budget that changes interrupts no hart where it is not spent");
	run_anywhere();
	peer_drop(test, &peer);
	nx_handle_close(budget.handle);
}

static unsigned count_bits(uint64_t mask)
{
	return (unsigned)__builtin_popcountll(mask);
}

/* As many that never wait as there are harts. */
static void spread(struct test *test)
{
	unsigned count = count_bits(harts_there(test));
	struct peer peers[HARTS_MAX];
	uint64_t seen = 0;

	for (unsigned i = 0; i < count; i++)
		if (!begin(test, &peers[i], spin))
			return;
	for (unsigned turn = 0; turn < 100; turn++) {
		sleep_ns(test, A_WHILE_NS);
		for (unsigned i = 0; i < count; i++)
			seen |= UINT64_C(1) << peers[i].page->words[W_HERE];
		if (seen == harts_there(test))
			break;
	}
	check(test, seen == harts_there(test), "work goes to all harts");
	for (unsigned i = 0; i < count; i++)
		peer_drop(test, &peers[i]);
}

/* handles[0], handles[2]: waits for the first, then signals the second. */
static void echo(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t bits;

	(void)buffer;
	for (;;) {
		if (nx_wait((nx_event_t){ page->handles[0] }, 1,
			    NX_DEADLINE_NEVER, &bits) != NX_OK)
			return;
		page->words[W_COUNT]++;
		nx_signal((nx_event_t){ page->handles[2] }, 1);
	}
}

/* An urgent thread answers although all harts are busy, and more threads
 * than harts want to run. */
static void urgent(struct test *test)
{
	nx_event_t there = new_event(), back = new_event();
	unsigned count = count_bits(harts_there(test)), answers = 0;
	struct peer hogs[HARTS_MAX], peer;
	nx_budget_t budget = { NX_HANDLE_NONE };
	uint64_t bits;

	nx_budget_create(test->job, NX_QOS_INTERACTIVE, NX_SHARE_DEFAULT,
			 &budget);
	for (unsigned i = 0; i < count; i++)
		if (!begin(test, &hogs[i], hog))
			return;
	test->peer_budget = budget;
	if (!peer_process(test, &peer, test->job, echo))
		return;
	test->peer_budget.handle = NX_HANDLE_NONE;
	peer_give(&peer, 0, there.handle, NX_RIGHTS_SAME);
	peer_give(&peer, 2, back.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	for (unsigned i = 0; i < 20; i++) {
		nx_signal(there, 1);
		answers += nx_wait(back, 1, now_ns(test) + URGENT_NS, &bits) ==
			   NX_OK;
	}
	check(test, answers == 20, "an urgent thread runs beside busy ones");
	peer_drop(test, &peer);
	for (unsigned i = 0; i < count; i++) {
		check(test, peer_await(test, &hogs[i], W_COUNT, 1),
		      "a busy one has run, too");
		peer_drop(test, &hogs[i]);
	}
	nx_handle_close(budget.handle);
	nx_handle_close(there.handle);
	nx_handle_close(back.handle);
}

static bool await_online(struct test *test, uint64_t mask)
{
	for (unsigned i = 0; i < 5000; i++) {
		if (harts_there(test) == mask)
			return true;
		sleep_ns(test, 1000000);
	}
	return false;
}

static nx_status_t start_again(struct test *test, uint32_t hart)
{
	nx_status_t status = NX_ERR_BUSY;

	for (unsigned i = 0; i < 5000 && status == NX_ERR_BUSY; i++) {
		status = nx_hart_set(test->job, hart, 1);
		if (status == NX_ERR_BUSY)
			sleep_ns(test, 1000000);
	}
	return status;
}

static void stopped(struct test *test)
{
	uint64_t all = harts_there(test);
	uint32_t last = last_hart(test);
	struct peer peer;

	if (last == 0) {
		check_status(test, nx_hart_set(test->job, 1, 0),
			     NX_ERR_NOT_FOUND, "there is no second hart");
		/* In the simulator it may be one that has not come yet. */
#if defined(__riscv)
		check_status(test, nx_hart_set(test->job, 1, 1),
			     NX_ERR_NOT_FOUND, "and none that could be");
#endif
		return;
	}
	if (!begin(test, &peer, spin))
		return;
	nx_thread_affinity(peer.thread, UINT64_C(1) << last);
	peer_await(test, &peer, W_COUNT, 10);
	run_on(UINT64_C(1) << last);
	check_status(test, nx_hart_set(test->job, last, 0), NX_OK,
		     "a hart stops under the thread that asks for it");
	check(test, harts_there(test) == (all & ~(UINT64_C(1) << last)),
	      "and is not there any more");
	check(test, here(test) != last, "the thread goes on elsewhere");
	check(test,
	      peer_await(test, &peer, W_COUNT, peer.page->words[W_COUNT] + 2) &&
		      peer.page->words[W_HERE] != last,
	      "so does one that might run nowhere else");
	check_status(test, start_again(test, last), NX_OK, "it starts again");
	check(test, await_online(test, all), "and comes");
	nx_thread_affinity(peer.thread, UINT64_C(1) << last);
	check(test,
	      peer_await(test, &peer, W_COUNT, peer.page->words[W_COUNT] + 2) &&
		      peer.page->words[W_HERE] == last,
	      "and runs threads");
	check_status(test, nx_hart_set(test->job, last, 1), NX_ERR_BAD_STATE,
		     "one that is there is not started");
	run_anywhere();
	peer_drop(test, &peer);
}

/* A hart that has nothing to do is as easily stopped as one that has. */
#define DOZE_NS UINT64_C(20000000)

/* handles[0], handles[2]: events. Waits for a deadline and for a timer, both
 * set on the hart where it is. */
static void dozes(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t then =
		nx_ticks() * (1000000000 / page->ticks_per_second) + DOZE_NS;
	uint64_t bits;

	(void)buffer;
	nx_timer_set((nx_event_t){ page->handles[2] }, 1, then, 0);
	page->words[W_SEEN] = 1;
	if (nx_wait((nx_event_t){ page->handles[0] }, 1, then, &bits) ==
	    NX_ERR_TIMED_OUT)
		page->words[W_COUNT]++;
	if (nx_wait((nx_event_t){ page->handles[2] }, 1, NX_DEADLINE_NEVER,
		    &bits) == NX_OK)
		page->words[W_COUNT]++;
}

/* Times that a hart would have had to wake for are those of another one. */
static void stopped_early(struct test *test)
{
	uint64_t all = harts_there(test);
	uint32_t last = last_hart(test);
	nx_event_t events[2] = { new_event(), new_event() };
	struct peer peer;

	if (!peer_process(test, &peer, test->job, dozes))
		return;
	peer_give(&peer, 0, events[0].handle, NX_RIGHTS_SAME);
	peer_give(&peer, 2, events[1].handle, NX_RIGHTS_SAME);
	nx_thread_affinity(peer.thread, UINT64_C(1) << last);
	run_on(1);
	peer_start(&peer);
	/* It waits by then, or time has jumped over all of it. */
	peer_await(test, &peer, W_SEEN, 1);
	sleep_ns(test, 0);
	if (last != 0)
		nx_hart_set(test->job, last, 0);
	check(test, peer_await(test, &peer, W_COUNT, 2),
	      "deadlines and timers of a hart come when it has stopped");
	if (last != 0)
		start_again(test, last);
	check(test, await_online(test, all), "all harts are there again");
	run_anywhere();
	peer_drop(test, &peer);
	for (unsigned i = 0; i < 2; i++)
		nx_handle_close(events[i].handle);
}

static void stopped_idle(struct test *test)
{
	uint64_t all = harts_there(test);
	uint32_t last = last_hart(test);

	if (last == 0)
		return;
	run_on(1);
	sleep_ns(test, 1000000);
	check_status(test, nx_hart_set(test->job, last, 0), NX_OK,
		     "a hart stops that does nothing");
	check_status(test, start_again(test, last), NX_OK, "and starts");
	check(test, await_online(test, all), "and comes");
	run_anywhere();
}

/* Calls of a thread in a trace, from its first to its last. */
static uint64_t calls_in(const struct nx_trace_header *header,
			 uint64_t thread_id)
{
	const struct nx_trace_record *records = (const void *)(header + 1);
	uint64_t count = 0;

	for (uint64_t i = 0; i < header->written; i++)
		count += records[i].thread_id == thread_id;
	return count;
}

/* One round: a trace begins while the last hart does, which takes one of two
 * that call each other, and is not asked to. Are all calls in it? */
static bool begins_traced(struct test *test, const struct peer *client,
			  uint32_t last)
{
	uint64_t id = facts_of(client->thread.handle).id, before, after;
	const volatile uint64_t *count = &client->page->words[W_COUNT];
	uint64_t all = harts_there(test);
	const struct nx_trace_header *header;
	nx_vmo_t ring = { 0 };
	bool right;

	nx_hart_set(test->job, last, 0);
	if (start_again(test, last) != NX_OK ||
	    nx_trace_start(test->trace, NX_TRACE_CALL, NX_TRACE_SIZE_MAX,
			   &ring) != NX_OK)
		return false;
	before = *count;
	right = await_online(test, all) &&
		peer_await(test, client, W_COUNT, before + CALLS);
	after = *count;
	nx_trace_stop(test->trace);
	header = (const void *)map_here(ring, NX_TRACE_SIZE_MAX, NX_MAP_READ);
	/* A ring that is full has enough of them. */
	right = right && (header->written > header->record_count ||
			  calls_in(header, id) + 1 >= after - before);
	unmap_here((nx_uaddr_t)header, NX_TRACE_SIZE_MAX);
	nx_handle_close(ring.handle);
	return right;
}

static void traced(struct test *test)
{
	uint32_t last = last_hart(test);
	nx_port_t port = new_port(1);
	struct peer server, client;
	unsigned right = 0;

	if (last == 0 || !peer_process(test, &server, test->job, adder) ||
	    !peer_process(test, &client, test->job, caller)) {
		nx_handle_close(port.handle);
		return;
	}
	peer_give(&server, 0, port.handle, NX_RIGHTS_SAME);
	peer_give(&client, 0, port.handle, NX_RIGHTS_SAME);
	run_on(1);
	peer_start(&server);
	peer_start(&client);
	for (unsigned i = 0; i < TRACES; i++)
		right += begins_traced(test, &client, last);
	check(test, right == TRACES,
	      "calls on a hart that begins are in a trace that does: %u times",
	      right);
	run_anywhere();
	peer_drop(test, &client);
	peer_drop(test, &server);
	nx_handle_close(port.handle);
}

/* Processes that run on any hart are ended at any moment; what they had is
 * back when the call returns. */
static void ended(struct test *test)
{
	nx_job_t child = new_job(test, 200, 100, 4);
	struct use_of_job before = job_use(child);
	bool same = true;

	for (unsigned i = 0; i < 20; i++) {
		struct peer peer;

		if (!peer_process(test, &peer, child, hog))
			return;
		peer_start(&peer);
		sleep_ns(test, i * 10000);
		nx_handle_close(peer.thread.handle);
		peer.thread.handle = NX_HANDLE_NONE;
		nx_task_kill(peer.process.handle, 0);
		nx_handle_close(peer.process.handle);
		peer.process.handle = NX_HANDLE_NONE;
		same = same && use_is_equal(before, job_use(child));
		peer_drop(test, &peer);
	}
	check(test, same, "what a process had is back when it was killed");
	nx_handle_close(child.handle);
}

const struct system_case system_cases[] = {
	{ "refusals", refusals },
	{ "everywhere", everywhere },
	{ "across", across },
	{ "pairs", pairs },
	{ "moved", moved },
	{ "killed", killed },
	{ "cut off", cut_off },
	{ "told once", told_once },
	{ "budgets of others", budgets_of_others },
	{ "spread", spread },
	{ "urgent", urgent },
	{ "stopped", stopped },
	{ "ended", ended },
	{ "stopped idle", stopped_idle },
	{ "traced", traced },
	{ "stopped early", stopped_early },
	{ NULL, NULL },
};

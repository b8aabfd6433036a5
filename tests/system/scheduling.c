/* SPDX-License-Identifier: BSD-2-Clause */
/* Who gets how much of the processor: shares, classes, limits, who pays, and
 * who may change that. What is measured is the processor time that the
 * kernel tells; a turn is 10 ms, so that all is within a turn or two. */
#include "use.h"

#define MS UINT64_C(1000000)
#define TURN_NS (10 * MS)
#define FIRST_HART 1
#define HARTS_MAX 8

/* words[] of a page. */
enum {
	W_UNTIL, /* tick when it ends */
	W_GAP,	 /* ticks for which it did not run, at most */
	W_COUNT,
	W_WRONG
};

static const nx_budget_t own_budget = { 0 };

static uint64_t ticks_of(const struct test *test, uint64_t ns)
{
	return ns / MS * test->ticks_per_second / 1000;
}

static uint64_t spent_ns(nx_budget_t budget)
{
	uint32_t qos_class, share;
	uint64_t ns = 0;

	nx_budget_info(budget, &qos_class, &share, &ns);
	return ns;
}

static uint64_t held_count(nx_budget_t budget)
{
	uint64_t limit_ns, period_ns, count = 0;
	uint32_t ceiling;

	nx_budget_limits(budget, &ceiling, &limit_ns, &period_ns, &count);
	return count;
}

static nx_budget_t new_budget(const struct test *test, uint32_t qos_class,
			      uint32_t share)
{
	nx_budget_t budget = { 0 };

	nx_budget_create(test->job, qos_class, share, &budget);
	return budget;
}

/* Calls that fail are what takes the simulator the most time. */
static void work(void)
{
	facts_of(NX_HANDLE_NONE);
}

static void spin(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t now = nx_ticks(), before = now;

	(void)buffer;
	while (now < page->words[W_UNTIL]) {
		work();
		now = nx_ticks();
		if (now - before > page->words[W_GAP])
			page->words[W_GAP] = now - before;
		before = now;
		page->words[W_COUNT]++;
	}
}

static unsigned hart_count(const struct test *test)
{
	return (unsigned)__builtin_popcountll(harts_there(test));
}

#define STEPS 3000
#define UNEVEN 4

/* How much less exactly can be told? In the simulator time jumps, for some
 * seeds, by a turn between any two calls, and more than one hart may have to
 * share those of a host. */
static unsigned unevenness(const struct test *test)
{
	uint64_t before = nx_ticks(), now, most = 0;

	for (unsigned i = 0; i < STEPS; i++) {
		work();
		now = nx_ticks();
		if (now - before > most)
			most = now - before;
		before = now;
	}
	return most < ticks_of(test, 5 * MS) && hart_count(test) == 1 ? 1
								      : UNEVEN;
}

/* A thread on a budget that will spin until a moment from now. */
static bool new_spinner(struct test *test, struct peer *peer,
			nx_budget_t budget, uint64_t harts, uint64_t ns)
{
	bool made;

	test->peer_budget = budget;
	made = peer_thread(test, peer, spin);
	test->peer_budget = own_budget;
	if (!made)
		return false;
	peer->page->words[W_UNTIL] = nx_ticks() + ticks_of(test, ns);
	nx_thread_affinity(peer->thread, harts);
	return true;
}

static bool spinner(struct test *test, struct peer *peer, nx_budget_t budget,
		    uint64_t harts, uint64_t ns)
{
	return new_spinner(test, peer, budget, harts, ns) &&
	       peer_start(peer) == NX_OK;
}

static void finish(struct test *test, struct peer *peers, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		peer_wait(test, &peers[i]);
		peer_drop(test, &peers[i]);
	}
}

#define SHARES_NS (2400 * MS)

/* What two budgets spent in the same time, those with shares of 100 and 300;
 * how far, of 3000, may the second be off? */
static void check_shares(struct test *test, const nx_budget_t *budgets,
			 unsigned off, const char *sentence)
{
	uint64_t spent[2], ratio;

	for (unsigned i = 0; i < 2; i++)
		spent[i] = spent_ns(budgets[i]);
	sleep_ns(test, SHARES_NS);
	for (unsigned i = 0; i < 2; i++)
		spent[i] = spent_ns(budgets[i]) - spent[i];
	ratio = spent[0] > 0 ? spent[1] * 1000 / spent[0] : 0;
	check(test, ratio >= 3000 - off && ratio <= 3000 + off, "%s", sentence);
	if (ratio < 3000 - off || ratio > 3000 + off)
		remark(test, "1000 to %u", (unsigned)ratio);
}

static void shares(struct test *test)
{
	nx_budget_t budgets[2] = { new_budget(test, NX_QOS_NORMAL, 100),
				   new_budget(test, NX_QOS_NORMAL, 300) };
	struct peer peers[2];

	for (unsigned i = 0; i < 2; i++)
		if (!spinner(test, &peers[i], budgets[i], FIRST_HART,
			     SHARES_NS + 200 * MS))
			return;
	sleep_ns(test, 50 * MS);
	check_shares(test, budgets, 150,
		     "shares of 100 and 300 give one and three of four parts");
	finish(test, peers, 2);
	for (unsigned i = 0; i < 2; i++)
		nx_handle_close(budgets[i].handle);
}

/* Wakes somebody more urgent all the time. */
static void spin_and_wake(struct peer_page *page,
			  struct nx_message_buffer *buffer)
{
	(void)buffer;
	while (nx_ticks() < page->words[W_UNTIL]) {
		work();
		nx_signal((nx_event_t){ page->handles[0] }, 1);
	}
}

static void woken(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t bits;

	(void)buffer;
	while (nx_wait((nx_event_t){ page->handles[0] }, 3, NX_DEADLINE_NEVER,
		       &bits) == NX_OK &&
	       (bits & 2) == 0)
		page->words[W_COUNT]++;
}

/* Turns that are cut short over and over come to the same. */
static void shares_cut_short(struct test *test)
{
	nx_budget_t budgets[3] = { new_budget(test, NX_QOS_NORMAL, 100),
				   new_budget(test, NX_QOS_NORMAL, 300),
				   new_budget(test, NX_QOS_INTERACTIVE, 100) };
	peer_function *const bodies[3] = { spin_and_wake, spin_and_wake,
					   woken };
	nx_event_t event = new_event();
	unsigned off = unevenness(test) == 1 ? 150 : 1500;
	struct peer peers[3];

	for (unsigned i = 3; i-- > 0;) {
		test->peer_budget = budgets[i];
		if (!peer_thread(test, &peers[i], bodies[i]))
			return;
		test->peer_budget = own_budget;
		peers[i].page->handles[0] = event.handle;
		peers[i].page->words[W_UNTIL] =
			nx_ticks() + ticks_of(test, SHARES_NS + 200 * MS);
		nx_thread_affinity(peers[i].thread, FIRST_HART);
		peer_start(&peers[i]);
	}
	sleep_ns(test, 50 * MS);
	check_shares(test, budgets, off,
		     "also when turns are cut short by others");
	check(test, peers[2].page->words[W_COUNT] > 100,
	      "who is more urgent, and has run each time");
	finish(test, peers, 2);
	nx_signal(event, 2);
	finish(test, &peers[2], 1);
	for (unsigned i = 0; i < 3; i++)
		nx_handle_close(budgets[i].handle);
	nx_handle_close(event.handle);
}

/* Three threads on one budget, and one on another with the same share. */
static void together(struct test *test)
{
	nx_budget_t many = new_budget(test, NX_QOS_NORMAL, 100);
	nx_budget_t one = new_budget(test, NX_QOS_NORMAL, 100);
	uint64_t spent_many, spent_one;
	uint64_t off_ns = 5 * unevenness(test) * TURN_NS;
	struct peer peers[4];

	for (unsigned i = 0; i < 4; i++)
		if (!spinner(test, &peers[i], i == 3 ? one : many, FIRST_HART,
			     1200 * MS))
			return;
	sleep_ns(test, 50 * MS);
	spent_many = spent_ns(many);
	spent_one = spent_ns(one);
	sleep_ns(test, 1000 * MS);
	spent_many = spent_ns(many) - spent_many;
	spent_one = spent_ns(one) - spent_one;
	check(test,
	      spent_many < spent_one + off_ns &&
		      spent_one < spent_many + off_ns,
	      "more threads on a budget have no more than one");
	finish(test, peers, 4);
	nx_handle_close(many.handle);
	nx_handle_close(one.handle);
}

/* One that sleeps and wakes has what it wants, if that is less than its
 * share; one that comes later has no more for having been away. */
static void latecomer(struct test *test)
{
	nx_budget_t budgets[2] = { new_budget(test, NX_QOS_NORMAL, 100),
				   new_budget(test, NX_QOS_NORMAL, 100) };
	uint64_t spent[2], off_ns = 5 * unevenness(test) * TURN_NS;
	struct peer peers[2];

	if (!spinner(test, &peers[0], budgets[0], FIRST_HART, 1000 * MS))
		return;
	sleep_ns(test, 400 * MS);
	if (!spinner(test, &peers[1], budgets[1], FIRST_HART, 600 * MS))
		return;
	for (unsigned i = 0; i < 2; i++)
		spent[i] = spent_ns(budgets[i]);
	sleep_ns(test, 400 * MS);
	for (unsigned i = 0; i < 2; i++)
		spent[i] = spent_ns(budgets[i]) - spent[i];
	check(test,
	      spent[0] + off_ns > spent[1] && spent[1] + off_ns > spent[0],
	      "who comes late has its share from then on");
	finish(test, peers, 2);
	for (unsigned i = 0; i < 2; i++)
		nx_handle_close(budgets[i].handle);
}

#define NORMALS 8

static void idle_beside_eight(struct test *test)
{
	nx_budget_t idle = new_budget(test, NX_QOS_IDLE, 100);
	nx_budget_t normal = new_budget(test, NX_QOS_NORMAL, 100);
	uint64_t gap, spent_idle, spent_normal;
	uint64_t gap_max = ticks_of(test, NX_CLASS_WAIT_NS) * unevenness(test);
	struct peer peers[NORMALS + 1];
	bool all = true;

	for (unsigned i = 0; i <= NORMALS; i++)
		if (!spinner(test, &peers[i], i == NORMALS ? idle : normal,
			     FIRST_HART, 1000 * MS))
			return;
	sleep_ns(test, 900 * MS);
	spent_idle = spent_ns(idle);
	spent_normal = spent_ns(normal);
	for (unsigned i = 0; i < NORMALS; i++)
		all = peers[i].page->words[W_COUNT] > 0 && all;
	gap = peers[NORMALS].page->words[W_GAP];
	check(test, all, "eight threads that do not rest all run");
	check(test, peers[NORMALS].page->words[W_COUNT] > 0 && gap <= gap_max,
	      "an idle one beside them never waits longer than the bound");
	remark(test, "it waited for %u ms, at most",
	       (unsigned)(gap / ticks_of(test, MS)));
	check(test, spent_idle < spent_normal / 5,
	      "but it has little of the time");
	finish(test, peers, NORMALS + 1);
	nx_handle_close(idle.handle);
	nx_handle_close(normal.handle);
}

#define CLASSES 4
#define WINDOWS 3
#define STARVE_NS (60000 * MS)

/* Each of them gets something in time; looks now and then. */
static bool all_run(struct test *test, const nx_budget_t *budgets,
		    uint64_t within_ns)
{
	uint64_t before[CLASSES], end = now_ns(test) + within_ns;
	unsigned ran;

	for (unsigned c = 0; c < CLASSES; c++)
		before[c] = spent_ns(budgets[c]);
	do {
		sleep_ns(test, NX_CLASS_WAIT_NS / 4);
		ran = 0;
		for (unsigned c = 0; c < CLASSES; c++)
			ran += spent_ns(budgets[c]) > before[c];
	} while (ran < CLASSES && now_ns(test) < end);
	return ran == CLASSES;
}

/* Threads of all classes, as many as harts of each, or four. This one is
 * among them and waits for its turn, too. */
static void no_class_starves(struct test *test)
{
	unsigned harts = hart_count(test), made = 0;
	unsigned count = harts < 2 ? 2 : harts < 4 ? harts : 4;
	unsigned slow = unevenness(test);
	nx_budget_t budgets[CLASSES];
	struct peer peers[CLASSES * 4];
	bool all = true;

	for (uint32_t c = 0; c < CLASSES; c++) {
		budgets[c] = new_budget(test, c, 100);
		for (unsigned i = 0; i < count; i++)
			if (!new_spinner(test, &peers[made++], budgets[c],
					 (1 << HARTS_MAX) - 1, STARVE_NS))
				return;
	}
	for (unsigned i = 0; i < made; i++)
		peer_start(&peers[i]);
	for (unsigned w = 0; w < WINDOWS; w++)
		all = all_run(test, budgets, slow * slow * NX_CLASS_WAIT_NS) &&
		      all;
	check(test, all, "under load every class runs, again and again");
	for (unsigned i = 0; i < made; i++)
		peers[i].page->words[W_UNTIL] = 0;
	finish(test, peers, made);
	for (unsigned c = 0; c < CLASSES; c++)
		nx_handle_close(budgets[c].handle);
}

static bool is_about(uint64_t ns, uint64_t wanted_ns, unsigned slow)
{
	uint64_t off_ns = 2 * slow * TURN_NS;

	return ns + off_ns > wanted_ns && ns < wanted_ns + off_ns;
}

#define LIMIT_NS (1000 * MS)

/* 2 ms in each 10 ms, for so many threads together. */
static void limited(struct test *test, unsigned count, const char *sentence)
{
	nx_budget_t budget = new_budget(test, NX_QOS_NORMAL, 100);
	unsigned slow = unevenness(test);
	struct peer peers[2];
	uint64_t ns, times;

	nx_budget_limit(budget, 2 * MS, 10 * MS);
	for (unsigned i = 0; i < count; i++)
		if (!spinner(test, &peers[i], budget, (1 << HARTS_MAX) - 1,
			     LIMIT_NS + 200 * MS))
			return;
	sleep_ns(test, 50 * MS);
	ns = spent_ns(budget);
	times = held_count(budget);
	sleep_ns(test, LIMIT_NS);
	ns = spent_ns(budget) - ns;
	times = held_count(budget) - times;
	check(test, is_about(ns, LIMIT_NS / 5, slow), "%s", sentence);
	if (!is_about(ns, LIMIT_NS / 5, slow))
		remark(test, "%u us", (unsigned)(ns / 1000));
	check(test, times > 5, "it was used up again and again");
	nx_budget_limit(budget, 0, 0);
	finish(test, peers, count);
	nx_handle_close(budget.handle);
}

static void limits(struct test *test)
{
	limited(test, 1, "2 ms of each 10 ms are a fifth of the time");
	limited(test, 2, "for two threads together as well");
}

/* handles[0]: a port. Works for 3 ms on each call. */
static void worker(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_port_t port = { page->handles[0] };
	struct nx_message message = { .header = 0 };
	nx_status_t status = nx_recv(port, &message);

	(void)buffer;
	while (status == NX_OK) {
		uint64_t end = nx_ticks() + page->words[W_UNTIL];

		while (nx_ticks() < end)
			work();
		page->words[W_COUNT]++;
		message.header = nx_header(0, 0, 0, 0);
		status = nx_reply_recv(port, &message);
	}
}

static void client(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	while (nx_ticks() < page->words[W_UNTIL]) {
		struct nx_message message = { .header = nx_header(0, 0, 0, 0) };

		if (nx_call((nx_client_t){ page->handles[0] }, &message) !=
		    NX_OK)
			page->words[W_WRONG]++;
		page->words[W_COUNT]++;
	}
}

struct pair {
	nx_budget_t payer, server_budget;
	nx_port_t port;
	struct peer server, client;
};

static bool pair_begin(struct test *test, struct pair *pair, uint64_t ns)
{
	*pair = (struct pair){ .payer = new_budget(test, NX_QOS_NORMAL, 100),
			       .server_budget =
				       new_budget(test, NX_QOS_NORMAL, 100),
			       .port = new_port(1) };
	test->peer_budget = pair->server_budget;
	if (!peer_thread(test, &pair->server, worker))
		return false;
	test->peer_budget = pair->payer;
	if (!peer_thread(test, &pair->client, client))
		return false;
	test->peer_budget = own_budget;
	pair->server.page->words[W_UNTIL] = ticks_of(test, 3 * MS);
	pair->client.page->words[W_UNTIL] = nx_ticks() + ticks_of(test, ns);
	peer_give(&pair->server, 0, pair->port.handle, NX_RIGHTS_SAME);
	peer_give(&pair->client, 0, pair->port.handle, NX_RIGHTS_SAME);
	nx_thread_affinity(pair->server.thread, FIRST_HART);
	nx_thread_affinity(pair->client.thread, FIRST_HART);
	peer_start(&pair->server);
	return true;
}

static void pair_end(struct test *test, struct pair *pair)
{
	peer_wait(test, &pair->client);
	peer_drop(test, &pair->client);
	peer_drop(test, &pair->server);
	nx_handle_close(pair->port.handle);
	nx_handle_close(pair->payer.handle);
	nx_handle_close(pair->server_budget.handle);
}

static void client_pays(struct test *test)
{
	uint64_t paid, served;
	struct pair pair;

	if (!pair_begin(test, &pair, 300 * MS))
		return;
	peer_start(&pair.client);
	peer_wait(test, &pair.client);
	paid = spent_ns(pair.payer);
	served = spent_ns(pair.server_budget);
	check(test,
	      paid >= pair.client.page->words[W_COUNT] * 3 * MS &&
		      pair.client.page->words[W_WRONG] == 0,
	      "what a server does is charged to its client");
	check(test, served < paid / 4, "and not to the server");
	/* Who pays is one thing, who did it another. */
	check(test,
	      facts_of(pair.server.thread.handle).value >=
		      pair.client.page->words[W_COUNT] * 3 * MS,
	      "but it is time of the server's thread");
	pair_end(test, &pair);
}

/* handles[0]: a port; handles[1]: one to which each call is passed on. */
static void passes_on(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_port_t port = { page->handles[0] };
	struct nx_message message = { .header = 0 };
	nx_status_t status = nx_recv(port, &message);

	(void)buffer;
	while (status == NX_OK) {
		struct nx_message inner = { .header = nx_header(0, 0, 0, 0) };

		if (nx_call((nx_client_t){ page->handles[1] }, &inner) != NX_OK)
			page->words[W_WRONG]++;
		message.header = nx_header(0, 0, 0, 0);
		status = nx_reply_recv(port, &message);
	}
}

/* Behind a server that calls another one it is still the client that pays. */
static void client_pays_all(struct test *test)
{
	nx_budget_t between = new_budget(test, NX_QOS_NORMAL, 100);
	nx_port_t port = new_port(1);
	struct peer middle;
	struct pair pair;
	uint64_t paid;

	if (!pair_begin(test, &pair, 300 * MS))
		return;
	test->peer_budget = between;
	if (!peer_thread(test, &middle, passes_on))
		return;
	test->peer_budget = own_budget;
	peer_give(&middle, 0, port.handle, NX_RIGHTS_SAME);
	peer_give(&middle, 1, pair.port.handle, NX_RIGHTS_SAME);
	peer_give(&pair.client, 0, port.handle, NX_RIGHTS_SAME);
	nx_thread_affinity(middle.thread, FIRST_HART);
	peer_start(&middle);
	peer_start(&pair.client);
	peer_wait(test, &pair.client);
	paid = spent_ns(pair.payer);
	check(test,
	      paid >= pair.client.page->words[W_COUNT] * 3 * MS &&
		      pair.client.page->words[W_WRONG] +
				      middle.page->words[W_WRONG] ==
			      0,
	      "so is what a server behind the server does");
	check(test, spent_ns(pair.server_budget) + spent_ns(between) < paid / 4,
	      "and none of the two servers");
	peer_drop(test, &middle);
	pair_end(test, &pair);
	nx_handle_close(port.handle);
	nx_handle_close(between.handle);
}

/* A server of the lowest class works for a client as urgently as that one is,
 * also beside somebody of the server's class who never waits. */
static void urgent_client(struct test *test)
{
	nx_budget_t busy = new_budget(test, NX_QOS_NORMAL, 100);
	uint64_t paid, others;
	struct peer spinning;
	struct pair pair;

	if (!pair_begin(test, &pair, 400 * MS))
		return;
	nx_budget_set(pair.payer, NX_QOS_NORMAL, NX_QOS_NORMAL, 100);
	nx_budget_set(pair.server_budget, NX_QOS_IDLE, NX_QOS_IDLE, 100);
	nx_budget_set(busy, NX_QOS_IDLE, NX_QOS_NORMAL, 100);
	peer_await_blocked(test, &pair.server);
	peer_start(&pair.client);
	if (!spinner(test, &spinning, busy, FIRST_HART, 400 * MS))
		return;
	peer_wait(test, &pair.client);
	paid = spent_ns(pair.payer);
	others = spent_ns(busy);
	check(test, paid > 2 * others && paid > 0,
	      "a server is as urgent as its client");
	if (paid <= 2 * others)
		remark(test, "%u us beside %u", (unsigned)(paid / 1000),
		       (unsigned)(others / 1000));
	finish(test, &spinning, 1);
	pair_end(test, &pair);
	nx_handle_close(busy.handle);
}

/* A server is not held, but the debt is paid. */
static void client_owes(struct test *test)
{
	uint64_t ns, count;
	unsigned slow = unevenness(test);
	struct pair pair;

	if (!pair_begin(test, &pair, LIMIT_NS + 200 * MS))
		return;
	nx_budget_limit(pair.payer, 2 * MS, 10 * MS);
	peer_start(&pair.client);
	sleep_ns(test, 50 * MS);
	ns = spent_ns(pair.payer);
	count = pair.server.page->words[W_COUNT];
	sleep_ns(test, LIMIT_NS);
	ns = spent_ns(pair.payer) - ns;
	count = pair.server.page->words[W_COUNT] - count;
	check(test, is_about(ns, LIMIT_NS / 5, slow),
	      "a client with a limit has no more by way of a server");
	if (!is_about(ns, LIMIT_NS / 5, slow))
		remark(test, "%u us", (unsigned)(ns / 1000));
	check(test,
	      count * slow > 10 &&
		      spent_ns(pair.server_budget) < slow * TURN_NS,
	      "which is not held in the middle of its work");
	nx_budget_limit(pair.payer, 0, 0);
	pair_end(test, &pair);
}

/* What one may do with one's own budget. */
static void lowers(struct peer_page *page, struct nx_message_buffer *buffer)
{
	static const struct {
		uint32_t qos_class, ceiling, share;
		nx_status_t wanted;
	} sets[] = {
		{ NX_QOS_INTERACTIVE, NX_QOS_INTERACTIVE, 100,
		  NX_ERR_ACCESS_DENIED },
		{ NX_QOS_NORMAL, NX_QOS_NORMAL, 101, NX_ERR_ACCESS_DENIED },
		{ NX_QOS_IDLE, NX_QOS_NORMAL, 50, NX_OK },
		{ NX_QOS_NORMAL, NX_QOS_NORMAL, 50, NX_ERR_ACCESS_DENIED },
		{ NX_QOS_IDLE, NX_QOS_NORMAL, 51, NX_ERR_ACCESS_DENIED },
	};
	static const struct {
		uint64_t limit_ns, period_ns;
		nx_status_t wanted;
	} limits[] = {
		{ 5 * MS, 10 * MS, NX_OK },
		{ 6 * MS, 10 * MS, NX_ERR_ACCESS_DENIED },
		{ 5 * MS, 9 * MS, NX_ERR_ACCESS_DENIED },
		{ 0, 0, NX_ERR_ACCESS_DENIED },
		{ 8 * MS, 20 * MS, NX_OK },
	};

	(void)buffer;
	for (unsigned i = 0; i < ARRAY_COUNT(sets); i++)
		page->words[W_WRONG] +=
			nx_budget_set(own_budget, sets[i].qos_class,
				      sets[i].ceiling,
				      sets[i].share) != sets[i].wanted;
	for (unsigned i = 0; i < ARRAY_COUNT(limits); i++)
		page->words[W_WRONG] +=
			nx_budget_limit(own_budget, limits[i].limit_ns,
					limits[i].period_ns) !=
			limits[i].wanted;
	page->words[W_COUNT] = 1;
}

static void authority(struct test *test)
{
	nx_budget_t budget = new_budget(test, NX_QOS_NORMAL, 100);
	nx_budget_t weak = { dup_of(budget.handle, NX_RIGHT_INSPECT) };
	uint32_t qos_class = 9, share = 0, ceiling = 9;
	uint64_t ns, limit_ns = 0, period_ns = 0, times;
	struct peer peer;

	test->peer_budget = budget;
	if (!peer_thread(test, &peer, lowers))
		return;
	test->peer_budget = own_budget;
	peer_start(&peer);
	peer_wait(test, &peer);
	check(test,
	      peer.page->words[W_COUNT] == 1 && peer.page->words[W_WRONG] == 0,
	      "a thread lowers itself, and never raises itself");
	nx_budget_info(budget, &qos_class, &share, &ns);
	nx_budget_limits(budget, &ceiling, &limit_ns, &period_ns, &times);
	check(test,
	      qos_class == NX_QOS_IDLE && share == 50 &&
		      ceiling == NX_QOS_NORMAL && limit_ns == 8 * MS &&
		      period_ns == 20 * MS,
	      "its budget is as it has lowered it");
	check_status(test, nx_budget_set(weak, 0, 0, 1), NX_ERR_ACCESS_DENIED,
		     "others need MANAGE");
	check_status(test,
		     nx_budget_set(budget, NX_QOS_NORMAL, NX_QOS_NORMAL, 200),
		     NX_OK, "who has that raises it");
	check_status(test,
		     nx_budget_set(budget, NX_QOS_INTERACTIVE,
				   NX_QOS_INTERACTIVE, 200),
		     NX_ERR_ACCESS_DENIED, "but not above its ceiling");
	check_status(test, nx_budget_set(budget, NX_QOS_IDLE, NX_QOS_IDLE, 200),
		     NX_OK, "a ceiling can be lowered");
	check_status(test,
		     nx_budget_set(budget, NX_QOS_NORMAL, NX_QOS_NORMAL, 200),
		     NX_ERR_ACCESS_DENIED, "for ever");
	peer_drop(test, &peer);
	nx_handle_close(weak.handle);
	nx_handle_close(budget.handle);
}

static void job_shares(struct test *test)
{
	nx_job_t job = new_job(test, 50, 50, 5);
	nx_budget_t budget = { 0 }, none = { 0 };
	uint64_t used = 0, max = 0, root_used = 0, now_used = 0, root_max;

	nx_job_shares(test->job, &root_used, &root_max);
	check_status(test, nx_budget_create(job, NX_QOS_IDLE, 1, &none),
		     NX_ERR_QUOTA_SHARES, "a new job has no shares");
	nx_job_set_shares(test->job, job, 500);
	nx_budget_create(job, NX_QOS_IDLE, 400, &budget);
	check_status(test, nx_budget_create(job, NX_QOS_IDLE, 101, &none),
		     NX_ERR_QUOTA_SHARES, "it is given some, and uses them up");
	check_status(test, nx_budget_set(budget, 0, 0, 501),
		     NX_ERR_QUOTA_SHARES, "a share that grows is charged");
	check_status(test, nx_budget_set(budget, 0, 0, 300), NX_OK,
		     "and one that shrinks given back");
	nx_job_shares(job, &used, &max);
	nx_job_shares(test->job, &now_used, &root_max);
	check(test, used == 300 && max == 500 && now_used == root_used + 500,
	      "they are a part of the first job's");
	nx_task_kill(job.handle, 0);
	nx_handle_close(budget.handle);
	nx_handle_close(job.handle);
	nx_job_shares(test->job, &now_used, &root_max);
	check(test, now_used == root_used, "which has them back when it ends");
}

#define NOTHING_NS (200 * MS)

/* No tick comes while there is nothing to do: this thread's deadline is what
 * the machine wakes for, and that of the alarm before it, at most. */
static void nothing_to_do(struct test *test)
{
	uint64_t wakeups = machine_counter(test, NX_COUNTER_WAKEUPS);
	uint64_t interrupts = machine_counter(test, NX_COUNTER_INTERRUPTS);

	sleep_ns(test, NOTHING_NS);
	wakeups = machine_counter(test, NX_COUNTER_WAKEUPS) - wakeups;
	interrupts = machine_counter(test, NX_COUNTER_INTERRUPTS) - interrupts;
	check(test, wakeups >= 1 && wakeups <= 2,
	      "a machine with nothing to do wakes when it has");
	check(test, interrupts <= 4, "and is not interrupted meanwhile");
	remark(test, "wake-ups in %u ms of nothing: %u, interrupts: %u",
	       (unsigned)(NOTHING_NS / MS), (unsigned)wakeups,
	       (unsigned)interrupts);
}

#define SLEEPERS 8
#define SLEEPS 20

/* handles[0]: an event that nobody signals. */
static void sleeper(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t bits;

	(void)buffer;
	for (unsigned i = 0; i < SLEEPS; i++) {
		nx_wait((nx_event_t){ page->handles[0] }, 1,
			page->words[W_UNTIL] + i * 10 * MS, &bits);
		page->words[W_COUNT]++;
	}
}

static uint64_t wakeups(struct test *test, uint32_t qos_class)
{
	nx_budget_t budget = new_budget(test, qos_class, 100);
	struct peer peers[SLEEPERS];
	nx_event_t events[SLEEPERS];
	uint64_t count, base;

	for (unsigned i = 0; i < SLEEPERS; i++) {
		test->peer_budget = budget;
		if (!peer_thread(test, &peers[i], sleeper))
			return 0;
		events[i] = new_event();
		peer_give(&peers[i], 0, events[i].handle, NX_RIGHTS_SAME);
		nx_thread_affinity(peers[i].thread, FIRST_HART);
	}
	test->peer_budget = own_budget;
	count = machine_counter(test, NX_COUNTER_WAKEUPS);
	base = now_ns(test) + 10 * MS;
	for (unsigned i = 0; i < SLEEPERS; i++) {
		peers[i].page->words[W_UNTIL] = base + i * 1200000;
		peer_start(&peers[i]);
	}
	sleep_ns(test, SLEEPS * 10 * MS + 40 * MS);
	count = machine_counter(test, NX_COUNTER_WAKEUPS) - count;
	finish(test, peers, SLEEPERS);
	for (unsigned i = 0; i < SLEEPERS; i++)
		nx_handle_close(events[i].handle);
	nx_handle_close(budget.handle);
	return count;
}

static void slack(struct test *test)
{
	uint64_t idle = wakeups(test, NX_QOS_IDLE);
	uint64_t normal = wakeups(test, NX_QOS_NORMAL);
	uint64_t burst = wakeups(test, NX_QOS_PERF_BURST);

	/* Where time jumps much is one anyway, and others disturb. */
	bool quiet = burst >= SLEEPERS * SLEEPS * 3 / 4;

	check(test, !quiet || (idle > 0 && idle < normal && normal < burst),
	      "the more slack the fewer wake-ups");
	check(test, !quiet || normal * 2 < burst,
	      "4 ms of it save more than half");
	remark(test, "wake-ups: %u with 8 ms, %u with 4 ms, %u with none",
	       (unsigned)idle, (unsigned)normal, (unsigned)burst);
}

static void accounts(struct test *test)
{
	nx_budget_t budget = new_budget(test, NX_QOS_NORMAL, 100);
	uint64_t ns, job_ns = 0, other;
	struct peer peer;

	if (!spinner(test, &peer, budget, (1 << HARTS_MAX) - 1, 30 * MS))
		return;
	peer_wait(test, &peer);
	sleep_ns(test, MS);
	ns = spent_ns(budget);
	nx_job_stats(test->job, &other, &other, &other, &other, &other, &other,
		     &job_ns);
	check(test, ns > 0 && facts_of(peer.thread.handle).value == ns,
	      "a thread and its budget agree on its time");
	check(test, job_ns > ns, "and the job's covers it");
	peer_drop(test, &peer);
	nx_handle_close(budget.handle);
}

const struct system_case system_cases[] = {
	{ "shares", shares },
	{ "shares, cut short", shares_cut_short },
	{ "together", together },
	{ "latecomer", latecomer },
	{ "idle beside eight", idle_beside_eight },
	{ "no class starves", no_class_starves },
	{ "limits", limits },
	{ "client pays", client_pays },
	{ "client pays all", client_pays_all },
	{ "urgent client", urgent_client },
	{ "client owes", client_owes },
	{ "authority", authority },
	{ "job shares", job_shares },
	{ "nothing to do", nothing_to_do },
	{ "slack", slack },
	{ "accounts", accounts },
	{ NULL, NULL },
};

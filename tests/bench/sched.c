/* SPDX-License-Identifier: BSD-2-Clause */
/* What slack saves, what shares give, how long an idle thread waits. */
#include "bench.h"

#define MS UINT64_C(1000000)
#define SLEEPERS 8
#define SLEEPS 20
#define PERIOD_NS (10 * MS)

/* words[] */
enum { FROM, LONGEST, COUNT };

static nx_budget_t new_budget(struct test *test, uint32_t qos_class,
			      uint32_t share)
{
	nx_budget_t budget = { NX_HANDLE_NONE };

	nx_budget_create(test->job, qos_class, share, &budget);
	return budget;
}

static void sleeps(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_event_t never = { page->handles[0] };
	uint64_t bits;

	(void)buffer;
	for (unsigned i = 0; i < SLEEPS; i++)
		nx_wait(never, 1, page->words[FROM] + i * PERIOD_NS, &bits);
}

/* Eight threads that sleep for 10 ms each, one 625 us behind the other. */
static void wakeups(struct test *test, uint32_t qos_class, const char *name)
{
	struct peer peers[SLEEPERS];
	nx_event_t events[SLEEPERS];
	uint64_t count, from = now_ns(test) + 20 * MS;

	test->peer_budget = new_budget(test, qos_class, NX_SHARE_DEFAULT);
	for (unsigned i = 0; i < SLEEPERS; i++) {
		if (!peer_thread(test, &peers[i], sleeps))
			return;
		events[i] = new_event();
		peer_give(&peers[i], 0, events[i].handle, NX_RIGHTS_SAME);
		peers[i].page->words[FROM] = from + i * PERIOD_NS / 16;
		peer_start(&peers[i]);
	}
	count = machine_counter(test, NX_COUNTER_WAKEUPS);
	sleep_ns(test, from + SLEEPS * PERIOD_NS - now_ns(test));
	count = machine_counter(test, NX_COUNTER_WAKEUPS) - count;
	bench_print(test, name, count * 1000 * MS / (SLEEPS * PERIOD_NS),
		    "per_second");
	for (unsigned i = 0; i < SLEEPERS; i++) {
		peer_wait(test, &peers[i]);
		peer_drop(test, &peers[i]);
		nx_handle_close(events[i].handle);
	}
	nx_handle_close(test->peer_budget.handle);
	test->peer_budget.handle = NX_HANDLE_NONE;
}

static void slack(struct test *test)
{
	wakeups(test, NX_QOS_PERF_BURST, "kernel.wakeups.slack_0");
	wakeups(test, NX_QOS_INTERACTIVE, "kernel.wakeups.slack_1ms");
	wakeups(test, NX_QOS_NORMAL, "kernel.wakeups.slack_4ms");
	wakeups(test, NX_QOS_IDLE, "kernel.wakeups.slack_8ms");
}

static void spins(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t before = bench_now();

	(void)buffer;
	for (;;) {
		uint64_t now = bench_now();

		if (now - before > page->words[LONGEST])
			page->words[LONGEST] = now - before;
		before = now;
		page->words[COUNT]++;
	}
}

static uint64_t spent_ns(nx_budget_t budget)
{
	uint32_t qos_class, share;
	uint64_t ns = 0;

	nx_budget_info(budget, &qos_class, &share, &ns);
	return ns;
}

static void spinner(struct test *test, struct peer *peer, nx_budget_t budget)
{
	test->peer_budget = budget;
	if (peer_thread(test, peer, spins))
		peer_start(peer);
	test->peer_budget.handle = NX_HANDLE_NONE;
}

/* 100 and 300, and an idle one beside the two. */
static void shares(struct test *test)
{
	nx_budget_t budgets[3] = { new_budget(test, NX_QOS_NORMAL, 100),
				   new_budget(test, NX_QOS_NORMAL, 300),
				   new_budget(test, NX_QOS_IDLE, 100) };
	uint64_t spent[2];
	struct peer peers[3];

	for (unsigned i = 0; i < 3; i++)
		spinner(test, &peers[i], budgets[i]);
	sleep_ns(test, 400 * MS);
	for (unsigned i = 0; i < 2; i++)
		spent[i] = spent_ns(budgets[i]);
	sleep_ns(test, 1200 * MS);
	for (unsigned i = 0; i < 2; i++)
		spent[i] = spent_ns(budgets[i]) - spent[i];
	bench_print(test, "kernel.shares.300_to_100",
		    spent[0] > 0 ? spent[1] * 1000 / spent[0] : 0, "permille");
	bench_print(test, "kernel.aging.longest_wait",
		    peers[2].page->words[LONGEST], "instructions");
	for (unsigned i = 0; i < 3; i++) {
		peer_drop(test, &peers[i]);
		nx_handle_close(budgets[i].handle);
	}
}

const struct system_case system_cases[] = { { "slack", slack },
					    { "shares", shares },
					    { NULL, NULL } };

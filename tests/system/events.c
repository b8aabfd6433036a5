/* SPDX-License-Identifier: BSD-2-Clause */
/* Events, waiting, timers, and who runs when. */
#include "use.h"

#define MS UINT64_C(1000000)

static void bits(struct test *test)
{
	nx_event_t event = new_event();
	uint64_t got = 0;

	check_status(test, nx_signal(event, 5), NX_OK, "bits are set");
	check_status(test, nx_signal(event, UINT64_C(1) << 63), NX_OK,
		     "the last bit, too");
	check(test,
	      nx_wait(event, 4, NX_DEADLINE_NOW, &got) == NX_OK && got == 4,
	      "a waiter gets the bits it wants");
	check_status(test, nx_wait(event, 4, NX_DEADLINE_NOW, &got),
		     NX_ERR_TIMED_OUT, "they are cleared then");
	check(test,
	      nx_wait(event, UINT64_MAX, NX_DEADLINE_NOW, &got) == NX_OK &&
		      got == (UINT64_C(1) << 63 | 1),
	      "the others are kept for others");
	check_status(test, nx_wait(event, 0, NX_DEADLINE_NOW, &got),
		     NX_ERR_INVALID_ARGS, "to wait for nothing is refused");
	check_status(test, nx_signal(event, 0), NX_ERR_INVALID_ARGS,
		     "so is to signal nothing");
	nx_handle_close(event.handle);
}

static void deadlines(struct test *test)
{
	nx_event_t event = new_event();
	uint64_t got = 0, deadline = now_ns(test) + 5 * MS;

	check_status(test, nx_wait(event, 1, deadline, &got), NX_ERR_TIMED_OUT,
		     "a wait ends at its deadline");
	check(test, now_ns(test) >= deadline, "and not before");
	nx_handle_close(event.handle);
}

/* words[0]: mask; out: [1] about to wait, [2] status, [3] bits. */
static void waiter(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_event_t event = { page->handles[0] };
	uint64_t got = 0;
	nx_status_t status;

	(void)buffer;
	page->words[1] = 1;
	status = nx_wait(event, page->words[0], NX_DEADLINE_NEVER, &got);
	page->words[2] = (uint64_t)(int64_t)status;
	page->words[3] = got;
	page->words[4] = 1;
}

static bool waiter_begin(struct test *test, struct peer *peer,
			 nx_handle_t event, uint64_t mask)
{
	if (!peer_thread(test, peer, waiter))
		return false;
	peer_give(peer, 0, event, NX_RIGHTS_SAME);
	peer->page->words[0] = mask;
	peer_start(peer);
	return peer_await_blocked(test, peer);
}

static void waiters(struct test *test)
{
	nx_event_t event = new_event();
	struct peer peer;
	uint64_t got = 0;

	if (!waiter_begin(test, &peer, event.handle, 6))
		return;
	check_status(test, nx_wait(event, 1, NX_DEADLINE_NOW, &got),
		     NX_ERR_BUSY, "an event has one waiter");
	nx_signal(event, 1);
	sleep_ns(test, 2 * MS);
	check(test, peer.page->words[4] == 0,
	      "a bit that the waiter does not want does not wake it");
	nx_signal(event, 2 | 8);
	peer_await(test, &peer, 4, 1);
	check(test, peer.page->words[2] == NX_OK && peer.page->words[3] == 2,
	      "one that it wants does");
	check(test,
	      nx_wait(event, UINT64_MAX, NX_DEADLINE_NOW, &got) == NX_OK &&
		      got == 9,
	      "the rest is still set");
	peer_drop(test, &peer);
	nx_handle_close(event.handle);
}

static void killed_waiter(struct test *test)
{
	nx_event_t event = new_event();
	struct peer peer;
	uint64_t got = 0;

	if (!waiter_begin(test, &peer, event.handle, 1))
		return;
	check_status(test, nx_task_kill(peer.thread.handle, 0), NX_OK,
		     "a thread that waits is killed");
	nx_signal(event, 1);
	check_status(test, nx_wait(event, 1, NX_DEADLINE_NOW, &got), NX_OK,
		     "the event is free and keeps its bits");
	peer_drop(test, &peer);
	nx_handle_close(event.handle);
}

static void timers(struct test *test)
{
	nx_event_t event = new_event();
	uint64_t got = 0, start = now_ns(test);

	check_status(test, nx_timer_set(event, 4, start + 5 * MS, 0), NX_OK,
		     "a timer is armed");
	check_status(test, nx_wait(event, 4, start + 900 * MS, &got), NX_OK,
		     "it sets its bits");
	check(test, now_ns(test) >= start + 5 * MS, "not too early");
	start = now_ns(test);
	nx_timer_set(event, 1, start + 40 * MS, 0);
	nx_timer_set(event, 2, start + 60 * MS, MS);
	check(test,
	      nx_wait(event, 3, start + 900 * MS, &got) == NX_OK && got == 2,
	      "another time replaces the first");
	start = now_ns(test);
	nx_timer_set(event, 1, start + 40 * MS, 0);
	nx_timer_set(event, 1, NX_DEADLINE_NEVER, 0);
	check_status(test, nx_wait(event, 1, start + 60 * MS, &got),
		     NX_ERR_TIMED_OUT, "a timer that is disarmed does nothing");
	nx_timer_set(event, 1, NX_DEADLINE_NOW, 0);
	check_status(test, nx_wait(event, 1, now_ns(test) + 900 * MS, &got),
		     NX_OK, "a time in the past sets the bits at once");
	nx_timer_set(event, 1, now_ns(test) + 500 * MS, 0);
	nx_handle_close(event.handle);
	check(test, true, "an event dies with its timer armed");
}

#define TIMERS 12

static void many_timers(struct test *test)
{
	nx_event_t events[TIMERS];
	uint64_t start = now_ns(test), got;
	bool all = true;

	for (unsigned i = 0; i < TIMERS; i++) {
		events[i] = new_event();
		nx_timer_set(events[i], 1, start + (7 * i % TIMERS + 1) * MS,
			     i % 3 * MS);
	}
	for (unsigned i = 0; i < TIMERS; i++) {
		got = 0;
		if (nx_wait(events[i], 1, start + 900 * MS, &got) != NX_OK ||
		    now_ns(test) < start + (7 * i % TIMERS + 1) * MS)
			all = false;
		nx_handle_close(events[i].handle);
	}
	check(test, all, "many timers fire, none too early");
}

/* Handles with WAIT are gone while somebody waits: nobody can signal. */
static void closed_event(struct test *test)
{
	nx_event_t event = new_event();
	struct peer peer;

	if (!waiter_begin(test, &peer, event.handle, 1))
		return;
	nx_signal(event, 1);
	nx_handle_close(event.handle);
	check(test, peer_await(test, &peer, 4, 1) && peer.page->words[2] == 0,
	      "what was signaled arrives though the event is closed");
	peer_drop(test, &peer);
}

static void counts(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	while (page->words[0] == 0) {
		page->words[1]++;
		nx_yield();
	}
}

static void spins(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	while (page->words[0] == 0) {
		page->words[1]++;
		nx_ticks();
	}
}

static void fairness(struct test *test)
{
	struct peer yielding, spinning;

	if (!peer_thread(test, &yielding, counts) ||
	    !peer_thread(test, &spinning, spins))
		return;
	peer_start(&spinning);
	peer_start(&yielding);
	check(test, peer_await(test, &yielding, 1, 5),
	      "a thread that never gives way does not keep others out");
	check(test, peer_await(test, &spinning, 1, 1), "nor is it kept out");
	yielding.page->words[0] = 1;
	spinning.page->words[0] = 1;
	peer_wait(test, &yielding);
	peer_wait(test, &spinning);
	check(test, facts_of(spinning.thread.handle).value > 0,
	      "processor time is accounted");
	peer_drop(test, &yielding);
	peer_drop(test, &spinning);
}

static void budgets(struct test *test)
{
	nx_budget_t budget = { 0 }, none = { 0 };
	const nx_job_t own = { 0 };
	uint32_t class = 9, share = 0;
	uint64_t cpu = 1;

	check_status(test, nx_budget_create(own, NX_QOS_IDLE, 7, &budget),
		     NX_OK, "a budget of a lower class is made");
	check(test,
	      nx_budget_info(budget, &class, &share, &cpu) == NX_OK &&
		      class == NX_QOS_IDLE && share == 7 && cpu == 0,
	      "it says what it is");
	check_status(test, nx_budget_create(own, 4, 7, &none),
		     NX_ERR_INVALID_ARGS, "an unknown class is refused");
	check_status(test, nx_budget_create(own, NX_QOS_IDLE, 0, &none),
		     NX_ERR_INVALID_ARGS, "so is a share of 0");
	check_status(test, nx_budget_create(own, NX_QOS_IDLE, 1001, &none),
		     NX_ERR_INVALID_ARGS, "or over the largest");
	check_status(test, nx_budget_create(own, NX_QOS_PERF_BURST, 7, &none),
		     NX_ERR_ACCESS_DENIED,
		     "a higher class needs the job's management");
	check_status(test,
		     nx_budget_create(test->job, NX_QOS_INTERACTIVE, 7, &none),
		     NX_OK, "which this process has");
	nx_handle_close(none.handle);
	nx_handle_close(budget.handle);
}

/* A lock among threads, of words and events alone: who comes is put behind the
 * last one by one exchange, and waits for an event of its own; who goes signals
 * the next one. The kernel has no part in it while nobody waits. */
struct lock_node {
	struct lock_node *next;
	nx_event_t event;
};

struct lock {
	struct lock_node *last;
	unsigned long first_half, second_half, wrong; /* what it guards */
};

static void lock_take(struct lock *lock, struct lock_node *node)
{
	struct lock_node *before;
	uint64_t bits;

	__atomic_store_n(&node->next, NULL, __ATOMIC_RELAXED);
	before = __atomic_exchange_n(&lock->last, node, __ATOMIC_ACQ_REL);
	if (before == NULL)
		return;
	__atomic_store_n(&before->next, node, __ATOMIC_RELEASE);
	nx_wait(node->event, 1, NX_DEADLINE_NEVER, &bits);
}

static void lock_give(struct lock *lock, struct lock_node *node)
{
	struct lock_node *self = node, *next;

	if (__atomic_compare_exchange_n(&lock->last, &self, NULL, false,
					__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	while ((next = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE)) == NULL)
		nx_yield();
	nx_signal(next->event, 1);
}

#define LOCKERS 4
#define LOCKED_TIMES 30

enum { W_LOCK, W_TIMES }; /* words[] */

/* handles[0]: an event; words[W_LOCK]: where the lock is. */
static void locks(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct lock *lock = (struct lock *)(uintptr_t)page->words[W_LOCK];
	struct lock_node node = { NULL, { page->handles[0] } };

	(void)buffer;
	for (unsigned i = 0; i < LOCKED_TIMES; i++) {
		lock_take(lock, &node);
		lock->first_half++;
		nx_yield();
		lock->second_half++;
		lock->wrong += lock->first_half != lock->second_half;
		lock_give(lock, &node);
		page->words[W_TIMES]++;
	}
}

static void user_locks(struct test *test)
{
	nx_vmo_t vmo = new_vmo(NX_PAGE_SIZE);
	nx_uaddr_t at = map_here(vmo, NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE);
	struct lock *lock = (struct lock *)(uintptr_t)at;
	struct lock_node node = { NULL, { NX_HANDLE_NONE } };
	nx_event_t events[LOCKERS];
	struct peer peers[LOCKERS];
	uint64_t calls = machine_counter(test, NX_COUNTER_CALLS);

	for (unsigned i = 0; i < 100; i++) {
		lock_take(lock, &node);
		lock_give(lock, &node);
	}
	calls = machine_counter(test, NX_COUNTER_CALLS) - calls;
	check(test, calls == 1, "a lock that nobody else wants makes no call");
	for (unsigned i = 0; i < LOCKERS; i++) {
		if (!peer_thread(test, &peers[i], locks))
			return;
		events[i] = new_event();
		peer_give(&peers[i], 0, events[i].handle, NX_RIGHTS_SAME);
		peers[i].page->words[W_LOCK] = at;
		peer_start(&peers[i]);
	}
	for (unsigned i = 0; i < LOCKERS; i++)
		peer_wait(test, &peers[i]);
	check(test,
	      lock->first_half == LOCKERS * LOCKED_TIMES && lock->wrong == 0,
	      "of threads that want one each has it alone, %u times in all",
	      LOCKERS * LOCKED_TIMES);
	for (unsigned i = 0; i < LOCKERS; i++) {
		peer_drop(test, &peers[i]);
		nx_handle_close(events[i].handle);
	}
	unmap_here(at, NX_PAGE_SIZE);
	nx_handle_close(vmo.handle);
}

const struct system_case system_cases[] = {
	{ "bits", bits },
	{ "deadlines", deadlines },
	{ "waiters", waiters },
	{ "killed waiter", killed_waiter },
	{ "timers", timers },
	{ "many timers", many_timers },
	{ "closed event", closed_event },
	{ "fairness", fairness },
	{ "budgets", budgets },
	{ "user locks", user_locks },
	{ NULL, NULL },
};

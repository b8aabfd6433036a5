/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes that are made and killed over and over, at any instruction: by
 * themselves, by their last thread, by their job, while they call, make, map
 * and wait. What is killed does nothing more, everything it had is back, and
 * threads beside it that nobody kills are there all the time, each once. */
#include "messages.h"

/* The simulator does it again for each of its seeds: ten thousand in all. */
#if defined(__riscv)
#define CYCLES 200
#else
#define CYCLES 100
#endif
#define STAYS 3
#define LONGEST_NS 150000

/* words[] of a worker, and of who stays. */
enum { W_RANDOM, W_COUNT, W_FIRST, W_SECOND, W_WRONG, W_END };

static uint64_t next_random(volatile uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x;
}

static void call_server(nx_handle_t port)
{
	struct nx_message message = { .header = nx_header(1, 0, 0, 0) };

	nx_call((nx_client_t){ port }, &message);
}

static void map_something(void)
{
	nx_vmo_t vmo = new_vmo(2 * NX_PAGE_SIZE);
	nx_uaddr_t at = map_here(vmo, NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE);

	if (at != 0)
		*(volatile uint64_t *)(uintptr_t)at = 1;
	nx_handle_close(vmo.handle);
	unmap_here(at, NX_PAGE_SIZE);
}

static void make_thread(void)
{
	nx_thread_t thread = { NX_HANDLE_NONE };

	if (nx_thread_create((nx_process_t){ 0 }, (nx_budget_t){ 0 },
			     &thread) != NX_OK)
		return;
	nx_task_kill(thread.handle, 0);
	nx_handle_close(thread.handle);
}

/* handles: 0 a port that is served, 1 an event that nobody signals. */
static void works(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t bits;
	nx_event_t event;

	(void)buffer;
	for (;;) {
		page->words[W_COUNT]++;
		switch (next_random(&page->words[W_RANDOM]) % 16) {
		case 0:
		case 1:
		case 2:
		case 3:
			call_server(page->handles[0]);
			break;
		case 4:
			map_something();
			break;
		case 5:
			make_thread();
			break;
		case 6:
			event = new_event();
			nx_signal(event, 1);
			nx_handle_close(event.handle);
			break;
		case 7:
			nx_wait((nx_event_t){ page->handles[1] }, 1,
				nx_ticks() * (1000000000 /
					      page->ticks_per_second) +
					20000,
				&bits);
			break;
		case 8:
			if (next_random(&page->words[W_RANDOM]) % 64 == 0)
				return;
			break;
		default:
			nx_yield();
		}
	}
}

/* Two of it would not count alike. */
static void stays(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	while (page->words[W_END] == 0) {
		page->words[W_FIRST]++;
		nx_yield();
		page->words[W_SECOND]++;
		if (page->words[W_FIRST] != page->words[W_SECOND])
			page->words[W_WRONG]++;
	}
}

static void serves(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_port_t port = { page->handles[0] };
	struct nx_message message = { .header = 0 };
	nx_status_t status = nx_recv(port, &message);

	(void)buffer;
	for (;;) {
		page->words[W_COUNT]++;
		if (status != NX_OK && status != NX_ERR_PEER_CLOSED)
			return;
		message.header = nx_header(1, 0, 0, 0);
		status = nx_reply_recv(port, &message);
	}
}

static void kill_one(const struct peer *peer, nx_job_t job, uint64_t way)
{
	switch (way % 4) {
	case 0:
		nx_task_kill(peer->thread.handle, 7);
		break;
	case 1:
		nx_task_kill(job.handle, 7);
		break;
	default:
		nx_task_kill(peer->process.handle, 7);
		break;
	}
}

struct cycles {
	struct peer server;
	struct peer stays[STAYS];
	nx_port_t port;
	nx_event_t event;
	uint64_t random;
	uint64_t turns[STAYS]; /* that who stays had when last seen */
	bool starved;	       /* one of them had none in a cycle */
	unsigned moved;	       /* something went on behind its death */
	unsigned alive;	       /* what was killed has not ended */
	unsigned leaked;       /* the job did not get all of it back */
};

/* Have all who stay had turns since they were last seen? One whose hart the
 * host has put away is waited for. */
static bool had_turns(struct test *test, struct cycles *cycles)
{
	for (unsigned i = 0; i < STAYS; i++) {
		struct peer *peer = &cycles->stays[i];

		if (!peer_await(test, peer, W_FIRST, cycles->turns[i] + 1))
			return false;
		cycles->turns[i] = peer->page->words[W_FIRST];
	}
	return true;
}

static bool cycle(struct test *test, struct cycles *cycles)
{
	struct use_of_job before = job_use(test->job);
	uint64_t random = next_random(&cycles->random), count;
	nx_job_t job = new_job(test, 200, 60, 4);
	struct peer peer;

	if (!peer_process(test, &peer, job, works))
		return false;
	peer.page->words[W_RANDOM] = random | 1;
	peer_give(&peer, 0, cycles->port.handle, NX_RIGHT_CALL);
	peer_give(&peer, 1, cycles->event.handle, NX_RIGHT_WAIT);
	peer_start(&peer);
	if (random % 8 != 0)
		sleep_ns(test, random / 8 % LONGEST_NS);
	kill_one(&peer, job, random >> 32);
	count = peer.page->words[W_COUNT];
	cycles->alive += peer_state(&peer) < NX_PROCESS_EXITED;
	nx_yield();
	cycles->moved += peer.page->words[W_COUNT] != count;
	peer_drop(test, &peer);
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
	cycles->leaked += !use_is_equal(before, job_use(test->job));
	cycles->starved = !had_turns(test, cycles);
	return !cycles->starved;
}

static bool begin(struct test *test, struct cycles *cycles)
{
	cycles->port = new_port(4);
	cycles->event = new_event();
	cycles->random = 88172645463325252U;
	if (!peer_thread(test, &cycles->server, serves))
		return false;
	peer_give(&cycles->server, 0, cycles->port.handle, NX_RIGHTS_SAME);
	peer_start(&cycles->server);
	if (!peer_await_blocked(test, &cycles->server))
		return false;
	for (unsigned i = 0; i < STAYS; i++) {
		if (!peer_thread(test, &cycles->stays[i], stays))
			return false;
		peer_start(&cycles->stays[i]);
	}
	return true;
}

/* They yield: on a hart of its own one has turns without end, beside those
 * who share theirs with work that uses its turns up. */
static bool is_fair(const struct test *test, const struct cycles *cycles,
		    uint64_t least, uint64_t most)
{
	return !cycles->starved && (harts_there(test) != 1 || least > most / 8);
}

/* Is each of them still there, once? */
static void end(struct test *test, struct cycles *cycles)
{
	uint64_t least = UINT64_MAX, most = 0;
	bool all = true, once = true;

	for (unsigned i = 0; i < STAYS; i++) {
		struct peer *peer = &cycles->stays[i];
		uint64_t count = peer->page->words[W_FIRST];

		least = count < least ? count : least;
		most = count > most ? count : most;
		all = peer_await(test, peer, W_FIRST, count + 2) && all;
		peer->page->words[W_END] = 1;
		all = peer_wait(test, peer) && all;
		once = once && peer->page->words[W_WRONG] == 0;
		peer_drop(test, peer);
	}
	check(test, all, "no thread beside them was lost");
	check(test, once, "and none was there twice");
	check(test, is_fair(test, cycles, least, most),
	      "nor left to starve: %lu to %lu turns", (unsigned long)least,
	      (unsigned long)most);
	check(test, peer_await_blocked(test, &cycles->server),
	      "their server waits for more");
	peer_drop(test, &cycles->server);
	nx_handle_close(cycles->port.handle);
	nx_handle_close(cycles->event.handle);
}

static void run_cycles(struct test *test)
{
	struct cycles cycles = { .moved = 0 };
	unsigned done = 0;

	if (!begin(test, &cycles))
		return;
	while (done < CYCLES && cycle(test, &cycles))
		done++;
	check(test, done == CYCLES, "%u processes were made and killed", done);
	check(test, cycles.alive == 0, "each has ended when the call returns");
	check(test, cycles.moved == 0, "and does nothing more");
	check(test, cycles.leaked == 0, "and everything it had is back");
	check(test, cycles.server.page->words[W_COUNT] > 0,
	      "some had called before");
	end(test, &cycles);
}

const struct system_case system_cases[] = { { "cycles", run_cycles },
					    { NULL, NULL } };

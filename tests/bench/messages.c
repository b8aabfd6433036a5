/* SPDX-License-Identifier: BSD-2-Clause */
/* Two processes that talk: calls and events. Each count is from the ecall of
 * the one to the next instruction of whoever shall go on. */
#include "bench.h"

#include <nexus/message.h>

/* words[] of the page that both see. */
enum {
	REPLY_HEADER, /* of the server's answers */
	WOKEN_AT,     /* when the waiter ran */
	RECEIVED_AT,  /* when the server ran */
	ANSWERED_AT,  /* when it answered */
};

/* Answers every call with the words that came. handles[0]: the port; [1]: a
 * capability for answers that take one along. The loop is five
 * instructions, so that what is counted is the kernel. */
static void echo(struct peer_page *page, struct nx_message_buffer *buffer)
{
	register uint64_t port __asm__("s2") = page->handles[0];
	register uint64_t header __asm__("s3") = page->words[REPLY_HEADER];

	buffer->send_caps[0].handle = page->handles[1];
	buffer->send_caps[0].rights = NX_RIGHTS_SAME;
	__asm__ volatile("mv	a0, %0\n\t"
			 "li	a1, 0\n\t"
			 "li	t0, %2\n\t"
			 "ecall\n"
			 "1:	mv a0, %0\n\t"
			 "mv	a1, %1\n\t"
			 "li	t0, %3\n\t"
			 "ecall\n\t"
			 "j	1b"
			 :
			 : "r"(port), "r"(header), "i"(NX_SYS_recv),
			   "i"(NX_SYS_reply_recv)
			 : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0",
			   "t1", "t2", "t3", "t4", "t5", "t6", "memory");
}

/* The same, and it notes when it runs and when it answers. */
static void timed_echo(struct peer_page *page, struct nx_message_buffer *buffer)
{
	register uint64_t port __asm__("s2") = page->handles[0];
	register volatile uint64_t *words __asm__("s3") = page->words;

	(void)buffer;
	__asm__ volatile("mv	a0, %0\n\t"
			 "li	a1, 0\n\t"
			 "li	t0, %4\n\t"
			 "ecall\n"
			 "1:	rdcycle t1\n\t"
			 "sd	t1, %2(%1)\n\t"
			 "mv	a0, %0\n\t"
			 "li	t0, %5\n\t"
			 "rdcycle t1\n\t"
			 "sd	t1, %3(%1)\n\t"
			 "ecall\n\t"
			 "j	1b"
			 :
			 : "r"(port), "r"(words), "i"(8 * RECEIVED_AT),
			   "i"(8 * ANSWERED_AT), "i"(NX_SYS_recv),
			   "i"(NX_SYS_reply_recv)
			 : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0",
			   "t1", "t2", "t3", "t4", "t5", "t6", "memory");
}

struct server {
	struct peer peer;
	nx_port_t port;
	nx_handle_t client;
};

/* A server in a process of its own that waits for a call. */
static bool server_begin(struct test *test, struct server *server,
			 peer_function *function, uint64_t reply_header,
			 nx_handle_t cap)
{
	server->port = new_port(1);
	server->client = badge_of(server->port.handle, NX_RIGHT_CALL, 1);
	if (!peer_process(test, &server->peer, test->job, function))
		return false;
	peer_give(&server->peer, 0, server->port.handle, NX_RIGHTS_SAME);
	if (cap != NX_HANDLE_NONE)
		peer_give(&server->peer, 1, cap, NX_RIGHTS_SAME);
	server->peer.page->words[REPLY_HEADER] = reply_header;
	return peer_start(&server->peer) == NX_OK &&
	       peer_await_blocked(test, &server->peer);
}

static void server_end(struct test *test, struct server *server)
{
	peer_drop(test, &server->peer);
	nx_handle_close(server->client);
	nx_handle_close(server->port.handle);
}

struct round_trip {
	nx_handle_t client;
	uint64_t header;
	uint64_t reply_header;
};

static uint64_t round_trip(void *subject)
{
	const struct round_trip *trip = subject;
	struct nx_registers registers = { { trip->client, trip->header, 11, 12,
					    13, 14, 15, 16 } };
	struct bench_span span;

	if (bench_trap(NX_SYS_call, &registers, &span) != NX_OK ||
	    registers.a[1] != trip->reply_header || registers.a[7] != 16)
		return BENCH_FAILED;
	return span.to - span.from;
}

static void run_trip(struct test *test, const char *name, uint64_t header,
		     uint64_t reply_header)
{
	struct server server;
	struct round_trip trip = { .header = header,
				   .reply_header = reply_header };

	if (!server_begin(test, &server, echo, reply_header, NX_HANDLE_NONE))
		return;
	trip.client = server.client;
	bench_run(test, name, round_trip, &trip);
	server_end(test, &server);
}

/* The word count is advice: six words travel always. */
static uint64_t words(unsigned count)
{
	return nx_header(1, 0, 0, 0) | (uint64_t)count << NX_HEADER_WORDS_SHIFT;
}

static void registers(struct test *test)
{
	run_trip(test, "kernel.round_trip.words_0", words(0), words(0));
	run_trip(test, "kernel.round_trip.words_6", words(6), words(6));
}

struct leg {
	nx_handle_t client;
	const volatile uint64_t *words;
	bool answer; /* count the way back */
};

/* One way: the store behind the server's last reading is one more. */
static uint64_t leg(void *subject)
{
	const struct leg *leg = subject;
	struct nx_registers registers = { { leg->client, words(6) } };
	struct bench_span span;

	if (bench_trap(NX_SYS_call, &registers, &span) != NX_OK)
		return BENCH_FAILED;
	return leg->answer ? span.to - leg->words[ANSWERED_AT] - 1
			   : leg->words[RECEIVED_AT] - span.from;
}

static void legs(struct test *test)
{
	struct server server;
	struct leg one = { .answer = false };

	if (!server_begin(test, &server, timed_echo, 0, NX_HANDLE_NONE))
		return;
	one.client = server.client;
	one.words = server.peer.page->words;
	bench_run(test, "kernel.call_to_server", leg, &one);
	one.answer = true;
	bench_run(test, "kernel.reply_to_caller", leg, &one);
	server_end(test, &server);
}

static void frames(struct test *test)
{
	uint64_t frame = nx_header(1, NX_MESSAGE_FRAME_MAX, 0, 0);

	run_trip(test, "kernel.round_trip.frame_64", nx_header(1, 64, 0, 0),
		 words(0));
	run_trip(test, "kernel.round_trip.frame_1k", frame, words(0));
	run_trip(test, "kernel.round_trip.frame_1k_both_ways", frame, frame);
}

/* Each copy stays with the server, so each takes a fresh slot. */
static void capability(struct test *test)
{
	nx_event_t event = new_event();

	test->buffer->send_caps[0].handle = event.handle;
	test->buffer->send_caps[0].rights = NX_RIGHTS_SAME;
	run_trip(test, "kernel.round_trip.capability", nx_header(1, 0, 1, 0),
		 words(0));
	nx_handle_close(event.handle);
}

#define SHARED_BYTES (UINT64_C(1) << 20)

struct lending {
	struct test *test;
	nx_client_t client;
};

/* Ask for a VMO, map it, touch one page, give everything back. */
static uint64_t borrow(void *subject)
{
	const struct lending *lending = subject;
	struct nx_message message = { .header = nx_header(1, 0, 0, 0) };
	uint64_t from = bench_now(), to;
	nx_status_t status = nx_call(lending->client, &message);
	nx_vmo_t vmo = { lending->test->buffer->recv_caps[0].handle };
	nx_uaddr_t mapped = 0;

	if (status == NX_OK)
		status = nx_map((nx_process_t){ 0 }, vmo, 0, SHARED_BYTES,
				NX_MAP_READ, 0, &mapped);
	if (status != NX_OK)
		return BENCH_FAILED;
	(void)*(const volatile char *)(uintptr_t)mapped;
	status = unmap_here(mapped, SHARED_BYTES);
	nx_handle_close(vmo.handle);
	to = bench_now();
	return status == NX_OK ? to - from : BENCH_FAILED;
}

static void shared_memory(struct test *test)
{
	nx_vmo_t vmo = new_vmo(SHARED_BYTES);
	struct lending lending = { .test = test };
	struct server server;

	if (!server_begin(test, &server, echo, nx_header(1, 0, 1, 0),
			  vmo.handle))
		return;
	lending.client.handle = server.client;
	bench_run(test, "kernel.receive_map_1m_touch_unmap", borrow, &lending);
	server_end(test, &server);
	nx_handle_close(vmo.handle);
}

/* handles[0]: waits for it and notes the moment. */
static void waiter(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	for (;;) {
		struct nx_registers registers = { { page->handles[0], 1,
						    NX_DEADLINE_NEVER } };
		struct bench_span span;

		bench_trap(NX_SYS_wait, &registers, &span);
		page->words[WOKEN_AT] = span.to;
	}
}

struct waking {
	nx_event_t event;
	nx_event_t back;
	struct peer *peer;
};

static uint64_t wake(void *subject)
{
	const struct waking *waking = subject;
	struct nx_registers registers = { { waking->event.handle, 1 } };
	struct bench_span span;

	if (bench_trap(NX_SYS_signal, &registers, &span) != NX_OK ||
	    waking->peer->page->words[WOKEN_AT] < span.from)
		return BENCH_FAILED;
	return waking->peer->page->words[WOKEN_AT] - span.from;
}

/* A waiter of a higher class runs at once; on another hart, if there is one. */
static void signal_to_waiter(struct test *test)
{
	struct peer peer;
	struct waking waking = { .peer = &peer };
	nx_budget_t urgent = { NX_HANDLE_NONE };

	if (harts_there(test) != 1)
		return;
	waking.event = new_event();

	nx_budget_create(test->job, NX_QOS_INTERACTIVE, NX_SHARE_DEFAULT,
			 &urgent);
	test->peer_budget = urgent;
	if (!peer_process(test, &peer, test->job, waiter))
		return;
	test->peer_budget.handle = NX_HANDLE_NONE;
	peer_give(&peer, 0, waking.event.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	if (peer_await_blocked(test, &peer))
		bench_run(test, "kernel.signal.to_waiter", wake, &waking);
	peer_drop(test, &peer);
	nx_handle_close(urgent.handle);
	nx_handle_close(waking.event.handle);
}

/* handles[0]: waits for it; [1]: signals it then. */
static void answerer(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_event_t event = { page->handles[0] };
	const nx_event_t back = { page->handles[1] };
	uint64_t bits;

	(void)buffer;
	for (;;) {
		nx_wait(event, 1, NX_DEADLINE_NEVER, &bits);
		nx_signal(back, 1);
	}
}

static uint64_t ping_pong(void *subject)
{
	const struct waking *waking = subject;
	uint64_t from = bench_now(), to, bits;
	nx_status_t status = nx_signal(waking->event, 1);

	if (status == NX_OK)
		status = nx_wait(waking->back, 1, NX_DEADLINE_NEVER, &bits);
	to = bench_now();
	return status == NX_OK ? to - from : BENCH_FAILED;
}

static void event_ping_pong(struct test *test)
{
	struct peer peer;
	struct waking waking = { .event = new_event(), .back = new_event() };

	if (!peer_process(test, &peer, test->job, answerer))
		return;
	peer_give(&peer, 0, waking.event.handle, NX_RIGHTS_SAME);
	peer_give(&peer, 1, waking.back.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	if (peer_await_blocked(test, &peer))
		bench_run(test, "kernel.signal.ping_pong", ping_pong, &waking);
	peer_drop(test, &peer);
	nx_handle_close(waking.event.handle);
	nx_handle_close(waking.back.handle);
}

const struct system_case system_cases[] = {
	{ "registers", registers },
	{ "legs", legs },
	{ "frames", frames },
	{ "capability", capability },
	{ "shared memory", shared_memory },
	{ "signal to waiter", signal_to_waiter },
	{ "event ping-pong", event_ping_pong },
	{ NULL, NULL },
};

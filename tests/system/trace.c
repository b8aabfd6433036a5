/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace: what it holds, who may have it, and that it ends; and the
 * reasons why a call went the long way. */
#include "messages.h"
#include "provoke.h"

#define RING_BYTES (4 * NX_PAGE_SIZE)

static const nx_process_t here = { 0 };

struct ring {
	nx_vmo_t vmo;
	const struct nx_trace_header *header;
	const struct nx_trace_record *records; /* [record_count] */
	nx_status_t status;
};

static struct ring ring_start(struct test *test, uint32_t events,
			      uint64_t size_bytes)
{
	struct ring ring = { { 0 }, NULL, NULL, NX_OK };
	nx_uaddr_t address;

	ring.status =
		nx_trace_start(test->trace, events, size_bytes, &ring.vmo);
	if (ring.status != NX_OK)
		return ring;
	address = map_here(ring.vmo, size_bytes, NX_MAP_READ);
	ring.header = (const struct nx_trace_header *)address;
	ring.records = (const struct nx_trace_record *)address + 1;
	return ring;
}

static void ring_end(struct test *test, struct ring *ring)
{
	nx_trace_stop(test->trace);
	if (ring->header != NULL)
		unmap_here((nx_uaddr_t)ring->header,
			   (ring->header->record_count + 1) * 64);
	nx_handle_close(ring->vmo.handle);
}

/* The first record of an event at or behind `from` with this first value;
 * record_count: none. */
static uint64_t find(const struct ring *ring, uint64_t from, uint32_t event,
		     uint64_t value)
{
	for (; from < ring->header->written; from++)
		if (ring->records[from].event == event &&
		    ring->records[from].values[0] == value)
			return from;
	return ring->header->record_count;
}

static void starts(struct test *test)
{
	nx_vmo_t vmo = { 0 };
	nx_trace_t weak = { dup_of(test->trace.handle, NX_RIGHT_READ) };

	check_status(test, nx_trace_start(test->trace, 0, RING_BYTES, &vmo),
		     NX_ERR_INVALID_ARGS, "a trace of nothing is refused");
	check_status(test,
		     nx_trace_start(test->trace, UINT32_C(1) << 31, RING_BYTES,
				    &vmo),
		     NX_ERR_INVALID_ARGS, "so is an unknown event");
	check_status(test, nx_trace_start(test->trace, NX_TRACE_ALL, 0, &vmo),
		     NX_ERR_INVALID_ARGS, "a ring of no bytes");
	check_status(test,
		     nx_trace_start(test->trace, NX_TRACE_ALL,
				    NX_TRACE_SIZE_MAX + 1, &vmo),
		     NX_ERR_TOO_BIG, "and one that is too large");
	check_status(test, nx_trace_start(weak, NX_TRACE_ALL, RING_BYTES, &vmo),
		     NX_ERR_ACCESS_DENIED,
		     "reading counters is no right to it");
	check_status(test, nx_trace_stop(test->trace), NX_ERR_BAD_STATE,
		     "what is off cannot be stopped");
	nx_handle_close(weak.handle);
}

static void calls(struct test *test)
{
	struct ring ring = ring_start(
		test, NX_TRACE_CALL | NX_TRACE_STATUS | NX_TRACE_CREATED,
		RING_BYTES);
	nx_event_t event;
	nx_vmo_t none = { 0 };
	uint64_t at;

	if (!check_status(test, ring.status, NX_OK, "a trace starts"))
		return;
	check(test,
	      facts_of(ring.vmo.handle).rights ==
		      (NX_RIGHT_READ | NX_RIGHT_MAP | NX_RIGHT_DUP |
		       NX_RIGHT_TRANSFER | NX_RIGHT_INSPECT),
	      "its ring can be read, shown and passed on, and no more");
	check_status(test, nx_trace_start(test->trace, 1, RING_BYTES, &none),
		     NX_ERR_BUSY, "there is one at a time");
	check_status(test, nx_trace_start(test->trace, 1, 0, &none),
		     NX_ERR_INVALID_ARGS, "and never one of no bytes");
	event = new_event();
	nx_signal(event, 5);
	check_status(test, nx_trace_stop(test->trace), NX_OK, "it stops");
	at = ring.header->written;
	nx_signal(event, 6);
	check(test, ring.header->written == at && ring.header->stopped == 1,
	      "and nothing is added then");
	at = find(&ring, 0, NX_TRACE_CALL, NX_SYS_event_create);
	check(test, at < ring.header->written, "a call is in it");
	at = find(&ring, at, NX_TRACE_CREATED, NX_KIND_EVENT);
	check(test,
	      at < ring.header->written &&
		      ring.records[at].values[1] == facts_of(event.handle).id,
	      "then what it made");
	at = find(&ring, at, NX_TRACE_CALL, NX_SYS_signal);
	check(test,
	      at < ring.header->written &&
		      ring.records[at].values[1] == event.handle &&
		      ring.records[at].values[2] == 5,
	      "the next one, with its arguments");
	at = find(&ring, at, NX_TRACE_STATUS, NX_SYS_signal);
	check(test,
	      at < ring.header->written && ring.records[at].values[1] == NX_OK,
	      "and what came of it");
	check(test, ring.records[at].ticks >= ring.records[0].ticks,
	      "in the order of time");
	ring_end(test, &ring);
	nx_handle_close(event.handle);
}

/* Of all that happens only what was asked for: here the timer's interrupts. */
static void interrupts(struct test *test)
{
	struct ring ring = ring_start(test, NX_TRACE_INTERRUPT, RING_BYTES);
	nx_event_t event = new_event();
	bool only = true;
	uint64_t at = 0;

	/* In the simulator time may jump over a deadline. */
	for (unsigned i = 0; i < 50; i++) {
		sleep_ns(test, 2000000);
		at = find(&ring, 0, NX_TRACE_INTERRUPT, NX_TRACE_TIMER);
		if (at < ring.header->written)
			break;
	}
	nx_trace_stop(test->trace);
	check(test, at < ring.header->written,
	      "an interrupt of the timer is in it");
	for (at = 0;
	     at < ring.header->written && at < ring.header->record_count; at++)
		only = only && ring.records[at].event == NX_TRACE_INTERRUPT;
	check(test, only, "and nothing that was not asked for");
	ring_end(test, &ring);
	nx_handle_close(event.handle);
}

static void protects(struct test *test)
{
	struct ring ring = ring_start(test, NX_TRACE_FAULT, RING_BYTES);
	nx_uaddr_t address;
	char byte = 1;

	check_status(test, nx_vmo_write(ring.vmo, 0, &byte, 1),
		     NX_ERR_ACCESS_DENIED, "the ring is not written to");
	check_status(test,
		     nx_map(here, ring.vmo, 0, NX_PAGE_SIZE,
			    NX_MAP_READ | NX_MAP_WRITE, 0, &address),
		     NX_ERR_ACCESS_DENIED, "nor mapped for that");
	check_status(test, nx_vmo_seal(ring.vmo, NX_SEAL_WRITE),
		     NX_ERR_ACCESS_DENIED, "nor sealed");
	ring_end(test, &ring);
}

/* More records than places: the last ones are there. */
static void wraps(struct test *test)
{
	struct ring ring = ring_start(test, NX_TRACE_CALL, NX_PAGE_SIZE);
	nx_event_t event = new_event();
	uint64_t last;

	check(test, ring.header->record_count == 63, "a page has 63 places");
	for (uint64_t i = 1; i <= 200; i++)
		nx_signal(event, i);
	nx_trace_stop(test->trace);
	check(test, ring.header->written > 200, "all are counted");
	/* The very last is that of trace_stop. */
	last = (ring.header->written - 2) % ring.header->record_count;
	check(test, ring.records[last].values[2] == 200,
	      "the newest has overwritten the oldest");
	ring_end(test, &ring);
	nx_handle_close(event.handle);
}

static void faults(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)page;
	(void)buffer;
	provoke_illegal();
}

static void ends(struct test *test)
{
	struct ring ring = ring_start(
		test, NX_TRACE_FAULT | NX_TRACE_ENDED | NX_TRACE_SWITCH,
		RING_BYTES);
	nx_job_t job = new_job(test, 200, 50, 4);
	struct peer peer;
	uint64_t id, at;

	if (!peer_process(test, &peer, job, faults))
		return;
	id = facts_of(peer.process.handle).id;
	peer_start(&peer);
	peer_wait(test, &peer);
	nx_trace_stop(test->trace);
	at = find(&ring, 0, NX_TRACE_SWITCH, facts_of(peer.thread.handle).id);
	check(test, at < ring.header->written, "a switch is in the trace");
	while (at < ring.header->written &&
	       ring.records[at].event != NX_TRACE_FAULT)
		at++;
	check(test,
	      at < ring.header->written && ring.records[at].process_id == id,
	      "then the fault of that process");
	at = find(&ring, at, NX_TRACE_ENDED, id);
	check(test,
	      at < ring.header->written &&
		      ring.records[at].values[1] == NX_PROCESS_CRASHED,
	      "then its end");
	peer_drop(test, &peer);
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
	ring_end(test, &ring);
}

static void filtered(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_filter_rules rules;

	(void)buffer;
	nx_filter_init(&rules);
	nx_filter_forbid(&rules, NX_SYS_signal);
	nx_filter_install(NX_HANDLE_NONE, &rules);
	nx_signal((nx_event_t){ page->handles[0] }, 1);
	page->words[0] = 1;
}

static void denials(struct test *test)
{
	struct ring ring = ring_start(test, NX_TRACE_DENIED, RING_BYTES);
	struct peer peer;
	uint64_t at;

	if (!peer_thread(test, &peer, filtered))
		return;
	peer_start(&peer);
	peer_await(test, &peer, 0, 1);
	nx_trace_stop(test->trace);
	at = find(&ring, 0, NX_TRACE_DENIED, NX_SYS_signal);
	check(test,
	      at < ring.header->written &&
		      (nx_status_t)ring.records[at].values[2] ==
			      NX_ERR_FILTERED &&
		      ring.records[at].thread_id ==
			      facts_of(peer.thread.handle).id,
	      "what a filter refuses is in the trace");
	peer_drop(test, &peer);
	ring_end(test, &ring);
}

static uint64_t slow(struct test *test, nx_thread_t thread, uint32_t reason)
{
	uint64_t count = 0;

	nx_slow_count(test->trace, thread, reason, &count);
	return count;
}

static void answer(nx_port_t port, struct test *test)
{
	struct nx_message message = receive_within(test);

	if (nx_recv(port, &message) != NX_OK)
		return;
	message = (struct nx_message){ .header = 0 };
	nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
}

static void reasons(struct test *test)
{
	nx_port_t port = new_port(4);
	struct peer peer;
	uint64_t count;

	check_status(test,
		     nx_slow_count(test->trace, (nx_thread_t){ port.handle }, 0,
				   &count),
		     NX_ERR_WRONG_KIND, "only threads have reasons");
	if (!caller_begin(test, &peer, port.handle, 1, 2))
		return;
	check(test, slow(test, peer.thread, NX_SLOW_NOBODY) == 1,
	      "a call that nobody waits for is counted as such");
	check_status(
		test,
		nx_slow_count(test->trace, peer.thread, NX_SLOW_COUNT, &count),
		NX_ERR_NOT_FOUND, "there are no more reasons");
	answer(port, test);
	caller_status(test, &peer);
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

/* A call with this header, answered if it waits, counts for this reason. */
static void reason_of_header(struct test *test, uint64_t header,
			     uint32_t reason, const char *what)
{
	nx_port_t port = new_port(4);
	struct peer peer;

	if (!caller_make(test, &peer, port.handle, 1, 2))
		return;
	peer.page->handles[1] = port.handle;
	peer.page->words[CALLER_HEADER] = header;
	peer_start(&peer);
	if ((header & NX_HEADER_NONBLOCK) == 0)
		answer(port, test);
	caller_status(test, &peer);
	if (nx_header_caps(header) > 0)
		nx_handle_close(test->buffer->recv_caps[0].handle);
	check(test, slow(test, peer.thread, reason) == 1,
	      "a call with %s is counted as such", what);
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

static void headers(struct test *test)
{
	reason_of_header(test, nx_header(1, 100, 0, 0), NX_SLOW_FRAME,
			 "a frame");
	reason_of_header(test, nx_header(1, 0, 1, 0), NX_SLOW_CAPS,
			 "a capability");
	reason_of_header(test, nx_header(1, 0, 0, NX_HEADER_NONBLOCK),
			 NX_SLOW_WAIT, "no waiting");
}

static void off(struct test *test)
{
	nx_port_t port = new_port(4);
	struct nx_filter_rules rules;
	struct peer peer;

	nx_filter_init(&rules);
	rules.rates[NX_RATE_CALL] = (struct nx_rate){ 1, 1 };
	if (!caller_make(test, &peer, port.handle, 1, 2))
		return;
	nx_filter_install(peer.thread.handle, &rules);
	peer_start(&peer);
	answer(port, test);
	caller_status(test, &peer);
	check(test, slow(test, peer.thread, NX_SLOW_OFF) == 1,
	      "one of a thread whose calls have a rate is counted as such");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

/* handles[0]: a port. words[0]: when it stops to receive; words[1] will be how
 * often it has answered. */
static void serves(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_port_t port = { page->handles[0] };
	struct nx_message message = { .header = NX_HEADER_DEADLINE };

	buffer->deadline_ns = page->words[0];
	if (nx_recv(port, &message) != NX_OK)
		return;
	do {
		page->words[1]++;
		message.header = nx_header(0, 0, 0, 0);
	} while (nx_reply_recv(port, &message) == NX_OK);
}

static bool server(struct test *test, struct peer *peer, nx_port_t port)
{
	if (!peer_thread(test, peer, serves))
		return false;
	peer_give(peer, 0, port.handle, NX_RIGHTS_SAME);
	peer->page->words[0] = now_ns(test) + UINT64_C(10000000000);
	return peer_start(peer) == NX_OK;
}

/* Two wait already when the server comes: its first answer finds the other. */
static void queues(struct test *test)
{
	nx_port_t port = new_port(4);
	struct peer peers[2], peer;

	for (unsigned i = 0; i < 2; i++)
		if (!caller_begin(test, &peers[i], port.handle, 1, i))
			return;
	if (!server(test, &peer, port))
		return;
	for (unsigned i = 0; i < 2; i++)
		caller_status(test, &peers[i]);
	check(test, slow(test, peer.thread, NX_SLOW_QUEUE) == 1,
	      "an answer while another one waits is counted as such");
	check(test,
	      slow(test, peers[0].thread, NX_SLOW_QUEUE) == 0 &&
		      slow(test, peers[0].thread, NX_SLOW_NOBODY) == 1 &&
		      slow(test, peer.thread, NX_SLOW_NOBODY) == 0,
	      "each thread has its own reasons");
	for (unsigned i = 0; i < 2; i++)
		peer_drop(test, &peers[i]);
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

/* One who waits with a deadline is not gone on with at once. */
static void others(struct test *test)
{
	nx_port_t port = new_port(4);
	struct peer peers[2];

	if (!server(test, &peers[0], port) ||
	    !peer_await_blocked(test, &peers[0]) ||
	    !caller_make(test, &peers[1], port.handle, 1, 2))
		return;
	peer_start(&peers[1]);
	check_status(test, caller_status(test, &peers[1]), NX_OK,
		     "a server that waits with a deadline is called");
	check(test, slow(test, peers[1].thread, NX_SLOW_PEER) == 1,
	      "which is counted as such");
	for (unsigned i = 0; i < 2; i++)
		peer_drop(test, &peers[i]);
	nx_handle_close(port.handle);
}

/* A ring is memory as any other: the quota of who starts it. */
static void pays(struct test *test)
{
	uint64_t before = job_use(test->job).pages;
	struct ring ring = ring_start(test, NX_TRACE_CALL, RING_BYTES);

	check(test, job_use(test->job).pages >= before + 4,
	      "the ring is paid for by whoever starts it");
	nx_trace_stop(test->trace);
	ring_end(test, &ring);
}

#define LOG_BYTES 16384

/* The log up to a position, by pieces of this size at most. */
static uint64_t log_sum(const struct test *test, uint64_t end,
			uint64_t piece_bytes, char *text)
{
	uint64_t position = 0, count, sum = 0, next = 0;

	while (position < end &&
	       nx_log_read(test->trace, position, text, piece_bytes, &count,
			   &next) == NX_OK &&
	       count > 0 && count <= piece_bytes) {
		for (uint64_t i = 0; i < count && next - count + i < end; i++)
			sum = sum * 31 + (unsigned char)text[i];
		position = next;
	}
	return sum;
}

/* However large the pieces, and whoever interrupts. */
static void logs(struct test *test)
{
	nx_vmo_t vmo = new_vmo(LOG_BYTES);
	nx_uaddr_t at = map_here(vmo, LOG_BYTES, NX_MAP_READ | NX_MAP_WRITE);
	char *text = (char *)(uintptr_t)at;
	uint64_t count = 1, end = 0;

	while (count > 0)
		nx_log_read(test->trace, end, text, LOG_BYTES, &count, &end);
	check(test,
	      end > 0 && log_sum(test, end, LOG_BYTES, text) ==
				 log_sum(test, end, 7, text + 1),
	      "the log is read in pieces of any size");
	unmap_here(at, LOG_BYTES);
	nx_handle_close(vmo.handle);
}

const struct system_case system_cases[] = {
	{ "starts", starts },
	{ "calls", calls },
	{ "interrupts", interrupts },
	{ "protects", protects },
	{ "wraps", wraps },
	{ "ends", ends },
	{ "denials", denials },
	{ "reasons", reasons },
	{ "headers", headers },
	{ "off", off },
	{ "queues", queues },
	{ "others", others },
	{ "pays", pays },
	{ "logs", logs },
	{ NULL, NULL },
};

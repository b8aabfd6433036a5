/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of every form between three processes at once, so that a short way
 * through the kernel and the long one take turns on the same threads:
 * words alone, frames, capabilities, deadlines that pass, calls that do not
 * wait, messages that nobody answers. Meanwhile one client after the other
 * is killed, another loses its handle, and the server is killed, too. What
 * the sides have counted must agree in the end. */
#include "use.h"

#include <string.h>

/* The simulator does it again for each of its seeds. */
#if defined(__riscv)
#define EPOCHS 240
#define CALLS_MIN (10 * EPOCHS)
#else
#define EPOCHS 24
#define CALLS_MIN EPOCHS
#endif
#define EPOCH_NS UINT64_C(3000000)
#define LATE_NS UINT64_C(100000)

static const nx_reply_t to_caller = { NX_HANDLE_CALLER };

/* Methods: what a message is about. */
enum {
	MIX_WORDS,
	MIX_FRAME,
	MIX_CAPABILITY,
	MIX_ALONE, /* answered by reply, not reply_recv */
	MIX_LATE,  /* answered after the deadline, or nearly */
	MIX_NOW,   /* a call that would not wait */
	MIX_POST,  /* sent, not answered */
	MIX_STOP
};

/* words[] of a page: orders, then what was counted. */
enum {
	MIX_SEED,
	MIX_BADGE,
	MIX_END, /* 1: the client shall end */
	MIX_DONE,
	MIX_TIMED_OUT,
	MIX_CLOSED,
	MIX_POSTED,
	MIX_BUSY,
	MIX_WRONG,
	MIX_LOST, /* server: answers that found nobody */
	MIX_COUNTS
};

static uint64_t next_random(struct peer_page *page)
{
	uint64_t x = page->words[MIX_SEED];

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	page->words[MIX_SEED] = x;
	return x;
}

static uint64_t frame_value(const uint8_t *frame, unsigned count)
{
	uint64_t sum = count;

	for (unsigned i = 0; i < count; i++)
		sum = sum * 31 + frame[i];
	return sum;
}

/* Make the answer in place. Word 5 says who should have sent it. */
static void serve(struct peer_page *page, struct nx_message_buffer *buffer,
		  struct nx_message *message)
{
	unsigned method = nx_header_method(message->header);
	uint64_t bits;

	if (nx_identity_service(message->identity) != PEER_SERVICE ||
	    nx_identity_badge(message->identity) != message->words[5])
		page->words[MIX_WRONG]++;
	if (method == MIX_FRAME)
		message->words[0] = frame_value(
			buffer->recv_frame, nx_header_bytes(message->header));
	if (nx_header_caps(message->header) > 0)
		nx_handle_close(buffer->recv_caps[0].handle);
	if (method == MIX_LATE)
		nx_wait((nx_event_t){ page->handles[1] }, 1,
			nx_ticks() / page->ticks_per_second * 1000000000 +
				nx_ticks() % page->ticks_per_second *
					1000000000 / page->ticks_per_second +
				LATE_NS,
			&bits);
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		message->words[i]++;
	message->header = nx_header(method, 0, 0, 0);
}

/* An answer has been given, or found nobody; false: it was another error. */
static bool note_answer(struct peer_page *page, nx_status_t status)
{
	if (status == NX_ERR_PEER_CLOSED)
		page->words[MIX_LOST]++;
	else
		page->words[MIX_DONE]++;
	return status == NX_OK || status == NX_ERR_PEER_CLOSED;
}

/* handles[0]: the port; [1]: an event that nobody signals. */
static void server(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_port_t port = { page->handles[0] };
	struct nx_message message = { .header = 0 };
	nx_status_t status = nx_recv(port, &message);

	for (;;) {
		unsigned method = nx_header_method(message.header);

		if (status != NX_OK) {
			page->words[MIX_WRONG]++;
			return;
		}
		if (method == MIX_POST) {
			page->words[MIX_POSTED]++;
			message.header = 0;
			status = nx_recv(port, &message);
			continue;
		}
		if (method != MIX_STOP)
			serve(page, buffer, &message);
		if (method != MIX_ALONE && method != MIX_STOP) {
			status = nx_reply_recv(port, &message);
			note_answer(page, status);
			if (status != NX_ERR_PEER_CLOSED)
				continue;
		} else if (!note_answer(page, nx_reply(to_caller, &message))) {
			page->words[MIX_WRONG]++;
		}
		if (method == MIX_STOP)
			return;
		message.header = 0;
		status = nx_recv(port, &message);
	}
}

static unsigned pick_method(uint64_t random)
{
	static const uint8_t methods[16] = {
		MIX_WORDS, MIX_WORDS,	   MIX_WORDS, MIX_WORDS,
		MIX_WORDS, MIX_WORDS,	   MIX_WORDS, MIX_WORDS,
		MIX_FRAME, MIX_CAPABILITY, MIX_ALONE, MIX_LATE,
		MIX_NOW,   MIX_POST,	   MIX_WORDS, MIX_WORDS,
	};

	return methods[random >> 20 & 15];
}

/* A message of this method, with what it needs in the buffer. */
static void compose(struct peer_page *page, struct nx_message_buffer *buffer,
		    unsigned method, struct nx_message *message)
{
	unsigned bytes = 0, caps = 0;
	uint64_t flags = 0;

	for (unsigned i = 0; i < NX_MESSAGE_WORDS - 1; i++)
		message->words[i] = next_random(page);
	message->words[5] = page->words[MIX_BADGE];
	if (method == MIX_FRAME) {
		bytes = 1 + (unsigned)(next_random(page) % 1024);
		for (unsigned i = 0; i < bytes; i++)
			buffer->send_frame[i] = (uint8_t)(i + bytes);
		message->words[0] = frame_value(buffer->send_frame, bytes);
	}
	if (method == MIX_CAPABILITY) {
		caps = 1;
		buffer->send_caps[0].handle = page->handles[1];
		buffer->send_caps[0].rights = NX_RIGHTS_SAME;
	}
	if (method == MIX_LATE) {
		flags = NX_HEADER_DEADLINE;
		buffer->deadline_ns =
			nx_ticks() / page->ticks_per_second * 1000000000 +
			nx_ticks() % page->ticks_per_second * 1000000000 /
				page->ticks_per_second +
			next_random(page) % (2 * LATE_NS);
	}
	if (method == MIX_NOW || method == MIX_POST)
		flags = NX_HEADER_NONBLOCK;
	message->header = nx_header(method, bytes, caps, flags);
	message->header |= (next_random(page) % 7) << NX_HEADER_WORDS_SHIFT;
}

static void note_call(struct peer_page *page, unsigned method,
		      nx_status_t status, const struct nx_message *sent,
		      const struct nx_message *got)
{
	if (status == NX_OK && method == MIX_POST)
		page->words[MIX_POSTED]++;
	else if (status == NX_OK)
		page->words[MIX_DONE]++;
	else if (status == NX_ERR_TIMED_OUT && method == MIX_LATE)
		page->words[MIX_TIMED_OUT]++;
	else if (status == NX_ERR_WOULD_BLOCK &&
		 (method == MIX_NOW || method == MIX_POST))
		page->words[MIX_BUSY]++;
	else if (status == NX_ERR_PEER_CLOSED)
		page->words[MIX_CLOSED]++;
	else
		page->words[MIX_WRONG]++;
	if (status != NX_OK || method == MIX_POST)
		return;
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		if (got->words[i] != sent->words[i] + 1)
			page->words[MIX_WRONG]++;
	if (nx_header_method(got->header) != method ||
	    nx_identity_service(got->identity) != PEER_SERVICE ||
	    nx_identity_badge(got->identity) != 0)
		page->words[MIX_WRONG]++;
}

/* handles[0]: where it calls; [1]: an event that it sends along. Ends when
 * it is told or its handle is gone. */
static void client(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_client_t to = { page->handles[0] };

	while (page->words[MIX_END] == 0) {
		unsigned method = pick_method(next_random(page));
		struct nx_message sent = { 0 }, got;
		nx_status_t status;

		compose(page, buffer, method, &sent);
		got = sent;
		if (method == MIX_POST)
			status = nx_send(to, &got);
		else
			status = nx_call(to, &got);
		if (status == NX_ERR_BAD_HANDLE)
			return;
		note_call(page, method, status, &sent, &got);
	}
}

struct mix {
	nx_port_t port;
	nx_event_t event;
	nx_handle_t lent; /* what the second client's handle derives from */
	struct peer server, killed, revoked;
	uint64_t served[MIX_COUNTS];
	uint64_t called[MIX_COUNTS];
	uint64_t kills; /* of servers or clients */
};

static void add_up(const struct peer *peer, uint64_t *counts)
{
	for (unsigned i = MIX_DONE; i < MIX_COUNTS; i++)
		counts[i] += peer->page->words[i];
}

static bool begin_server(struct test *test, struct mix *mix)
{
	if (!peer_process(test, &mix->server, test->job, server))
		return false;
	peer_give(&mix->server, 0, mix->port.handle, NX_RIGHT_RECV);
	peer_give(&mix->server, 1, mix->event.handle, NX_RIGHTS_SAME);
	return peer_start(&mix->server) == NX_OK;
}

static bool begin_client(struct test *test, struct mix *mix, struct peer *peer,
			 nx_handle_t handle, unsigned badge, unsigned seed)
{
	if (!peer_process(test, peer, test->job, client))
		return false;
	peer_give(peer, 0, handle, NX_RIGHT_CALL | NX_RIGHT_SEND);
	peer_give(peer, 1, mix->event.handle, NX_RIGHTS_SAME);
	peer->page->words[MIX_SEED] = UINT64_C(0x9e3779b97f4a7c15) * (seed + 1);
	peer->page->words[MIX_BADGE] = badge;
	return peer_start(peer) == NX_OK;
}

static bool begin_killed(struct test *test, struct mix *mix, unsigned seed)
{
	nx_handle_t handle = badge_of(mix->port.handle, NX_RIGHTS_SAME, 3);
	bool begun = begin_client(test, mix, &mix->killed, handle, 3, 2 * seed);

	nx_handle_close(handle);
	return begun;
}

static bool begin_revoked(struct test *test, struct mix *mix, unsigned seed)
{
	mix->lent = badge_of(mix->port.handle, NX_RIGHTS_SAME, 4);
	return begin_client(test, mix, &mix->revoked, mix->lent, 4,
			    2 * seed + 1);
}

static void end_killed(struct test *test, struct mix *mix)
{
	nx_task_kill(mix->killed.process.handle, 0);
	mix->kills++;
	add_up(&mix->killed, mix->called);
	peer_drop(test, &mix->killed);
}

static void end_revoked(struct test *test, struct mix *mix)
{
	nx_handle_revoke(mix->lent);
	peer_wait(test, &mix->revoked);
	add_up(&mix->revoked, mix->called);
	peer_drop(test, &mix->revoked);
	nx_handle_close(mix->lent);
}

/* A server's last answer may have gone out uncounted. */
static void end_server(struct test *test, struct mix *mix)
{
	nx_task_kill(mix->server.process.handle, 0);
	mix->kills++;
	add_up(&mix->server, mix->served);
	peer_drop(test, &mix->server);
}

static bool begin_all(struct test *test, struct mix *mix)
{
	memset(mix, 0, sizeof(*mix));
	mix->port = new_port(4);
	mix->event = new_event();
	return begin_server(test, mix) && begin_killed(test, mix, 100) &&
	       begin_revoked(test, mix, 100);
}

static void stop_all(struct test *test, struct mix *mix)
{
	struct nx_message message = { .header = nx_header(MIX_STOP, 0, 0, 0) };

	mix->killed.page->words[MIX_END] = 1;
	mix->revoked.page->words[MIX_END] = 1;
	peer_wait(test, &mix->killed);
	peer_wait(test, &mix->revoked);
	add_up(&mix->killed, mix->called);
	end_revoked(test, mix);
	check_status(test, nx_call(nx_port_client(mix->port), &message), NX_OK,
		     "the server still serves and is told to stop");
	peer_wait(test, &mix->server);
	add_up(&mix->server, mix->served);
	mix->served[MIX_DONE]--; /* that last one */
	peer_drop(test, &mix->killed);
	peer_drop(test, &mix->server);
	nx_handle_close(mix->port.handle);
	nx_handle_close(mix->event.handle);
}

static bool within(uint64_t low, uint64_t value, uint64_t high)
{
	return low <= value && value <= high;
}

/* Who is killed may have got or sent one that it could not count. */
static void compare(struct test *test, const struct mix *mix)
{
	const uint64_t *served = mix->served, *called = mix->called;

	remark(test, "calls %lu late %lu closed %lu posted %lu busy %lu",
	       (unsigned long)called[MIX_DONE],
	       (unsigned long)called[MIX_TIMED_OUT],
	       (unsigned long)called[MIX_CLOSED],
	       (unsigned long)called[MIX_POSTED],
	       (unsigned long)called[MIX_BUSY]);
	check(test, served[MIX_WRONG] == 0, "no server saw anything wrong");
	check(test, called[MIX_WRONG] == 0, "no client saw anything wrong");
	check(test, called[MIX_DONE] > CALLS_MIN, "there were calls");
	check(test,
	      within(called[MIX_DONE],
		     served[MIX_DONE] + mix->kills, /* server did not count */
		     called[MIX_DONE] + 2 * mix->kills),
	      "as many calls ended as were answered");
	check(test,
	      within(called[MIX_POSTED], served[MIX_POSTED] + mix->kills,
		     called[MIX_POSTED] + 2 * mix->kills),
	      "as many messages arrived as were sent");
	check(test, served[MIX_LOST] <= called[MIX_TIMED_OUT] + mix->kills,
	      "no answer was lost but to those who had gone");
	check(test, called[MIX_CLOSED] <= 2 * mix->kills,
	      "nobody was told of a death that did not happen");
}

static void mixed(struct test *test)
{
	struct mix mix;
	bool good = begin_all(test, &mix);

	for (unsigned i = 0; good && i < EPOCHS; i++) {
		sleep_ns(test, EPOCH_NS);
		if (i % 3 == 0) {
			end_killed(test, &mix);
			good = begin_killed(test, &mix, i);
		} else if (i % 3 == 1) {
			end_revoked(test, &mix);
			good = begin_revoked(test, &mix, i);
		} else {
			end_server(test, &mix);
			good = begin_server(test, &mix);
		}
	}
	if (!check(test, good, "three processes talk through %u upheavals",
		   EPOCHS))
		return;
	sleep_ns(test, EPOCH_NS);
	stop_all(test, &mix);
	compare(test, &mix);
}

/* Answers with the words that came, and waits at handles[0] and [2] in turn;
 * [1]: a client's handle to the first, tried with the caller in hand. */
static void echo(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_port_t ports[2] = { { page->handles[0] },
				     { page->handles[2] } };
	const nx_port_t client_only = { page->handles[1] };
	struct nx_message message = { .header = 0 };
	nx_status_t status = nx_recv(ports[0], &message);

	(void)buffer;
	while (status == NX_OK) {
		struct nx_message refused = { .words = { 99 } };

		message.header = 0;
		if (nx_reply_recv(client_only, &refused) !=
		    NX_ERR_ACCESS_DENIED)
			page->words[MIX_WRONG]++;
		page->words[MIX_DONE]++;
		status = nx_reply_recv(ports[page->words[MIX_DONE] % 2],
				       &message);
	}
}

/* Each of these is refused although somebody waits for a call. */
static void guards(struct test *test)
{
	nx_port_t port = new_port(1), other = new_port(1);
	nx_handle_t client = badge_of(port.handle, NX_RIGHT_CALL, 5);
	nx_handle_t sender = badge_of(port.handle, NX_RIGHT_SEND, 6);
	nx_handle_t stale = badge_of(port.handle, NX_RIGHT_CALL, 7);
	nx_event_t event = new_event();
	const uint64_t words_6 = UINT64_C(6) << NX_HEADER_WORDS_SHIFT;
	const struct {
		const char *what;
		uint64_t handle, header;
		nx_status_t status;
	} rows[] = {
		{ "no handle", 0, 0, NX_ERR_BAD_HANDLE },
		{ "a stale handle", stale, 0, NX_ERR_BAD_HANDLE },
		{ "the next generation of a stale handle",
		  stale + (1U << NX_HANDLE_INDEX_BITS), 0, NX_ERR_BAD_HANDLE },
		{ "a handle of another generation",
		  client + (1U << NX_HANDLE_INDEX_BITS), 0, NX_ERR_BAD_HANDLE },
		{ "a handle in another epoch", client + (1U << 14), 0,
		  NX_ERR_BAD_HANDLE },
		{ "a handle of a page that is not there", client + (1U << 13),
		  0, NX_ERR_BAD_HANDLE },
		{ "a handle with a high bit", client | UINT64_C(1) << 32, 0,
		  NX_ERR_BAD_HANDLE },
		{ "the caller as a handle", NX_HANDLE_CALLER, 0,
		  NX_ERR_BAD_HANDLE },
		{ "a handle that may send only", sender, 0,
		  NX_ERR_ACCESS_DENIED },
		{ "a handle to an event", event.handle, 0, NX_ERR_WRONG_KIND },
		{ "seven words", client, UINT64_C(7) << NX_HEADER_WORDS_SHIFT,
		  NX_ERR_INVALID_ARGS },
		{ "a zero bit", client, UINT64_C(1) << 9, NX_ERR_INVALID_ARGS },
		{ "all zero bits and seven words", client, 0xffc0,
		  NX_ERR_INVALID_ARGS },
		{ "bytes without a frame", client,
		  UINT64_C(1) << NX_HEADER_BYTES_SHIFT, NX_ERR_INVALID_ARGS },
		{ "most bytes without a frame", client,
		  UINT64_C(0x800) << NX_HEADER_BYTES_SHIFT,
		  NX_ERR_INVALID_ARGS },
		{ "five capabilities", client, 5, NX_ERR_TOO_BIG },
		{ "a deadline and no waiting", client,
		  NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK,
		  NX_ERR_INVALID_ARGS },
	};
	struct nx_registers registers;
	nx_status_t status;
	struct peer peer;

	if (!peer_process(test, &peer, test->job, echo))
		return;
	peer_give(&peer, 0, port.handle, NX_RIGHT_RECV);
	peer_give(&peer, 1, port.handle, NX_RIGHT_CALL);
	peer_give(&peer, 2, other.handle, NX_RIGHT_RECV);
	peer_start(&peer);
	peer_await_blocked(test, &peer);
	nx_handle_close(stale);
	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		registers = (struct nx_registers){ { rows[i].handle,
						     rows[i].header } };
		status = nx_trap(NX_SYS_call, &registers);
		check_status(test, status, rows[i].status,
			     "a call with %s is refused while a server waits",
			     rows[i].what);
	}
	check(test, peer.page->words[MIX_DONE] == 0, "it has seen none");
	for (unsigned i = 0; i < 3; i++) {
		registers = (struct nx_registers){
			{ i % 2 == 0 ? client : other.handle, words_6, i, 2, 3,
			  4, 5, 6 }
		};
		status = nx_trap(NX_SYS_call, &registers);
		check(test,
		      status == NX_OK && registers.a[2] == i &&
			      registers.a[7] == 6 &&
			      registers.a[0] == (uint64_t)PEER_SERVICE << 32,
		      "a plain call is answered from port %u", i % 2);
	}
	check(test,
	      peer.page->words[MIX_DONE] == 3 &&
		      peer.page->words[MIX_WRONG] == 0,
	      "a server does not answer through a handle that cannot receive");
	peer_drop(test, &peer);
	nx_handle_close(event.handle);
	nx_handle_close(sender);
	nx_handle_close(client);
	nx_handle_close(port.handle);
	nx_handle_close(other.handle);
}

const struct system_case system_cases[] = {
	{ "guards", guards },
	{ "mixed", mixed },
	{ NULL, NULL },
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages as both sides see them: words, frames, capabilities, identity,
 * full queues, deadlines, small buffers, reply handles. */
#include "messages.h"

#include <string.h>

static const nx_reply_t to_caller = { NX_HANDLE_CALLER };

static void words(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_handle_t client = badge_of(port.handle, NX_RIGHT_CALL, 1234);
	struct peer peer;
	struct nx_message message = receive_within(test);
	bool same = true;

	if (!caller_make(test, &peer, client, 77, 1))
		return;
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		peer.page->words[CALLER_WORDS + i] = 0x1111 * (i + 1);
	peer_start(&peer);
	check_status(test, nx_recv(port, &message), NX_OK,
		     "a call is received");
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		same = same && message.words[i] == 0x1111 * (i + 1);
	check(test, same && nx_header_method(message.header) == 77,
	      "six words and the method arrive");
	check(test,
	      nx_identity_service(message.identity) == test->service_id &&
		      nx_identity_badge(message.identity) == 1234,
	      "the identity is the sender's service and the handle's badge");
	message.header = nx_header(78, 0, 0, 0);
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		message.words[i] = ~message.words[i];
	check_status(test, nx_reply(to_caller, &message), NX_OK,
		     "the caller is answered");
	check_status(test, caller_status(test, &peer), NX_OK, "its call ends");
	same = true;
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		same = same && peer.page->words[CALLER_WORDS + i] ==
				       ~(uint64_t)(0x1111 * (i + 1));
	check(test,
	      same && nx_header_method(peer.page->words[CALLER_HEADER]) == 78,
	      "six words of the answer arrive");
	peer_drop(test, &peer);
	nx_handle_close(client);
	nx_handle_close(port.handle);
}

static void identity_of_process(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_handle_t client = badge_of(port.handle, NX_RIGHTS_SAME, 9);
	struct nx_message message = receive_within(test);
	struct peer peer;

	if (!peer_process(test, &peer, test->job, caller))
		return;
	peer_give(&peer, 0, client, NX_RIGHT_CALL);
	peer.page->words[CALLER_HEADER] = nx_header(1, 0, 0, 0);
	peer.page->words[CALLER_IDENTITY] = UINT64_MAX;
	peer_start(&peer);
	check_status(test, nx_recv(port, &message), NX_OK,
		     "a call of another process is received");
	check(test,
	      nx_identity_service(message.identity) == PEER_SERVICE &&
		      nx_identity_badge(message.identity) == 9,
	      "its identity is what its maker gave it, whatever it claims");
	message.header = 0;
	nx_reply(to_caller, &message);
	peer_wait(test, &peer);
	peer_drop(test, &peer);
	nx_handle_close(client);
	nx_handle_close(port.handle);
}

/* A frame of this size goes there and comes back one up. */
static bool echo(struct test *test, nx_port_t port, unsigned bytes)
{
	struct nx_message message = receive_within(test);
	struct peer peer;
	uint8_t expected[NX_MESSAGE_FRAME_MAX];
	bool there, back;

	if (!caller_make(test, &peer, port.handle, 1, 0))
		return false;
	peer.page->words[CALLER_HEADER] = nx_header(1, bytes, 0, 0);
	peer.page->words[CALLER_FILL] = 5;
	peer_start(&peer);
	frame_fill(expected, bytes, 5);
	there = nx_recv(port, &message) == NX_OK &&
		nx_header_bytes(message.header) == bytes &&
		memcmp(test->buffer->recv_frame, expected, bytes) == 0;
	frame_fill(test->buffer->send_frame, bytes, 6);
	frame_fill(expected, bytes, 6);
	message.header = nx_header(1, bytes, 0, 0);
	back = nx_reply(to_caller, &message) == NX_OK &&
	       caller_status(test, &peer) == NX_OK &&
	       peer.page->words[CALLER_FRAME_SUM] == frame_sum(expected, bytes);
	peer_drop(test, &peer);
	return there && back;
}

static void frames(struct test *test)
{
	static const unsigned sizes[] = { 1, 7, 8, 255, 1023, 1024 };
	nx_port_t port = new_port(4);
	nx_client_t client = nx_port_client(port);
	struct nx_message message = { 0 };

	for (unsigned i = 0; i < ARRAY_COUNT(sizes); i++)
		check(test, echo(test, port, sizes[i]),
		      "a frame of %u bytes goes there and back", sizes[i]);
	message.header =
		nx_header(1, NX_MESSAGE_FRAME_MAX + 1, 0, NX_HEADER_NONBLOCK);
	check_status(test, nx_call(client, &message), NX_ERR_TOO_BIG,
		     "a call with a larger frame is refused");
	message.header =
		nx_header(1, NX_MESSAGE_FRAME_MAX + 1, 0, NX_HEADER_NONBLOCK);
	check_status(test, nx_send(client, &message), NX_ERR_TOO_BIG,
		     "a send with a larger frame is refused");
	nx_handle_close(port.handle);
}

static void headers(struct test *test)
{
	static const struct {
		const char *what;
		uint64_t header;
	} bad[] = {
		{ "a bit that must be zero", UINT64_C(1) << 9 },
		{ "the last such bit", UINT64_C(1) << 15 },
		{ "five capabilities", 5 },
		{ "seven capabilities", 7 },
		{ "a frame without bytes", NX_HEADER_FRAME },
		{ "bytes without a frame", UINT64_C(8)
						   << NX_HEADER_BYTES_SHIFT },
		{ "a deadline and no waiting",
		  NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK },
	};
	nx_port_t port = new_port(1);
	nx_client_t client = nx_port_client(port);

	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		struct nx_message call = { .header = bad[i].header };
		struct nx_message send = { .header = bad[i].header };
		nx_status_t first, second;

		if (!(bad[i].header & NX_HEADER_DEADLINE)) {
			call.header |= NX_HEADER_NONBLOCK;
			send.header |= NX_HEADER_NONBLOCK;
		}
		first = nx_call(client, &call);
		second = nx_send(client, &send);
		check(test,
		      (first == NX_ERR_INVALID_ARGS ||
		       first == NX_ERR_TOO_BIG) &&
			      second == first,
		      "a header with %s is refused", bad[i].what);
	}
	nx_handle_close(port.handle);
}

static void capabilities(struct test *test)
{
	nx_port_t port = new_port(4);
	nx_client_t client = nx_port_client(port);
	nx_vmo_t vmo = new_vmo(NX_PAGE_SIZE);
	nx_event_t event = new_event();
	struct nx_message message = { .header = nx_header(3, 0, 4, 0) };
	struct nx_message_buffer *buffer = test->buffer;
	struct facts facts;
	nx_rights_t vmo_rights = facts_of(vmo.handle).rights;

	buffer->send_caps[0] =
		(struct nx_message_cap){ vmo.handle, NX_RIGHTS_SAME };
	buffer->send_caps[1] =
		(struct nx_message_cap){ vmo.handle, NX_RIGHT_READ };
	buffer->send_caps[2] =
		(struct nx_message_cap){ event.handle, NX_RIGHTS_ALL };
	buffer->send_caps[3] = (struct nx_message_cap){ event.handle, 0 };
	check_status(test, nx_send(client, &message), NX_OK,
		     "four capabilities are sent");
	message = receive_within(test);
	check_status(test, nx_recv(port, &message), NX_OK, "and received");
	check(test, nx_header_caps(message.header) == 4,
	      "the header tells how many");
	facts = facts_of(buffer->recv_caps[0].handle);
	check(test,
	      facts.id == facts_of(vmo.handle).id && facts.rights == vmo_rights,
	      "the same object arrives with the same rights");
	facts = facts_of(buffer->recv_caps[1].handle);
	check(test, facts.rights == NX_RIGHT_READ,
	      "rights are cut as the sender wants");
	check(test, facts_of(buffer->recv_caps[2].handle).kind == NX_KIND_EVENT,
	      "rights that the sender lacks are not made");
	check(test, facts_of(buffer->recv_caps[3].handle).rights == 0,
	      "a handle without rights arrives as that");
	check(test,
	      facts_of(vmo.handle).status == NX_OK &&
		      buffer->recv_caps[0].handle != vmo.handle,
	      "the sender keeps its own");
	check(test,
	      nx_handle_revoke(event.handle) == NX_OK &&
		      facts_of(buffer->recv_caps[2].handle).status ==
			      NX_ERR_BAD_HANDLE &&
		      facts_of(buffer->recv_caps[0].handle).status == NX_OK,
	      "what was sent can be revoked by its sender");
	for (unsigned i = 0; i < 4; i++)
		nx_handle_close(buffer->recv_caps[i].handle);
	nx_handle_close(vmo.handle);
	nx_handle_close(event.handle);
	nx_handle_close(port.handle);
}

/* One of the capabilities is bad: none arrives, no handle is made. */
static void bad_capability(struct test *test)
{
	nx_port_t port = new_port(4);
	nx_client_t client = nx_port_client(port);
	nx_event_t event = new_event();
	nx_handle_t kept = dup_of(event.handle,
				  NX_RIGHTS_ALL & ~(unsigned)NX_RIGHT_TRANSFER);
	nx_handle_t stale = dup_of(event.handle, NX_RIGHTS_SAME);
	uint64_t before = machine_counter(test, NX_COUNTER_HANDLES) - 1;
	struct nx_message message = { 0 };

	nx_handle_close(stale);
	for (unsigned bad = 0; bad < 4; bad++) {
		for (unsigned i = 0; i < 4; i++)
			test->buffer->send_caps[i] =
				(struct nx_message_cap){ event.handle,
							 NX_RIGHTS_SAME };
		test->buffer->send_caps[bad].handle = stale;
		message.header = nx_header(1, 0, 4, 0);
		check_status(test, nx_send(client, &message), NX_ERR_BAD_HANDLE,
			     "a stale handle in place %u ends the send", bad);
		test->buffer->send_caps[bad].handle = kept;
		message.header = nx_header(1, 0, 4, NX_HEADER_NONBLOCK);
		check_status(test, nx_call(client, &message),
			     NX_ERR_ACCESS_DENIED,
			     "one that may not be passed on in place %u ends "
			     "the call",
			     bad);
	}
	message.header = NX_HEADER_NONBLOCK;
	check_status(test, nx_recv(port, &message), NX_ERR_WOULD_BLOCK,
		     "nothing has arrived");
	check(test, machine_counter(test, NX_COUNTER_HANDLES) == before,
	      "no handle was made");
	nx_handle_close(kept);
	nx_handle_close(event.handle);
	nx_handle_close(port.handle);
}

static void backpressure(struct test *test)
{
	nx_port_t port = new_port(3);
	nx_client_t client = nx_port_client(port);
	struct nx_message message = { 0 };
	bool order = true;

	for (unsigned i = 0; i < 3; i++) {
		message.header = nx_header(10 + i, 0, 0, NX_HEADER_NONBLOCK);
		check_status(test, nx_send(client, &message), NX_OK,
			     "message %u of 3 finds room", i + 1);
	}
	message.header = nx_header(13, 0, 0, NX_HEADER_NONBLOCK);
	check_status(test, nx_send(client, &message), NX_ERR_WOULD_BLOCK,
		     "the next one finds the queue full");
	message.header = nx_header(13, 0, 0, NX_HEADER_DEADLINE);
	test->buffer->deadline_ns = now_ns(test) + 2000000;
	check_status(test, nx_send(client, &message), NX_ERR_TIMED_OUT,
		     "and waits for room no longer than it wants");
	for (unsigned i = 0; i < 3; i++) {
		message.header = NX_HEADER_NONBLOCK;
		order = order && nx_recv(port, &message) == NX_OK &&
			nx_header_method(message.header) == 10 + i;
	}
	check(test, order, "messages arrive in their order");
	message.header = NX_HEADER_NONBLOCK;
	check_status(test, nx_recv(port, &message), NX_ERR_WOULD_BLOCK,
		     "and no other one");
	nx_handle_close(port.handle);
}

static void waiting_sender(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_client_t client = nx_port_client(port);
	struct nx_message message = { .header = nx_header(1, 0, 0, 0) };
	struct peer peer;

	nx_send(client, &message);
	if (!caller_make(test, &peer, port.handle, 2, 42))
		return;
	peer.page->words[CALLER_NUMBER] = NX_SYS_send;
	peer_start(&peer);
	peer_await_blocked(test, &peer);
	message = receive_within(test);
	nx_recv(port, &message);
	message = receive_within(test);
	check(test,
	      nx_recv(port, &message) == NX_OK &&
		      nx_header_method(message.header) == 2 &&
		      message.words[0] == 42,
	      "a sender that waited for room is let in");
	check_status(test, caller_status(test, &peer), NX_OK,
		     "and its send ends");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

static void deadlines(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_client_t client = nx_port_client(port);
	struct nx_message message = { .header = NX_HEADER_DEADLINE };
	uint64_t deadline = now_ns(test) + 3000000;

	test->buffer->deadline_ns = deadline;
	check_status(test, nx_recv(port, &message), NX_ERR_TIMED_OUT,
		     "a receiver waits no longer than it wants");
	check(test, now_ns(test) >= deadline, "and not less");
	message.header = NX_HEADER_DEADLINE;
	test->buffer->deadline_ns = now_ns(test) + 3000000;
	check_status(test, nx_call(client, &message), NX_ERR_TIMED_OUT,
		     "a call that nobody receives ends at its deadline");
	message.header = NX_HEADER_NONBLOCK;
	check_status(test, nx_call(client, &message), NX_ERR_WOULD_BLOCK,
		     "or at once");
	message.header = NX_HEADER_NONBLOCK;
	check_status(test, nx_recv(port, &message), NX_ERR_WOULD_BLOCK,
		     "a receiver need not wait");
	message.header = NX_HEADER_DEADLINE;
	test->buffer->deadline_ns = 0;
	check_status(test, nx_recv(port, &message), NX_ERR_TIMED_OUT,
		     "a deadline in the past does not wait");
	nx_handle_close(port.handle);
}

/* The server has the call when the caller's deadline passes. */
static void late_answer(struct test *test)
{
	nx_port_t port = new_port(1);
	struct nx_message message = receive_within(test);
	struct peer peer;

	if (!caller_make(test, &peer, port.handle, 1, 0))
		return;
	peer.page->words[CALLER_HEADER] |= NX_HEADER_DEADLINE;
	/* Far enough for a host that does not run the machine for a while. */
	peer.page->words[CALLER_DEADLINE] = now_ns(test) + 400000000;
	peer_start(&peer);
	check_status(test, nx_recv(port, &message), NX_OK,
		     "a call with a deadline is received");
	check_status(test, caller_status(test, &peer), NX_ERR_TIMED_OUT,
		     "it ends though the server has it");
	message.header = 0;
	check_status(test, nx_reply(to_caller, &message), NX_ERR_PEER_CLOSED,
		     "the answer comes too late and says so");
	message.header = NX_HEADER_NONBLOCK;
	check_status(test, nx_recv(port, &message), NX_ERR_WOULD_BLOCK,
		     "the server can go on");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

static void small_frames(struct test *test)
{
	nx_port_t port = new_port(2);
	nx_client_t client = nx_port_client(port);
	struct nx_message message = { .header = nx_header(1, 20, 0, 0) };

	frame_fill(test->buffer->send_frame, 20, 1);
	nx_send(client, &message);
	test->buffer->recv_bytes_max = 19;
	message = receive_within(test);
	check_status(test, nx_recv(port, &message), NX_ERR_BUFFER_TOO_SMALL,
		     "a frame that the receiver has no room for stays");
	check(test, nx_header_bytes(message.header) == 20,
	      "the header tells how large it is");
	test->buffer->recv_bytes_max = 20;
	message = receive_within(test);
	check(test,
	      nx_recv(port, &message) == NX_OK &&
		      frame_sum(test->buffer->recv_frame, 20) ==
			      frame_sum(test->buffer->send_frame, 20),
	      "with room it arrives whole");
	test->buffer->recv_bytes_max = NX_MESSAGE_FRAME_MAX;
	nx_handle_close(port.handle);
}

static void small_caps(struct test *test)
{
	nx_port_t port = new_port(2);
	nx_client_t client = nx_port_client(port);
	struct nx_message message = { .header = nx_header(1, 0, 1, 0) };

	test->buffer->send_caps[0] =
		(struct nx_message_cap){ port.handle, NX_RIGHT_CALL };
	nx_send(client, &message);
	test->buffer->recv_caps_max = 0;
	message = receive_within(test);
	check_status(test, nx_recv(port, &message), NX_ERR_BUFFER_TOO_SMALL,
		     "a capability that nobody wants stays");
	test->buffer->recv_caps_max = NX_MESSAGE_CAPS_MAX;
	message = receive_within(test);
	check_status(test, nx_recv(port, &message), NX_OK,
		     "until it is wanted");
	nx_handle_close(test->buffer->recv_caps[0].handle);
	nx_handle_close(port.handle);
}

static void small_answers(struct test *test)
{
	nx_port_t port = new_port(2);
	struct nx_message message = receive_within(test);
	struct peer peer;

	if (!caller_make(test, &peer, port.handle, 1, 0))
		return;
	peer.page->words[CALLER_BYTES_MAX] = 8;
	peer_start(&peer);
	nx_recv(port, &message);
	message.header = nx_header(1, 9, 0, 0);
	check_status(test, nx_reply(to_caller, &message),
		     NX_ERR_BUFFER_TOO_SMALL,
		     "an answer that the caller has no room for is refused");
	message.header = nx_header(1, 8, 0, 0);
	check_status(test, nx_reply(to_caller, &message), NX_OK,
		     "the caller still waits for a smaller one");
	check_status(test, caller_status(test, &peer), NX_OK, "and gets it");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

static bool take_reply(struct test *test, nx_port_t port, struct peer *peer,
		       uint64_t word, nx_handle_t *out_reply)
{
	struct nx_message message = receive_within(test);

	return caller_begin(test, peer, port.handle, 1, word) &&
	       nx_recv(port, &message) == NX_OK && message.words[0] == word &&
	       nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0,
			     (nx_process_t){ 0 }, out_reply) == NX_OK;
}

static void reply_handles(struct test *test)
{
	nx_port_t port = new_port(1);
	struct peer first, second;
	nx_handle_t first_reply = 0, second_reply = 0;
	struct nx_message message = { .words = { 100 } };

	check(test, take_reply(test, port, &first, 1, &first_reply),
	      "a server mints a reply handle");
	check(test, take_reply(test, port, &second, 2, &second_reply),
	      "and can receive the next call");
	check(test, facts_of(first_reply).kind == NX_KIND_REPLY,
	      "it is of a kind of its own");
	check_status(test, nx_reply((nx_reply_t){ second_reply }, &message),
		     NX_OK, "the second caller is answered first");
	message = (struct nx_message){ .words = { 200 } };
	check_status(test, nx_reply((nx_reply_t){ first_reply }, &message),
		     NX_OK, "then the first");
	check(test,
	      caller_status(test, &first) == NX_OK &&
		      caller_status(test, &second) == NX_OK &&
		      first.page->words[CALLER_WORDS] == 200 &&
		      second.page->words[CALLER_WORDS] == 100,
	      "each has got its own answer");
	message.header = 0;
	check_status(test, nx_reply((nx_reply_t){ first_reply }, &message),
		     NX_ERR_BAD_HANDLE, "a reply handle answers once");
	peer_drop(test, &first);
	peer_drop(test, &second);
	nx_handle_close(port.handle);
}

static void dropped_reply(struct test *test)
{
	nx_port_t port = new_port(1);
	struct peer peer;
	nx_handle_t reply = 0;

	check(test, take_reply(test, port, &peer, 1, &reply),
	      "a reply handle is minted");
	nx_handle_close(reply);
	check_status(test, caller_status(test, &peer), NX_ERR_PEER_CLOSED,
		     "closing it without an answer tells the caller");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

static void wrong_moments(struct test *test)
{
	nx_port_t port = new_port(1);
	struct nx_message message = { 0 };
	struct peer peer;
	nx_handle_t reply = 0;

	check_status(test, nx_reply(to_caller, &message), NX_ERR_BAD_STATE,
		     "nobody can be answered who has not called");
	check_status(test,
		     nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0,
				   (nx_process_t){ 0 }, &reply),
		     NX_ERR_BAD_STATE, "and no reply handle be minted");
	if (!caller_begin(test, &peer, port.handle, 1, 0))
		return;
	message = receive_within(test);
	nx_recv(port, &message);
	message.header = NX_HEADER_NONBLOCK;
	check_status(test, nx_recv(port, &message), NX_ERR_BAD_STATE,
		     "who has a caller answers first");
	message.header = 0;
	nx_reply(to_caller, &message);
	caller_status(test, &peer);
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

#define ROUNDS 20

static void repeat_caller(struct peer_page *page,
			  struct nx_message_buffer *buffer)
{
	nx_client_t to = { page->handles[0] };

	(void)buffer;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct nx_message message = {
			.header = nx_header(1, 0, 0, 0),
			.words = { page->words[1], i },
		};

		if (nx_call(to, &message) != NX_OK ||
		    message.words[0] != page->words[1] + i)
			return;
		page->words[0] = i + 1;
	}
}

static void reply_recv(struct test *test)
{
	nx_port_t port = new_port(1);
	struct peer peers[3];
	struct nx_message message = receive_within(test);
	nx_status_t status;
	unsigned answered = 0;

	for (unsigned i = 0; i < 3; i++) {
		if (!peer_thread(test, &peers[i], repeat_caller))
			return;
		peer_give(&peers[i], 0, port.handle, NX_RIGHTS_SAME);
		peers[i].page->words[1] = 1000 * i;
		peer_start(&peers[i]);
	}
	status = nx_recv(port, &message);
	while (status == NX_OK && ++answered < 3 * ROUNDS) {
		message.words[0] += message.words[1];
		message.header = NX_HEADER_DEADLINE;
		test->buffer->deadline_ns = now_ns(test) + UINT64_C(2000000000);
		status = nx_reply_recv(port, &message);
	}
	message.words[0] += message.words[1];
	message.header = 0;
	nx_reply(to_caller, &message);
	for (unsigned i = 0; i < 3; i++)
		check(test,
		      peer_wait(test, &peers[i]) &&
			      peers[i].page->words[0] == ROUNDS,
		      "caller %u of 3 was answered every time", i + 1);
	for (unsigned i = 0; i < 3; i++)
		peer_drop(test, &peers[i]);
	nx_handle_close(port.handle);
}

static void closed_ports(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_handle_t client = dup_of(port.handle, NX_RIGHT_CALL | NX_RIGHT_SEND |
							 NX_RIGHT_INSPECT);
	struct nx_message message = { 0 };
	struct peer peer;

	if (!caller_begin(test, &peer, client, 1, 0))
		return;
	check(test, facts_of(client).state == 1, "an open port says so");
	nx_handle_close(port.handle);
	check_status(test, caller_status(test, &peer), NX_ERR_PEER_CLOSED,
		     "who waits in a port is told when it closes");
	check_status(test, nx_call((nx_client_t){ client }, &message),
		     NX_ERR_PEER_CLOSED, "a call to a closed port is refused");
	message.header = 0;
	check_status(test, nx_send((nx_client_t){ client }, &message),
		     NX_ERR_PEER_CLOSED, "so is a send");
	check(test, facts_of(client).state == 0, "a closed port says so");
	peer_drop(test, &peer);
	nx_handle_close(client);
}

const struct system_case system_cases[] = {
	{ "words", words },
	{ "identity of a process", identity_of_process },
	{ "frames", frames },
	{ "headers", headers },
	{ "capabilities", capabilities },
	{ "bad capability", bad_capability },
	{ "backpressure", backpressure },
	{ "waiting sender", waiting_sender },
	{ "deadlines", deadlines },
	{ "late answer", late_answer },
	{ "small frames", small_frames },
	{ "small capability room", small_caps },
	{ "small answers", small_answers },
	{ "reply handles", reply_handles },
	{ "dropped reply handle", dropped_reply },
	{ "wrong moments", wrong_moments },
	{ "reply_recv", reply_recv },
	{ "closed ports", closed_ports },
	{ NULL, NULL },
};

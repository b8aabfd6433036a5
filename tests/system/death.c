/* SPDX-License-Identifier: BSD-2-Clause */
/* Somebody dies in the middle: the client, the server, the owner of what is
 * on its way. The others are told, nothing is lost, nothing is left. */
#include "messages.h"
#include "provoke.h"

#include <string.h>

static const nx_reply_t to_caller = { NX_HANDLE_CALLER };

/* A process that calls handles[0] with a frame and three capabilities. */
static bool client_begin(struct test *test, struct peer *peer, nx_port_t port)
{
	if (!peer_process(test, peer, test->job, caller))
		return false;
	peer_give(peer, 0, port.handle, NX_RIGHT_CALL | NX_RIGHT_SEND);
	for (unsigned i = 1; i <= 3; i++)
		peer_give(peer, i, test->trace.handle, NX_RIGHTS_SAME);
	peer->page->words[CALLER_HEADER] = nx_header(5, 100, 3, 0);
	return peer_start(peer) == NX_OK;
}

static void drop_caps(struct test *test, uint64_t header)
{
	for (unsigned i = 0; i < nx_header_caps(header); i++)
		nx_handle_close(test->buffer->recv_caps[i].handle);
}

static void client_dies_waiting(struct test *test)
{
	nx_port_t port = new_port(1);
	struct nx_message message = { .header = NX_HEADER_NONBLOCK };
	struct peer peer;

	if (!client_begin(test, &peer, port))
		return;
	peer_await_blocked(test, &peer);
	check_status(test, nx_task_kill(peer.process.handle, 5), NX_OK,
		     "a client is killed before its call is received");
	check_status(test, nx_recv(port, &message), NX_ERR_WOULD_BLOCK,
		     "its call is not there any more");
	check(test,
	      peer_state(&peer) == NX_PROCESS_KILLED && peer_code(&peer) == 5,
	      "the killer's code is told");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

static void client_dies_served(struct test *test)
{
	nx_port_t port = new_port(1);
	struct nx_message message = receive_within(test);
	struct peer peer, other;

	if (!client_begin(test, &peer, port))
		return;
	check_status(test, nx_recv(port, &message), NX_OK,
		     "a call is received");
	drop_caps(test, message.header);
	nx_task_kill(peer.process.handle, 0);
	message.header = nx_header(1, 10, 0, 0);
	check_status(test, nx_reply(to_caller, &message), NX_ERR_PEER_CLOSED,
		     "the answer says that the client died");
	if (!caller_begin(test, &other, port.handle, 1, 7))
		return;
	message = receive_within(test);
	check(test, nx_recv(port, &message) == NX_OK && message.words[0] == 7,
	      "the server serves the next client");
	message.header = 0;
	nx_reply(to_caller, &message);
	check_status(test, caller_status(test, &other), NX_OK,
		     "who gets an answer");
	peer_drop(test, &peer);
	peer_drop(test, &other);
	nx_handle_close(port.handle);
}

static void client_dies_minted(struct test *test)
{
	nx_port_t port = new_port(1);
	struct nx_message message = receive_within(test);
	nx_handle_t reply = 0;
	struct peer peer;

	if (!client_begin(test, &peer, port))
		return;
	nx_recv(port, &message);
	drop_caps(test, message.header);
	nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0, (nx_process_t){ 0 },
		      &reply);
	nx_task_kill(peer.process.handle, 0);
	message.header = 0;
	check_status(test, nx_reply((nx_reply_t){ reply }, &message),
		     NX_ERR_PEER_CLOSED,
		     "a reply handle knows that its client died");
	nx_handle_close(reply);
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

/* Servers: receive one call and then end in some way. handles[0]: port. */
static void serve(struct peer_page *page, struct nx_message *message)
{
	nx_port_t port = { page->handles[0] };

	memset(message, 0, sizeof(*message));
	page->words[1] = 1;
	page->words[2] = nx_recv(port, message) == NX_OK;
}

static void server_exits(struct peer_page *page,
			 struct nx_message_buffer *buffer)
{
	struct nx_message message;

	(void)buffer;
	serve(page, &message);
	nx_exit(3, 1);
}

static void server_crashes(struct peer_page *page,
			   struct nx_message_buffer *buffer)
{
	struct nx_message message;

	(void)buffer;
	serve(page, &message);
	provoke_illegal();
}

static void server_hangs(struct peer_page *page,
			 struct nx_message_buffer *buffer)
{
	struct nx_message message;

	(void)buffer;
	serve(page, &message);
	for (;;)
		nx_yield();
}

static void server_ends_thread(struct peer_page *page,
			       struct nx_message_buffer *buffer)
{
	struct nx_message message;

	(void)buffer;
	serve(page, &message);
	nx_exit(0, 0);
}

static void server_mints(struct peer_page *page,
			 struct nx_message_buffer *buffer)
{
	struct nx_message message;
	nx_handle_t reply = 0;

	(void)buffer;
	serve(page, &message);
	nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0, (nx_process_t){ 0 },
		      &reply);
	provoke_illegal();
}

/* The right to answer waits in a queue of its own, behind the port. */
static void server_queues(struct peer_page *page,
			  struct nx_message_buffer *buffer)
{
	struct nx_message message;
	nx_port_t inner = { 0 };
	nx_handle_t reply = 0;

	serve(page, &message);
	nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0, (nx_process_t){ 0 },
		      &reply);
	nx_port_create((nx_job_t){ 0 }, 1, &inner);
	buffer->send_caps[0] = (struct nx_message_cap){ reply, NX_RIGHTS_SAME };
	message.header = nx_header(1, 0, 1, 0);
	nx_send(nx_port_client(inner), &message);
	nx_handle_close(reply);
	provoke_illegal();
}

/* The server receives a call and ends; the port stays. */
static void death_of_server(struct test *test, peer_function *function,
			    const char *how, nx_port_t port, nx_handle_t client)
{
	struct nx_message message = { .header = nx_header(1, 0, 0, 0) };
	uint64_t generation = facts_of(client).value;
	struct peer peer;

	if (!peer_process(test, &peer, test->job, function))
		return;
	peer_give(&peer, 0, port.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	peer_await(test, &peer, 1, 1);
	check_status(test, nx_call((nx_client_t){ client }, &message),
		     NX_ERR_PEER_CLOSED, "a call to a server that %s ends",
		     how);
	check(test, message.identity == generation,
	      "and tells the generation that died");
	peer_wait(test, &peer);
	check(test,
	      facts_of(client).state == 1 &&
		      facts_of(client).value == generation + 1,
	      "the port is open for the next server, one generation up");
	peer_drop(test, &peer);
}

/* Twice, so that a generation is not 0. */
static void server_dies(struct test *test, peer_function *function,
			const char *how)
{
	nx_port_t port = new_port(1);
	nx_handle_t client =
		dup_of(port.handle, NX_RIGHT_CALL | NX_RIGHT_INSPECT);

	death_of_server(test, function, how, port, client);
	death_of_server(test, function, how, port, client);
	nx_handle_close(client);
	nx_handle_close(port.handle);
}

static void exits(struct test *test)
{
	server_dies(test, server_exits, "exits");
}

static void crashes(struct test *test)
{
	server_dies(test, server_crashes, "crashes");
}

static void hangs(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_handle_t client = dup_of(port.handle, NX_RIGHT_CALL);
	struct nx_message message = { .header = nx_header(1, 0, 0,
							  NX_HEADER_DEADLINE) };
	struct peer peer;

	if (!peer_process(test, &peer, test->job, server_hangs))
		return;
	peer_give(&peer, 0, port.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	peer_await(test, &peer, 1, 1);
	test->buffer->deadline_ns = now_ns(test) + 30000000;
	check_status(test, nx_call((nx_client_t){ client }, &message),
		     NX_ERR_TIMED_OUT,
		     "a call to a server that hangs times out");
	nx_task_kill(peer.process.handle, 0);
	check(test, peer_state(&peer) == NX_PROCESS_KILLED,
	      "the server can be killed");
	peer_drop(test, &peer);
	nx_handle_close(client);
	nx_handle_close(port.handle);
}

static void ends_thread(struct test *test)
{
	server_dies(test, server_ends_thread, "ends its only thread");
}

static void mints(struct test *test)
{
	server_dies(test, server_mints, "crashes with a reply handle");
}

static void queues(struct test *test)
{
	server_dies(test, server_queues, "crashes with an answer in a queue");
}

/* The last handle to receive dies with its process: the port closes. */
static void last_server(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_handle_t client = dup_of(port.handle, NX_RIGHT_CALL);
	struct nx_message message = { 0 };
	struct peer peer, waiting;

	if (!peer_process(test, &peer, test->job, server_hangs) ||
	    !caller_make(test, &waiting, client, 1, 0))
		return;
	peer_give(&peer, 0, port.handle, NX_RIGHTS_SAME);
	nx_handle_close(port.handle);
	peer_start(&peer);
	peer_start(&waiting);
	peer_await(test, &peer, 2, 1);
	nx_task_kill(peer.process.handle, 0);
	check_status(test, caller_status(test, &waiting), NX_ERR_PEER_CLOSED,
		     "who waits for an answer is told");
	check_status(test, nx_call((nx_client_t){ client }, &message),
		     NX_ERR_PEER_CLOSED,
		     "a port dies with the last who could receive");
	peer_drop(test, &waiting);
	peer_drop(test, &peer);
	nx_handle_close(client);
}

/* Messages in a queue outlive their sender. */
static void sender_dies(struct test *test)
{
	nx_port_t port = new_port(2);
	struct nx_message message = receive_within(test);
	struct peer peer;

	if (!peer_process(test, &peer, test->job, caller))
		return;
	peer_give(&peer, 0, port.handle, NX_RIGHT_SEND);
	peer_give(&peer, 1, test->trace.handle, NX_RIGHTS_SAME);
	peer.page->words[CALLER_NUMBER] = NX_SYS_send;
	peer.page->words[CALLER_HEADER] = nx_header(5, 64, 1, 0);
	peer_start(&peer);
	peer_wait(test, &peer);
	check(test,
	      nx_recv(port, &message) == NX_OK &&
		      nx_header_bytes(message.header) == 64 &&
		      nx_header_caps(message.header) == 1,
	      "a message arrives whole after its sender has ended");
	check(test,
	      facts_of(test->buffer->recv_caps[0].handle).kind == NX_KIND_TRACE,
	      "with the capability that it carries");
	drop_caps(test, message.header);
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

/* Nobody ever receives: what is queued dies with the port. */
static void queue_dies(struct test *test)
{
	nx_port_t port = new_port(8), inner = new_port(1);
	nx_client_t client = nx_port_client(port);
	struct nx_message_cap *caps = test->buffer->send_caps;
	struct nx_message message;
	bool all = true;

	caps[0] = (struct nx_message_cap){ inner.handle, NX_RIGHT_CALL };
	caps[1] = (struct nx_message_cap){ client.handle, NX_RIGHT_SEND };
	for (unsigned i = 0; i < 8; i++) {
		message = (struct nx_message){
			.header = nx_header(1, 512, 2, NX_HEADER_NONBLOCK)
		};
		all = all && nx_send(client, &message) == NX_OK;
	}
	check(test, all, "a queue is filled with capabilities to itself");
	caps[0].rights = NX_RIGHT_RECV;
	message.header = nx_header(1, 0, 1, NX_HEADER_NONBLOCK);
	check_status(test, nx_send(client, &message), NX_ERR_INVALID_ARGS,
		     "the right to receive does not travel in a queue");
	check(test,
	      nx_handle_close(inner.handle) == NX_OK &&
		      nx_handle_close(port.handle) == NX_OK,
	      "the port is closed");
}

/* Revoked while it is in a queue, and while its caller waits. */
static void revoked_on_the_way(struct test *test)
{
	nx_port_t port = new_port(2);
	nx_event_t event = new_event();
	struct nx_message message = { .header = nx_header(1, 0, 2, 0) };
	struct peer peer;

	test->buffer->send_caps[0] =
		(struct nx_message_cap){ event.handle, NX_RIGHTS_SAME };
	test->buffer->send_caps[1] =
		(struct nx_message_cap){ port.handle, NX_RIGHT_SEND };
	nx_send(nx_port_client(port), &message);
	check_status(test, nx_handle_revoke(event.handle), NX_OK,
		     "a capability in a queue is revoked");
	message = receive_within(test);
	check_status(test, nx_recv(port, &message), NX_OK,
		     "its message arrives");
	check(test,
	      facts_of(test->buffer->recv_caps[0].handle).status ==
			      NX_ERR_BAD_HANDLE &&
		      facts_of(test->buffer->recv_caps[1].handle).status ==
			      NX_OK,
	      "without it, but with the others");
	nx_handle_close(test->buffer->recv_caps[1].handle);
	if (!peer_thread(test, &peer, caller))
		return;
	peer_give(&peer, 0, port.handle, 0);
	peer_give(&peer, 1, event.handle, 0);
	peer.page->words[CALLER_HEADER] = nx_header(1, 0, 1, 0);
	peer_start(&peer);
	peer_await_blocked(test, &peer);
	nx_handle_close(event.handle);
	message.header = NX_HEADER_NONBLOCK;
	check(test,
	      nx_recv(port, &message) != NX_OK &&
		      caller_status(test, &peer) == NX_ERR_BAD_HANDLE,
	      "a call whose capability is closed before it is received ends");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

/* The port's own handle is revoked under callers and receivers. */
static void revoked_port(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_handle_t lent = dup_of(port.handle, NX_RIGHTS_SAME);
	struct peer peer;
	struct nx_message message = receive_within(test);

	if (!peer_process(test, &peer, test->job, caller))
		return;
	peer_give(&peer, 0, lent, NX_RIGHT_CALL);
	peer.page->words[CALLER_HEADER] = nx_header(1, 0, 0, 0);
	peer_start(&peer);
	peer_await_blocked(test, &peer);
	nx_handle_revoke(port.handle);
	check_status(test, nx_recv(port, &message), NX_OK,
		     "a call made before its handle was revoked is served");
	message.header = 0;
	nx_reply(to_caller, &message);
	peer_wait(test, &peer);
	check(test, (nx_status_t)peer.page->words[CALLER_STATUS] == NX_OK,
	      "and answered");
	peer_drop(test, &peer);
	nx_handle_close(port.handle);
}

/* Three processes call in a chain; the middle one is killed. */
static void forwards(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_port_t port = { page->handles[0] };
	nx_client_t next = { page->handles[1] };
	struct nx_message message = { 0 };

	(void)buffer;
	page->words[1] = 1;
	if (nx_recv(port, &message) != NX_OK)
		return;
	message.header = 0;
	page->words[2] = 1;
	nx_call(next, &message);
	message.header = 0;
	nx_reply(to_caller, &message);
}

static void chain(struct test *test)
{
	nx_port_t first = new_port(1), second = new_port(1);
	struct nx_message message = receive_within(test);
	struct peer middle, end;

	if (!peer_process(test, &middle, test->job, forwards) ||
	    !caller_make(test, &end, first.handle, 1, 1))
		return;
	peer_give(&middle, 0, first.handle, NX_RIGHTS_SAME);
	peer_give(&middle, 1, second.handle, NX_RIGHT_CALL);
	peer_start(&middle);
	peer_start(&end);
	check_status(test, nx_recv(second, &message), NX_OK,
		     "a call comes through a server");
	nx_task_kill(middle.process.handle, 0);
	check_status(test, caller_status(test, &end), NX_ERR_PEER_CLOSED,
		     "its client is told when the server in between dies");
	message.header = 0;
	check_status(test, nx_reply(to_caller, &message), NX_ERR_PEER_CLOSED,
		     "and so is the server behind it");
	peer_drop(test, &end);
	peer_drop(test, &middle);
	nx_handle_close(first.handle);
	nx_handle_close(second.handle);
}

/* Who kills itself in the middle of everything. */
static void suicide(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)buffer;
	page->words[1] = 1;
	nx_task_kill(page->handles[0], 11);
	page->words[1] = 2;
}

static void kills_itself(struct test *test)
{
	struct peer peer;

	if (!peer_process(test, &peer, test->job, suicide))
		return;
	peer_give(&peer, 0, peer.process.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	peer_wait(test, &peer);
	check(test, peer_code(&peer) == 11 && peer.page->words[1] == 1,
	      "a process that kills itself does not come back");
	peer_drop(test, &peer);
}

const struct system_case system_cases[] = {
	{ "client dies waiting", client_dies_waiting },
	{ "client dies being served", client_dies_served },
	{ "client dies behind a reply handle", client_dies_minted },
	{ "server exits", exits },
	{ "server crashes", crashes },
	{ "server hangs", hangs },
	{ "server ends its thread", ends_thread },
	{ "server dies with a reply handle", mints },
	{ "server dies with an answer in a queue", queues },
	{ "last server", last_server },
	{ "sender dies", sender_dies },
	{ "queue dies", queue_dies },
	{ "revoked on the way", revoked_on_the_way },
	{ "revoked port", revoked_port },
	{ "chain", chain },
	{ "suicide", kills_itself },
	{ NULL, NULL },
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of several processes that call, answer, wait, crash and die, under
 * many schedules; see scenario.h. */
#include "scenario.h"

#define SEEDS 300
#define SERVICE_PEER 2
#define BADGE 55

static struct nx_message_buffer *own_buffer;

/* Rooms the peers write to; memory of the host is everybody's. */
static struct {
	nx_status_t status;
	struct nx_message message;
	unsigned count;
	bool done;
} seen;

static nx_port_t new_port(uint32_t depth)
{
	nx_port_t port = { 0 };

	nx_port_create((nx_job_t){ 0 }, depth, &port);
	return port;
}

static nx_handle_t give(nx_process_t process, nx_handle_t handle,
			nx_rights_t rights, uint32_t badge)
{
	nx_handle_t there = NX_HANDLE_NONE;

	nx_handle_dup(handle, rights, badge, process, &there);
	return there;
}

static void start(nx_process_t process, peer_function *function,
		  uint64_t argument, nx_thread_t *out_thread)
{
	nx_thread_create(process, own_budget, out_thread);
	nx_thread_start(*out_thread, (uintptr_t)function, 0, argument);
}

struct peer {
	nx_process_t process;
	nx_thread_t thread;
};

/* A process that holds one handle, which is its argument. */
static struct peer peer_with(peer_function *function, nx_handle_t handle,
			     nx_rights_t rights, uint32_t badge)
{
	struct peer peer = { { 0 }, { 0 } };
	nx_handle_t there;

	nx_process_create(root, SERVICE_PEER, 0x72656570, 0, &peer.process);
	there = give(peer.process, handle, rights, badge);
	start(peer.process, function, there, &peer.thread);
	return peer;
}

static uint64_t state_of(nx_handle_t handle, uint64_t *value)
{
	uint64_t state = 99, ignored;
	uint32_t kind;
	nx_rights_t rights;

	*value = 0;
	nx_handle_info(handle, &kind, &rights, &ignored, &ignored, &state,
		       value);
	return state;
}

static void peer_end(struct peer *peer)
{
	nx_task_kill(peer->process.handle, 0);
	nx_handle_close(peer->thread.handle);
	nx_handle_close(peer->process.handle);
}

/* Answers each call with its words, the first one more. */
static void echo(uint64_t port, uint64_t buffer)
{
	struct nx_message message = { 0 };
	nx_status_t status =
		nx_recv((nx_port_t){ (nx_handle_t)port }, &message);

	(void)buffer;
	while (status == NX_OK) {
		seen.message = message;
		message.words[0]++;
		message.header = nx_header(0, 0, 0, 0);
		status = nx_reply_recv((nx_port_t){ (nx_handle_t)port },
				       &message);
	}
	seen.status = status;
	nx_exit(0, 1);
}

static void test_echo(void)
{
	nx_port_t port = new_port(1);
	nx_client_t client = { give(nobody, port.handle, NX_RIGHTS_SAME,
				    BADGE) };
	struct peer peer = peer_with(echo, port.handle, NX_RIGHTS_SAME, 0);
	bool right = true;

	for (uint64_t i = 0; i < 20; i++) {
		struct nx_message message = {
			.header = nx_header(7, 0, 0, 0),
			.words = { i, 2, 3, 4, 5, 6 },
		};

		right = right && nx_call(client, &message) == NX_OK &&
			message.words[0] == i + 1 && message.words[5] == 6 &&
			nx_identity_service(message.identity) == SERVICE_PEER;
	}
	truth(right, "a call comes back with words and the server's name");
	equal(nx_header_method(seen.message.header), 7,
	      "the server sees the method");
	equal((int64_t)seen.message.identity,
	      (int64_t)((uint64_t)SERVICE_FIRST << 32 | BADGE),
	      "and who called, through which handle");
	peer_end(&peer);
	nx_handle_close(client.handle);
	nx_handle_close(port.handle);
}

/* Signals the event that comes with a call, gives the frame back. */
static void use_cap(uint64_t port, uint64_t buffer)
{
	struct nx_message_buffer *own = (void *)(uintptr_t)buffer;
	struct nx_message message = { 0 };
	nx_port_t self = { (nx_handle_t)port };

	own->recv_bytes_max = 10;
	seen.status = nx_recv(self, &message);
	seen.message = message;
	own->recv_bytes_max = NX_MESSAGE_FRAME_MAX;
	message.header = 0;
	if (nx_recv(self, &message) != NX_OK)
		nx_exit(1, 1);
	nx_signal((nx_event_t){ own->recv_caps[0].handle }, 4);
	memcpy(own->send_frame, own->recv_frame, NX_MESSAGE_FRAME_MAX);
	message.header = nx_header(0, NX_MESSAGE_FRAME_MAX, 0, 0);
	nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
	nx_exit(5, 1);
}

static void test_cap(void)
{
	nx_port_t port = new_port(1);
	nx_event_t event = new_event();
	struct peer peer = peer_with(use_cap, port.handle, NX_RIGHTS_SAME, 0);
	struct nx_message message = {
		.header = nx_header(1, NX_MESSAGE_FRAME_MAX, 1, 0),
	};
	uint64_t bits = 0, code;

	own_buffer->send_caps[0].handle = event.handle;
	own_buffer->send_caps[0].rights = NX_RIGHT_SIGNAL;
	memset(own_buffer->send_frame, 0x5a, NX_MESSAGE_FRAME_MAX);
	equal(nx_call(nx_port_client(port), &message), NX_OK,
	      "a call with a frame and a capability is answered");
	equal(seen.status, NX_ERR_BUFFER_TOO_SMALL,
	      "a receiver with too little room is told");
	equal(nx_header_bytes(seen.message.header), NX_MESSAGE_FRAME_MAX,
	      "and how much it takes, and the message waits");
	equal(nx_wait(event, ~UINT64_C(0), 0, &bits), NX_OK,
	      "the capability worked");
	equal((int64_t)bits, 4, "on this very event");
	equal(own_buffer->recv_frame[NX_MESSAGE_FRAME_MAX - 1], 0x5a,
	      "the frame came back whole");
	pause_ns(50 * MS);
	equal((int64_t)state_of(peer.process.handle, &code), NX_PROCESS_EXITED,
	      "a process that exits has exited");
	equal((int64_t)code, 5, "with its code");
	peer_end(&peer);
	nx_handle_close(event.handle);
	nx_handle_close(port.handle);
}

/* The answer is too large at first. */
static void large_answer(uint64_t port, uint64_t buffer)
{
	struct nx_message message = { 0 };
	nx_reply_t caller = { NX_HANDLE_CALLER };

	(void)buffer;
	nx_recv((nx_port_t){ (nx_handle_t)port }, &message);
	message.header = nx_header(0, 100, 0, 0);
	seen.status = nx_reply(caller, &message);
	message.header = nx_header(9, 0, 0, 0);
	nx_reply(caller, &message);
	message.header = 0;
	seen.count = (unsigned)-nx_reply(caller, &message);
	seen.done = true;
	nx_exit(0, 1);
}

static void test_large_answer(void)
{
	nx_port_t port = new_port(1);
	struct peer peer =
		peer_with(large_answer, port.handle, NX_RIGHTS_SAME, 0);
	struct nx_message message = { 0 };

	own_buffer->recv_bytes_max = 99;
	equal(nx_call(nx_port_client(port), &message), NX_OK,
	      "a server may answer again after an answer that did not fit");
	equal(nx_header_method(message.header), 9, "the second one arrives");
	equal(seen.status, NX_ERR_BUFFER_TOO_SMALL,
	      "the first one was refused to the server");
	own_buffer->recv_bytes_max = NX_MESSAGE_FRAME_MAX;
	pause_ns(50 * MS);
	equal(seen.count, (unsigned)-NX_ERR_BAD_STATE,
	      "nobody is answered twice");
	peer_end(&peer);
	nx_handle_close(port.handle);
}

static void receive_and_die(uint64_t port, uint64_t buffer)
{
	struct nx_message message = { 0 };

	(void)buffer;
	nx_recv((nx_port_t){ (nx_handle_t)port }, &message);
	nx_exit(0, 1);
}

static void test_server_death(void)
{
	nx_port_t port = new_port(1);
	struct peer peer =
		peer_with(receive_and_die, port.handle, NX_RIGHTS_SAME, 0);
	struct nx_message message = { 0 };
	uint64_t generation;

	equal(nx_call(nx_port_client(port), &message), NX_ERR_PEER_CLOSED,
	      "a caller learns that its server died");
	equal((int64_t)message.identity, 0, "and in which generation");
	peer_end(&peer);
	equal((int64_t)state_of(port.handle, &generation), 1,
	      "the port is open while we can receive");
	equal((int64_t)generation, 1, "its generation went up");
	nx_handle_close(port.handle);
}

/* The client end only: the last receiver is gone. */
static void test_closed_port(void)
{
	nx_port_t port = new_port(1);
	nx_client_t client = { give(nobody, port.handle,
				    NX_RIGHT_CALL | NX_RIGHT_SEND, 0) };
	struct nx_message message = { 0 };

	equal(nx_send(client, &message), NX_OK, "a message is queued");
	nx_handle_close(port.handle);
	equal(nx_call(client, &message), NX_ERR_PEER_CLOSED,
	      "a port without a receiver is closed");
	nx_handle_close(client.handle);
}

static void call_once(uint64_t port, uint64_t buffer)
{
	struct nx_message message = { 0 };

	(void)buffer;
	seen.status = nx_call((nx_client_t){ (nx_handle_t)port }, &message);
	seen.message = message;
	seen.done = true;
	nx_exit(0, 1);
}

static void test_client_death(void)
{
	nx_port_t port = new_port(1);
	struct peer peer = peer_with(call_once, port.handle, NX_RIGHT_CALL, 0);
	struct nx_message message = { 0 };
	nx_reply_t caller = { NX_HANDLE_CALLER };

	equal(nx_recv(port, &message), NX_OK, "a call is received");
	equal(nx_recv(port, &message), NX_ERR_BAD_STATE,
	      "the next only when it is answered");
	peer_end(&peer);
	message.header = 0;
	equal(nx_reply(caller, &message), NX_ERR_PEER_CLOSED,
	      "an answer to a dead caller says so");
	equal(nx_reply(caller, &message), NX_ERR_BAD_STATE, "once");
	message.header = NX_HEADER_NONBLOCK;
	equal(nx_recv(port, &message), NX_ERR_WOULD_BLOCK,
	      "and the server goes on");
	nx_handle_close(port.handle);
}

static void test_times(void)
{
	nx_port_t port = new_port(1);
	struct peer peer = peer_with(call_once, port.handle, NX_RIGHT_CALL, 0);
	struct nx_message message = {
		.header = nx_header(0, 0, 0, NX_HEADER_DEADLINE),
	};
	uint64_t begin_ns = time_now_ns();

	equal(nx_recv(port, &(struct nx_message){ 0 }), NX_OK,
	      "somebody is received");
	nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &(struct nx_message){ 0 });
	own_buffer->deadline_ns = begin_ns + 100 * MS;
	equal(nx_recv(port, &message), NX_ERR_TIMED_OUT,
	      "a receiver waits until its deadline");
	truth(time_now_ns() >= begin_ns + 100 * MS, "not less");
	message.header = nx_header(0, 0, 0, NX_HEADER_DEADLINE);
	own_buffer->deadline_ns = time_now_ns() + 10 * MS;
	equal(nx_call(nx_port_client(port), &message), NX_ERR_TIMED_OUT,
	      "a caller that nobody receives, too");
	message.header = nx_header(0, 0, 0, NX_HEADER_NONBLOCK);
	equal(nx_call(nx_port_client(port), &message), NX_ERR_WOULD_BLOCK,
	      "or it does not wait at all");
	peer_end(&peer);
	nx_handle_close(port.handle);
}

static void call_for_a_second(uint64_t port, uint64_t buffer)
{
	struct nx_message_buffer *own = (void *)(uintptr_t)buffer;
	struct nx_message message = {
		.header = nx_header(0, 0, 0, NX_HEADER_DEADLINE),
	};

	own->deadline_ns = time_now_ns() + 1000 * MS;
	seen.status = nx_call((nx_client_t){ (nx_handle_t)port }, &message);
	seen.done = true;
	nx_exit(0, 1);
}

static void test_caller_gives_up(void)
{
	nx_port_t port = new_port(1);
	struct peer peer;
	struct nx_message message = { 0 };

	peer = peer_with(call_for_a_second, port.handle, NX_RIGHT_CALL, 0);
	equal(nx_recv(port, &message), NX_OK, "a call with a deadline comes");
	pause_ns(1100 * MS);
	equal(seen.status, NX_ERR_TIMED_OUT,
	      "it ends at its deadline though it was received");
	message.header = 0;
	equal(nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message),
	      NX_ERR_PEER_CLOSED, "a late answer finds nobody");
	peer_end(&peer);
	nx_handle_close(port.handle);
}

static void test_later(void)
{
	nx_port_t port = new_port(1);
	struct peer peer = peer_with(call_once, port.handle, NX_RIGHT_CALL, 0);
	struct nx_message message = { 0 };
	nx_reply_t reply = { 0 };

	nx_recv(port, &message);
	equal(nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0, nobody,
			    &reply.handle),
	      NX_OK, "the duty to answer becomes a handle");
	message.header = NX_HEADER_NONBLOCK;
	equal(nx_recv(port, &message), NX_ERR_WOULD_BLOCK,
	      "and the server is free for others");
	message = (struct nx_message){ .words = { 77 } };
	equal(nx_reply(reply, &message), NX_OK, "it answers");
	equal(nx_reply(reply, &message), NX_ERR_BAD_HANDLE, "and is used up");
	pause_ns(50 * MS);
	truth(seen.status == NX_OK && seen.message.words[0] == 77,
	      "the caller got the answer");
	peer_end(&peer);
	peer = peer_with(call_once, port.handle, NX_RIGHT_CALL, 0);
	seen.done = false;
	message.header = 0;
	nx_recv(port, &message);
	nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0, nobody,
		      &reply.handle);
	nx_handle_close(reply.handle);
	pause_ns(50 * MS);
	truth(seen.done && seen.status == NX_ERR_PEER_CLOSED,
	      "a duty thrown away tells the caller");
	peer_end(&peer);
	nx_handle_close(port.handle);
}

static void send_ten(uint64_t port, uint64_t buffer)
{
	struct nx_message message = { 0 };

	(void)buffer;
	for (seen.count = 0; seen.count < 10; seen.count++) {
		message.header = nx_header(0, 0, 0, 0);
		message.words[0] = seen.count;
		if (nx_send((nx_client_t){ (nx_handle_t)port }, &message) !=
		    NX_OK)
			break;
	}
	seen.done = true;
	nx_exit(0, 1);
}

static void test_send(void)
{
	nx_port_t port = new_port(4);
	struct nx_message message = {
		.header = nx_header(0, 0, 0, NX_HEADER_NONBLOCK),
	};
	struct peer peer;
	bool ordered = true;

	peer = peer_with(send_ten, port.handle, NX_RIGHT_SEND, 0);
	pause_ns(50 * MS);
	equal(seen.count, 4, "a sender waits when the queue is full");
	equal(nx_send(nx_port_client(port), &message), NX_ERR_WOULD_BLOCK,
	      "or is told");
	for (uint64_t i = 0; i < 10; i++) {
		message.header = 0;
		ordered = ordered && nx_recv(port, &message) == NX_OK &&
			  message.words[0] == i;
	}
	truth(ordered, "everything arrives once and in order");
	pause_ns(50 * MS);
	truth(seen.done, "and the sender went on");
	own_buffer->send_caps[0] =
		(struct nx_message_cap){ port.handle, NX_RIGHTS_SAME };
	message.header = nx_header(0, 0, 1, 0);
	equal(nx_send(nx_port_client(port), &message), NX_ERR_INVALID_ARGS,
	      "a queue takes no receiver");
	peer_end(&peer);
	nx_handle_close(port.handle);
}

/* Two callers and a queued message wait for one receiver. */
static void test_turns(void)
{
	nx_port_t port = new_port(1);
	struct nx_message message = { .header = nx_header(7, 0, 0, 0) };
	struct peer peers[2];
	unsigned methods[3];

	nx_send(nx_port_client(port), &message);
	for (unsigned i = 0; i < 2; i++)
		peers[i] = peer_with(call_once, port.handle, NX_RIGHT_CALL, 0);
	pause_ns(100 * MS);
	for (unsigned i = 0; i < 3; i++) {
		message.header = 0;
		nx_recv(port, &message);
		methods[i] = nx_header_method(message.header);
		message.header = 0;
		nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
	}
	truth(methods[0] == 0 && methods[1] == 7 && methods[2] == 0,
	      "callers and queued messages take turns");
	for (unsigned i = 0; i < 2; i++)
		peer_end(&peers[i]);
	nx_handle_close(port.handle);
}

/* Receives on one port and calls the other one meanwhile. */
static struct {
	nx_port_t port[2];
	nx_status_t status;
} circle;

static void call_other(uint64_t which, uint64_t buffer)
{
	struct nx_message_buffer *own = (void *)(uintptr_t)buffer;
	struct nx_message message = { 0 };

	nx_recv(circle.port[which], &message);
	own->deadline_ns = time_now_ns() + 20 * MS;
	message.header = nx_header(0, 0, 0, NX_HEADER_DEADLINE);
	circle.status =
		nx_call(nx_port_client(circle.port[1 - which]), &message);
	message.header = 0;
	nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
	nx_exit(0, 0);
}

static void test_circle(void)
{
	nx_thread_t threads[2];
	struct nx_message message = { 0 };

	for (unsigned i = 0; i < 2; i++)
		circle.port[i] = new_port(1);
	for (uint64_t i = 0; i < 2; i++)
		start(nobody, call_other, i, &threads[i]);
	equal(nx_call(nx_port_client(circle.port[0]), &message), NX_OK,
	      "calls in a circle end with their deadline");
	equal(circle.status, NX_ERR_TIMED_OUT, "which one of them sees");
	pause_ns(50 * MS);
	for (unsigned i = 0; i < 2; i++) {
		nx_handle_close(threads[i].handle);
		nx_handle_close(circle.port[i].handle);
	}
}

static void wait_once(uint64_t event, uint64_t buffer)
{
	(void)buffer;
	nx_wait((nx_event_t){ (nx_handle_t)event }, 6, NX_DEADLINE_NEVER,
		&seen.message.words[0]);
	seen.done = true;
	nx_exit(0, 0);
}

static void test_event(void)
{
	nx_event_t event = new_event();
	uint64_t bits = 0, begin_ns;
	nx_thread_t thread;

	equal(nx_wait(event, 1, 0, &bits), NX_ERR_TIMED_OUT,
	      "an event has no bits at first");
	nx_signal(event, 9);
	equal(nx_wait(event, 3, 0, &bits), NX_OK, "a bit that is set is taken");
	equal((int64_t)bits, 1, "only where the mask is");
	start(nobody, wait_once, event.handle, &thread);
	pause_ns(30 * MS);
	equal(nx_wait(event, 8, NX_DEADLINE_NEVER, &bits), NX_ERR_BUSY,
	      "there is one waiter");
	nx_signal(event, 8);
	pause_ns(30 * MS);
	truth(!seen.done, "a bit outside its mask does not wake it");
	nx_signal(event, 4);
	pause_ns(30 * MS);
	truth(seen.done && seen.message.words[0] == 4, "one inside does");
	begin_ns = time_now_ns();
	nx_timer_set(event, 16, begin_ns + 20 * MS, 0);
	equal(nx_wait(event, 16, NX_DEADLINE_NEVER, &bits), NX_OK,
	      "a timer sets bits");
	truth(time_now_ns() >= begin_ns + 20 * MS, "not before its time");
	nx_handle_close(thread.handle);
	nx_handle_close(event.handle);
	event = new_event();
	nx_timer_set(event, 1, time_now_ns() + 20 * MS, 0);
	nx_handle_close(event.handle);
	event = new_event();
	equal(nx_wait(event, 1, time_now_ns() + 100 * MS, &bits),
	      NX_ERR_TIMED_OUT, "a timer goes with its event");
	nx_handle_close(event.handle);
}

static void crash(uint64_t argument, uint64_t buffer)
{
	(void)argument;
	(void)buffer;
	*(volatile uint64_t *)(uintptr_t)0x1230 = 1;
}

static void test_crash(void)
{
	nx_event_t event = new_event();
	uint64_t bits = 0, id = 0, cause = 0, pc = 0, address = 0, stack = 0;
	uint64_t caller = 0, dropped = 0, code = 0;
	uint32_t service = 0;
	struct peer peer;

	nx_job_watch(root, event, 1, 2);
	peer = peer_with(crash, event.handle, NX_RIGHTS_SAME, 0);
	equal(nx_wait(event, 2, NX_DEADLINE_NEVER, &bits), NX_OK,
	      "a crash is told to who watches the job");
	equal(nx_wait(event, 1, 0, &bits), NX_OK, "and so is the end");
	equal(nx_job_crash(root, &id, &service, &cause, &pc, &address, &stack,
			   &caller, &dropped),
	      NX_OK, "there is a report");
	truth(service == SERVICE_PEER && address == 0x1230 && dropped == 0,
	      "that says whose and where");
	equal((int64_t)state_of(peer.process.handle, &code), NX_PROCESS_CRASHED,
	      "the process has crashed");
	equal(nx_job_crash(root, &id, &service, &cause, &pc, &address, &stack,
			   &caller, &dropped),
	      NX_ERR_NOT_FOUND, "a report is taken once");
	nx_job_watch(root, (nx_event_t){ 0 }, 0, 0);
	peer_end(&peer);
	nx_handle_close(event.handle);
}

static void kill_self(uint64_t process, uint64_t buffer)
{
	(void)buffer;
	nx_task_kill((nx_handle_t)process, 33);
	seen.count = 1;
	for (;;)
		nx_yield();
}

static void test_kill(void)
{
	struct peer peer = { { 0 }, { 0 } };
	nx_thread_t thread;
	uint64_t code;

	nx_process_create(root, SERVICE_PEER, 0, 0, &peer.process);
	start(peer.process, kill_self,
	      give(peer.process, peer.process.handle, NX_RIGHTS_SAME, 0),
	      &peer.thread);
	for (unsigned i = 0; i < 20 && state_of(peer.process.handle, &code) ==
					       NX_PROCESS_RUNNING;
	     i++)
		pause_ns(30 * MS);
	equal((int64_t)state_of(peer.process.handle, &code), NX_PROCESS_KILLED,
	      "a process can kill itself");
	equal((int64_t)code, 33, "with a code");
	equal(seen.count, 0, "and never runs again");
	equal(nx_thread_create(peer.process, own_budget, &thread),
	      NX_ERR_BAD_STATE, "nothing begins in what has ended");
	peer_end(&peer);
}

/* Threads that wait in every way are ended where they are. */
static void test_kill_waiting(void)
{
	nx_port_t quiet = new_port(1), busy = new_port(1);
	nx_event_t event = new_event();
	nx_thread_t threads[5];
	struct nx_message message = { 0 };
	bool dead = true;
	uint64_t value;

	start(nobody, call_once, quiet.handle, &threads[0]);
	start(nobody, receive_and_die, busy.handle, &threads[1]);
	start(nobody, wait_once, event.handle, &threads[2]);
	nx_thread_create(nobody, own_budget, &threads[3]);
	nx_send(nx_port_client(quiet), &message);
	start(nobody, send_ten, quiet.handle, &threads[4]);
	pause_ns(30 * MS);
	for (unsigned i = 0; i < 5; i++) {
		nx_task_kill(threads[i].handle, 0);
		dead = dead &&
		       state_of(threads[i].handle, &value) == NX_THREAD_DEAD;
		nx_handle_close(threads[i].handle);
	}
	truth(dead, "a thread can be ended whatever it waits for");
	message.header = NX_HEADER_NONBLOCK;
	equal(nx_recv(quiet, &message), NX_OK, "what it had sent is there");
	message.header = NX_HEADER_NONBLOCK;
	equal(nx_recv(quiet, &message), NX_ERR_WOULD_BLOCK,
	      "what it had not is not");
	nx_handle_close(event.handle);
	nx_handle_close(quiet.handle);
	nx_handle_close(busy.handle);
}

/* More crashes than a job keeps reports of. */
static void test_many_crashes(void)
{
	nx_event_t event = new_event();
	uint64_t bits, id, cause, pc, address, stack, caller, dropped = 0;
	uint64_t first_id = 0, lost = 0;
	uint32_t service;
	unsigned count = 0;

	nx_job_watch(root, event, 1, 2);
	for (unsigned i = 0; i < JOB_CRASHES_MAX + 3; i++) {
		struct peer peer =
			peer_with(crash, event.handle, NX_RIGHTS_SAME, 0);

		nx_wait(event, 3, NX_DEADLINE_NEVER, &bits);
		peer_end(&peer);
	}
	while (nx_job_crash(root, &id, &service, &cause, &pc, &address, &stack,
			    &caller, &dropped) == NX_OK) {
		truth(id > first_id, "reports come in their order");
		first_id = id;
		lost += dropped;
		count++;
	}
	equal(count, JOB_CRASHES_MAX, "a job keeps the last reports");
	equal((int64_t)lost, 3, "and counts those it lost");
	nx_job_watch(root, (nx_event_t){ 0 }, 0, 0);
	nx_handle_close(event.handle);
}

/* Runs until the test says that it is over. */
static void spin(uint64_t argument, uint64_t buffer)
{
	(void)argument;
	(void)buffer;
	while (!seen.done) {
		seen.count++;
		nx_yield();
	}
	nx_exit(0, 0);
}

static void test_classes(void)
{
	nx_budget_t urgent = new_budget(NX_QOS_INTERACTIVE);
	nx_budget_t idle = new_budget(NX_QOS_IDLE), refused;
	nx_event_t event = new_event();
	nx_thread_t thread;
	unsigned before;
	uint64_t from;

	equal(nx_budget_create((nx_job_t){ 0 }, NX_QOS_INTERACTIVE, 1,
			       &refused),
	      NX_ERR_ACCESS_DENIED, "nobody raises its own class");
	start_on(urgent, wait_once, event.handle, &thread);
	pause_ns(30 * MS);
	nx_signal(event, 4);
	truth(seen.done, "who is more urgent goes on at once");
	nx_handle_close(thread.handle);
	pause_ns(30 * MS);
	seen.done = false;
	start_on(idle, spin, 0, &thread);
	from = nx_ticks();
	for (unsigned i = 0; i < 50; i++)
		nx_yield();
	/* But not for ever. */
	truth(seen.count == 0 || nx_ticks() - from > UINT64_C(500000),
	      "who is less urgent waits for the others");
	pause_ns(100 * MS);
	truth(seen.count > 0, "until they rest");
	nx_handle_close(thread.handle);
	start_on(own_budget, spin, 0, &thread);
	before = seen.count;
	for (unsigned i = 0; i < 50; i++)
		nx_yield();
	truth(seen.count - before >= 20, "equals take turns");
	seen.done = true;
	nx_handle_close(thread.handle);
	pause_ns(30 * MS);
	nx_handle_close(urgent.handle);
	nx_handle_close(idle.handle);
	nx_handle_close(event.handle);
}

/* An idle server, a thread that never rests, and a caller. */
static void test_donation(void)
{
	nx_budget_t idle = new_budget(NX_QOS_IDLE);
	nx_port_t port = new_port(1);
	nx_thread_t server, spinner;
	struct nx_message message = { 0 };
	unsigned answered = 0;

	start_on(idle, echo, port.handle, &server);
	pause_ns(30 * MS);
	start(nobody, spin, 0, &spinner);
	for (unsigned i = 0; i < 20; i++) {
		message.header = 0;
		answered += nx_call(nx_port_client(port), &message) == NX_OK;
	}
	equal(answered, 20, "a server works at the urgency of its caller");
	seen.done = true;
	nx_task_kill(server.handle, 0);
	pause_ns(30 * MS);
	nx_handle_close(server.handle);
	nx_handle_close(spinner.handle);
	nx_handle_close(port.handle);
	nx_handle_close(idle.handle);
}

/* A receiver whose handle is revoked gets no message any more. */
static void receive_one(uint64_t port, uint64_t buffer)
{
	struct nx_message message = { 0 };

	(void)buffer;
	seen.status = nx_recv((nx_port_t){ (nx_handle_t)port }, &message);
	seen.done = true;
	nx_exit(0, 1);
}

static void test_revoked_receiver(void)
{
	nx_port_t port = new_port(1);
	struct peer peer =
		peer_with(receive_one, port.handle, NX_RIGHTS_SAME, 0);

	pause_ns(30 * MS);
	truth(!seen.done, "a receiver waits");
	nx_handle_revoke(port.handle);
	pause_ns(30 * MS);
	truth(seen.done && seen.status == NX_ERR_BAD_HANDLE,
	      "until the handle it waits through is revoked");
	peer_end(&peer);
	nx_handle_close(port.handle);
}

/* What the server does between a call and its answer the caller pays for. */
static void work(uint64_t port, uint64_t buffer)
{
	struct nx_message message = { 0 };
	nx_port_t self = { (nx_handle_t)port };
	nx_status_t status = nx_recv(self, &message);

	(void)buffer;
	while (status == NX_OK) {
		for (unsigned i = 0; i < 1000; i++)
			nx_ticks();
		message.header = 0;
		status = nx_reply_recv(self, &message);
	}
	nx_exit(0, 0);
}

static uint64_t spent_ns(nx_budget_t budget)
{
	uint32_t qos_class, share;
	uint64_t ns = 0;

	nx_budget_info(budget, &qos_class, &share, &ns);
	return ns;
}

static void test_who_pays(void)
{
	nx_budget_t servers = new_budget(NX_QOS_NORMAL);
	nx_port_t port = new_port(1);
	struct nx_message message = { 0 };
	uint64_t server_ns, client_ns;
	nx_thread_t server;

	start_on(servers, work, port.handle, &server);
	pause_ns(30 * MS);
	server_ns = spent_ns(servers);
	client_ns = spent_ns(own_budget);
	for (unsigned i = 0; i < 20; i++) {
		message.header = 0;
		nx_call(nx_port_client(port), &message);
	}
	server_ns = spent_ns(servers) - server_ns;
	client_ns = spent_ns(own_budget) - client_ns;
	truth(client_ns >= 20 * 100000, "a caller pays for what it asks for");
	truth(server_ns < 100000, "a server does not");
	nx_task_kill(server.handle, 0);
	pause_ns(30 * MS);
	nx_handle_close(server.handle);
	nx_handle_close(port.handle);
	nx_handle_close(servers.handle);
}

/* Maps something else where its message buffer was. */
static void replace_buffer(uint64_t vmo, uint64_t buffer)
{
	nx_process_t self = { 0 };
	nx_uaddr_t address = 0;

	nx_unmap_protect(self, buffer, NX_PAGE_SIZE, 0);
	nx_map(self, (nx_vmo_t){ (nx_handle_t)vmo }, 0, NX_PAGE_SIZE,
	       NX_MAP_READ, 0, &address);
	seen.message.words[0] = address;
	seen.done = address == buffer;
	nx_exit(0, 0);
}

static void test_replaced_buffer(void)
{
	uint64_t size, content;
	uint32_t seals, mappings = 0;
	nx_thread_t thread;
	nx_vmo_t vmo = { 0 };

	nx_vmo_create((nx_job_t){ 0 }, NX_PAGE_SIZE, &vmo);
	start(nobody, replace_buffer, vmo.handle, &thread);
	for (unsigned i = 0; !seen.done && i < 20; i++)
		pause_ns(30 * MS);
	truth(seen.done, "a thread may map over its message buffer");
	nx_vmo_info(vmo, &size, &content, &seals, &mappings);
	equal(mappings, 1,
	      "its end takes away the buffer, not what replaced it");
	nx_unmap_protect(nobody, seen.message.words[0], NX_PAGE_SIZE, 0);
	nx_handle_close(thread.handle);
	nx_handle_close(vmo.handle);
}

/* Who is given a handle to itself, and is then forgotten, is gone. */
static void test_own_handle(void)
{
	nx_process_t process = { 0 };

	nx_process_create(root, SERVICE_PEER, 0, 0, &process);
	give(process, process.handle, NX_RIGHTS_SAME, 0);
	give(process, process.handle, NX_RIGHT_DUP, 0);
	nx_handle_close(process.handle);
}

/* A job that is watched by an event which that job itself pays for. */
static void test_own_watch(void)
{
	nx_event_t event = { 0 };
	nx_job_t job = { 0 };

	nx_job_create(root, 10, 2, 0, &job);
	nx_event_create(job, &event);
	equal(nx_job_watch(job, event, 1, 2), NX_OK,
	      "a job may pay for the event that watches it");
	nx_handle_close(event.handle);
	nx_handle_close(job.handle);
}

/* The event goes first: who is further up is told then. */
static void test_watch_ends(void)
{
	nx_event_t outer = new_event(), inner = new_event();
	nx_process_t process = { 0 };
	nx_thread_t thread = { 0 };
	uint64_t bits = 0;
	nx_job_t job = { 0 };

	nx_job_create(root, 100, 10, 2, &job);
	nx_job_watch(root, outer, 1, 2);
	nx_job_watch(job, inner, 4, 8);
	nx_handle_close(inner.handle);
	nx_process_create(job, SERVICE_PEER, 0, 0, &process);
	start(process, receive_one, 0, &thread);
	equal(nx_wait(outer, 1, NX_DEADLINE_NEVER, &bits), NX_OK,
	      "a watch ends with its event");
	nx_job_watch(root, (nx_event_t){ 0 }, 0, 0);
	nx_handle_close(thread.handle);
	nx_handle_close(process.handle);
	nx_handle_close(job.handle);
	nx_handle_close(outer.handle);
}

static void run_test(void (*test)(void), const char *what)
{
	memset(&seen, 0, sizeof(seen));
	run(test, what);
}

static void scenario(uint64_t argument, uint64_t buffer)
{
	(void)argument;
	own_buffer = (void *)(uintptr_t)buffer;
	run_test(test_echo, "echo leaves nothing behind");
	run_test(test_cap, "capabilities leave nothing behind");
	run_test(test_large_answer, "large answers leave nothing behind");
	run_test(test_server_death, "a dead server leaves nothing behind");
	run_test(test_closed_port, "a closed port leaves nothing behind");
	run_test(test_client_death, "a dead client leaves nothing behind");
	run_test(test_times, "deadlines leave nothing behind");
	run_test(test_caller_gives_up, "a late answer leaves nothing behind");
	run_test(test_later, "reply handles leave nothing behind");
	run_test(test_send, "queues leave nothing behind");
	run_test(test_turns, "taking turns leaves nothing behind");
	run_test(test_circle, "a circle leaves nothing behind");
	run_test(test_event, "events leave nothing behind");
	run_test(test_crash, "a crash leaves nothing behind");
	run_test(test_many_crashes, "many crashes leave nothing behind");
	run_test(test_classes, "classes leave nothing behind");
	run_test(test_donation, "donated budgets leave nothing behind");
	run_test(test_who_pays, "work for others leaves nothing behind");
	run_test(test_replaced_buffer,
		 "a replaced buffer leaves nothing behind");
	run_test(test_own_handle, "a handle to oneself leaves nothing behind");
	run_test(test_own_watch,
		 "a job that watches itself leaves nothing behind");
	run_test(test_watch_ends,
		 "a watch without an event leaves nothing behind");
	run_test(test_revoked_receiver,
		 "a revoked receiver leaves nothing behind");
	run_test(test_kill,
		 "a process that kills itself leaves nothing behind");
	run_test(test_kill_waiting, "dead threads leave nothing behind");
	nx_job_reset(root, NX_RESET_SHUTDOWN, 0);
}

/* A chain of callers that is one longer than what is followed. */
static void donation(void)
{
	static struct thread chain[10];
	static struct budget budgets[10];

	for (unsigned i = 0; i < 10; i++) {
		chain[i].budget = &budgets[i];
		chain[i].caller = i < 9 ? &chain[i + 1] : NULL;
	}
	ok(budget_effective(&chain[9]) == &budgets[9],
	   "a thread without a caller runs on its own budget");
	ok(budget_effective(&chain[1]) == &budgets[9],
	   "a server runs on the budget of the caller 8 links up");
	ok(budget_effective(&chain[0]) == &budgets[8],
	   "a link further nobody looks");
}

int main(int argc, char **argv)
{
	scenario_run(SEEDS, argc, argv);
	donation();
	return done();
}

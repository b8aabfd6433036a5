/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions that a handler is asked about. This program handles those of
 * processes in jobs below its own: it puts memory where they found none, or
 * says no, or is not there any more. Whatever it does nothing waits for ever.
 */
#include "provoke.h"
#include "use.h"

#include <nexus/message.h>

#define BADGE 7
#define PLACE UINT64_C(0x20000000) /* where nothing is at first */
#define VALUE UINT64_C(0x0123456789abcdef)
#define WATCH_EXIT 1
#define WATCH_CRASH 2

enum { ADDRESS, SEEN, TIMES }; /* words[] of the page that both see */

static uint64_t read_there(uint64_t address)
{
	return *(const volatile uint64_t *)(uintptr_t)address;
}

/* Read a word in each of so many pages. */
static void reads(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t sum = 0;

	(void)buffer;
	for (uint64_t i = 0; i < page->words[TIMES]; i++)
		sum += read_there(page->words[ADDRESS] + i * NX_PAGE_SIZE);
	page->words[SEEN] = sum;
}

static void jumps_to_null(struct peer_page *page,
			  struct nx_message_buffer *buffer)
{
	(void)page;
	(void)buffer;
	provoke_jump(0);
}

struct handled {
	nx_job_t job;
	nx_port_t port;
	nx_handle_t client;
	nx_event_t watch;
	nx_vmo_t vmo; /* what is put where nothing is */
	struct peer peer;
};

static bool begin(struct test *test, struct handled *handled,
		  peer_function *function, uint64_t pages)
{
	const uint64_t size_bytes = 4 * NX_PAGE_SIZE, value = VALUE;
	nx_uaddr_t free_address = 0;

	*handled = (struct handled){
		.job = new_job(test, 256, 64, 8),
		.port = new_port(1),
		.watch = new_event(),
		.vmo = new_vmo(size_bytes),
	};
	handled->client = badge_of(handled->port.handle, NX_RIGHT_CALL, BADGE);
	for (uint64_t i = 0; i < 4; i++)
		nx_vmo_write(handled->vmo, i * NX_PAGE_SIZE, &value,
			     sizeof(value));
	if (!peer_process(test, &handled->peer, handled->job, function))
		return false;
	/* In the simulator each process has an address of its own for it. */
	nx_map(handled->peer.process, handled->vmo, 0, size_bytes,
	       NX_MAP_READ | NX_MAP_FIXED, PLACE, &free_address);
	nx_unmap_protect(handled->peer.process, free_address, size_bytes, 0);
	handled->peer.page->words[ADDRESS] = free_address;
	handled->peer.page->words[TIMES] = pages;
	return nx_job_watch(handled->job, handled->watch, WATCH_EXIT,
			    WATCH_CRASH) == NX_OK &&
	       check_status(test,
			    nx_job_handler(handled->job,
					   (nx_port_t){ handled->client }),
			    NX_OK, "exceptions of a job are handled") &&
	       peer_start(&handled->peer) == NX_OK;
}

static void end(struct test *test, struct handled *handled)
{
	peer_drop(test, &handled->peer);
	nx_task_kill(handled->job.handle, 0);
	nx_handle_close(handled->job.handle);
	nx_handle_close(handled->client);
	nx_handle_close(handled->port.handle);
	nx_handle_close(handled->watch.handle);
	nx_handle_close(handled->vmo.handle);
}

static nx_status_t asked(struct test *test, const struct handled *handled,
			 struct nx_message *message)
{
	*message = (struct nx_message){ .header = NX_HEADER_DEADLINE };
	test->buffer->deadline_ns = now_ns(test) + UINT64_C(5000000000);
	return nx_recv(handled->port, message);
}

/* What nobody was asked about, or was told not to happen. */
static bool crashed(struct test *test, const struct handled *handled)
{
	uint64_t id, cause, dropped;
	nx_uaddr_t pc, address, stack, caller;
	uint32_t service;

	return peer_wait(test, &handled->peer) &&
	       peer_state(&handled->peer) == NX_PROCESS_CRASHED &&
	       nx_job_crash(handled->job, &id, &service, &cause, &pc, &address,
			    &stack, &caller, &dropped) == NX_OK &&
	       id == facts_of(handled->peer.process.handle).id;
}

static bool is_about(const struct handled *handled,
		     const struct nx_message *message, uint64_t address)
{
	return nx_identity_service(message->identity) == PEER_SERVICE &&
	       nx_identity_badge(message->identity) == BADGE &&
	       nx_header_method(message->header) == 0 &&
	       message->words[0] != 0 && message->words[1] == 13 &&
	       message->words[2] == address && message->words[3] != 0 &&
	       message->words[4] == facts_of(handled->peer.process.handle).id &&
	       message->words[5] == facts_of(handled->peer.thread.handle).id;
}

/* Memory from a handler, a page at a time, as it is asked for. */
static void goes_on(struct test *test)
{
	struct handled handled;
	struct nx_message message;
	uint64_t faults = machine_counter(test, NX_COUNTER_FAULTS);
	unsigned good = 0;

	if (!begin(test, &handled, reads, 4))
		goto out;
	for (uint64_t i = 0; i < 4; i++) {
		uint64_t offset = i * NX_PAGE_SIZE;
		nx_uaddr_t mapped;

		if (asked(test, &handled, &message) != NX_OK)
			break;
		good += is_about(&handled, &message,
				 handled.peer.page->words[ADDRESS] + offset);
		nx_map(handled.peer.process, handled.vmo, offset, NX_PAGE_SIZE,
		       NX_MAP_READ | NX_MAP_FIXED, PLACE + offset, &mapped);
		message.header = 0;
		nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
	}
	check(test, good == 4, "the handler is told what happened to whom");
	check(test,
	      peer_wait(test, &handled.peer) &&
		      peer_state(&handled.peer) == NX_PROCESS_EXITED &&
		      handled.peer.page->words[SEEN] == 4 * VALUE,
	      "a thread goes on with its registers as they were");
	check(test, machine_counter(test, NX_COUNTER_FAULTS) - faults == 4,
	      "each exception happened once");
out:
	end(test, &handled);
}

static void is_refused(struct test *test)
{
	struct handled handled;
	struct nx_message message;

	if (begin(test, &handled, reads, 1)) {
		check_status(test, asked(test, &handled, &message), NX_OK,
			     "the handler is asked");
		message.header = nx_header(1, 0, 0, 0);
		nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
		check(test, crashed(test, &handled),
		      "an answer that says no ends the process as a crash");
	}
	end(test, &handled);
}

/* Asked again and again, if nothing was done about it. */
static void tries_again(struct test *test)
{
	struct handled handled;
	struct nx_message message;
	unsigned times = 0;

	if (begin(test, &handled, jumps_to_null, 0)) {
		while (times < 5 && asked(test, &handled, &message) == NX_OK) {
			times++;
			message.header = 0;
			nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
		}
		check(test, times == 5,
		      "an exception that comes again is told again");
		nx_task_kill(handled.peer.process.handle, 9);
		check(test,
		      peer_wait(test, &handled.peer) &&
			      peer_state(&handled.peer) == NX_PROCESS_KILLED,
		      "one whose handler has not answered can be killed");
	}
	end(test, &handled);
}

static void without_answer(struct test *test)
{
	struct handled handled;
	struct nx_message message;
	nx_handle_t reply = NX_HANDLE_NONE;

	if (begin(test, &handled, reads, 1)) {
		asked(test, &handled, &message);
		nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0,
			      (nx_process_t){ 0 }, &reply);
		nx_handle_close(reply);
		check(test, reply != NX_HANDLE_NONE && crashed(test, &handled),
		      "a right to answer that is dropped ends the process");
	}
	end(test, &handled);
}

/* handles[0]: the port. */
static void dies_asked(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_message message = { .header = 0 };

	(void)buffer;
	nx_recv((nx_port_t){ page->handles[0] }, &message);
	provoke_illegal();
}

static void handler_dies(struct test *test)
{
	struct handled handled;
	struct peer handler;

	if (!begin(test, &handled, reads, 1))
		goto out;
	if (peer_process(test, &handler, test->job, dies_asked)) {
		peer_give(&handler, 0, handled.port.handle, NX_RIGHTS_SAME);
		nx_handle_close(handled.port.handle);
		handled.port.handle = NX_HANDLE_NONE;
		peer_start(&handler);
		check(test, crashed(test, &handled),
		      "the end of its handler ends a process that asks it");
		peer_wait(test, &handler);
		peer_drop(test, &handler);
	}
out:
	end(test, &handled);
}

static void port_closes(struct test *test)
{
	struct handled handled;

	if (begin(test, &handled, reads, 1)) {
		peer_await_blocked(test, &handled.peer);
		nx_handle_close(handled.port.handle);
		handled.port.handle = NX_HANDLE_NONE;
		check(test, crashed(test, &handled),
		      "so does the end of the port before anybody was asked");
	}
	end(test, &handled);
	if (begin(test, &handled, reads, 1)) {
		peer_await_blocked(test, &handled.peer);
		nx_task_kill(handled.job.handle, 3);
		check(test,
		      peer_wait(test, &handled.peer) &&
			      peer_state(&handled.peer) == NX_PROCESS_KILLED,
		      "a job can be killed whose handler does not listen");
	}
	end(test, &handled);
}

/* The nearest handler is asked; without any the process ends at once. */
static void nearest(struct test *test)
{
	struct handled handled;
	struct nx_message message;
	nx_job_t child = { NX_HANDLE_NONE };
	nx_port_t other = new_port(1);
	struct peer peer;

	if (!begin(test, &handled, reads, 0))
		goto out;
	nx_job_create(handled.job, 128, 32, 4, &child);
	check_status(test, nx_job_handler(child, other), NX_OK,
		     "a job below has a handler of its own");
	if (peer_process(test, &peer, child, jumps_to_null)) {
		peer_start(&peer);
		message = (struct nx_message){ .header = NX_HEADER_DEADLINE };
		test->buffer->deadline_ns = now_ns(test) + UINT64_C(5000000000);
		check_status(test, nx_recv(other, &message), NX_OK,
			     "which is asked");
		check_status(test, nx_job_handler(child, (nx_port_t){ 0 }),
			     NX_OK, "and may leave");
		message.header = 0;
		nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
		check_status(test, asked(test, &handled, &message), NX_OK,
			     "then it is that of the job above");
		nx_job_handler(handled.job, (nx_port_t){ 0 });
		message.header = 0;
		nx_reply((nx_reply_t){ NX_HANDLE_CALLER }, &message);
		check(test,
		      peer_wait(test, &peer) &&
			      peer_state(&peer) == NX_PROCESS_CRASHED,
		      "and then nobody's");
		peer_drop(test, &peer);
	}
out:
	nx_handle_close(child.handle);
	nx_handle_close(other.handle);
	end(test, &handled);
}

static void refusals(struct test *test)
{
	nx_job_t job = new_job(test, 16, 4, 1);
	nx_port_t port = new_port(1);
	nx_handle_t client = badge_of(port.handle, NX_RIGHT_CALL, 1);

	check_status(test, nx_job_handler(test->job, port),
		     NX_ERR_ACCESS_DENIED, "nobody handles its own exceptions");
	nx_handle_close(port.handle);
	check_status(test, nx_job_handler(job, (nx_port_t){ client }),
		     NX_ERR_PEER_CLOSED, "a closed port handles none");
	port = new_port(1);
	nx_task_kill(job.handle, 0);
	check_status(test, nx_job_handler(job, port), NX_ERR_BAD_STATE,
		     "nor has a job that was killed any");
	nx_handle_close(job.handle);
	nx_handle_close(port.handle);
	nx_handle_close(client);
}

const struct system_case system_cases[] = {
	{ "goes on", goes_on },
	{ "is refused", is_refused },
	{ "tries again", tries_again },
	{ "without an answer", without_answer },
	{ "its handler dies", handler_dies },
	{ "its port closes", port_closes },
	{ "the nearest handler", nearest },
	{ "refusals", refusals },
	{ NULL, NULL },
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Moving messages: which headers are messages, and that a transfer that
 * fails at any point has moved nothing. Handle tables and slabs below it
 * are this file: a handle is known by its number, and either may refuse. */
#include "support/tap.h"

#include <ipc/message.c>

#include <nexus/rights.h>
#include <stdlib.h>

uint64_t counters[NX_COUNTER_END];

#define SOURCES 8
static struct handle sources[HANDLES_PER_PAGE], absent[HANDLES_PER_PAGE];
static struct handle *pages[HANDLE_PAGES_MAX];
static struct object objects[SOURCES];
static nx_status_t reserve_status, slab_status;
static unsigned installed_count, reserved_count, transit_count, dropped_count;
static struct nx_message_cap installed[NX_MESSAGE_CAPS_MAX];

nx_status_t handle_reserve(struct handle_table *table, unsigned count)
{
	(void)table;
	if (reserve_status == NX_OK)
		reserved_count += count;
	return reserve_status;
}

nx_handle_t handle_install(struct handle_table *table, struct object *object,
			   nx_rights_t rights, uint32_t badge,
			   struct derivation *parent)
{
	struct handle *source = CONTAINER_OF(parent, struct handle, link);

	(void)table;
	(void)object;
	installed[installed_count].handle =
		(nx_handle_t)(source - sources) + 100 * badge;
	installed[installed_count].rights = rights;
	return 1000 + installed_count++;
}

void handle_transit_init(struct handle *transit, struct handle *source,
			 nx_rights_t rights)
{
	*transit = *source;
	transit->link.rights = (uint16_t)rights;
	transit_count++;
}

nx_handle_t handle_install_transit(struct handle_table *table,
				   struct handle *transit)
{
	(void)table;
	return transit->object != NULL ? 2000 + installed_count++
				       : NX_HANDLE_NONE;
}

void handle_transit_drop(struct handle *transit)
{
	(void)transit;
	dropped_count++;
}

nx_status_t slab_alloc(struct job *job, size_t size_bytes,
		       void *out_cell_pointer)
{
	(void)job;
	if (slab_status != NX_OK)
		return slab_status;
	*(any_pointer *)out_cell_pointer = calloc(1, size_bytes);
	return NX_OK;
}

_Noreturn void panic(const char *format, ...)
{
	(void)format;
	abort();
}

void slab_give_cell(struct job *job, void *cell, size_t class)
{
	(void)job;
	(void)class;
	free(cell);
}

static struct process process = { .handles.pages = pages };
static struct nx_message_buffer buffers[2], buffer_before;
static struct thread from = { .process = &process, .buffer = &buffers[0] };
static struct thread to = { .process = &process, .buffer = &buffers[1] };
static struct thread to_before;

static void reset(uint64_t header)
{
	memset(buffers, 0, sizeof(buffers));
	for (unsigned i = 0; i < HANDLE_PAGES_MAX; i++)
		pages[i] = i == 0 ? sources : absent;
	for (unsigned i = 0; i < SOURCES; i++) {
		sources[i].link.number = i;
		sources[i].link.rights = NX_RIGHT_TRANSFER | NX_RIGHT_CALL;
		sources[i].object = &objects[i];
		sources[i].identity = UINT64_C(9) << 32 | i;
	}
	sources[7].link.rights = NX_RIGHT_CALL;
	sources[6].link.rights = NX_RIGHT_TRANSFER | NX_RIGHT_RECV;
	for (unsigned i = 0; i < 4; i++) {
		buffers[0].send_caps[i].handle = i + 1;
		buffers[0].send_caps[i].rights = NX_RIGHTS_SAME;
	}
	memset(buffers[0].send_frame, 0xab, NX_MESSAGE_FRAME_MAX);
	buffers[1].recv_bytes_max = NX_MESSAGE_FRAME_MAX;
	buffers[1].recv_caps_max = NX_MESSAGE_CAPS_MAX;
	for (unsigned i = 0; i < 8; i++) {
		from.frame.registers.a[i] = 10 + i;
		to.frame.registers.a[i] = 90 + i;
	}
	from.frame.registers.a[1] = header;
	to.frame.call = 77;
	to_before = to;
	buffer_before = buffers[1];
	reserve_status = slab_status = NX_OK;
	installed_count = reserved_count = transit_count = dropped_count = 0;
}

static bool untouched(void)
{
	return memcmp(&to_before, &to, sizeof(to)) == 0 &&
	       memcmp(&buffer_before, &buffers[1], sizeof(buffer_before)) ==
		       0 &&
	       installed_count == 0 && reserved_count == 0;
}

static void headers(void)
{
	static const struct {
		uint64_t header;
		nx_status_t status;
		const char *what;
	} rows[] = {
		{ 0, NX_OK, "nothing but words" },
		{ 6 << 6, NX_OK, "six words" },
		{ 7 << 6, NX_ERR_INVALID_ARGS, "seven words" },
		{ 4, NX_OK, "four capabilities" },
		{ 5, NX_ERR_TOO_BIG, "five capabilities" },
		{ 7, NX_ERR_TOO_BIG, "seven capabilities" },
		{ 8 | UINT64_C(1) << 32, NX_OK, "a frame of one byte" },
		{ 8 | UINT64_C(1024) << 32, NX_OK, "the longest frame" },
		{ 8 | UINT64_C(1025) << 32, NX_ERR_TOO_BIG, "a byte more" },
		{ 8 | UINT64_C(4095) << 32, NX_ERR_TOO_BIG, "far more" },
		{ 8, NX_ERR_INVALID_ARGS, "a frame of no bytes" },
		{ UINT64_C(1) << 32, NX_ERR_INVALID_ARGS, "bytes, no frame" },
		{ 16, NX_OK, "a deadline" },
		{ 32, NX_OK, "no waiting" },
		{ 48, NX_ERR_INVALID_ARGS, "no waiting until a deadline" },
		{ 1 << 9, NX_ERR_INVALID_ARGS, "the first zero bit" },
		{ 1 << 15, NX_ERR_INVALID_ARGS, "the last zero bit" },
		{ UINT64_C(0xffff) << 16, NX_OK, "any method" },
		{ UINT64_C(0xfffff) << 44, NX_OK, "any transaction" },
	};

	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++)
		is_i64(message_header_check(rows[i].header), rows[i].status,
		       "header: %s", rows[i].what);
}

static void words(void)
{
	reset(NX_HEADER_DEADLINE | 2 << 6 | 5 << 16);
	is_i64(message_transfer(&from, &to, 42), NX_OK, "words move");
	is_u64(to.frame.registers.a[0], 42, "the identity is the given one");
	is_u64(to.frame.registers.a[1], 2 << 6 | 5 << 16,
	       "how the sender waits is not for the receiver");
	is_mem(&to.frame.registers.a[2], &from.frame.registers.a[2], 48,
	       "all six words arrive");
	is_u64(to.frame.call, 0, "the status is OK");
	ok(memcmp(&buffer_before, &buffers[1], sizeof(buffer_before)) == 0,
	   "the buffer is left alone");
}

static void everything(void)
{
	reset(nx_header(1, 100, 3, 0));
	buffers[0].send_caps[1].rights = NX_RIGHT_CALL | NX_RIGHT_WRITE;
	is_i64(message_transfer(&from, &to, 1), NX_OK, "a whole message moves");
	is_u64(installed_count, 3, "three capabilities arrive");
	is_u64(buffers[1].recv_caps[2].handle, 1002, "with their numbers");
	is_u64(installed[0].rights, NX_RIGHT_TRANSFER | NX_RIGHT_CALL,
	       "with the same rights if so wanted");
	is_u64(installed[1].rights, NX_RIGHT_CALL,
	       "else with those that are wanted and there");
	is_u64(installed[2].handle, 303, "and with their badge");
	is_mem(buffers[1].recv_frame, buffers[0].send_frame, 100,
	       "the frame arrives");
	is_u64(buffers[1].recv_frame[100], 0, "and not a byte more");
}

static void nothing_moves(void)
{
	reset(nx_header(1, 100, 4, 0));
	buffers[1].recv_bytes_max = 99;
	is_i64(message_transfer(&from, &to, 1), NX_ERR_BUFFER_TOO_SMALL,
	       "a frame of a byte too much does not fit");
	buffer_before.recv_bytes_max = 99;
	ok(untouched(), "and nothing has moved");
	reset(nx_header(1, 100, 4, 0));
	buffers[1].recv_caps_max = 3;
	is_i64(message_transfer(&from, &to, 1), NX_ERR_BUFFER_TOO_SMALL,
	       "a capability too much does not fit");
	buffer_before.recv_caps_max = 3;
	ok(untouched(), "and nothing has moved");
	reset(nx_header(1, 0, 4, 0));
	reserve_status = NX_ERR_QUOTA_HANDLES;
	is_i64(message_transfer(&from, &to, 1), NX_ERR_QUOTA_HANDLES,
	       "without room for handles it fails");
	ok(untouched(), "and nothing has moved");
	reset(nx_header(1, 0, 4, 0));
	buffers[0].send_caps[3].handle = SOURCES;
	is_i64(message_transfer(&from, &to, 1), NX_ERR_BAD_HANDLE,
	       "the last of four handles may be the wrong one");
	ok(untouched(), "and nothing has moved");
	reset(nx_header(1, 0, 4, 0));
	buffers[0].send_caps[3].handle = 7;
	is_i64(message_transfer(&from, &to, 1), NX_ERR_ACCESS_DENIED,
	       "or not to be transferred");
	ok(untouched(), "and nothing has moved");
	reset(nx_header(1, 0, 4, 0));
	buffers[0].send_caps[3].rights = 1 << 16;
	is_i64(message_transfer(&from, &to, 1), NX_ERR_INVALID_ARGS,
	       "or be wanted with a right that does not exist");
	ok(untouched(), "and nothing has moved");
}

static struct port port;

static void queue(void)
{
	list_init(&port.messages);
	reset(nx_header(1, 100, 2, NX_HEADER_NONBLOCK));
	is_i64(message_enqueue(&from, &port, 5), NX_OK, "a message is queued");
	is_u64(port.depth, 1, "and counted");
	memset(buffers[0].send_frame, 0, NX_MESSAGE_FRAME_MAX);
	buffers[1].recv_bytes_max = 99;
	is_i64(message_dequeue(&port, &to), NX_ERR_BUFFER_TOO_SMALL,
	       "it does not leave for one who has no room");
	is_u64(port.depth, 1, "and stays");
	buffers[1].recv_bytes_max = 100;
	reserve_status = NX_ERR_QUOTA_HANDLES;
	is_i64(message_dequeue(&port, &to), NX_ERR_QUOTA_HANDLES,
	       "nor for one who may have no more handles");
	is_u64(port.depth, 1, "and stays");
	reserve_status = NX_OK;
	LIST_ENTRY(port.messages.next, struct queued_message, node)
		->caps[0]
		.object = NULL;
	is_i64(message_dequeue(&port, &to), NX_OK, "then it leaves");
	is_u64(port.depth, 0, "once");
	is_u64(to.frame.registers.a[0], 5, "with its identity");
	is_u64(to.frame.registers.a[1], nx_header(1, 100, 2, 0),
	       "with its header");
	is_u64(buffers[1].recv_frame[99], 0xab, "with the frame it had");
	is_u64(buffers[1].recv_caps[0].handle, NX_HANDLE_NONE,
	       "what was revoked on its way is no handle");
	is_u64(buffers[1].recv_caps[1].handle, 2000, "what was not is one");
}

static void queue_refuses(void)
{
	reset(nx_header(1, 0, 2, 0));
	slab_status = NX_ERR_QUOTA_PAGES;
	is_i64(message_enqueue(&from, &port, 5), NX_ERR_QUOTA_PAGES,
	       "the port's job must pay for a queued message");
	ok(transit_count == 0 && port.depth == 0, "else nothing is queued");
	reset(nx_header(1, 0, 2, 0));
	buffers[0].send_caps[1].handle = 6;
	is_i64(message_caps_check(&from, true), NX_ERR_INVALID_ARGS,
	       "a receiver is not for a queue");
	is_i64(message_caps_check(&from, false), NX_OK,
	       "but may go from hand to hand");
	buffers[0].send_caps[1].rights = NX_RIGHT_TRANSFER;
	is_i64(message_caps_check(&from, true), NX_OK,
	       "without its right to receive it may be queued");
	reset(nx_header(1, 0, 4, 0));
	message_enqueue(&from, &port, 5);
	message_drop(&port);
	ok(dropped_count == 4 && port.depth == 0,
	   "a message that is dropped drops its capabilities");
}

int main(void)
{
	plan(64);
	headers();
	words();
	everything();
	nothing_moves();
	queue();
	queue_refuses();
	return done();
}

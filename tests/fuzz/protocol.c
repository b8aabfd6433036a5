/* SPDX-License-Identifier: BSD-2-Clause */
/* Both sides of the services' protocols, against a peer that sends anything
 * the kernel lets through. A server's handler sees only requests of the form
 * of its row, from a badge with the rights; a client takes only answers of
 * that form. The kernel is nx_trap() below: messages come from the input. */

#include "fuzz.h"

#include <crt/thread.h>
#include <lib/package_client.h>
#include <lib/service.h>
#include <proto/packagefs.h>

#include <stddef.h>
#include <string.h>

#define RECORD 24u
#define RECORDS_MAX 32u

/* One message, of either direction. */
struct record {
	uint8_t what; /* service or client call */
	uint8_t words;
	uint8_t caps;
	uint16_t method;
	uint16_t bytes;
	uint32_t badge;
	uint32_t fill; /* the frame's bytes */
	uint64_t word;
};

static const uint8_t *input;
static size_t input_left;
static struct nx_message_buffer buffer;
static uint32_t served;
static uint32_t refused;
static uint32_t answers;
static int64_t open_handles;

static bool next_record(struct record *out_record)
{
	if (input_left < RECORD)
		return false;
	out_record->what = input[0];
	out_record->words = input[1];
	out_record->caps = input[2];
	memcpy(&out_record->method, input + 4, 2);
	memcpy(&out_record->bytes, input + 6, 2);
	memcpy(&out_record->badge, input + 8, 4);
	memcpy(&out_record->fill, input + 12, 4);
	memcpy(&out_record->word, input + 16, 8);
	input += RECORD;
	input_left -= RECORD;
	return true;
}

/* ---- handlers: the same for every row of every table ---- */

struct seen {
	const struct service_table *table;
};

static nx_status_t any_handler(struct seen *seen,
			       struct service_request *request)
{
	const struct service_method *method =
		&seen->table->methods[request->method];

	fuzz_must(request->method < seen->table->count && method->name,
		  "a handler has a row");
	fuzz_must(request->frame_bytes >= method->frame_min &&
			  request->frame_bytes <= method->frame_max &&
			  request->cap_count == method->caps,
		  "a request has the form of its row");
	fuzz_must((request->rights & method->rights) == method->rights,
		  "a badge has the rights of the row");
	served++;
	/* A broken handler too: what it says must not go out as it is. */
	request->answer_bytes = request->words[0] % 1024;
	memset(request->answer_frame, 0x5a, request->answer_bytes);
	return request->words[0] % 5 == 1 ? NX_ERR_BUSY : NX_OK;
}

/* Their parameters are the rows'; none is looked at. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define HANDLER(protocol, method, ...)                                         \
	nx_status_t protocol##_serve_##method(                                 \
		struct seen *seen, struct service_request *request NX_EACH(    \
					   PROTO_H_, __VA_ARGS__))             \
	{                                                                      \
		return any_handler(seen, request);                             \
	}

#define PROTO_NAME console
#define PROTO_TABLE <proto/console.def>
#define PROTO_STATE seen
#include <proto/server.h>
#define METHOD(number, name, since, rights, ...)                               \
	HANDLER(console, name, __VA_ARGS__)
#include <proto/console.def>
#undef METHOD

#define PROTO_NAME exec
#define PROTO_TABLE <proto/exec.def>
#define PROTO_STATE seen
#define shim_release_client exec_shim_release_client
#define shim_release_from exec_shim_release_from
#include <proto/server.h>
#undef shim_release_client
#undef shim_release_from
#define METHOD(number, name, since, rights, ...)                               \
	HANDLER(exec, name, __VA_ARGS__)
#include <proto/exec.def>
#undef METHOD

#define PROTO_NAME packagefs
#define PROTO_TABLE <proto/packagefs.def>
#define PROTO_STATE seen
#define shim_write packagefs_shim_write
#define shim_release_client packagefs_shim_release_client
#define shim_release_from packagefs_shim_release_from
#include <proto/server.h>
#undef shim_write
#undef shim_release_client
#undef shim_release_from
#define METHOD(number, name, since, rights, ...)                               \
	HANDLER(packagefs, name, __VA_ARGS__)
#include <proto/packagefs.def>
#undef METHOD

#define PROTO_NAME system
#define PROTO_TABLE <proto/system.def>
#define PROTO_STATE seen
#include <proto/server.h>
#define METHOD(number, name, since, rights, ...)                               \
	HANDLER(system, name, __VA_ARGS__)
#include <proto/system.def>
#undef METHOD

#define TABLE(protocol)                                                        \
	{                                                                      \
		.name = #protocol, .methods = protocol##_methods,              \
		.count = sizeof(protocol##_methods) /                          \
			 sizeof(protocol##_methods[0])                         \
	}
static const struct service_table tables[] = {
	TABLE(console),
	TABLE(exec),
	TABLE(packagefs),
	TABLE(system),
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* ---- the kernel ---- */

/* What comes in is of a form that the kernel makes. */
static nx_status_t deliver(struct nx_registers *registers)
{
	struct record record;
	const uint32_t bytes_max = buffer.recv_bytes_max;

	if (!next_record(&record))
		return NX_ERR_PEER_CLOSED;
	record.bytes %= NX_MESSAGE_FRAME_MAX + 1;
	record.caps %= NX_MESSAGE_CAPS_MAX + 1;
	if (record.bytes > bytes_max || record.caps > buffer.recv_caps_max)
		return NX_ERR_BUFFER_TOO_SMALL;
	memset(buffer.recv_frame, (int)record.fill, record.bytes);
	if (record.bytes >= 16 && record.fill % 3 == 0)
		memcpy(buffer.recv_frame + 8, &record.word, 8);
	for (unsigned i = 0; i < record.caps; i++) {
		buffer.recv_caps[i].handle = 100 + i;
		open_handles++;
	}
	registers->a[0] =
		(uint64_t)7 << 32 | (record.badge & ~PROTO_BADGE_SELF);
	registers->a[1] = proto_header(record.method, record.words & 7u,
				       record.bytes, record.caps);
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		registers->a[2 + i] = record.word + i * record.fill;
	return NX_OK;
}

static void check_answer(const struct nx_registers *registers)
{
	const uint64_t header = registers->a[1];

	answers++;
	fuzz_must(nx_header_caps(header) <= NX_MESSAGE_CAPS_MAX &&
			  nx_header_bytes(header) <= NX_MESSAGE_FRAME_MAX,
		  "an answer is a message");
	refused += nx_header_method(header) == (unsigned)-NX_ERR_MALFORMED ||
		   nx_header_method(header) == (unsigned)-NX_ERR_POLICY_DENIED;
}

nx_status_t nx_trap(uint64_t number, struct nx_registers *registers)
{
	switch (number) {
	case NX_SYS_reply_recv:
		check_answer(registers);
		return deliver(registers);
	case NX_SYS_reply:
		check_answer(registers);
		return NX_OK;
	case NX_SYS_recv:
	case NX_SYS_call:
		return deliver(registers);
	case NX_SYS_handle_close:
		open_handles--;
		return NX_OK;
	case NX_SYS_handle_info:
		return NX_ERR_BAD_HANDLE;
	case NX_SYS_send:
		return NX_OK;
	default:
		return NX_ERR_NO_MEMORY;
	}
}

/* A service's own threads are not started here. */
uint64_t program_now_ns(const struct program *program)
{
	(void)program;
	return 0;
}

nx_status_t program_thread_start(struct program *program,
				 const struct program_thread *what)
{
	(void)program;
	(void)what;
	return NX_ERR_NO_MEMORY;
}

void *heap_allocate(struct heap *heap, size_t size_bytes)
{
	(void)heap;
	(void)size_bytes;
	return NULL;
}

void heap_free(struct heap *heap, void *block)
{
	(void)heap;
	(void)block;
}

/* ---- runs ---- */

static void serve(uint8_t which)
{
	const struct service_table *table = &tables[which % TABLES];
	struct program program = { .buffer = &buffer };
	static struct service service;

	service = (struct service){
		.program = &program,
		.table = table,
		.state = &(struct seen){ table },
	};
	fuzz_must(service_run(&service) != NX_OK, "a service ends with why");
}

static bool show(void *context, const struct packagefs_entry *entry,
		 const char *name)
{
	(void)context;
	fuzz_must(entry->name_bytes <= 255 && strlen(name) <= 255,
		  "a name is whole");
	return true;
}

/* A client of a service that lies. */
static void ask(uint8_t which)
{
	const nx_client_t service = { 9 };
	struct package_file file = { .service = service, .buffer = &buffer };
	uint8_t bytes[100];
	size_t got = 0;
	uint64_t size;
	uint32_t word[4];

	switch (which % 5) {
	case 0:
		if (packagefs_read(&buffer, service, 1, 0, sizeof(bytes), bytes,
				   sizeof(bytes), &got) == NX_OK)
			fuzz_must(got <= sizeof(bytes), "an answer fits");
		break;
	case 1:
		if (packagefs_stat(&buffer, service, "/", 1, &word[0], &word[1],
				   &size, &size, &word[2], bytes, 32,
				   &got) == NX_OK)
			fuzz_must(got <= 32, "a digest fits");
		break;
	case 2:
		if (package_open(&buffer, service, "/a", &file) == NX_OK)
			package_close(&file);
		break;
	case 3: {
		nx_vmo_t memory = { NX_HANDLE_NONE };

		if (packagefs_read_vmo(&buffer, service, 1, 0, 4096, &memory,
				       &size, &word[0]) == NX_OK &&
		    memory.handle != NX_HANDLE_NONE)
			nx_handle_close(memory.handle);
		break;
	}
	default:
		(void)package_list(&file, show, NULL);
	}
}

static void run(const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return;
	input = bytes;
	input_left = size;
	open_handles = 0;
	memset(&buffer, 0, offsetof(struct nx_message_buffer, send_frame));
	buffer.recv_bytes_max = NX_MESSAGE_FRAME_MAX;
	buffer.recv_caps_max = NX_MESSAGE_CAPS_MAX;
	if (bytes[0] & 1)
		ask(bytes[0] / 2);
	else
		serve(bytes[0] / 2);
	fuzz_must(open_handles == 0, "every handle received is closed");
}

/* ---- the corpus: requests as the rows want them, and sound answers ---- */

static void put_record(uint8_t *bytes, const struct record *record)
{
	memset(bytes, 0, RECORD);
	bytes[0] = record->what;
	bytes[1] = record->words;
	bytes[2] = record->caps;
	memcpy(bytes + 4, &record->method, 2);
	memcpy(bytes + 6, &record->bytes, 2);
	memcpy(bytes + 8, &record->badge, 4);
	memcpy(bytes + 12, &record->fill, 4);
	memcpy(bytes + 16, &record->word, 8);
}

static size_t seed_requests(uint32_t which, uint8_t *bytes)
{
	const struct service_table *table = &tables[which];
	size_t size = 0;

	for (unsigned i = 0; i < table->count; i++) {
		const struct service_method *method = &table->methods[i];

		if (!method->name)
			continue;
		put_record(bytes + size, &(struct record){
						 .what = (uint8_t)(which * 2),
						 .words = method->words,
						 .caps = method->caps,
						 .method = (uint16_t)i,
						 .bytes = method->frame_min,
						 .badge = method->rights,
						 .fill = 'a',
					 });
		size += RECORD;
	}
	return size;
}

static size_t seed_answers(uint32_t which, uint8_t *bytes)
{
	static const struct record answers_of[5] = {
		{ .bytes = 64 },
		{ .bytes = 32 },
		{ .words = 4, .word = 5 },
		{ .caps = 1 },
		/* One entry: 16 bytes and a name of 8. */
		{ .bytes = 24, .fill = 3, .word = 0x0000000200080018 },
	};

	for (unsigned i = 0; i < 3; i++) {
		struct record record = answers_of[which];

		record.what = (uint8_t)(which * 2 + 1);
		put_record(bytes + i * RECORD, &record);
	}
	return 3 * (size_t)RECORD;
}

static size_t seed(uint32_t which, uint8_t *bytes)
{
	return which < TABLES ? seed_requests(which, bytes)
			      : seed_answers(which - TABLES, bytes);
}

static size_t mutate(uint8_t *bytes, size_t size, size_t size_max,
		     struct fuzz_random *random)
{
	static const uint8_t fields[][2] = {
		{ 1, 1 }, { 2, 1 },  { 4, 2 },	{ 6, 2 },
		{ 8, 4 }, { 12, 4 }, { 16, 8 },
	};
	const uint32_t rows = (uint32_t)(size / RECORD);

	(void)size_max;
	if (rows == 0)
		return size;
	for (uint32_t n = 1 + fuzz_below(random, 6); n > 0; n--) {
		uint8_t *row =
			bytes + fuzz_below(random, rows) * (size_t)RECORD;
		const uint8_t *field = fields[fuzz_below(random, 7)];

		if (fuzz_below(random, 4) == 0)
			memmove(row + field[0],
				bytes +
					fuzz_below(random, rows) *
						(size_t)RECORD +
					field[0],
				field[1]);
		else
			fuzz_change_number(row + field[0], field[1], random);
	}
	return size;
}

static void report(uint32_t runs)
{
	fuzz_ok(served > runs && refused > runs / 10,
		"of %u answers %u were refusals, %u requests reached a handler",
		answers, refused, served);
}

const struct fuzz_target fuzz_target = {
	.name = "protocol",
	.runs = 20000,
	.long_runs = 1000000,
	.size_max = RECORD * RECORDS_MAX,
	.seed_count = TABLES + 5,
	.seed = seed,
	.mutate = mutate,
	.run = run,
	.report = report,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Each call with each error it can return: those of cases.def, and what is
 * wrong with a handle, a register, memory, a filter or a rate, made for every
 * call of syscalls.def from its row. One line a case. */
#include "calls.h"
#include "messages.h"

#include <string.h>

#define REPEATS_MAX 300u
#define KEPT_MAX 8
#define NO_HANDLE UINT64_C(0x7fffffff)
#define FIXED_PLACE UINT64_C(0x20000000)

static const nx_process_t here = { 0 };
static const nx_reply_t to_caller = { NX_HANDLE_CALLER };

enum resource { PAGES, HANDLES };

/* What a row begins with, and what has to be undone behind it. */
struct scene {
	struct test *test;
	struct fixture fixture;
	struct nx_registers registers;
	/* To be made until it is refused; a register that grows each time. */
	unsigned repeats, next_register;
	uint64_t next_step;
	uint64_t deadline_ns; /* of a call that is made apart */
	uint32_t bytes_max;   /* what a caller takes; 0: all */
	struct peer peer;
	bool has_peer;
	nx_handle_t kept[KEPT_MAX];
	unsigned kept_count;
	nx_handle_t extra;
	nx_vmo_t other;
	nx_job_t poor, drained[2];
	nx_uaddr_t mapped;
	bool traces; /* it is on */
	nx_handle_t made[REPEATS_MAX];
	unsigned made_count;
};

#define A(n) (s->registers.a[n])
#define KIND(upper) (s->fixture.handles[NX_KIND_##upper])

static nx_handle_t keep(struct scene *s, nx_handle_t handle)
{
	if (handle != NX_HANDLE_NONE && s->kept_count < KEPT_MAX)
		s->kept[s->kept_count++] = handle;
	return handle;
}

static nx_handle_t weak(struct scene *s, nx_handle_t handle, nx_rights_t rights)
{
	return keep(s, dup_of(handle, rights));
}

static void close_kept(struct scene *s)
{
	while (s->kept_count > 0)
		nx_handle_close(s->kept[--s->kept_count]);
}

static void close_port(struct scene *s)
{
	nx_handle_close(KIND(PORT));
	KIND(PORT) = NX_HANDLE_NONE;
}

/* ---- messages ---- */

static void send_cap(struct scene *s, nx_handle_t handle, nx_rights_t rights)
{
	s->test->buffer->send_caps[0].handle = handle;
	s->test->buffer->send_caps[0].rights = rights;
	A(1) = nx_header(1, 0, 1, NX_HEADER_NONBLOCK);
}

static void queue(struct scene *s, unsigned bytes, unsigned caps)
{
	struct nx_message message = { .header = nx_header(1, bytes, caps,
							  NX_HEADER_NONBLOCK) };

	nx_send((nx_client_t){ KIND(PORT) }, &message);
}

static void send_frame(struct scene *s, unsigned bytes)
{
	queue(s, bytes, 0);
}

static void queue_cap(struct scene *s)
{
	uint64_t header = A(1);

	send_cap(s, KIND(EVENT), NX_RIGHTS_SAME);
	queue(s, 0, 1);
	A(1) = header;
}

static void fill_port(struct scene *s)
{
	for (unsigned i = 0; i < 4; i++)
		queue(s, 0, 0);
}

static void receives(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_message message = { .header = 0 };

	(void)buffer;
	nx_recv((nx_port_t){ page->handles[0] }, &message);
}

static void waits(struct peer_page *page, struct nx_message_buffer *buffer)
{
	uint64_t bits;

	(void)buffer;
	nx_wait((nx_event_t){ page->handles[1] }, 1, NX_DEADLINE_NEVER, &bits);
}

/* words[]: the registers, then its deadline, then the status and 1. */
enum { APART_DEADLINE = 9, APART_STATUS, APART_DONE };

static void traps(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_registers registers;

	for (unsigned i = 0; i < 8; i++)
		registers.a[i] = page->words[i];
	buffer->deadline_ns = page->words[APART_DEADLINE];
	page->words[APART_STATUS] =
		(uint64_t)(int64_t)nx_trap(page->words[8], &registers);
	page->words[APART_DONE] = 1;
}

/* Another thread that is blocked in this. */
static void begin(struct scene *s, peer_function *function)
{
	if (!peer_thread(s->test, &s->peer, function))
		return;
	s->has_peer = true;
	peer_give(&s->peer, 0, KIND(PORT), NX_RIGHTS_SAME);
	peer_give(&s->peer, 1, KIND(EVENT), NX_RIGHTS_SAME);
	peer_start(&s->peer);
	peer_await_blocked(s->test, &s->peer);
}

static void receive(struct scene *s)
{
	struct nx_message message = receive_within(s->test);

	nx_recv((nx_port_t){ KIND(PORT) }, &message);
}

/* Another thread has called, and was received. */
static void owe_answer(struct scene *s)
{
	if (!caller_make(s->test, &s->peer, KIND(PORT), 1, 0))
		return;
	s->has_peer = true;
	s->peer.page->words[CALLER_BYTES_MAX] = s->bytes_max;
	peer_start(&s->peer);
	peer_await_blocked(s->test, &s->peer);
	receive(s);
}

static nx_handle_t mint(struct scene *s)
{
	nx_handle_t reply = NX_HANDLE_NONE;

	nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0, here, &reply);
	return keep(s, reply);
}

/* It has gone through a queue, and may not answer any more. */
static nx_handle_t mint_mute(struct scene *s)
{
	send_cap(s, mint(s), NX_RIGHT_TRANSFER);
	queue(s, 0, 1);
	receive(s);
	return keep(s, s->test->buffer->recv_caps[0].handle);
}

static nx_handle_t badged(struct scene *s)
{
	return keep(s, badge_of(KIND(PORT), NX_RIGHTS_SAME, 1));
}

/* ---- quotas ---- */

/* The first job has none of it left: a child of it has all. */
static void drain(struct scene *s, enum resource resource)
{
	const struct use_of_job used = job_use(s->test->job);
	uint64_t left[2] = { 0, 0 }, other;
	nx_job_t *job = &s->drained[resource];

	nx_job_stats(s->test->job, &other, &left[PAGES], &other, &left[HANDLES],
		     &other, &other, &other);
	left[PAGES] = resource == PAGES ? left[PAGES] - used.pages : 0;
	left[HANDLES] = resource == HANDLES ? left[HANDLES] - used.handles : 0;
	while (nx_job_create(s->test->job, left[PAGES], left[HANDLES], 0,
			     job) != NX_OK &&
	       left[resource] > 0)
		left[resource]--;
}

/* A job without a page to make something in. */
static void poor_job(struct scene *s)
{
	nx_job_create(s->test->job, 0, 0, 0, &s->poor);
	A(0) = s->poor.handle;
}

/* A port whose job has pages for it and hardly more. */
static void poor_port(struct scene *s)
{
	nx_port_t port = { NX_HANDLE_NONE };

	nx_job_create(s->test->job, 2, 0, 0, &s->poor);
	nx_port_create(s->poor, NX_PORT_DEPTH_MAX, &port);
	A(0) = keep(s, port.handle);
}

/* A process that has no page left for one more mapping. */
static void poor_process(struct scene *s)
{
	nx_process_t process = { NX_HANDLE_NONE };
	nx_uaddr_t mapped;
	uint64_t pages = 1;

	while (process.handle == NX_HANDLE_NONE && pages < 64) {
		nx_job_create(s->test->job, pages, 0, 0, &s->poor);
		if (nx_process_create(s->poor, 0, 0, 0, &process) == NX_OK)
			break;
		nx_handle_close(s->poor.handle);
		pages++;
	}
	while (nx_map(process, (nx_vmo_t){ KIND(VMO) }, 0, NX_PAGE_SIZE,
		      NX_MAP_READ, 0, &mapped) == NX_OK)
		continue;
	s->extra = keep(s, process.handle);
}

/* ---- the rest ---- */

static void end_process(struct scene *s)
{
	nx_task_kill(KIND(PROCESS), 0);
}

/* So many for its budgets; the one there is has 100. */
static void shares(struct scene *s, uint64_t count)
{
	nx_job_set_shares(s->test->job, (nx_job_t){ KIND(JOB) }, count);
}

/* It begins where nothing is, and crashes. */
static void start_thread(struct scene *s)
{
	nx_thread_start((nx_thread_t){ KIND(THREAD) }, 0, 0, 0);
}

static void seal_other(struct scene *s)
{
	s->other = new_vmo(NX_PAGE_SIZE);
	nx_vmo_seal(s->other, NX_SEAL_WRITE);
}

static nx_uaddr_t map_read(struct scene *s)
{
	s->mapped =
		map_here((nx_vmo_t){ KIND(VMO) }, NX_PAGE_SIZE, NX_MAP_READ);
	return s->mapped;
}

static nx_uaddr_t map_fixed(struct scene *s)
{
	nx_map(here, (nx_vmo_t){ KIND(VMO) }, 0, NX_PAGE_SIZE,
	       NX_MAP_READ | NX_MAP_FIXED, FIXED_PLACE, &s->mapped);
	return FIXED_PLACE;
}

static void map_window(struct scene *s)
{
	uint64_t size_bytes;

	nx_mmio_map((nx_mmio_t){ KIND(MMIO) }, here, NX_MAP_READ, &s->mapped,
		    &size_bytes);
}

static nx_handle_t part_of(struct scene *s)
{
	nx_vmo_t slice = { NX_HANDLE_NONE };

	nx_vmo_slice((nx_vmo_t){ KIND(VMO) }, 0, NX_PAGE_SIZE, &slice);
	return keep(s, slice.handle);
}

/* All of it is given back. */
static nx_handle_t empty(struct scene *s)
{
	s->other = new_vmo(NX_PAGE_SIZE);
	nx_vmo_decommit(s->other, 0, NX_PAGE_SIZE);
	return s->other.handle;
}

static nx_handle_t map_last(struct scene *s)
{
	s->other = new_vmo(2 * NX_PAGE_SIZE);
	nx_map(here, s->other, NX_PAGE_SIZE, NX_PAGE_SIZE, NX_MAP_READ, 0,
	       &s->mapped);
	return s->other.handle;
}

static void share(struct scene *s)
{
	nx_vmo_t copy = { NX_HANDLE_NONE };

	nx_vmo_snapshot((nx_vmo_t){ KIND(VMO) }, 0, NX_PAGE_SIZE, &copy);
	keep(s, copy.handle);
}

static nx_handle_t contiguous(struct scene *s)
{
	nx_vmo_contiguous((nx_job_t){ 0 }, NX_PAGE_SIZE, &s->other);
	return s->other.handle;
}

static void all_lines(struct scene *s)
{
	A(0) = s->test->irq.handle;
}

static nx_handle_t line_one(struct scene *s)
{
	nx_irq_t line = { NX_HANDLE_NONE };

	nx_irq_narrow(s->test->irq, 1, &line);
	return keep(s, line.handle);
}

static void storm(struct scene *s)
{
	const nx_irq_t line = { KIND(IRQ) };

	nx_irq_bind(line, (nx_event_t){ KIND(EVENT) }, 1, 1);
	nx_irq_raise(line);
	nx_irq_ack(line);
	nx_irq_raise(line);
}

static void all_devices(struct scene *s)
{
	A(0) = s->test->dma.handle;
	A(2) = DEVICE_PAGE;
}

static uint64_t pin_page(struct scene *s)
{
	const nx_dma_t device = { KIND(DMA) };
	struct nx_dma_run run;
	uint64_t pin = 0, count;

	nx_dma_pin(device, (nx_vmo_t){ KIND(VMO) }, 0, NX_PAGE_SIZE,
		   NX_MAP_READ, &run, 1, &pin, &count);
	return pin;
}

static uint64_t quarantine(struct scene *s)
{
	uint64_t pin = pin_page(s);

	nx_dma_unpin((nx_dma_t){ KIND(DMA) }, pin, NX_DMA_UNFINISHED);
	return pin;
}

static void pin_all(struct scene *s)
{
	for (unsigned i = 0; i < NX_DMA_PINS_MAX; i++)
		pin_page(s);
}

static nx_handle_t large_vmo(struct scene *s)
{
	return keep(s, new_vmo((NX_DMA_PAGES_MAX + 1) * NX_PAGE_SIZE).handle);
}

static nx_handle_t sealed_vmo(struct scene *s)
{
	nx_vmo_t vmo = new_vmo(NX_PAGE_SIZE);

	nx_vmo_seal(vmo, NX_SEAL_WRITE);
	return keep(s, vmo.handle);
}

static nx_handle_t other_window(struct scene *s)
{
	nx_mmio_t window = { NX_HANDLE_NONE };

	nx_mmio_narrow(s->test->mmio, DEVICE_PAGE, NX_PAGE_SIZE, &window);
	return keep(s, window.handle);
}

static struct nx_filter_rules *rules(struct scene *s)
{
	struct nx_filter_rules *made =
		(struct nx_filter_rules *)(uintptr_t)s->fixture.page;

	nx_filter_init(made);
	return made;
}

/* One that could be there. */
static uint32_t absent_hart(struct scene *s)
{
	const uint64_t online = harts_there(s->test);
	uint32_t hart = 1;

	while (hart < 8 && (online >> hart & 1) != 0)
		hart++;
	return hart;
}

static void start_trace(struct scene *s)
{
	nx_vmo_t ring = { NX_HANDLE_NONE };

	s->traces = nx_trace_start(s->test->trace, NX_TRACE_FAULT, NX_PAGE_SIZE,
				   &ring) == NX_OK;
	keep(s, ring.handle);
}

/* ---- the rows ---- */

#define PASTE_(left, right) left##right
#define PASTE(left, right) PASTE_(left, right)
#define CASE(call, error, how, ...)                                            \
	static void PASTE(prepare_, __LINE__)(struct scene * s)                \
	{                                                                      \
		__VA_ARGS__;                                                   \
	}
#define APART(call, error, how, statements, ...)                               \
	CASE(call, error, how, statements)                                     \
	static void PASTE(go_on_, __LINE__)(struct scene * s)                  \
	{                                                                      \
		__VA_ARGS__;                                                   \
	}
#define ELSEWHERE(call, error, why)
#include "cases.def"
#undef CASE
#undef APART
#undef ELSEWHERE

static const struct row {
	const char *call;
	nx_status_t error;
	const char *how;
	void (*prepare)(struct scene *s);
	void (*go_on)(struct scene *s); /* the call is made apart */
} rows[] = {
#define CASE(call, error, how, ...)                                            \
	{ #call, NX_ERR_##error, how, PASTE(prepare_, __LINE__), NULL },
#define APART(call, error, how, statements, ...)                               \
	{ #call, NX_ERR_##error, how, PASTE(prepare_, __LINE__),               \
	  PASTE(go_on_, __LINE__) },
#define ELSEWHERE(call, error, why)
#include "cases.def"
#undef CASE
#undef APART
#undef ELSEWHERE
};

static const struct call_row *find_call(const char *name)
{
	for (unsigned i = 0; i < call_row_count; i++)
		if (names_equal(call_rows[i].name, name))
			return &call_rows[i];
	return NULL;
}

/* What a call has made: a handle, or a mapping. */
static void keep_made(struct scene *s, const struct call_row *call,
		      const struct nx_registers *after)
{
	if (call->number == NX_SYS_map)
		nx_unmap_protect(here, after->a[0], A(3), 0);
	else if (s->made_count < REPEATS_MAX && after->a[0] <= UINT32_MAX)
		s->made[s->made_count++] = (nx_handle_t)after->a[0];
}

/* Mappings are kept until the end of it, or they would not add up. */
static nx_status_t map_until(struct scene *s)
{
	nx_uaddr_t mapped[REPEATS_MAX];
	unsigned count = 0;
	nx_status_t status = NX_OK;

	while (status == NX_OK && count < REPEATS_MAX) {
		struct nx_registers registers = s->registers;

		status = nx_trap(NX_SYS_map, &registers);
		mapped[count] = registers.a[0];
		count += status == NX_OK;
	}
	while (count > 0)
		nx_unmap_protect(here, mapped[--count], A(3), 0);
	return status;
}

static nx_status_t make_call(struct scene *s, const struct call_row *call)
{
	nx_status_t status = NX_OK;

	if (s->repeats > 0 && call->number == NX_SYS_map)
		return map_until(s);
	for (unsigned i = 0; i <= s->repeats && status == NX_OK; i++) {
		struct nx_registers registers = s->registers;

		status = nx_trap(call->number, &registers);
		if (status == NX_OK)
			keep_made(s, call, &registers);
		s->registers.a[s->next_register] += s->next_step;
	}
	return status;
}

static nx_status_t make_apart(struct scene *s, const struct row *row,
			      const struct call_row *call)
{
	volatile uint64_t *words;

	if (!peer_thread(s->test, &s->peer, traps))
		return NX_OK;
	s->has_peer = true;
	words = s->peer.page->words;
	for (unsigned i = 0; i < 8; i++)
		words[i] = A(i);
	words[8] = call->number;
	words[APART_DEADLINE] = s->deadline_ns;
	peer_start(&s->peer);
	if (!peer_await_blocked(s->test, &s->peer))
		return NX_OK;
	row->go_on(s);
	if (!peer_await(s->test, &s->peer, APART_DONE, 1))
		return NX_OK;
	return (nx_status_t)words[APART_STATUS];
}

static void close_job(nx_job_t job)
{
	if (job.handle == NX_HANDLE_NONE)
		return;
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
}

static void clear(struct scene *s)
{
	struct nx_message answer = { .header = 0 };

	nx_reply(to_caller, &answer); /* if there is somebody */
	if (s->has_peer)
		peer_drop(s->test, &s->peer);
	nx_reply(to_caller, &answer); /* if he has gone */
	while (s->made_count > 0) {
		nx_handle_t handle = s->made[--s->made_count];

		nx_task_kill(handle, 0);
		nx_handle_close(handle);
	}
	close_kept(s);
	if (s->other.handle != NX_HANDLE_NONE)
		nx_handle_close(s->other.handle);
	if (s->mapped != 0)
		unmap_here(s->mapped, NX_PAGE_SIZE);
	if (s->traces)
		nx_trace_stop(s->test->trace);
	close_job(s->poor);
	close_job(s->drained[PAGES]);
	close_job(s->drained[HANDLES]);
	s->test->buffer->recv_bytes_max = NX_MESSAGE_FRAME_MAX;
	s->test->buffer->recv_caps_max = NX_MESSAGE_CAPS_MAX;
	fixture_drop(&s->fixture);
}

static void run_row(struct test *test, struct scene *s, const struct row *row)
{
	const struct call_row *call = find_call(row->call);
	nx_status_t status;

	memset(s, 0, sizeof(*s));
	s->test = test;
	if (call == NULL) {
		check(test, false, "there is a call %s", row->call);
		return;
	}
	if (!fixture_make(test, &s->fixture))
		return;
	fixture_registers(&s->fixture, call, &s->registers);
	row->prepare(s);
	status = row->go_on != NULL ? make_apart(s, row, call)
				    : make_call(s, call);
	clear(s);
	check_status(test, status, row->error, "%s says %s: %s", row->call,
		     nx_status_name(row->error), row->how);
}

static void run_rows(struct test *test, unsigned first, unsigned end)
{
	struct scene scene;

	for (unsigned i = first; i < end && i < ARRAY_COUNT(rows); i++)
		run_row(test, &scene, &rows[i]);
}

static void rows_first(struct test *test)
{
	run_rows(test, 0, ARRAY_COUNT(rows) / 2);
}

static void rows_second(struct test *test)
{
	run_rows(test, ARRAY_COUNT(rows) / 2, ARRAY_COUNT(rows));
}

/* ---- what goes for every call ---- */

/* One register of a call that is right in everything else. */
static void with(struct test *test, const struct fixture *fixture,
		 const struct call_row *call,
		 const struct call_argument *argument, uint64_t value,
		 nx_status_t wanted, const char *how)
{
	struct nx_registers registers;

	fixture_registers(fixture, call, &registers);
	registers.a[argument->place] = value;
	check_status(test, nx_trap(call->number, &registers), wanted,
		     "%s says %s: %s as %s", call->name, nx_status_name(wanted),
		     how, argument->name);
}

/* A call that anybody may make with any handle, or with no rights at all. */
static bool needs_no_right(const struct call_row *call)
{
	return call->number == NX_SYS_reply ||
	       call->number == NX_SYS_handle_close ||
	       call->number == NX_SYS_handle_info;
}

static void handle_cases(struct test *test, const struct fixture *fixture,
			 const struct call_row *call,
			 const struct call_argument *argument)
{
	const bool of_a_kind = argument_class(argument) == ARGUMENT_HANDLE;
	const bool is_event = argument->kind == NX_KIND_EVENT;
	struct nx_registers registers;
	nx_handle_t bare;

	with(test, fixture, call, argument, fixture->stale, NX_ERR_BAD_HANDLE,
	     "a stale handle");
	fixture_registers(fixture, call, &registers);
	with(test, fixture, call, argument,
	     registers.a[argument->place] | UINT64_C(1) << 32,
	     of_a_kind ? NX_ERR_BAD_HANDLE : NX_ERR_INVALID_ARGS,
	     "a handle with a bit over 32");
	if (of_a_kind)
		with(test, fixture, call, argument,
		     fixture->handles[is_event ? NX_KIND_PORT : NX_KIND_EVENT],
		     NX_ERR_WRONG_KIND, "another kind");
	if (needs_no_right(call))
		return;
	bare = dup_of((nx_handle_t)registers.a[argument->place], 0);
	with(test, fixture, call, argument, bare, NX_ERR_ACCESS_DENIED,
	     "a handle without rights");
	nx_handle_close(bare);
}

static bool is_narrow(const struct call_argument *argument)
{
	return names_equal(argument->type, "uint32_t") ||
	       names_equal(argument->type, "nx_rights_t");
}

static void argument_cases(struct test *test, const struct fixture *fixture,
			   const struct call_row *call,
			   const struct call_argument *argument)
{
	switch (argument_class(argument)) {
	case ARGUMENT_HANDLE:
	case ARGUMENT_ANY_HANDLE:
		handle_cases(test, fixture, call, argument);
		break;
	case ARGUMENT_SOURCE:
	case ARGUMENT_TARGET:
		/* Nothing was typed, which is seen first. */
		if (!names_equal(call->name, "debug_read"))
			with(test, fixture, call, argument, 8,
			     NX_ERR_BAD_ADDRESS, "wild memory");
		break;
	case ARGUMENT_NUMBER:
		if (is_narrow(argument))
			with(test, fixture, call, argument,
			     UINT64_C(1) << 32 | 1, NX_ERR_INVALID_ARGS,
			     "a number over 32 bits");
		break;
	default:
		break;
	}
}

static void every_argument(struct test *test)
{
	struct fixture fixture;

	if (!fixture_make(test, &fixture))
		return;
	for (unsigned i = 0; i < call_row_count; i++)
		for (unsigned k = 0; call_rows[i].arguments[k].name; k++)
			argument_cases(test, &fixture, &call_rows[i],
				       &call_rows[i].arguments[k]);
	fixture_drop(&fixture);
}

/* Bit i of words[1..2]: call_rows[i] was refused as words[0] says. */
#define CALLS_MAX 128
#define W_WANTED 0
#define W_BITS 1
#define W_DONE 3

static void refused_all(struct peer_page *page,
			struct nx_message_buffer *buffer)
{
	const nx_status_t wanted = (nx_status_t)page->words[W_WANTED];
	struct nx_filter_rules none = { .calls = 0 };

	(void)buffer;
	if (wanted == NX_ERR_THROTTLED) {
		nx_filter_init(&none);
		for (unsigned i = 0; i < NX_RATE_COUNT; i++)
			none.rates[i] = (struct nx_rate){ 1, 1 };
	}
	nx_filter_install(NX_HANDLE_NONE, &none);
	for (unsigned i = 0; i < call_row_count && i < CALLS_MAX; i++) {
		nx_status_t status = NX_OK;

		for (unsigned k = 0; k < 4 && status != wanted; k++) {
			struct nx_registers registers = {
				{ NO_HANDLE, call_rows[i].operation }
			};

			if (call_rows[i].number != NX_SYS_exit)
				status = nx_trap(call_rows[i].number,
						 &registers);
		}
		if (status == wanted)
			page->words[W_BITS + i / 64] |= UINT64_C(1) << i % 64;
	}
	page->words[W_DONE] = 1;
}

static bool is_refused(const struct peer *peer, unsigned i)
{
	return (peer->page->words[W_BITS + i / 64] >> i % 64 & 1) != 0;
}

static bool refuse_all(struct test *test, struct peer *peer, nx_status_t status)
{
	if (!peer_thread(test, peer, refused_all))
		return false;
	peer->page->words[W_WANTED] = (uint64_t)(int64_t)status;
	peer_start(peer);
	return peer_await(test, peer, W_DONE, 1);
}

static void every_filter(struct test *test)
{
	struct peer peer;

	if (!refuse_all(test, &peer, NX_ERR_FILTERED))
		return;
	for (unsigned i = 0; i < call_row_count; i++)
		check(test,
		      is_refused(&peer, i) ==
			      (call_rows[i].number != NX_SYS_exit),
		      "%s says FILTERED: a filter%s", call_rows[i].name,
		      call_rows[i].number == NX_SYS_exit ? ", never" : "");
	peer_drop(test, &peer);
}

/* What filter.h says is counted. */
static bool has_rate(const struct call_row *call)
{
	static const char *const names[] = {
		"call",		  "send",	    "port_create",
		"event_create",	  "process_create", "thread_create",
		"vmo_create",	  "vmo_slice",	    "vmo_snapshot",
		"vmo_contiguous", "mmio_narrow",    "irq_narrow",
		"dma_narrow",	  "job_create",	    "budget_create",
	};

	for (unsigned i = 0; i < ARRAY_COUNT(names); i++)
		if (names_equal(names[i], call->name))
			return true;
	return false;
}

static void every_rate(struct test *test)
{
	struct peer peer;

	if (!refuse_all(test, &peer, NX_ERR_THROTTLED))
		return;
	for (unsigned i = 0; i < call_row_count; i++)
		if (has_rate(&call_rows[i]) || is_refused(&peer, i))
			check(test,
			      has_rate(&call_rows[i]) && is_refused(&peer, i),
			      "%s says THROTTLED: a rate", call_rows[i].name);
	peer_drop(test, &peer);
}

const struct system_case system_cases[] = {
	{ "every argument", every_argument }, { "every filter", every_filter },
	{ "every rate", every_rate },	      { "rows", rows_first },
	{ "more rows", rows_second },	      { NULL, NULL },
};

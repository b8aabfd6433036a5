/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles that must not work, in every argument of every call: numbers that
 * are stale or were never given out, objects of another kind, and handles
 * that lack exactly one of the rights the call needs. */
#include "calls.h"
#include "use.h"

#include <string.h>

#define SOME UINT32_MAX /* looked up, but any right will do */

/* The rights that each handle of each call needs. A call that is not here
 * fails the test. */
static const struct need {
	const char *call;
	const char *argument;
	nx_rights_t rights;
} needs[] = {
	{ "call", "to", NX_RIGHT_CALL },
	{ "reply_recv", "to", NX_RIGHT_RECV },
	{ "recv", "to", NX_RIGHT_RECV },
	{ "reply", "to", SOME }, /* a reply handle is not duplicated */
	{ "send", "to", NX_RIGHT_SEND },
	{ "wait", "event", NX_RIGHT_WAIT },
	{ "signal", "event", NX_RIGHT_SIGNAL },
	{ "handle_dup", "source", NX_RIGHT_DUP | NX_RIGHT_TRANSFER },
	{ "handle_dup", "process", NX_RIGHT_MANAGE },
	{ "handle_close", "handle", SOME },
	{ "handle_revoke", "handle", NX_RIGHT_MANAGE },
	{ "handle_info", "handle", SOME },
	{ "port_create", "job", NX_RIGHT_WRITE },
	{ "event_create", "job", NX_RIGHT_WRITE },
	{ "process_create", "job", NX_RIGHT_WRITE },
	{ "thread_create", "process", NX_RIGHT_MANAGE },
	{ "thread_create", "budget", SOME },
	{ "task_kill", "task", NX_RIGHT_MANAGE },
	{ "vmo_create", "job", NX_RIGHT_WRITE },
	{ "map", "process", NX_RIGHT_MAP },
	{ "map", "vmo", NX_RIGHT_MAP | NX_RIGHT_READ },
	{ "unmap_protect", "process", NX_RIGHT_MAP },
	{ "mmio_narrow", "mmio", NX_RIGHT_MANAGE },
	{ "mmio_map", "mmio", NX_RIGHT_MAP | NX_RIGHT_READ },
	{ "mmio_map", "process", NX_RIGHT_MAP },
	{ "irq_narrow", "irq", NX_RIGHT_MANAGE },
	{ "irq_bind", "irq", NX_RIGHT_WAIT },
	{ "irq_bind", "event", NX_RIGHT_SIGNAL },
	{ "irq_ack", "irq", NX_RIGHT_WAIT },
	{ "irq_raise", "irq", NX_RIGHT_SIGNAL },
	{ "dma_narrow", "dma", NX_RIGHT_MANAGE },
	{ "dma_pin", "dma", NX_RIGHT_DMA },
	{ "dma_pin", "vmo", NX_RIGHT_DMA | NX_RIGHT_READ },
	{ "dma_unpin", "dma", NX_RIGHT_DMA },
	{ "dma_reset", "dma", NX_RIGHT_DMA },
	{ "dma_reset", "window", NX_RIGHT_MAP | NX_RIGHT_WRITE },
	{ "timer_set", "event", NX_RIGHT_WAIT },
	{ "filter_install", "target", NX_RIGHT_MANAGE },
	{ "thread_start", "thread", NX_RIGHT_MANAGE },
	{ "thread_affinity", "thread", NX_RIGHT_MANAGE },
	{ "vmo_read", "vmo", NX_RIGHT_READ },
	{ "vmo_write", "vmo", NX_RIGHT_WRITE },
	{ "vmo_slice", "vmo", NX_RIGHT_SLICE },
	{ "vmo_seal", "vmo", NX_RIGHT_SEAL },
	{ "vmo_info", "vmo", NX_RIGHT_INSPECT },
	{ "vmo_set_content", "vmo", NX_RIGHT_SEAL },
	{ "vmo_resize", "vmo", NX_RIGHT_WRITE | NX_RIGHT_SEAL },
	{ "vmo_snapshot", "vmo", NX_RIGHT_READ | NX_RIGHT_SEAL },
	{ "vmo_decommit", "vmo", NX_RIGHT_WRITE | NX_RIGHT_SEAL },
	{ "vmo_commit", "vmo", NX_RIGHT_WRITE | NX_RIGHT_SEAL },
	{ "vmo_label", "vmo", NX_RIGHT_SEAL },
	{ "vmo_label_read", "vmo", NX_RIGHT_INSPECT },
	{ "vmo_contiguous", "job", NX_RIGHT_WRITE },
	{ "job_create", "parent", NX_RIGHT_MANAGE },
	{ "job_stats", "job", NX_RIGHT_INSPECT },
	{ "job_watch", "job", NX_RIGHT_MANAGE },
	{ "job_watch", "event", NX_RIGHT_SIGNAL },
	{ "job_crash", "job", NX_RIGHT_MANAGE },
	{ "job_handler", "job", NX_RIGHT_MANAGE },
	{ "job_handler", "port", NX_RIGHT_CALL },
	{ "job_next", "job", NX_RIGHT_INSPECT },
	{ "job_reset", "job", NX_RIGHT_MANAGE },
	{ "job_set_shares", "parent", NX_RIGHT_MANAGE },
	{ "job_set_shares", "job", NX_RIGHT_MANAGE },
	{ "job_shares", "job", NX_RIGHT_INSPECT },
	{ "budget_create", "job", NX_RIGHT_WRITE },
	{ "budget_info", "budget", NX_RIGHT_INSPECT },
	{ "budget_set", "budget", NX_RIGHT_MANAGE },
	{ "budget_limit", "budget", NX_RIGHT_MANAGE },
	{ "budget_limits", "budget", NX_RIGHT_INSPECT },
	{ "hart_list", "job", NX_RIGHT_INSPECT },
	{ "hart_set", "job", NX_RIGHT_MANAGE },
	{ "debug_write", "trace", NX_RIGHT_WRITE },
	{ "debug_read", "trace", NX_RIGHT_MANAGE },
	{ "debug_watch", "trace", NX_RIGHT_MANAGE },
	{ "debug_watch", "event", NX_RIGHT_SIGNAL },
	{ "log_read", "trace", NX_RIGHT_READ },
	{ "counter_read", "trace", NX_RIGHT_READ },
	{ "trace_start", "trace", NX_RIGHT_MANAGE },
	{ "trace_stop", "trace", NX_RIGHT_MANAGE },
	{ "slow_count", "trace", NX_RIGHT_READ },
	{ "slow_count", "thread", NX_RIGHT_INSPECT },
};

static const struct need *find_need(const struct call_row *row,
				    const struct call_argument *argument)
{
	for (unsigned i = 0; i < ARRAY_COUNT(needs); i++)
		if (names_equal(needs[i].call, row->name) &&
		    names_equal(needs[i].argument, argument->name))
			return &needs[i];
	return NULL;
}

static bool is_handle(const struct call_argument *argument)
{
	enum argument_class class = argument_class(argument);

	return class == ARGUMENT_HANDLE || class == ARGUMENT_ANY_HANDLE;
}

/* Make the call with one handle replaced; true when it is refused with just
 * this status and has left the registers alone. */
static bool refused(struct test *test, const struct fixture *fixture,
		    const struct call_row *row,
		    const struct call_argument *argument, nx_handle_t handle,
		    nx_status_t wanted)
{
	struct nx_registers before, after;
	nx_status_t status;

	fixture_registers(fixture, row, &before);
	before.a[argument->place] = handle;
	after = before;
	status = nx_trap(row->number, &after);
	if (status != wanted) {
		remark(test, "%s(%s = %x): got %d, wanted %d", row->name,
		       argument->name, handle, status, wanted);
		return false;
	}
	if (row->is_message || !memcmp(&before, &after, sizeof(before)))
		return true;
	remark(test, "%s(%s = %x) has changed registers", row->name,
	       argument->name, handle);
	return false;
}

static bool refuses_stale(struct test *test, const struct fixture *fixture,
			  const struct call_row *row,
			  const struct call_argument *argument)
{
	nx_handle_t live = fixture->handles[NX_KIND_EVENT];
	nx_handle_t wild[] = {
		fixture->stale,
		live ^ UINT32_C(1) << NX_HANDLE_INDEX_BITS,
		live & NX_HANDLE_INDEX_MASK, /* generation 0 */
		live | NX_HANDLE_INDEX_MASK, /* far behind the last */
		UINT32_C(0x7fffffff),
		UINT32_C(0xfffffffe),
	};
	bool all = true;

	for (unsigned i = 0; i < ARRAY_COUNT(wild); i++)
		if (wild[i] != NX_HANDLE_NONE &&
		    !refused(test, fixture, row, argument, wild[i],
			     NX_ERR_BAD_HANDLE))
			all = false;
	return all;
}

static bool refuses_mistyped(struct test *test, const struct fixture *fixture,
			     const struct call_row *row,
			     const struct call_argument *argument)
{
	bool any = argument_class(argument) == ARGUMENT_ANY_HANDLE;
	bool all = true;

	if (any && row->number != NX_SYS_task_kill)
		return true; /* takes every kind */
	for (unsigned kind = 1; kind < NX_KIND_REPLY; kind++) {
		if (fixture->handles[kind] == NX_HANDLE_NONE ||
		    kind == argument->kind)
			continue;
		if (any && (kind == NX_KIND_THREAD || kind == NX_KIND_PROCESS ||
			    kind == NX_KIND_JOB))
			continue;
		if (!refused(test, fixture, row, argument,
			     fixture->handles[kind], NX_ERR_WRONG_KIND))
			all = false;
	}
	return all;
}

/* A duplicate that has every right but one. */
static bool refuses_without(struct test *test, const struct fixture *fixture,
			    const struct call_row *row,
			    const struct call_argument *argument,
			    nx_rights_t right)
{
	struct nx_registers registers;
	nx_handle_t weak;
	nx_status_t status;
	bool result;

	fixture_registers(fixture, row, &registers);
	status = nx_handle_dup((nx_handle_t)registers.a[argument->place],
			       NX_RIGHTS_ALL & ~right, 0, (nx_process_t){ 0 },
			       &weak);
	if (status != NX_OK) {
		remark(test, "%s: no handle to weaken: %d", row->name, status);
		return false;
	}
	result = refused(test, fixture, row, argument, weak,
			 NX_ERR_ACCESS_DENIED);
	nx_handle_close(weak);
	return result;
}

static bool refuses_weak(struct test *test, const struct fixture *fixture,
			 const struct call_row *row,
			 const struct call_argument *argument)
{
	const struct need *need = find_need(row, argument);
	bool all = true;

	if (!need) {
		remark(test, "nobody says which rights %s(%s) needs", row->name,
		       argument->name);
		return false;
	}
	if (need->rights == SOME)
		return true;
	for (unsigned bit = 0; bit < 16; bit++) {
		nx_rights_t right = need->rights & UINT32_C(1) << bit;

		if (right &&
		    !refuses_without(test, fixture, row, argument, right))
			all = false;
	}
	return all;
}

typedef bool refuses_function(struct test *, const struct fixture *,
			      const struct call_row *,
			      const struct call_argument *);

static void each_call(struct test *test, refuses_function *refuses,
		      const char *what)
{
	struct fixture fixture;

	if (!fixture_make(test, &fixture))
		return;
	for (unsigned i = 0; i < call_row_count; i++) {
		const struct call_row *row = &call_rows[i];
		bool any = false, all = true;

		for (unsigned k = 0; row->arguments[k].name; k++) {
			if (!is_handle(&row->arguments[k]))
				continue;
			any = true;
			if (!refuses(test, &fixture, row, &row->arguments[k]))
				all = false;
		}
		if (any)
			check(test, all, "%s refuses %s", row->name, what);
	}
	fixture_drop(&fixture);
}

static void stale(struct test *test)
{
	each_call(test, refuses_stale, "a stale handle");
}

static void mistyped(struct test *test)
{
	each_call(test, refuses_mistyped, "an object of another kind");
}

static void weak(struct test *test)
{
	each_call(test, refuses_weak, "a handle that lacks a right");
}

static void unknown_calls(struct test *test)
{
	bool numbers = true, reserved = true, operations = true;
	struct nx_registers registers;

	for (uint64_t n = NX_SYS_COUNT; n != 0; n = n < 100 ? n + 1 : n << 1) {
		memset(&registers, 0, sizeof(registers));
		if (nx_trap(n, &registers) != NX_ERR_BAD_CALL)
			numbers = false;
	}
	check(test, numbers, "a number that is no call is refused");
#define NX_CONTROL(number, name, since)                                        \
	memset(&registers, 0, sizeof(registers));                              \
	registers.a[1] = 99;                                                   \
	if (nx_trap(number, &registers) != NX_ERR_BAD_CALL)                    \
		operations = false;
#define NX_RESERVED(number, name)                                              \
	memset(&registers, 0, sizeof(registers));                              \
	if (nx_trap(number, &registers) != NX_ERR_NOT_SUPPORTED)               \
		reserved = false;
#include <nexus/syscalls.def>
	check(test, operations, "an operation that does not exist is refused");
	check(test, reserved, "a reserved call says that it is not supported");
}

/* Rights and badges of duplicates. */
static void duplicates(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_handle_t weak = dup_of(port.handle, NX_RIGHT_DUP | NX_RIGHT_CALL);
	nx_handle_t weaker = dup_of(weak, NX_RIGHTS_ALL);
	nx_handle_t badged = badge_of(port.handle, 0, 77);
	struct facts first = facts_of(port.handle);
	struct facts facts = facts_of(weaker);
	nx_handle_t none = 0, again;

	check(test,
	      first.kind == NX_KIND_PORT && (first.rights & NX_RIGHT_MANAGE),
	      "a first handle tells its kind and has the rights of the kind");
	check(test,
	      facts.rights == (NX_RIGHT_DUP | NX_RIGHT_CALL) &&
		      facts.id == first.id,
	      "a duplicate never has more rights than its source");
	facts = facts_of(badged);
	check(test, nx_identity_badge(facts.identity) == 77 && !facts.rights,
	      "the manager of a port makes a badge");
	check_status(test,
		     nx_handle_dup(weak, NX_RIGHTS_SAME, 5, (nx_process_t){ 0 },
				   &none),
		     NX_ERR_ACCESS_DENIED, "others cannot make a badge");
	again = badge_of(port.handle, NX_RIGHTS_SAME, 78);
	check_status(test,
		     nx_handle_dup(again, NX_RIGHTS_SAME, 79,
				   (nx_process_t){ 0 }, &none),
		     NX_ERR_BAD_STATE, "a badge is made once");
	nx_handle_close(again);
	check_status(test,
		     nx_handle_dup(port.handle, UINT32_C(1) << 20, 0,
				   (nx_process_t){ 0 }, &none),
		     NX_ERR_INVALID_ARGS, "an unknown right is refused");
	nx_handle_close(weak);
	nx_handle_close(weaker);
	nx_handle_close(badged);
	nx_handle_close(port.handle);
	check_status(test, nx_handle_close(port.handle), NX_ERR_BAD_HANDLE,
		     "a closed handle is stale at once");
}

static bool is_live(nx_handle_t handle)
{
	return facts_of(handle).status == NX_OK;
}

static bool is_stale(nx_handle_t handle)
{
	return facts_of(handle).status == NX_ERR_BAD_HANDLE;
}

/* port -> a -> b, port -> c; revoke a, then the port. */
static void revoke(struct test *test)
{
	nx_port_t port = new_port(1);
	nx_handle_t a = dup_of(port.handle, NX_RIGHTS_SAME);
	nx_handle_t b = dup_of(a, NX_RIGHTS_SAME);
	nx_handle_t c = dup_of(port.handle, NX_RIGHTS_SAME);

	check(test, is_live(a) && is_live(b) && is_live(c),
	      "a tree of handles is made");
	check_status(test, nx_handle_revoke(a), NX_OK, "a handle is revoked");
	check(test, is_stale(b), "what came from it is gone");
	check(test, is_live(a) && is_live(c) && is_live(port.handle),
	      "it, its siblings and its source are left");
	b = dup_of(a, NX_RIGHTS_SAME);
	nx_handle_close(a);
	check(test, is_live(b), "a duplicate outlives its source");
	nx_handle_revoke(port.handle);
	check(test, is_stale(b) && is_stale(c),
	      "what came from a closed handle is still below its source");
	nx_handle_close(port.handle);
}

/* One slot is used again and again until its generations are used up. */
static void generations(struct test *test)
{
	nx_event_t event = new_event();
	nx_handle_t first = dup_of(event.handle, NX_RIGHTS_SAME);
	bool distinct = true;

	nx_handle_close(first);
	for (unsigned i = 0; i < NX_HANDLE_GENERATION_MAX + 10; i++) {
		nx_handle_t next = dup_of(event.handle, NX_RIGHTS_SAME);

		distinct = distinct && next != NX_HANDLE_NONE && next != first;
		nx_handle_close(next);
	}
	check(test, distinct && is_stale(first),
	      "a handle's number is never given out again");
	nx_handle_close(event.handle);
}

const struct system_case system_cases[] = {
	{ "stale handles", stale },	{ "mistyped handles", mistyped },
	{ "weak handles", weak },	{ "unknown calls", unknown_calls },
	{ "duplicates", duplicates },	{ "revoke", revoke },
	{ "generations", generations }, { NULL, NULL },
};

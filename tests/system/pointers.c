/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that must not work, in every call that takes one: wild, of the
 * kernel, of devices, read-only, half mapped. And unaligned ones, which must.
 */
#include "calls.h"

#include <string.h>

static const struct {
	const char *name;
	uint64_t address;
} wild[] = {
	{ "null", 0 },
	{ "first page", 8 },
	{ "unaligned and unmapped", 0x3ffff003 },
	{ "interrupt timer", 0x02000000 },
	{ "interrupt controller", 0x0c000000 },
	{ "serial line", 0x10000000 },
	{ "disk", 0x10001000 },
	{ "firmware", 0x80000000 },
	{ "physical kernel", 0x80200000 },
	{ "last user page", UINT64_C(0x3ffffff000) },
	{ "behind the user half", UINT64_C(0x4000000000) },
	{ "no address at all", UINT64_C(0x800000000000) },
	{ "also none", UINT64_C(0x8000000000000000) },
	{ "kernel half", UINT64_C(0xffffffc000000000) },
	{ "kernel memory", UINT64_C(0xffffffc080200000) },
	{ "kernel image", UINT64_C(0xffffffff80200000) },
	{ "last page", UINT64_C(0xfffffffffffff000) },
	{ "wraps around", UINT64_C(0xffffffffffffffe0) },
};

/* debug_read says WOULD_BLOCK when nothing was typed, and labels are for what
 * is sealed, whatever the address. */
static bool is_refusal(const struct call_row *row, nx_status_t status)
{
	return status == NX_ERR_BAD_ADDRESS ||
	       (row->number == NX_SYS_vmo_ctl &&
		((row->operation == NX_OP_vmo_label &&
		  status == NX_ERR_BAD_STATE) ||
		 (row->operation == NX_OP_vmo_label_read &&
		  status == NX_ERR_NOT_FOUND))) ||
	       (row->number == NX_SYS_trace_ctl &&
		row->operation == NX_OP_debug_read &&
		status == NX_ERR_WOULD_BLOCK);
}

static bool refuses(struct test *test, const struct fixture *fixture,
		    const struct call_row *row,
		    const struct call_argument *argument, uint64_t address,
		    const char *name)
{
	struct nx_registers registers;
	nx_status_t status;

	fixture_registers(fixture, row, &registers);
	registers.a[argument->place] = address;
	status = nx_trap(row->number, &registers);
	if (is_refusal(row, status))
		return true;
	remark(test, "%s(%s = %s): got %d", row->name, argument->name, name,
	       status);
	return false;
}

static bool refuses_wild(struct test *test, const struct fixture *fixture,
			 const struct call_row *row,
			 const struct call_argument *argument)
{
	bool all = true;

	for (unsigned i = 0; i < ARRAY_COUNT(wild); i++)
		if (!refuses(test, fixture, row, argument, wild[i].address,
			     wild[i].name))
			all = false;
	return all;
}

static bool refuses_half(struct test *test, const struct fixture *fixture,
			 const struct call_row *row,
			 const struct call_argument *argument)
{
	return refuses(test, fixture, row, argument,
		       fixture->page + NX_PAGE_SIZE - 1, "half mapped") &&
	       refuses(test, fixture, row, argument,
		       fixture->page + NX_PAGE_SIZE, "behind the page");
}

static bool takes_unaligned(struct test *test, const struct fixture *fixture,
			    const struct call_row *row,
			    const struct call_argument *argument)
{
	struct nx_registers registers;
	nx_status_t status;

	fixture_registers(fixture, row, &registers);
	registers.a[argument->place] += 3;
	status = nx_trap(row->number, &registers);
	if (status == NX_OK ||
	    (status != NX_ERR_BAD_ADDRESS && is_refusal(row, status)))
		return true;
	/* It has read what stands there, which makes no rules. */
	if (row->number == NX_SYS_filter_install &&
	    status == NX_ERR_INVALID_ARGS)
		return true;
	remark(test, "%s(unaligned): got %d", row->name, status);
	return false;
}

static bool refuses_read_only(struct test *test, const struct fixture *fixture,
			      const struct call_row *row,
			      const struct call_argument *argument)
{
	nx_vmo_t vmo = { fixture->handles[NX_KIND_VMO] };
	nx_uaddr_t page;
	bool result;

	if (argument_class(argument) != ARGUMENT_TARGET)
		return true;
	if (nx_map((nx_process_t){ 0 }, vmo, 0, NX_PAGE_SIZE, NX_MAP_READ, 0,
		   &page) != NX_OK)
		return false;
	result = refuses(test, fixture, row, argument, page, "read only");
	nx_unmap_protect((nx_process_t){ 0 }, page, NX_PAGE_SIZE, 0);
	return result;
}

typedef bool pointer_function(struct test *, const struct fixture *,
			      const struct call_row *,
			      const struct call_argument *);

/* Remarks, for whoever prints 64 bytes from offset 0 or 3. */
static void fill(char *page)
{
	for (unsigned i = 0; i < NX_PAGE_SIZE; i++)
		page[i] = i % 64 == 63 || i % 64 == 2 ? '\n' : '#';
}

static void each_pointer(struct test *test, pointer_function *function,
			 const char *what)
{
	struct fixture fixture;

	if (!fixture_make(test, &fixture))
		return;
	for (unsigned i = 0; i < call_row_count; i++) {
		const struct call_row *row = &call_rows[i];

		/* Anew: the last call may have copied the page onto itself. */
		fill((char *)(uintptr_t)fixture.page);
		for (unsigned k = 0; row->arguments[k].name; k++) {
			enum argument_class class =
				argument_class(&row->arguments[k]);

			if (class != ARGUMENT_SOURCE &&
			    class != ARGUMENT_TARGET)
				continue;
			check(test,
			      function(test, &fixture, row, &row->arguments[k]),
			      "%s %s", row->name, what);
		}
	}
	fixture_drop(&fixture);
}

static void wild_pointers(struct test *test)
{
	each_pointer(test, refuses_wild, "refuses wild memory");
}

static void half_pointers(struct test *test)
{
	each_pointer(test, refuses_half, "refuses memory that ends too early");
}

static void unaligned_pointers(struct test *test)
{
	each_pointer(test, takes_unaligned, "takes unaligned memory");
}

static void read_only_pointers(struct test *test)
{
	each_pointer(test, refuses_read_only,
		     "does not write to read-only memory");
}

static void nothing(struct peer_page *page, struct nx_message_buffer *buffer)
{
	(void)page;
	(void)buffer;
}

/* A thread may begin anywhere; where nothing is, its process crashes. */
static void entries(struct test *test)
{
	bool all = true;

	for (unsigned i = 0; i < ARRAY_COUNT(wild); i++) {
		struct peer peer;
		nx_status_t status;

		if (!peer_process(test, &peer, test->job, nothing))
			return;
		status = nx_thread_start(peer.thread, wild[i].address,
					 peer.stack_end, 0);
		if (status == NX_OK &&
		    (!peer_wait(test, &peer) ||
		     peer_state(&peer) != NX_PROCESS_CRASHED)) {
			remark(test, "%s: state %lu", wild[i].name,
			       (unsigned long)peer_state(&peer));
			all = false;
		}
		peer_drop(test, &peer);
	}
	check(test, all, "a thread that begins nowhere ends its process only");
}

static bool is_mapped_at(struct test *test, nx_vmo_t vmo, uint64_t address)
{
	nx_uaddr_t mapped;
	nx_status_t status =
		nx_map((nx_process_t){ 0 }, vmo, 0, NX_PAGE_SIZE,
		       NX_MAP_READ | NX_MAP_FIXED, address, &mapped);

	if (status == NX_OK) {
		remark(test, "mapped at %lx", (unsigned long)address);
		nx_unmap_protect((nx_process_t){ 0 }, mapped, NX_PAGE_SIZE, 0);
	}
	return status == NX_OK;
}

static void fixed(struct test *test)
{
	static const uint64_t bad[] = {
		0,
		1,
		0x1000,
		0x20008,
		UINT64_C(0x3ffffff000),
		UINT64_C(0x4000000000),
		UINT64_C(0x7ffffffff000),
		UINT64_C(0xffffffc000000000),
		UINT64_C(0xffffffff80200000),
		UINT64_C(0xfffffffffffff000),
	};
	nx_vmo_t vmo;
	bool none = true, all = true;

	if (nx_vmo_create((nx_job_t){ 0 }, NX_PAGE_SIZE, &vmo) != NX_OK) {
		check(test, false, "a vmo is made");
		return;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++)
		if (is_mapped_at(test, vmo, bad[i]))
			none = false;
	check(test, none, "map refuses fixed places that users cannot have");
	for (unsigned i = 0; i < ARRAY_COUNT(wild); i++)
		if (nx_unmap_protect((nx_process_t){ 0 }, wild[i].address,
				     NX_PAGE_SIZE, 0) == NX_OK)
			all = false;
	check(test, all, "unmap_protect refuses places where nothing is");
	nx_handle_close(vmo.handle);
}

const struct system_case system_cases[] = {
	{ "wild pointers", wild_pointers },
	{ "half mapped pointers", half_pointers },
	{ "unaligned pointers", unaligned_pointers },
	{ "read-only pointers", read_only_pointers },
	{ "entries of threads", entries },
	{ "fixed addresses", fixed },
	{ NULL, NULL },
};

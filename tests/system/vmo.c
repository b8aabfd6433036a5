/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects: content, bounds, mappings, parts, seals, and never a page
 * that is both writable and executable. */
#include "provoke.h"
#include "use.h"

#include <string.h>

#define PAGE NX_PAGE_SIZE
#define READ_WRITE (NX_MAP_READ | NX_MAP_WRITE)

static const nx_process_t here = { 0 };

static char *pointer(nx_uaddr_t address)
{
	return (char *)(uintptr_t)address;
}

static void content(struct test *test)
{
	static const char text[] = "over the edge of a page";
	nx_vmo_t vmo = new_vmo(3 * PAGE);
	char back[sizeof(text)];
	bool zero = true;

	check(test, facts_of(vmo.handle).value == 3 * PAGE,
	      "a new vmo has the size that was asked for");
	for (unsigned i = 0; i < 3 * PAGE; i += sizeof(back) - 1) {
		memset(back, 1, sizeof(back));
		if (nx_vmo_read(vmo, i, back, 1) != NX_OK || back[0] != 0)
			zero = false;
	}
	check(test, zero, "its content is zero");
	check_status(test, nx_vmo_write(vmo, PAGE - 5, text, sizeof(text)),
		     NX_OK, "it is written over the edge of a page");
	check(test,
	      nx_vmo_read(vmo, PAGE - 5, back, sizeof(back)) == NX_OK &&
		      memcmp(text, back, sizeof(text)) == 0,
	      "and read back");
	nx_handle_close(vmo.handle);
}

static void bounds(struct test *test)
{
	nx_vmo_t vmo = new_vmo(2 * PAGE), none = { 0 };
	char byte = 7;

	check_status(test, nx_vmo_read(vmo, 2 * PAGE - 1, &byte, 1), NX_OK,
		     "the last byte can be read");
	check_status(test, nx_vmo_read(vmo, 2 * PAGE, &byte, 1),
		     NX_ERR_OUT_OF_RANGE, "the next one cannot");
	check_status(test, nx_vmo_write(vmo, 2 * PAGE, &byte, 1),
		     NX_ERR_OUT_OF_RANGE, "nor be written");
	check_status(test, nx_vmo_read(vmo, UINT64_MAX, &byte, 2),
		     NX_ERR_OUT_OF_RANGE, "a range that wraps is refused");
	check_status(test, nx_vmo_write(vmo, 1, &byte, UINT64_MAX),
		     NX_ERR_OUT_OF_RANGE, "so is a size that wraps");
	check_status(test, nx_vmo_create((nx_job_t){ 0 }, 0, &none),
		     NX_ERR_INVALID_ARGS, "a vmo of size 0 is refused");
	check_status(test,
		     nx_vmo_create((nx_job_t){ 0 }, NX_VMO_SIZE_MAX + 1, &none),
		     NX_ERR_TOO_BIG, "a vmo over the largest size is refused");
	check_status(test, nx_vmo_create((nx_job_t){ 0 }, UINT64_MAX, &none),
		     NX_ERR_TOO_BIG, "whatever the size");
	nx_handle_close(vmo.handle);
}

static void maps(struct test *test)
{
	nx_vmo_t vmo = new_vmo(2 * PAGE);
	nx_uaddr_t first = map_here(vmo, 2 * PAGE, READ_WRITE), second = 0;
	char byte = 0;

	check(test, first != 0, "a vmo is mapped");
	memset(pointer(first), 'a', 2 * PAGE);
	check(test, nx_vmo_read(vmo, PAGE, &byte, 1) == NX_OK && byte == 'a',
	      "what is stored there is its content");
	check_status(test,
		     nx_map(here, vmo, PAGE, PAGE, NX_MAP_READ, 0, &second),
		     NX_OK, "its second page is mapped again");
	pointer(first)[PAGE + 9] = 'b';
	check(test, pointer(second)[9] == 'b', "both show the same memory");
	check_status(test, unmap_here(first, PAGE), NX_ERR_NOT_FOUND,
		     "a part of a mapping cannot be taken away");
	check_status(test, nx_unmap_protect(here, second, PAGE, READ_WRITE),
		     NX_ERR_ACCESS_DENIED, "access only goes down");
	check_status(test, unmap_here(first, 2 * PAGE), NX_OK,
		     "a mapping is taken away");
	check_status(test, unmap_here(first, 2 * PAGE), NX_ERR_NOT_FOUND,
		     "once");
	check_status(test, nx_debug_write(test->trace, pointer(first), 1),
		     NX_ERR_BAD_ADDRESS, "nothing is there any more");
	nx_handle_close(vmo.handle);
	check(test, pointer(second)[9] == 'b',
	      "a mapping outlives the handle it was made with");
	unmap_here(second, PAGE);
}

static void bad_maps(struct test *test)
{
	static const struct {
		const char *what;
		uint64_t offset, size;
		uint32_t options;
		nx_status_t status;
	} rows[] = {
		{ "size 0", 0, 0, NX_MAP_READ, NX_ERR_INVALID_ARGS },
		{ "half a page", 0, PAGE / 2, NX_MAP_READ,
		  NX_ERR_INVALID_ARGS },
		{ "an offset inside a page", 8, PAGE, NX_MAP_READ,
		  NX_ERR_INVALID_ARGS },
		{ "no access", 0, PAGE, 0, NX_ERR_INVALID_ARGS },
		{ "an unknown option", 0, PAGE, NX_MAP_READ | 0x100,
		  NX_ERR_INVALID_ARGS },
		{ "write and execute", 0, PAGE,
		  NX_MAP_READ | NX_MAP_WRITE | NX_MAP_EXEC,
		  NX_ERR_INVALID_ARGS },
		{ "more than there is", 0, 3 * PAGE, NX_MAP_READ,
		  NX_ERR_OUT_OF_RANGE },
		{ "an offset behind the end", 2 * PAGE, PAGE, NX_MAP_READ,
		  NX_ERR_OUT_OF_RANGE },
		{ "a range that wraps", UINT64_MAX - PAGE + 1, 2 * PAGE,
		  NX_MAP_READ, NX_ERR_OUT_OF_RANGE },
		{ "execute before it is sealed", 0, PAGE,
		  NX_MAP_READ | NX_MAP_EXEC, NX_ERR_BAD_STATE },
	};
	nx_vmo_t vmo = new_vmo(2 * PAGE);
	uint64_t mappings = machine_counter(test, NX_COUNTER_MAPPINGS);

	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		nx_uaddr_t mapped = 0;

		check_status(test,
			     nx_map(here, vmo, rows[i].offset, rows[i].size,
				    rows[i].options, 0, &mapped),
			     rows[i].status, "map with %s is refused",
			     rows[i].what);
	}
	check(test, machine_counter(test, NX_COUNTER_MAPPINGS) == mappings,
	      "nothing was mapped");
	nx_handle_close(vmo.handle);
}

static void fixed_maps(struct test *test)
{
	const uint64_t place = 0x20000000;
	const uint32_t options = READ_WRITE | NX_MAP_FIXED;
	nx_vmo_t vmo = new_vmo(2 * PAGE);
	nx_uaddr_t mapped = 0, again = 0;

	check_status(test,
		     nx_map(here, vmo, 0, 2 * PAGE, options, place, &mapped),
		     NX_OK, "a vmo is mapped at a fixed place");
	check(test, mapped % PAGE == 0 && mapped >= place,
	      "and the place is told");
	check_status(test,
		     nx_map(here, vmo, 0, PAGE, options, place + PAGE, &again),
		     NX_ERR_ALREADY_EXISTS, "a place is not taken twice");
	unmap_here(mapped, 2 * PAGE);
	check_status(test,
		     nx_map(here, vmo, 0, PAGE, options, place + PAGE, &again),
		     NX_OK, "but again when it is free");
	unmap_here(again, PAGE);
	nx_handle_close(vmo.handle);
}

static void slices(struct test *test)
{
	nx_vmo_t vmo = new_vmo(4 * PAGE), slice = { 0 }, part = { 0 };
	nx_vmo_t none = { 0 };
	uint64_t before = machine_counter(test, NX_COUNTER_PAGES_FREE);
	char byte = 'x';

	check_status(test, nx_vmo_slice(vmo, PAGE, 2 * PAGE - 100, &slice),
		     NX_OK, "a part of a vmo becomes a vmo");
	check(test, before - machine_counter(test, NX_COUNTER_PAGES_FREE) <= 1,
	      "it has no pages of its own");
	nx_vmo_write(vmo, PAGE + 3, &byte, 1);
	byte = 0;
	check(test, nx_vmo_read(slice, 3, &byte, 1) == NX_OK && byte == 'x',
	      "it shows the pages of its source");
	check_status(test, nx_vmo_read(slice, 2 * PAGE, &byte, 1),
		     NX_ERR_OUT_OF_RANGE, "and no others");
	check_status(test, nx_vmo_slice(slice, PAGE, PAGE, &part), NX_OK,
		     "a part of a part is made");
	nx_vmo_write(part, 5, "y", 1);
	check(test,
	      nx_vmo_read(vmo, 2 * PAGE + 5, &byte, 1) == NX_OK && byte == 'y',
	      "it leads to the same pages");
	check_status(test, nx_vmo_slice(vmo, 8, PAGE, &none),
		     NX_ERR_INVALID_ARGS, "a part begins at a page");
	check_status(test, nx_vmo_slice(vmo, 4 * PAGE, PAGE, &none),
		     NX_ERR_OUT_OF_RANGE, "and lies inside");
	check_status(test, nx_vmo_slice(vmo, PAGE, UINT64_MAX, &none),
		     NX_ERR_OUT_OF_RANGE, "whatever its size");
	nx_handle_close(vmo.handle);
	nx_handle_close(slice.handle);
	check(test, nx_vmo_read(part, 5, &byte, 1) == NX_OK && byte == 'y',
	      "a part keeps the pages");
	nx_handle_close(part.handle);
}

static void weak_slice(struct test *test)
{
	nx_vmo_t vmo = new_vmo(PAGE), slice = { 0 };
	nx_vmo_t weak = { dup_of(vmo.handle, NX_RIGHT_SLICE | NX_RIGHT_READ) };

	check_status(test, nx_vmo_slice(weak, 0, PAGE, &slice), NX_OK,
		     "a part is made of a vmo that can only be read");
	check(test,
	      (facts_of(slice.handle).rights &
	       ~(uint32_t)(NX_RIGHT_SLICE | NX_RIGHT_READ)) == 0,
	      "it can do no more than its source");
	check_status(test, nx_handle_revoke(vmo.handle), NX_OK,
		     "the owner revokes");
	check(test, facts_of(slice.handle).status == NX_ERR_BAD_HANDLE,
	      "the part is gone, too");
	nx_handle_close(vmo.handle);
}

static void seals(struct test *test)
{
	nx_vmo_t vmo = new_vmo(PAGE), slice = { 0 };
	nx_uaddr_t mapped = map_here(vmo, PAGE, READ_WRITE), again = 0;

	nx_vmo_write(vmo, 0, "z", 1);
	check_status(test, nx_vmo_seal(vmo, 0x80), NX_ERR_INVALID_ARGS,
		     "an unknown seal is refused");
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_ERR_BUSY,
		     "what is mapped to write is not sealed");
	check_status(test, nx_unmap_protect(here, mapped, PAGE, NX_MAP_READ),
		     NX_OK, "until the mapping only reads");
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_OK,
		     "a vmo is sealed");
	check(test, facts_of(vmo.handle).state == NX_SEAL_WRITE,
	      "its seals can be asked for");
	check_status(test, nx_vmo_write(vmo, 0, "a", 1), NX_ERR_SEALED,
		     "a sealed vmo is not written");
	check_status(test, nx_map(here, vmo, 0, PAGE, READ_WRITE, 0, &again),
		     NX_ERR_SEALED, "nor mapped to write");
	check_status(test, nx_vmo_set_content(vmo, 3), NX_ERR_SEALED,
		     "nor is its content cut");
	nx_vmo_slice(vmo, 0, PAGE, &slice);
	check_status(test, nx_vmo_write(slice, 0, "a", 1), NX_ERR_SEALED,
		     "a part has the seals of its source");
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_SEAL), NX_OK,
		     "the last seal is set");
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_ERR_SEALED,
		     "there are no seals behind it");
	check(test, pointer(mapped)[0] == 'z', "the content is what it was");
	unmap_here(mapped, PAGE);
	nx_handle_close(slice.handle);
	nx_handle_close(vmo.handle);
}

static void executable(struct test *test)
{
	nx_vmo_t vmo = new_vmo(PAGE);
	nx_uaddr_t mapped = 0;

	nx_vmo_seal(vmo, NX_SEAL_WRITE);
	check_status(test,
		     nx_map(here, vmo, 0, PAGE, NX_MAP_READ | NX_MAP_EXEC, 0,
			    &mapped),
		     NX_OK, "sealed memory can be executed");
	check_status(test, nx_unmap_protect(here, mapped, PAGE, READ_WRITE),
		     NX_ERR_ACCESS_DENIED, "but never written");
	unmap_here(mapped, PAGE);
	nx_handle_close(vmo.handle);
}

/* SEAL_WRITE on a slice or its root counts all mappings of the pages. */
static void shared_seal(struct test *test)
{
	nx_vmo_t vmo = new_vmo(2 * PAGE), slice = { 0 };
	nx_uaddr_t mapped, code = 0;

	nx_vmo_slice(vmo, 0, PAGE, &slice);
	mapped = map_here(vmo, 2 * PAGE, READ_WRITE);
	check(test, nx_vmo_seal(slice, NX_SEAL_WRITE) != NX_OK,
	      "a part is not sealed while its source is written");
	check(test,
	      nx_map(here, slice, 0, PAGE, NX_MAP_READ | NX_MAP_EXEC, 0,
		     &code) != NX_OK,
	      "a part is not executable while its source is written");
	if (code)
		unmap_here(code, PAGE);
	unmap_here(mapped, 2 * PAGE);
	check_status(test, nx_vmo_seal(slice, NX_SEAL_WRITE), NX_ERR_BAD_STATE,
		     "nor before its source is sealed");
	nx_vmo_seal(vmo, NX_SEAL_WRITE);
	check_status(test, nx_vmo_seal(slice, NX_SEAL_SEAL), NX_ERR_BAD_STATE,
		     "it has no seal that its source has not");
	nx_handle_close(slice.handle);
	nx_handle_close(vmo.handle);
}

static void content_size(struct test *test)
{
	nx_vmo_t vmo = { 0 };
	uint64_t size = 0, bytes = 0;
	uint32_t seal_bits = 9, mappings = 9;

	nx_vmo_create((nx_job_t){ 0 }, PAGE + 10, &vmo);
	nx_vmo_info(vmo, &size, &bytes, &seal_bits, &mappings);
	check(test,
	      size == 2 * PAGE && bytes == PAGE + 10 && seal_bits == 0 &&
		      mappings == 0,
	      "pages are whole, the content is what was asked for");
	check_status(test, nx_vmo_set_content(vmo, 3), NX_OK,
		     "the content is cut");
	nx_vmo_info(vmo, &size, &bytes, &seal_bits, &mappings);
	check(test, bytes == 3 && size == 2 * PAGE, "and told");
	check_status(test, nx_vmo_set_content(vmo, 2 * PAGE + 1),
		     NX_ERR_OUT_OF_RANGE, "it fits the pages");
	nx_handle_close(vmo.handle);
}

/* Revoke takes the mappings made through what it removes. */
static void revoked_mapping(struct test *test)
{
	nx_vmo_t vmo = new_vmo(PAGE);
	nx_vmo_t lent = { dup_of(vmo.handle, NX_RIGHTS_SAME) };
	nx_uaddr_t kept = map_here(vmo, PAGE, NX_MAP_READ);
	nx_uaddr_t taken = map_here(lent, PAGE, NX_MAP_READ);

	nx_handle_close(lent.handle);
	check(test, pointer(taken)[0] == 0 && pointer(kept)[0] == 0,
	      "mappings are there");
	check_status(test, nx_handle_revoke(vmo.handle), NX_OK,
		     "its source is revoked");
	check_status(test, nx_debug_write(test->trace, pointer(taken), 1),
		     NX_ERR_BAD_ADDRESS, "the mapping is gone");
	check_status(test, nx_debug_write(test->trace, pointer(kept), 1),
		     NX_ERR_BAD_ADDRESS, "and so is one of the source itself");
	unmap_here(kept, PAGE);
	nx_handle_close(vmo.handle);
}

/* The first process holds the boot package; nobody writes it. */
static void boot_package(struct test *test)
{
	nx_uaddr_t mapped = 0;
	char magic[8] = "";

	check_status(test, nx_vmo_read(test->package, 0, magic, sizeof(magic)),
		     NX_OK, "the boot package can be read");
	check(test, magic[0] != 0 || magic[1] != 0, "and holds something");
	check_status(test, nx_vmo_write(test->package, 0, magic, 1),
		     NX_ERR_SEALED, "but not written");
	check_status(
		test,
		nx_map(here, test->package, 0, PAGE, READ_WRITE, 0, &mapped),
		NX_ERR_SEALED, "in no way");
}

const struct system_case system_cases[] = {
	{ "content", content },
	{ "bounds", bounds },
	{ "maps", maps },
	{ "bad maps", bad_maps },
	{ "fixed maps", fixed_maps },
	{ "parts", slices },
	{ "weak parts", weak_slice },
	{ "seals", seals },
	{ "executable memory", executable },
	{ "shared seal", shared_seal },
	{ "content size", content_size },
	{ "revoked mapping", revoked_mapping },
	{ "boot package", boot_package },
	{ NULL, NULL },
};

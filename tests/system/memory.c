/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that changes what it is: snapshots, sizes, pages given back and
 * taken again, pages that follow each other, labels. */
#include "use.h"

#include <string.h>

#define PAGE NX_PAGE_SIZE
#define LARGE (UINT64_C(2) << 20)
#define READ_WRITE (NX_MAP_READ | NX_MAP_WRITE)

static const nx_process_t here = { 0 };

static char *pointer(nx_uaddr_t address)
{
	return (char *)(uintptr_t)address;
}

static nx_vmo_t snapshot_of(nx_vmo_t vmo, uint64_t offset, uint64_t size_bytes)
{
	nx_vmo_t snapshot = { 0 };

	nx_vmo_snapshot(vmo, offset, size_bytes, &snapshot);
	return snapshot;
}

static char byte_of(nx_vmo_t vmo, uint64_t offset)
{
	char byte = '?';

	nx_vmo_read(vmo, offset, &byte, 1);
	return byte;
}

static uint64_t copied(const struct test *test)
{
	return machine_counter(test, NX_COUNTER_PAGES_COPIED);
}

static void snapshots(struct test *test)
{
	nx_vmo_t vmo = new_vmo(3 * PAGE), copy, again;
	nx_uaddr_t old = map_here(vmo, 3 * PAGE, READ_WRITE), new;
	uint64_t before = copied(test);

	memset(pointer(old), 'a', 3 * PAGE);
	copy = snapshot_of(vmo, 0, 3 * PAGE - 5);
	new = map_here(copy, 3 * PAGE, READ_WRITE);
	check(test, facts_of(copy.handle).value == 3 * PAGE,
	      "a snapshot is as large as what it is of");
	check(test, byte_of(copy, 5) == 'a' && pointer(new)[PAGE] == 'a',
	      "it has the content");
	check(test, copied(test) == before, "no page was copied yet");
	pointer(old)[7] = 'b';
	check(test, pointer(new)[7] == 'a', "a store is not seen in it");
	check(test, pointer(old)[8] == 'a' && pointer(old)[7] == 'b',
	      "but where it was made");
	pointer(new)[PAGE + 7] = 'c';
	check(test, pointer(old)[PAGE + 7] == 'a',
	      "nor is one in the snapshot seen in its source");
	check(test, copied(test) == before + 2, "each copied one page");
	nx_vmo_write(vmo, 2 * PAGE, "dd", 2);
	check(test,
	      pointer(new)[2 * PAGE] == 'a' && pointer(old)[2 * PAGE] == 'd',
	      "a page that a call writes is copied, too, and seen where mapped");
	again = snapshot_of(copy, PAGE, PAGE);
	unmap_here(new, 3 * PAGE);
	nx_handle_close(copy.handle);
	check(test, byte_of(again, 7) == 'c' && byte_of(again, 8) == 'a',
	      "a snapshot of it outlives it");
	unmap_here(old, 3 * PAGE);
	nx_handle_close(vmo.handle);
	check(test, byte_of(again, 7) == 'c', "and the first source");
	nx_handle_close(again.handle);
}

/* The kernel's own stores, and several views of one page. */
static void snapshot_views(struct test *test)
{
	nx_vmo_t vmo = new_vmo(2 * PAGE), part = { 0 }, copy;
	nx_uaddr_t first = map_here(vmo, 2 * PAGE, READ_WRITE);
	nx_uaddr_t second, third = 0;

	nx_vmo_slice(vmo, PAGE, PAGE, &part);
	second = map_here(part, PAGE, READ_WRITE);
	nx_map(here, vmo, PAGE, PAGE, NX_MAP_READ, 0, &third);
	memset(pointer(first), 'a', 2 * PAGE);
	copy = snapshot_of(part, 0, PAGE);
	check(test, byte_of(copy, 0) == 'a', "a part has a snapshot");
	pointer(second)[3] = 'b';
	check(test,
	      pointer(first)[PAGE + 3] == 'b' && pointer(third)[3] == 'b' &&
		      byte_of(vmo, PAGE + 3) == 'b' && byte_of(part, 3) == 'b',
	      "a store is seen in all mappings of the page");
	check(test, byte_of(copy, 3) == 'a', "but not in the snapshot");
	nx_handle_close(copy.handle);
	copy = snapshot_of(vmo, 0, 2 * PAGE);
	check_status(test, nx_vmo_read(copy, 0, pointer(first) + PAGE - 2, 4),
		     NX_OK, "a call stores into two shared pages");
	check(test, byte_of(copy, 3 + PAGE) == 'b' && pointer(third)[0] == 'a',
	      "of which the snapshot notices nothing");
	check_status(test, nx_unmap_protect(here, second, PAGE, NX_MAP_READ),
		     NX_OK, "access to a shared page is cut");
	unmap_here(first, 2 * PAGE);
	unmap_here(second, PAGE);
	unmap_here(third, PAGE);
	nx_handle_close(part.handle);
	nx_handle_close(copy.handle);
	nx_handle_close(vmo.handle);
}

static void snapshot_pays(struct test *test)
{
	nx_job_t job = new_job(test, 60, 20, 2);
	nx_vmo_t vmo = { 0 }, copy;
	struct use_of_job mine = job_use(test->job);
	struct use_of_job before = job_use(job);
	uint64_t pages;

	nx_vmo_create(job, 8 * PAGE, &vmo);
	copy = snapshot_of(vmo, 0, 8 * PAGE);
	check(test, job_use(test->job).pages >= mine.pages + 8,
	      "all pages of a snapshot are paid for at once");
	pages = job_use(test->job).pages;
	for (unsigned i = 0; i < 8; i++)
		nx_vmo_write(i % 2 ? vmo : copy, i * PAGE, "x", 1);
	check(test, job_use(test->job).pages == pages,
	      "so that writing costs none");
	nx_handle_close(vmo.handle);
	check(test, use_is_equal(job_use(job), before),
	      "the end of the source gives back exactly what it had");
	nx_handle_close(copy.handle);
	nx_handle_close(job.handle);
}

static void snapshot_seals(struct test *test)
{
	nx_vmo_t vmo = new_vmo(2 * PAGE), copy, code;
	nx_uaddr_t mapped = 0, writable;

	nx_vmo_write(vmo, 0, "a", 1);
	nx_vmo_seal(vmo, NX_SEAL_WRITE | NX_SEAL_SEAL);
	copy = snapshot_of(vmo, 0, 2 * PAGE);
	check(test, facts_of(copy.handle).state == 0,
	      "a snapshot of sealed memory is not sealed");
	check_status(test, nx_vmo_write(copy, 0, "b", 1), NX_OK,
		     "and can be written");
	check(test, byte_of(vmo, 0) == 'a', "which is not seen in the source");
	code = snapshot_of(copy, 0, PAGE);
	writable = map_here(copy, PAGE, READ_WRITE);
	check_status(test,
		     nx_map(here, code, 0, PAGE, NX_MAP_READ | NX_MAP_EXEC, 0,
			    &mapped),
		     NX_ERR_BAD_STATE, "it is executed when it is sealed");
	check_status(test, nx_vmo_seal(code, NX_SEAL_WRITE), NX_OK,
		     "that is done while its source is writable");
	nx_map(here, code, 0, PAGE, NX_MAP_READ | NX_MAP_EXEC, 0, &mapped);
	pointer(writable)[0] = 'c';
	check(test, mapped != 0 && pointer(mapped)[0] == 'b',
	      "what is executed does not change with it");
	check_status(test, nx_vmo_write(code, 0, "d", 1), NX_ERR_SEALED,
		     "nor is it written");
	unmap_here(mapped, PAGE);
	unmap_here(writable, PAGE);
	nx_handle_close(code.handle);
	nx_handle_close(copy.handle);
	nx_handle_close(vmo.handle);
}

static void snapshot_package(struct test *test)
{
	nx_vmo_t copy = snapshot_of(test->package, 0, PAGE + 1);
	char wanted[16], got[16];

	nx_vmo_read(test->package, PAGE - 8, wanted, sizeof(wanted));
	check(test,
	      nx_vmo_read(copy, PAGE - 8, got, sizeof(got)) == NX_OK &&
		      memcmp(got, wanted, sizeof(got)) == 0,
	      "the boot package has snapshots");
	check_status(test, nx_vmo_write(copy, 0, "x", 1), NX_OK,
		     "that can be written");
	nx_handle_close(copy.handle);
}

/* However deep, a page is copied once, and whoever goes leaves no hole. */
static void snapshot_chain(struct test *test)
{
	nx_vmo_t last = new_vmo(PAGE), next, kept[30];
	unsigned kept_count = 0;
	uint64_t before;

	nx_vmo_write(last, 9, "q", 1);
	for (unsigned i = 0; i < 300; i++) {
		next = snapshot_of(last, 0, PAGE);
		if (i % 10 != 0)
			nx_handle_close(last.handle);
		else
			kept[kept_count++] = last;
		last = next;
	}
	before = copied(test);
	nx_vmo_write(last, 8, "r", 1);
	check(test, byte_of(last, 9) == 'q',
	      "the 300th snapshot has the content");
	check(test, copied(test) == before + 1, "which it copies once");
	nx_vmo_write(kept[0], 9, "s", 1);
	check(test, byte_of(kept[1], 9) == 'q' && byte_of(kept[29], 9) == 'q',
	      "the first is written, and only it changes");
	check(test, copied(test) == before + 2, "by one more copy");
	while (kept_count > 0)
		nx_handle_close(kept[--kept_count].handle);
	nx_handle_close(last.handle);
}

static void sizes(struct test *test)
{
	nx_vmo_t vmo = new_vmo(2 * PAGE), part = { 0 };
	nx_uaddr_t mapped = map_here(vmo, 2 * PAGE, READ_WRITE);
	uint64_t free_pages;
	struct use_of_job before;

	memset(pointer(mapped), 'a', 2 * PAGE);
	check_status(test, nx_vmo_resize(vmo, 600 * PAGE + 1), NX_OK,
		     "a VMO grows while it is mapped");
	check(test,
	      facts_of(vmo.handle).value == 601 * PAGE &&
		      byte_of(vmo, PAGE) == 'a',
	      "to whole pages, with what was in it");
	check(test,
	      byte_of(vmo, 2 * PAGE) == 0 && byte_of(vmo, 601 * PAGE - 1) == 0,
	      "and zeroes behind that");
	check_status(test, nx_vmo_write(vmo, 600 * PAGE, "z", 1), NX_OK,
		     "which are as any other");
	check_status(test, nx_vmo_resize(vmo, PAGE), NX_ERR_BUSY,
		     "what is mapped does not go");
	free_pages = machine_counter(test, NX_COUNTER_PAGES_FREE);
	check_status(test, nx_vmo_resize(vmo, 2 * PAGE), NX_OK,
		     "what is behind it does");
	check(test,
	      machine_counter(test, NX_COUNTER_PAGES_FREE) >= free_pages + 599,
	      "and its pages are free");
	check_status(test, nx_vmo_read(vmo, 2 * PAGE, pointer(mapped), 1),
		     NX_ERR_OUT_OF_RANGE, "nothing is read there");
	nx_vmo_resize(vmo, 601 * PAGE);
	check(test, byte_of(vmo, 600 * PAGE) == 0,
	      "pages that come again are zero");
	unmap_here(mapped, 2 * PAGE);
	nx_vmo_slice(vmo, 0, PAGE, &part);
	check_status(test, nx_vmo_resize(vmo, 2 * PAGE), NX_ERR_BUSY,
		     "a VMO with parts does not shrink");
	check_status(test, nx_vmo_resize(part, 2 * PAGE), NX_ERR_BAD_STATE,
		     "a part has no size of its own");
	nx_handle_close(part.handle);
	before = job_use(test->job);
	check_status(test, nx_vmo_resize(vmo, NX_VMO_SIZE_MAX),
		     NX_ERR_QUOTA_PAGES, "there is no more than there is");
	check(test, use_is_equal(job_use(test->job), before),
	      "what is refused costs nothing");
	check_status(test, nx_vmo_resize(vmo, 0), NX_ERR_INVALID_ARGS,
		     "size 0 is none");
	check_status(test, nx_vmo_resize(vmo, UINT64_MAX), NX_ERR_TOO_BIG,
		     "nor is one that would wrap");
	nx_vmo_seal(vmo, NX_SEAL_WRITE);
	check_status(test, nx_vmo_resize(vmo, PAGE), NX_ERR_SEALED,
		     "sealed memory keeps its size");
	nx_handle_close(vmo.handle);
}

static void commits(struct test *test)
{
	nx_vmo_t vmo = new_vmo(8 * PAGE), copy;
	nx_uaddr_t mapped = 0;
	struct use_of_job before;
	char byte = 0;

	nx_vmo_write(vmo, 0, "a", 1);
	nx_vmo_write(vmo, 4 * PAGE, "b", 1);
	before = job_use(test->job);
	check_status(test, nx_vmo_decommit(vmo, 2 * PAGE, 4 * PAGE), NX_OK,
		     "pages are given back");
	check(test, job_use(test->job).pages == before.pages - 4,
	      "which pays for them no more");
	check_status(test, nx_vmo_read(vmo, 4 * PAGE, &byte, 1),
		     NX_ERR_BAD_STATE, "they are not read");
	check_status(test, nx_vmo_write(vmo, 6 * PAGE - 1, "xy", 2),
		     NX_ERR_BAD_STATE, "nor written");
	check_status(test,
		     nx_map(here, vmo, 0, 8 * PAGE, READ_WRITE, 0, &mapped),
		     NX_ERR_BAD_STATE, "nor mapped");
	check(test, byte_of(vmo, 0) == 'a', "the others are as they were");
	check_status(test,
		     nx_map(here, vmo, 6 * PAGE, PAGE, READ_WRITE, 0, &mapped),
		     NX_OK, "and can be mapped");
	check_status(test, nx_vmo_decommit(vmo, 6 * PAGE, 2 * PAGE),
		     NX_ERR_BUSY, "what is mapped is not given back");
	copy = snapshot_of(vmo, 0, 8 * PAGE);
	check_status(test, nx_vmo_read(copy, 3 * PAGE, &byte, 1),
		     NX_ERR_BAD_STATE, "a snapshot lacks them, too");
	check_status(test, nx_vmo_commit(vmo, 0, 8 * PAGE), NX_OK,
		     "they are taken again");
	check(test, byte_of(vmo, 4 * PAGE) == 0 && byte_of(vmo, 0) == 'a',
	      "as zeroes");
	check_status(test, nx_vmo_commit(copy, 2 * PAGE, 4 * PAGE), NX_OK,
		     "also in the snapshot");
	check(test, byte_of(copy, 4 * PAGE) == 0, "as zeroes of its own");
	unmap_here(mapped, PAGE);
	nx_handle_close(copy.handle);
	check(test, job_use(test->job).pages == before.pages,
	      "the price is the same again");
	check_status(test, nx_vmo_decommit(vmo, 1, PAGE), NX_ERR_INVALID_ARGS,
		     "pages are whole");
	check_status(test, nx_vmo_commit(vmo, PAGE, UINT64_MAX & ~(PAGE - 1)),
		     NX_ERR_OUT_OF_RANGE, "and inside");
	nx_vmo_seal(vmo, NX_SEAL_WRITE);
	check_status(test, nx_vmo_decommit(vmo, 0, PAGE), NX_ERR_SEALED,
		     "sealed memory stays");
	nx_handle_close(vmo.handle);
}

static void poor_commit(struct test *test)
{
	nx_job_t job = new_job(test, 50, 20, 2);
	nx_vmo_t vmo = { 0 }, other = { 0 };
	struct use_of_job before;
	char byte = 0;

	nx_vmo_create(job, 40 * PAGE, &vmo);
	nx_vmo_decommit(vmo, 0, 30 * PAGE);
	nx_vmo_create(job, 20 * PAGE, &other);
	before = job_use(job);
	check_status(test, nx_vmo_commit(vmo, 0, 40 * PAGE), NX_ERR_QUOTA_PAGES,
		     "pages are not taken that the job has not");
	check(test, use_is_equal(job_use(job), before), "not one of them");
	check_status(test, nx_vmo_read(vmo, 0, &byte, 1), NX_ERR_BAD_STATE,
		     "the first is not there");
	check_status(test, nx_vmo_commit(vmo, 0, 5 * PAGE), NX_OK,
		     "fewer can be");
	nx_handle_close(other.handle);
	nx_handle_close(vmo.handle);
	nx_handle_close(job.handle);
}

static void contiguous(struct test *test)
{
	nx_vmo_t vmo = { 0 }, part = { 0 }, copy;
	nx_uaddr_t mapped, slice;
	struct use_of_job before = job_use(test->job);
	uint64_t size = LARGE + 3 * PAGE;
	bool zero = true;

	check_status(test, nx_vmo_contiguous((nx_job_t){ 0 }, size, &vmo),
		     NX_OK, "pages that follow each other");
	check(test, job_use(test->job).pages <= before.pages + size / PAGE + 1,
	      "are paid for as they are");
	mapped = map_here(vmo, size, READ_WRITE);
	check(test, mapped != 0 && mapped % LARGE == 0,
	      "the kernel maps them at a place for large pages");
	for (uint64_t i = 0; i < size; i += PAGE / 2)
		if (pointer(mapped)[i] != 0)
			zero = false;
	check(test, zero, "they are zero");
	pointer(mapped)[LARGE - 1] = 'a';
	pointer(mapped)[LARGE] = 'b';
	check(test,
	      byte_of(vmo, LARGE - 1) == 'a' && byte_of(vmo, LARGE) == 'b',
	      "stores arrive on both sides of the edge of a large page");
	nx_vmo_slice(vmo, PAGE, LARGE, &part);
	slice = map_here(part, LARGE, NX_MAP_READ);
	check(test, pointer(slice)[LARGE - PAGE - 1] == 'a',
	      "a part that is not aligned shows the same");
	copy = snapshot_of(vmo, LARGE - PAGE, 2 * PAGE);
	check(test, byte_of(copy, PAGE - 1) == 'a', "a snapshot is a copy");
	check_status(test, nx_unmap_protect(here, mapped, size, NX_MAP_READ),
		     NX_OK, "access to large pages is cut");
	check(test, pointer(mapped)[LARGE] == 'b', "to reading");
	check_status(test, nx_vmo_write(vmo, 0, pointer(mapped) + LARGE, 1),
		     NX_OK, "a call reads there");
	check_status(test, nx_vmo_read(vmo, 0, pointer(mapped) + PAGE, 1),
		     NX_ERR_BAD_ADDRESS, "and writes no more");
	check_status(test, nx_vmo_resize(vmo, PAGE), NX_ERR_BAD_STATE,
		     "its size stays");
	check_status(test, nx_vmo_decommit(vmo, 0, PAGE), NX_ERR_BAD_STATE,
		     "its pages, too");
	check_status(test, unmap_here(mapped, size), NX_OK,
		     "large pages are unmapped");
	unmap_here(slice, LARGE);
	nx_handle_close(copy.handle);
	nx_handle_close(part.handle);
	nx_handle_close(vmo.handle);
	check(test, use_is_equal(job_use(test->job), before), "all comes back");
	check_status(test,
		     nx_vmo_contiguous((nx_job_t){ 0 },
				       NX_VMO_CONTIGUOUS_MAX + 1, &vmo),
		     NX_ERR_TOO_BIG, "there is a largest size");
}

static void labels(struct test *test)
{
	nx_vmo_t vmo = new_vmo(PAGE), part = { 0 };
	unsigned char digest[NX_DIGEST_BYTES], got[NX_DIGEST_BYTES];
	uint32_t service_id = 77;

	for (unsigned i = 0; i < sizeof(digest); i++)
		digest[i] = (unsigned char)(i * 7);
	check_status(test, nx_vmo_label(vmo, digest), NX_ERR_BAD_STATE,
		     "what can change has no digest");
	check_status(test, nx_vmo_label_read(vmo, got, &service_id),
		     NX_ERR_NOT_FOUND, "so there is none to read");
	nx_vmo_seal(vmo, NX_SEAL_WRITE);
	check_status(test, nx_vmo_label(vmo, NULL), NX_ERR_BAD_ADDRESS,
		     "one from nowhere is refused");
	check_status(test, nx_vmo_label(vmo, digest), NX_OK,
		     "sealed memory is given one");
	check(test,
	      nx_vmo_label_read(vmo, got, &service_id) == NX_OK &&
		      memcmp(got, digest, sizeof(got)) == 0,
	      "which is told");
	check(test, service_id != 77, "with who said so");
	check_status(test, nx_vmo_label_read(vmo, (void *)8, &service_id),
		     NX_ERR_BAD_ADDRESS, "not to anywhere");
	check_status(test, nx_vmo_label(vmo, digest), NX_ERR_ALREADY_EXISTS,
		     "it is given once");
	nx_vmo_slice(vmo, 0, PAGE, &part);
	check_status(test, nx_vmo_label_read(part, got, &service_id),
		     NX_ERR_NOT_FOUND, "a part has not that of the whole");
	nx_vmo_seal(part, NX_SEAL_WRITE);
	nx_vmo_seal(vmo, NX_SEAL_SEAL);
	check_status(test, nx_vmo_label(part, digest), NX_ERR_SEALED,
		     "behind the last seal there is none");
	nx_handle_close(part.handle);
	nx_handle_close(vmo.handle);
}

/* Whoever may only write does not decide over the memory of its owner. */
static void authority(struct test *test)
{
	nx_vmo_t vmo = new_vmo(2 * PAGE), copy = { 0 };
	nx_vmo_t writer = { dup_of(vmo.handle, NX_RIGHT_WRITE | NX_RIGHT_MAP) };
	nx_vmo_t sealer = { dup_of(vmo.handle, NX_RIGHT_SEAL) };
	nx_vmo_t reader = { dup_of(vmo.handle,
				   NX_RIGHTS_ALL & ~NX_RIGHT_SEAL) };

	check_status(test, nx_vmo_resize(writer, PAGE), NX_ERR_ACCESS_DENIED,
		     "a writer does not shrink it");
	check_status(test, nx_vmo_decommit(writer, 0, PAGE),
		     NX_ERR_ACCESS_DENIED, "nor give its pages back");
	check_status(test, nx_vmo_commit(writer, 0, PAGE), NX_ERR_ACCESS_DENIED,
		     "nor take some at its expense");
	check_status(test, nx_vmo_decommit(sealer, 0, PAGE),
		     NX_ERR_ACCESS_DENIED, "nor does who may only seal");
	check_status(test, nx_vmo_snapshot(writer, 0, PAGE, &copy),
		     NX_ERR_ACCESS_DENIED, "a snapshot is for who may read");
	check_status(test, nx_vmo_snapshot(reader, 0, PAGE, &copy),
		     NX_ERR_ACCESS_DENIED,
		     "who may not seal makes no owner copy what he writes");
	nx_vmo_seal(sealer, NX_SEAL_WRITE);
	check_status(test, nx_vmo_snapshot(reader, 0, PAGE, &copy), NX_OK,
		     "where nobody writes whoever may read has snapshots");
	nx_handle_close(copy.handle);
	nx_handle_close(reader.handle);
	nx_handle_close(writer.handle);
	nx_handle_close(sealer.handle);
	nx_handle_close(vmo.handle);
}

/* Who may write through handles made of this one, and mappings, ends with
 * these. */
static void revoked_writers(struct test *test)
{
	nx_vmo_t vmo = new_vmo(PAGE);
	nx_vmo_t writer = { dup_of(vmo.handle, NX_RIGHTS_SAME) };
	nx_uaddr_t theirs = map_here(writer, PAGE, READ_WRITE);
	nx_uaddr_t own = map_here(vmo, PAGE, READ_WRITE);

	pointer(theirs)[0] = 'w';
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_ERR_BUSY,
		     "what others could still write is not sealed");
	check_status(test, nx_handle_revoke(vmo.handle), NX_OK,
		     "its owner takes back what was made of its handle");
	check(test,
	      unmap_here(theirs, PAGE) == NX_ERR_NOT_FOUND &&
		      unmap_here(own, PAGE) == NX_ERR_NOT_FOUND &&
		      facts_of(writer.handle).status == NX_ERR_BAD_HANDLE,
	      "and mappings with it");
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_OK,
		     "then it is sealed");
	check(test, byte_of(vmo, 0) == 'w', "as it is");
	nx_handle_close(vmo.handle);
}

#define SHARED_MAPPINGS_MAX 8

static void shared_mappings(struct test *test)
{
	nx_vmo_t vmo = new_vmo(PAGE), copy = snapshot_of(vmo, 0, PAGE), more;
	nx_uaddr_t at[SHARED_MAPPINGS_MAX + 1] = { 0 };
	bool all = true;

	for (unsigned i = 0; i < SHARED_MAPPINGS_MAX; i++)
		all = all && nx_map(here, vmo, 0, PAGE, READ_WRITE, 0,
				    &at[i]) == NX_OK;
	check(test, all, "what shares pages is mapped 8 times");
	check_status(test,
		     nx_map(here, vmo, 0, PAGE, NX_MAP_READ, 0,
			    &at[SHARED_MAPPINGS_MAX]),
		     NX_ERR_BUSY, "and no more");
	pointer(at[0])[0] = 's';
	for (unsigned i = 1; i < SHARED_MAPPINGS_MAX; i++)
		all = all && pointer(at[i])[0] == 's';
	check(test, all && byte_of(copy, 0) == 0,
	      "a store is seen in all of them, and not in the snapshot");
	more = snapshot_of(vmo, 0, PAGE);
	check(test, byte_of(more, 0) == 's', "it has snapshots yet");
	for (unsigned i = 0; i < SHARED_MAPPINGS_MAX; i++)
		unmap_here(at[i], PAGE);
	nx_vmo_seal(vmo, NX_SEAL_WRITE);
	for (unsigned i = 0; i <= SHARED_MAPPINGS_MAX; i++)
		all = all && nx_map(here, vmo, 0, PAGE, NX_MAP_READ, 0,
				    &at[i]) == NX_OK;
	check(test, all, "sealed it is mapped as often as anybody likes");
	for (unsigned i = 0; i <= SHARED_MAPPINGS_MAX; i++)
		unmap_here(at[i], PAGE);
	nx_handle_close(more.handle);
	nx_handle_close(copy.handle);
	nx_handle_close(vmo.handle);
}

#define WATCHED_PAGES 48

enum { W_STOP = 1, W_NUMBER };

/* Number page after page, again and again, at both ends. */
static void number(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_vmo_t vmo = { page->handles[0] };
	nx_uaddr_t at = 0;
	uint64_t n = 0;

	(void)buffer;
	nx_map(here, vmo, 0, WATCHED_PAGES * PAGE, READ_WRITE, 0, &at);
	while (at != 0 && page->words[W_STOP] == 0) {
		volatile uint64_t *words =
			(volatile uint64_t *)(uintptr_t)(at +
							 n % WATCHED_PAGES *
								 PAGE);

		words[0] = ++n;
		words[PAGE / 8 - 1] = n;
		page->words[W_NUMBER] = n;
		if (n % 16 == 0)
			nx_yield();
	}
	nx_exit(0, 1);
}

/* Each page is as it was at some moment of the call, which is not before that
 * of the page before: what came into a later page since must be newer than
 * what was there round before. */
static bool is_in_order(nx_vmo_t copy, uint64_t begun, uint64_t ended)
{
	uint64_t newest = begun;

	for (uint64_t i = 0; i < WATCHED_PAGES; i++) {
		uint64_t first = 0, last = 0;

		nx_vmo_read(copy, i * PAGE, &first, 8);
		nx_vmo_read(copy, (i + 1) * PAGE - 8, &last, 8);
		if (first > ended + 1 || first + WATCHED_PAGES < newest ||
		    (last != first && last + WATCHED_PAGES != first &&
		     (last != 0 || first > WATCHED_PAGES)))
			return false;
		if (last > newest)
			newest = last;
	}
	return true;
}

static void moments(struct test *test)
{
	nx_vmo_t vmo = new_vmo(WATCHED_PAGES * PAGE);
	struct peer peer;
	bool all = true;

	if (!peer_process(test, &peer, test->job, number))
		return;
	peer_give(&peer, 0, vmo.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	for (uint64_t i = 1; i <= 8; i++) {
		uint64_t begun, ended;
		nx_vmo_t copy;

		all = all && peer_await(test, &peer, W_NUMBER, 40 * i);
		begun = peer.page->words[W_NUMBER];
		copy = snapshot_of(vmo, 0, WATCHED_PAGES * PAGE);
		ended = peer.page->words[W_NUMBER];
		all = all && is_in_order(copy, begun, ended);
		nx_handle_close(copy.handle);
	}
	check(test, all,
	      "a page of a snapshot is as it was at one moment of the call, "
	      "and those behind it not before");
	peer.page->words[W_STOP] = 1;
	peer_wait(test, &peer);
	peer_drop(test, &peer);
	nx_handle_close(vmo.handle);
}

const struct system_case system_cases[] = {
	{ "snapshots", snapshots },
	{ "views of shared pages", snapshot_views },
	{ "who pays", snapshot_pays },
	{ "snapshots and seals", snapshot_seals },
	{ "snapshot of the package", snapshot_package },
	{ "snapshots of snapshots", snapshot_chain },
	{ "sizes", sizes },
	{ "pages given back", commits },
	{ "poor", poor_commit },
	{ "contiguous", contiguous },
	{ "labels", labels },
	{ "authority", authority },
	{ "revoked writers", revoked_writers },
	{ "shared mappings", shared_mappings },
	{ "moments", moments },
	{ NULL, NULL },
};

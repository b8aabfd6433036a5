/* SPDX-License-Identifier: BSD-2-Clause */
/* VMOs: sizes, copies across pages, slices of slices, seals, and the whole
 * matrix of what may be mapped how in which state. */
#include "fake.h"

#define ODD_BYTES (3 * NX_PAGE_SIZE + 17)

static unsigned char wanted[4 * NX_PAGE_SIZE], got[4 * NX_PAGE_SIZE];

static void copy_out(const struct vmo *vmo, uint64_t offset, void *to,
		     uint64_t size_bytes)
{
	unsigned char *target = to;

	for (; size_bytes > 0; size_bytes--, offset++) {
		paddr_t page = vmo_page(vmo, offset >> NX_PAGE_BITS);

		*target++ = ((unsigned char *)phys_to_virt(
			page))[offset % NX_PAGE_SIZE];
	}
}

static void sizes(void)
{
	struct vmo *vmo = NULL;
	uint64_t free_pages;

	fake_boot(1);
	free_pages = page_free_count();
	is_i64(vmo_create(root_job, 0, &vmo), NX_ERR_INVALID_ARGS,
	       "size 0 is refused");
	is_i64(vmo_create(root_job, NX_VMO_SIZE_MAX + 1, &vmo), NX_ERR_TOO_BIG,
	       "over 1 GiB is TOO_BIG");
	is_i64(vmo_create(root_job, UINT64_MAX, &vmo), NX_ERR_TOO_BIG,
	       "a size that would overflow is TOO_BIG");
	is_i64(vmo_create(root_job, NX_VMO_SIZE_MAX, &vmo), NX_ERR_QUOTA_PAGES,
	       "more than the quota is QUOTA_PAGES");
	ok(vmo == NULL && page_free_count() == free_pages,
	   "a refused VMO leaves nothing");
	is_i64(vmo_create(root_job, ODD_BYTES, &vmo), NX_OK, "an odd size");
	is_u64(vmo->size_bytes, 4 * NX_PAGE_SIZE, "is rounded up to pages");
	is_u64(vmo->content_bytes, ODD_BYTES, "and kept as content size");
	object_unref(&vmo->object);
	is_i64(vmo_create(root_job, 1300 * NX_PAGE_SIZE, &vmo), NX_OK,
	       "a VMO of three leaves");
	ok(vmo_page(vmo, 0) != vmo_page(vmo, 512) && vmo_page(vmo, 1299) != 0,
	   "has pages in each");
	object_unref(&vmo->object);
	ok(fake_is_empty(), "nothing is left");
}

static void copies(void)
{
	struct vmo *vmo, *slice, *inner;
	bool same = true;

	fake_boot(12);
	vmo_create(root_job, sizeof(wanted), &vmo);
	memset(wanted, 0, sizeof(wanted));
	copy_out(vmo, 0, got, sizeof(got));
	is_mem(got, wanted, sizeof(got), "a new VMO is zero");
	for (unsigned i = 0; i < 2000 && same; i++) {
		uint64_t offset = fake_random(sizeof(wanted));
		uint64_t size = fake_random(sizeof(wanted) - offset + 1);

		memset(wanted + offset, (int)i, size);
		vmo_copy_in(vmo, offset, wanted + offset, size);
		offset = fake_random(sizeof(wanted));
		size = fake_random(sizeof(wanted) - offset + 1);
		copy_out(vmo, offset, got, size);
		same = memcmp(got, wanted + offset, size) == 0;
	}
	ok(same, "2,000 random copies agree with an array");
	vmo_create_slice(root_job, vmo, NX_PAGE_SIZE, 3 * NX_PAGE_SIZE, &slice);
	vmo_create_slice(root_job, slice, NX_PAGE_SIZE, NX_PAGE_SIZE + 1,
			 &inner);
	ok(inner->root == vmo && inner->first_page == 2,
	   "a slice of a slice names the root");
	copy_out(inner, 5, got, NX_PAGE_SIZE);
	is_mem(got, wanted + 2 * NX_PAGE_SIZE + 5, NX_PAGE_SIZE,
	       "and shows the same bytes");
	vmo_copy_in(inner, 0, "abc", 3);
	copy_out(vmo, 2 * NX_PAGE_SIZE, got, 3);
	is_mem(got, "abc", 3, "which are not a copy");
	object_unref(&vmo->object);
	object_unref(&slice->object);
	copy_out(inner, 0, got, 3);
	is_mem(got, "abc", 3, "a slice keeps its root alive");
	object_unref(&inner->object);
	ok(fake_is_empty(), "nothing is left");
}

static void slices(void)
{
	static const struct {
		uint64_t offset;
		uint64_t size_bytes;
		nx_status_t status;
	} rows[] = {
		{ 0, 0, NX_ERR_INVALID_ARGS },
		{ 1, 1, NX_ERR_INVALID_ARGS },
		{ 0, 4 * NX_PAGE_SIZE + 1, NX_ERR_OUT_OF_RANGE },
		{ 4 * NX_PAGE_SIZE, 1, NX_ERR_OUT_OF_RANGE },
		{ 8 * NX_PAGE_SIZE, 1, NX_ERR_OUT_OF_RANGE },
		{ NX_PAGE_SIZE, UINT64_MAX, NX_ERR_OUT_OF_RANGE },
		{ UINT64_MAX - NX_PAGE_SIZE + 1, NX_PAGE_SIZE,
		  NX_ERR_OUT_OF_RANGE },
		{ 3 * NX_PAGE_SIZE, NX_PAGE_SIZE, NX_OK },
	};
	struct vmo *vmo, *slice;

	fake_boot(1);
	vmo_create(root_job, 4 * NX_PAGE_SIZE, &vmo);
	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		slice = NULL;
		is_i64(vmo_create_slice(root_job, vmo, rows[i].offset,
					rows[i].size_bytes, &slice),
		       rows[i].status, "slice %#llx of %#llx bytes",
		       (unsigned long long)rows[i].offset,
		       (unsigned long long)rows[i].size_bytes);
		object_unref(slice ? &slice->object : NULL);
	}
	object_unref(&vmo->object);
	ok(fake_is_empty(), "nothing is left");
}

static void seals(void)
{
	struct vmo *vmo, *slice;

	fake_boot(1);
	vmo_create(root_job, NX_PAGE_SIZE, &vmo);
	vmo_create_slice(root_job, vmo, 0, 9, &slice);
	is_i64(vmo_object_seal(slice, NX_SEAL_WRITE), NX_ERR_BAD_STATE,
	       "a slice cannot promise for its root");
	is_i64(vmo_object_seal(vmo, NX_SEAL_WRITE), NX_OK, "a root is sealed");
	is_u64(vmo_object_seals(slice), NX_SEAL_WRITE, "and so are its slices");
	is_i64(vmo_object_seal(vmo, NX_SEAL_WRITE), NX_OK, "again is fine");
	is_i64(vmo_object_seal(slice, NX_SEAL_WRITE), NX_OK,
	       "and now of a slice");
	is_i64(vmo_object_seal(vmo, NX_SEAL_SEAL), NX_OK, "seals are sealed");
	is_i64(vmo_object_seal(vmo, NX_SEAL_WRITE), NX_ERR_SEALED,
	       "then no more");
	is_i64(vmo_object_seal(slice, NX_SEAL_SEAL), NX_ERR_SEALED,
	       "by no way");
	object_unref(&slice->object);
	object_unref(&vmo->object);
	ok(fake_is_empty(), "nothing is left");
}

static void physical(void)
{
	struct vmo *vmo, *slice;
	paddr_t page;

	fake_boot(1);
	page_alloc(root_job, 1, &page);
	memcpy((char *)phys_to_virt(page) + NX_PAGE_SIZE, "boot", 4);
	is_i64(vmo_create_physical(root_job, page + 1, 9, 9, &vmo),
	       NX_ERR_INVALID_ARGS, "a base inside a page is refused");
	is_i64(vmo_create_physical(root_job, page, 4097, 8193, &vmo),
	       NX_ERR_INVALID_ARGS, "so is more content than size");
	is_i64(vmo_create_physical(root_job, page, 4100, 4099, &vmo), NX_OK,
	       "a range of memory is a VMO");
	ok(vmo->size_bytes == 2 * NX_PAGE_SIZE && vmo->content_bytes == 4099,
	   "of whole pages");
	vmo_create_slice(root_job, vmo, NX_PAGE_SIZE, 4, &slice);
	copy_out(slice, 0, got, 4);
	is_mem(got, "boot", 4, "and can be sliced");
	object_unref(&vmo->object);
	object_unref(&slice->object);
	page_free(root_job, page, 1);
	ok(fake_is_empty(), "its pages stay with their owner");
}

/* W^X: for each state of the root, mapped through root or slice, what each
 * access gets, and whether it can then be sealed. */
struct matrix_row {
	uint32_t access;
	bool sealed;
	nx_status_t map_status;
	nx_status_t seal_status; /* after the map */
};

static const struct matrix_row matrix[] = {
	{ NX_MAP_READ, false, NX_OK, NX_OK },
	{ NX_MAP_WRITE, false, NX_ERR_INVALID_ARGS, NX_OK },
	{ NX_MAP_READ | NX_MAP_WRITE, false, NX_OK, NX_ERR_BUSY },
	{ NX_MAP_EXEC, false, NX_ERR_BAD_STATE, NX_OK },
	{ NX_MAP_READ | NX_MAP_EXEC, false, NX_ERR_BAD_STATE, NX_OK },
	{ NX_MAP_WRITE | NX_MAP_EXEC, false, NX_ERR_INVALID_ARGS, NX_OK },
	{ NX_MAP_ACCESS, false, NX_ERR_INVALID_ARGS, NX_OK },
	{ NX_MAP_READ, true, NX_OK, NX_OK },
	{ NX_MAP_WRITE, true, NX_ERR_INVALID_ARGS, NX_OK },
	{ NX_MAP_READ | NX_MAP_WRITE, true, NX_ERR_SEALED, NX_OK },
	{ NX_MAP_EXEC, true, NX_OK, NX_OK },
	{ NX_MAP_READ | NX_MAP_EXEC, true, NX_OK, NX_OK },
	{ NX_MAP_WRITE | NX_MAP_EXEC, true, NX_ERR_INVALID_ARGS, NX_OK },
	{ NX_MAP_ACCESS, true, NX_ERR_INVALID_ARGS, NX_OK },
};

static void matrix_line(const struct matrix_row *row, bool through_slice)
{
	struct process *process = fake_process(root_job, 1);
	struct vmo *vmo, *slice, *mapped;
	nx_uaddr_t address;
	nx_status_t map_status, seal_status;

	vmo_create(root_job, 2 * NX_PAGE_SIZE, &vmo);
	vmo_create_slice(root_job, vmo, NX_PAGE_SIZE, 9, &slice);
	if (row->sealed)
		vmo_object_seal(vmo, NX_SEAL_WRITE);
	mapped = through_slice ? slice : vmo;
	map_status = space_map(&process->space, mapped, NULL, 0, NX_PAGE_SIZE,
			       row->access, 0, &address);
	seal_status = vmo_object_seal(vmo, NX_SEAL_WRITE);
	ok(map_status == row->map_status && seal_status == row->seal_status,
	   "%s%s%s of a %s %s", row->access & NX_MAP_READ ? "R" : "-",
	   row->access & NX_MAP_WRITE ? "W" : "-",
	   row->access & NX_MAP_EXEC ? "X" : "-",
	   row->sealed ? "sealed" : "writable",
	   through_slice ? "root through a slice" : "root");
	if (seal_status == NX_ERR_BUSY) {
		space_protect(&process->space, address, NX_PAGE_SIZE,
			      NX_MAP_READ);
		is_i64(vmo_object_seal(vmo, NX_SEAL_WRITE), NX_OK,
		       "it can be sealed once nobody can write");
	}
	object_unref(&slice->object);
	object_unref(&vmo->object);
	process_end(process, NX_PROCESS_EXITED, 0);
	object_unref(&process->object);
}

int main(void)
{
	plan(0);
	sizes();
	copies();
	slices();
	seals();
	physical();
	fake_boot(1);
	for (unsigned i = 0; i < 2 * ARRAY_COUNT(matrix); i++)
		matrix_line(&matrix[i / 2], i % 2);
	ok(fake_is_empty(), "nothing is left");
	return done();
}

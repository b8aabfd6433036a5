/* SPDX-License-Identifier: BSD-2-Clause
 * Memory objects on the host: every error that vmo.h lists, seals, and
 * that a slice and its parent are the same pages. */
#include "support/tap.h"

#include <vmo/vmo.h>

#include <signal.h>
#include <unistd.h>

static void test_create(void)
{
	struct vmo vmo = { .name = VMO_NAME_NONE };

	is_i64(vmo_init(0, &vmo), NX_ERR_INVALID_ARGS, "no object of 0 bytes");
	is_i64(vmo_init(NX_VMO_SIZE_MAX + 1, &vmo), NX_ERR_TOO_BIG,
	       "one byte over the limit is too big");
	is_i64(vmo.name, VMO_NAME_NONE, "a refusal leaves the storage alone");
	is_i64(vmo_init(5000, &vmo), NX_OK, "5,000 bytes are created");
	is_u64(vmo.size_bytes, 8192, "the size is whole pages");
	is_u64(vmo.content_bytes, 5000, "the content is what was asked for");
	vmo_fini(&vmo);
	vmo_fini(&vmo);
	vmo_fini(NULL);
	is_i64(vmo.name, VMO_NAME_NONE, "an object ends once");
}

static void test_copy(void)
{
	uint8_t out[16] = { 0 }, in[16] = "0123456789abcde";
	struct vmo vmo;

	vmo_init(4096, &vmo);
	is_i64(vmo_read(&vmo, 4080, out, 16), NX_OK, "the last bytes are read");
	is_i64(vmo_read(&vmo, 4081, out, 16), NX_ERR_OUT_OF_RANGE,
	       "a read over the end by one is refused");
	is_i64(vmo_read(&vmo, UINT64_MAX, out, 1), NX_ERR_OUT_OF_RANGE,
	       "an offset that overflows is refused");
	is_i64(vmo_write(&vmo, 4080, in, 17), NX_ERR_OUT_OF_RANGE,
	       "a write over the end by one is refused");
	is_i64(vmo_write(&vmo, 4080, in, 16), NX_OK, "the last bytes are set");
	vmo_read(&vmo, 4080, out, 16);
	is_mem(out, in, 16, "what was written is read");
	is_i64(vmo_read(&vmo, 0, (void *)8, 16), NX_ERR_BAD_ADDRESS,
	       "memory that is none is an error");
	vmo_fini(&vmo);
}

static void test_slice(void)
{
	struct vmo vmo, slice, second;
	uint8_t byte = 7, got = 0;

	vmo_init(4 * 4096, &vmo);
	is_i64(vmo_init_slice(&vmo, 1, 4096, &slice), NX_ERR_INVALID_ARGS,
	       "a slice begins at a page");
	is_i64(vmo_init_slice(&vmo, 4096, 0, &slice), NX_ERR_INVALID_ARGS,
	       "a slice has content");
	is_i64(vmo_init_slice(&vmo, 4096, 3 * 4096 + 1, &slice),
	       NX_ERR_OUT_OF_RANGE, "a slice ends inside its parent");
	is_i64(vmo_init_slice(&vmo, 4096, 4097, &slice), NX_OK,
	       "a slice of two pages is made");
	is_i64(vmo_init_slice(&slice, 4096, 1, &second), NX_OK,
	       "a slice of a slice is made");
	vmo_write(&vmo, 2 * 4096, &byte, 1);
	vmo_fini(&vmo);
	is_i64(vmo_read(&second, 0, &got, 1), NX_OK, "the parent may end");
	is_u64(got, 7, "a slice is the pages of its parent");
	is_i64(vmo_read(&second, 4096, &got, 1), NX_ERR_OUT_OF_RANGE,
	       "a slice ends where it ends");
	vmo_fini(&slice);
	vmo_fini(&second);
}

static void test_seal(void)
{
	struct vmo_mapping mapping;
	struct vmo vmo;
	uint32_t seals = 99;
	uint8_t byte = 1;

	vmo_init(4096, &vmo);
	is_i64(vmo_seal(&vmo, 0), NX_ERR_INVALID_ARGS, "no seal is no seal");
	is_i64(vmo_seal(&vmo, 4), NX_ERR_INVALID_ARGS, "an unknown seal");
	is_i64(vmo_map(&vmo, 0, 4096, NX_MAP_READ | NX_MAP_EXEC, &mapping),
	       NX_ERR_BAD_STATE, "nothing is executed before it is sealed");
	vmo_map(&vmo, 0, 4096, NX_MAP_READ | NX_MAP_WRITE, &mapping);
	is_i64(vmo_seal(&vmo, NX_SEAL_WRITE), NX_ERR_BUSY,
	       "a writable mapping forbids the seal");
	*(uint8_t *)mapping.base = 42;
	vmo_unmap(&mapping);
	vmo_unmap(&mapping);
	vmo_unmap(NULL);
	is_i64(vmo_seal(&vmo, NX_SEAL_WRITE), NX_OK, "then it can be sealed");
	is_i64(vmo_seals(&vmo, &seals), NX_OK, "seals can be asked for");
	is_u64(seals, NX_SEAL_WRITE, "and say what was sealed");
	is_i64(vmo_write(&vmo, 0, &byte, 1), NX_ERR_SEALED,
	       "a sealed object is not written");
	is_i64(vmo_map(&vmo, 0, 4096, NX_MAP_READ | NX_MAP_WRITE, &mapping),
	       NX_ERR_SEALED, "nor mapped for writing");
	is_i64(vmo_map(&vmo, 0, 4096, NX_MAP_READ | NX_MAP_EXEC, &mapping),
	       NX_OK, "but mapped for execution");
	is_u64(*(uint8_t *)mapping.base, 42, "with its bytes");
	vmo_unmap(&mapping);
	vmo_seal(&vmo, NX_SEAL_SEAL);
	is_i64(vmo_seal(&vmo, NX_SEAL_WRITE), NX_ERR_SEALED,
	       "the last seal is the last");
	vmo_fini(&vmo);
}

static void test_map(void)
{
	struct vmo_mapping mapping = { 0 };
	struct vmo vmo;

	vmo_init(2 * 4096, &vmo);
	is_i64(vmo_map(&vmo, 1, 4096, NX_MAP_READ, &mapping),
	       NX_ERR_INVALID_ARGS, "a mapping begins at a page");
	is_i64(vmo_map(&vmo, 0, 0, NX_MAP_READ, &mapping), NX_ERR_INVALID_ARGS,
	       "a mapping has a page");
	is_i64(vmo_map(&vmo, 0, 4096, 0, &mapping), NX_ERR_INVALID_ARGS,
	       "a mapping has an access");
	is_i64(vmo_map(&vmo, 0, 4096, NX_MAP_FIXED | NX_MAP_READ, &mapping),
	       NX_ERR_INVALID_ARGS, "addresses are not for the caller");
	is_i64(vmo_map(&vmo, 4096, 8192, NX_MAP_READ, &mapping),
	       NX_ERR_OUT_OF_RANGE, "a mapping ends inside the object");
	ok(mapping.base == NULL, "a refusal leaves the storage alone");
	vmo_fini(&vmo);
}

static void test_take(void)
{
	struct vmo vmo, taken;
	vmo_name_t name;
	int ends[2];

	vmo_init(4096, &vmo);
	name = vmo_release(&vmo);
	is_i64(vmo.name, VMO_NAME_NONE, "a released object is empty");
	is_i64(vmo_init_take(name, &taken), NX_OK, "its name is taken over");
	is_u64(taken.size_bytes, 4096, "with its size");
	vmo_fini(&taken);
	is_i64(vmo_init_take(name, &taken), NX_ERR_BAD_HANDLE,
	       "a name that names nothing is refused");
	if (pipe(ends) < 0) {
		fail("a pipe can be made");
		return;
	}
	is_i64(vmo_init_take(ends[0], &taken), NX_ERR_BAD_HANDLE,
	       "a pipe is no memory");
	ok(write(ends[1], "x", 1) < 0, "and was closed all the same");
	close(ends[1]);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	plan(46);
	test_create();
	test_copy();
	test_slice();
	test_seal();
	test_map();
	test_take();
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause
 * Buffers with owners: each step of the state machine that is allowed, and
 * each that is not. */
#include "support/tap.h"

#include <vmo/buffer.h>

enum { COUNT = 4, SIZE = 64 };

static uint8_t memory[COUNT * SIZE];
static struct vmo_buffer_state states[COUNT];

static void test_init(void)
{
	struct vmo_buffer_pool pool;

	is_i64(vmo_buffer_pool_init(NULL, SIZE, states, COUNT, &pool),
	       NX_ERR_INVALID_ARGS, "memory has to be there");
	is_i64(vmo_buffer_pool_init(memory, SIZE, NULL, COUNT, &pool),
	       NX_ERR_INVALID_ARGS, "states have to be there");
	is_i64(vmo_buffer_pool_init(memory, 0, states, COUNT, &pool),
	       NX_ERR_INVALID_ARGS, "no buffers of 0 bytes");
	is_i64(vmo_buffer_pool_init(memory, SIZE, states, 0, &pool),
	       NX_ERR_INVALID_ARGS, "not no buffers");
	is_i64(vmo_buffer_pool_init(memory, SIZE, states, VMO_BUFFERS_MAX + 1,
				    &pool),
	       NX_ERR_INVALID_ARGS, "one over the limit is refused");
}

static void test_states(void)
{
	struct vmo_buffer_pool pool;
	vmo_buffer_t buffer = 0, again = 0;
	void *bytes = NULL;

	vmo_buffer_pool_init(memory, SIZE, states, COUNT, &pool);
	memset(memory, 0xff, sizeof(memory));
	is_i64(vmo_buffer_take(&pool, &buffer), NX_OK, "a buffer is taken");
	is_i64(vmo_buffer_bytes(&pool, buffer, &bytes), NX_OK, "it is ours");
	is_u64(*(uint8_t *)bytes, 0, "and zeroed");
	is_i64(vmo_buffer_return(&pool, buffer), NX_ERR_BAD_STATE,
	       "what was not lent does not come back");
	is_i64(vmo_buffer_lend(&pool, buffer), NX_OK, "it is lent");
	is_i64(vmo_buffer_lend(&pool, buffer), NX_ERR_BAD_STATE,
	       "but not twice");
	is_i64(vmo_buffer_bytes(&pool, buffer, &bytes), NX_ERR_BAD_STATE,
	       "a lent buffer is not to be touched");
	is_i64(vmo_buffer_free(&pool, buffer), NX_ERR_BAD_STATE, "nor freed");
	is_i64(vmo_buffer_return(&pool, buffer), NX_OK, "it comes back");
	is_i64(vmo_buffer_free(&pool, buffer), NX_OK, "and is freed");
	is_i64(vmo_buffer_free(&pool, buffer), NX_ERR_BAD_HANDLE,
	       "but not twice");
	for (int i = 0; i < COUNT; i++)
		vmo_buffer_take(&pool, &again);
	is_i64(vmo_buffer_take(&pool, &again), NX_ERR_NO_SPACE,
	       "there are only so many");
	is_i64(vmo_buffer_lend(&pool, buffer), NX_ERR_BAD_HANDLE,
	       "an old name is stale when its place is taken again");
	is_i64(vmo_buffer_lend(&pool, 1u << 16 | COUNT), NX_ERR_BAD_HANDLE,
	       "an index outside is no buffer");
}

static void test_generations(void)
{
	struct vmo_buffer_pool pool;
	vmo_buffer_t buffer;
	unsigned zero = 0;

	vmo_buffer_pool_init(memory, SIZE, states, 1, &pool);
	for (uint32_t i = 0; i < 70000; i++) {
		vmo_buffer_take(&pool, &buffer);
		zero += buffer >> 16 == 0;
		vmo_buffer_free(&pool, buffer);
	}
	is_u64(zero, 0, "no generation is 0, also after it wrapped");
}

int main(void)
{
	plan(20);
	test_init();
	test_states();
	test_generations();
	return done();
}

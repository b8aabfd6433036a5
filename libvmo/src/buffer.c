/* SPDX-License-Identifier: BSD-2-Clause
 * A state machine per buffer: free → ours → lent → ours → free. The
 * generation goes up when a buffer is freed and skips 0. */
#include <vmo/buffer.h>

#include <stddef.h>
#include <string.h>

nx_status_t vmo_buffer_pool_init(void *base, uint32_t buffer_size_bytes,
				 struct vmo_buffer_state *states,
				 uint32_t buffer_count,
				 struct vmo_buffer_pool *out_pool)
{
	if (base == NULL || states == NULL || buffer_size_bytes == 0 ||
	    buffer_count == 0 || buffer_count > VMO_BUFFERS_MAX)
		return NX_ERR_INVALID_ARGS;
	for (uint32_t i = 0; i < buffer_count; i++) {
		states[i].generation = 1;
		states[i].owner = VMO_BUFFER_FREE;
	}
	*out_pool = (struct vmo_buffer_pool){
		.base = base,
		.states = states,
		.buffer_size_bytes = buffer_size_bytes,
		.buffer_count = buffer_count,
		.free_count = buffer_count,
	};
	return NX_OK;
}

static uint8_t *bytes_of(const struct vmo_buffer_pool *pool, uint32_t index)
{
	return pool->base + (size_t)index * pool->buffer_size_bytes;
}

nx_status_t vmo_buffer_take(struct vmo_buffer_pool *pool,
			    vmo_buffer_t *out_buffer)
{
	struct vmo_buffer_state *state;
	uint32_t index = pool->next;

	if (pool->free_count == 0)
		return NX_ERR_NO_SPACE;
	while (pool->states[index].owner != VMO_BUFFER_FREE)
		index = (index + 1) % pool->buffer_count;
	state = &pool->states[index];
	state->owner = VMO_BUFFER_OURS;
	pool->free_count--;
	pool->next = (index + 1) % pool->buffer_count;
	memset(bytes_of(pool, index), 0, pool->buffer_size_bytes);
	*out_buffer = (uint32_t)state->generation << 16 | index;
	return NX_OK;
}

/** The state of a buffer that is out of the pool, if its owner is
 * `owner`. */
static nx_status_t lookup(const struct vmo_buffer_pool *pool,
			  vmo_buffer_t buffer, uint16_t owner,
			  struct vmo_buffer_state **out_state)
{
	uint32_t index = buffer & 0xffff;
	struct vmo_buffer_state *state;

	if (index >= pool->buffer_count)
		return NX_ERR_BAD_HANDLE;
	state = &pool->states[index];
	if (state->generation != buffer >> 16 ||
	    state->owner == VMO_BUFFER_FREE)
		return NX_ERR_BAD_HANDLE;
	if (state->owner != owner)
		return NX_ERR_BAD_STATE;
	*out_state = state;
	return NX_OK;
}

nx_status_t vmo_buffer_bytes(const struct vmo_buffer_pool *pool,
			     vmo_buffer_t buffer, void **out_bytes)
{
	struct vmo_buffer_state *state;
	nx_status_t status = lookup(pool, buffer, VMO_BUFFER_OURS, &state);

	if (status == NX_OK)
		*out_bytes = bytes_of(pool, buffer & 0xffff);
	return status;
}

static nx_status_t pass_on(struct vmo_buffer_pool *pool, vmo_buffer_t buffer,
			   uint16_t from, uint16_t to)
{
	struct vmo_buffer_state *state;
	nx_status_t status = lookup(pool, buffer, from, &state);

	if (status == NX_OK)
		state->owner = to;
	return status;
}

nx_status_t vmo_buffer_lend(struct vmo_buffer_pool *pool, vmo_buffer_t buffer)
{
	return pass_on(pool, buffer, VMO_BUFFER_OURS, VMO_BUFFER_LENT);
}

nx_status_t vmo_buffer_return(struct vmo_buffer_pool *pool, vmo_buffer_t buffer)
{
	return pass_on(pool, buffer, VMO_BUFFER_LENT, VMO_BUFFER_OURS);
}

nx_status_t vmo_buffer_free(struct vmo_buffer_pool *pool, vmo_buffer_t buffer)
{
	struct vmo_buffer_state *state;
	nx_status_t status = lookup(pool, buffer, VMO_BUFFER_OURS, &state);

	if (status != NX_OK)
		return status;
	state->owner = VMO_BUFFER_FREE;
	state->generation = state->generation == UINT16_MAX
				    ? 1
				    : (uint16_t)(state->generation + 1);
	pool->free_count++;
	return NX_OK;
}

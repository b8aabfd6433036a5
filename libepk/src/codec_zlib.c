/* SPDX-License-Identifier: BSD-2-Clause */
/* zlib as an encoder. A fresh stream for each block: some zlibs give other
 * bytes after a reset than at first, and a worker's history must not show.
 * Its memory stays from block to block. */
#include <epk/codec.h>

#include <zlib.h>

/* What one deflate stream of zlib 1.2 asks for; more comes from the heap. */
#define ARENA_BYTES ((size_t)320 * 1024)
#define ARENA_ALIGN 16u

struct zlib_state {
	struct epk_allocator allocator;
	int level;
	size_t used_bytes;
	_Alignas(ARENA_ALIGN) uint8_t arena[ARENA_BYTES];
};

static size_t zlib_state_size(int level)
{
	(void)level;
	return sizeof(struct zlib_state);
}

static void *arena_allocate(void *opaque, unsigned count, unsigned each_bytes)
{
	struct zlib_state *state = opaque;
	const struct epk_allocator *allocator = &state->allocator;
	size_t size_bytes;
	void *memory;

	if (__builtin_mul_overflow((size_t)count, (size_t)each_bytes,
				   &size_bytes) ||
	    size_bytes > SIZE_MAX - ARENA_ALIGN)
		return NULL;
	size_bytes =
		(size_bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (size_bytes > ARENA_BYTES - state->used_bytes)
		return allocator->allocate(allocator->context, size_bytes);
	memory = state->arena + state->used_bytes;
	state->used_bytes += size_bytes;
	return memory;
}

static void arena_release(void *opaque, void *memory)
{
	struct zlib_state *state = opaque;
	const uint8_t *bytes = memory;

	if (bytes < state->arena || bytes >= state->arena + ARENA_BYTES)
		state->allocator.release(state->allocator.context, memory);
}

static epk_status_t zlib_open(const struct epk_allocator *allocator, int level,
			      void **out_state)
{
	struct zlib_state *state;

	if (level < 0)
		level = epk_codec_zlib()->level_default;
	if (level < 1 || level > epk_codec_zlib()->level_max)
		return EPK_ERR_INVALID;
	state = allocator->allocate(allocator->context, sizeof(*state));
	if (!state)
		return EPK_ERR_NO_MEMORY;
	state->allocator = *allocator;
	state->level = level;
	*out_state = state;
	return EPK_OK;
}

static epk_status_t zlib_encode(void *opaque, const uint8_t *plain,
				size_t plain_size, uint8_t *stored,
				size_t capacity, size_t *out_size)
{
	struct zlib_state *state = opaque;
	z_stream stream = {
		.zalloc = arena_allocate,
		.zfree = arena_release,
		.opaque = state,
		.next_in = (z_const Bytef *)(uintptr_t)plain,
		.avail_in = (uInt)plain_size,
		.next_out = stored,
		.avail_out = (uInt)capacity,
	};
	int result;

	if (plain_size > UINT32_MAX || capacity > UINT32_MAX)
		return EPK_ERR_INVALID;
	state->used_bytes = 0;
	result = deflateInit(&stream, state->level);
	if (result != Z_OK)
		return EPK_ERR_NO_MEMORY;
	result = deflate(&stream, Z_FINISH);
	*out_size = result == Z_STREAM_END ? (size_t)stream.total_out : 0;
	deflateEnd(&stream);
	return EPK_OK;
}

static void zlib_close(void *opaque)
{
	struct zlib_state *state = opaque;
	const struct epk_allocator allocator = state->allocator;

	allocator.release(allocator.context, state);
}

const struct epk_codec *epk_codec_zlib(void)
{
	static const struct epk_codec codec = {
		.id = 1,
		.level_max = 9,
		.level_default = 6,
		.name = "zlib",
		.version = zlibVersion,
		.state_size = zlib_state_size,
		.open = zlib_open,
		.encode = zlib_encode,
		.close = zlib_close,
	};

	return &codec;
}

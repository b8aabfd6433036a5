/* SPDX-License-Identifier: BSD-2-Clause */
/* libdeflate as an encoder: the streams of zlib, smaller and sooner. A
 * compressor carries nothing from one buffer to the next. Its own memory
 * comes from malloc: the library has no other way for one compressor. */
#include "codec_internal.h"

#include <libdeflate.h>

#define LEVEL_MAX 12
#define LEVEL_DEFAULT 6
/* From here on the encoder looks for the best parse, with tables to match. */
#define LEVEL_OPTIMAL 10

struct libdeflate_state {
	struct epk_allocator allocator;
	struct libdeflate_compressor *compressor;
};

static const char *version(void)
{
	return LIBDEFLATE_VERSION_STRING;
}

static size_t state_size(int level)
{
	return (size_t)(level < LEVEL_OPTIMAL ? 1 : 9) << 20;
}

static epk_status_t open_state(const struct epk_allocator *allocator, int level,
			       void **out_state)
{
	struct libdeflate_state *state;

	if (level < 0)
		level = LEVEL_DEFAULT;
	if (level < 1 || level > LEVEL_MAX)
		return EPK_ERR_INVALID;
	state = allocator->allocate(allocator->context, sizeof(*state));
	if (!state)
		return EPK_ERR_NO_MEMORY;
	state->allocator = *allocator;
	state->compressor = libdeflate_alloc_compressor(level);
	if (!state->compressor) {
		allocator->release(allocator->context, state);
		return EPK_ERR_NO_MEMORY;
	}
	*out_state = state;
	return EPK_OK;
}

static epk_status_t encode(void *opaque, const uint8_t *plain,
			   size_t plain_size, uint8_t *stored, size_t capacity,
			   size_t *out_size)
{
	const struct libdeflate_state *state = opaque;

	*out_size = libdeflate_zlib_compress(state->compressor, plain,
					     plain_size, stored, capacity);
	return EPK_OK;
}

static void close_state(void *opaque)
{
	struct libdeflate_state *state = opaque;
	const struct epk_allocator allocator = state->allocator;

	libdeflate_free_compressor(state->compressor);
	allocator.release(allocator.context, state);
}

const struct epk_codec *epk_codec_libdeflate(void)
{
	static const struct epk_codec codec = {
		.id = 1,
		.level_max = LEVEL_MAX,
		.level_default = LEVEL_DEFAULT,
		.name = "libdeflate",
		.version = version,
		.state_size = state_size,
		.open = open_state,
		.encode = encode,
		.close = close_state,
	};

	return &codec;
}

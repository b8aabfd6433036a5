/* SPDX-License-Identifier: BSD-2-Clause */
/* The inflate operation: exactly one stream, exactly its length, and zlib
 * running out of memory at each of its calls. */
#include "support/tap.h"

#include <epk/error.h>

#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

static uint32_t calls;
static uint32_t fail_at;

static voidpf fault_alloc(voidpf context, uInt count, uInt size)
{
	(void)context;
	return ++calls == fail_at ? Z_NULL : calloc(count, size);
}

static void fault_free(voidpf context, voidpf memory)
{
	(void)context;
	free(memory);
}

static int faulty_init(z_stream *stream)
{
	stream->zalloc = fault_alloc;
	stream->zfree = fault_free;
	return inflateInit2_(stream, MAX_WBITS, ZLIB_VERSION,
			     (int)sizeof(*stream));
}

/* The library's own source, with zlib's memory in our hands. */
static epk_status_t inflate_once(const void *in, size_t in_size, void *out,
				 size_t out_size);
#undef inflateInit2
#define inflateInit2(stream, bits) faulty_init(stream)
#define epk_inflate_zlib inflate_once
#include "../../../libepk/src/inflate_zlib.c"

static uint8_t plain[1000];
static uint8_t packed[2000];
static uint8_t out[1001];

static size_t pack(int level, int bits)
{
	z_stream stream = { .next_in = plain, .avail_in = sizeof(plain) };
	size_t size;

	stream.next_out = packed;
	stream.avail_out = sizeof(packed);
	if (deflateInit2(&stream, level, Z_DEFLATED, bits, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&stream, Z_FINISH) != Z_STREAM_END)
		abort();
	size = stream.total_out;
	deflateEnd(&stream);
	return size;
}

static void check_streams(void)
{
	size_t size = pack(9, 15);

	is_i64(inflate_once(packed, size, out, 1000), EPK_OK,
	       "a stream is decoded");
	is_mem(out, plain, 1000, "to the right bytes");
	is_i64(inflate_once(packed, size, out, 999), EPK_ERR_CODEC,
	       "one byte less than it holds: CODEC");
	is_i64(inflate_once(packed, size, out, 1001), EPK_ERR_CODEC,
	       "one byte more than it holds: CODEC");
	is_i64(inflate_once(packed, size - 1, out, 1000), EPK_ERR_CODEC,
	       "a stream without its last byte: CODEC");
	is_i64(inflate_once(packed, size + 1, out, 1000), EPK_ERR_CODEC,
	       "a byte behind the stream: CODEC");
	is_i64(inflate_once(packed, 0, out, 1000), EPK_ERR_CODEC,
	       "no stream: CODEC");
	packed[size - 1] ^= 1;
	is_i64(inflate_once(packed, size, out, 1000), EPK_ERR_CODEC,
	       "a wrong Adler-32: CODEC");
	packed[1] = 0x20 | (31 - (0x7820 % 31)) % 31;
	is_i64(inflate_once(packed, size, out, 1000), EPK_ERR_CODEC,
	       "a preset dictionary: CODEC");
	size = pack(0, 15);
	is_i64(inflate_once(packed, size, out, 1000), EPK_OK,
	       "a stream of stored pieces is decoded");
	size = pack(9, 9);
	is_i64(inflate_once(packed, size, out, 1000), EPK_OK,
	       "a stream of a small window is decoded");
	size = pack(9, -15);
	is_i64(inflate_once(packed, size, out, 1000), EPK_ERR_CODEC,
	       "raw deflate: CODEC");
	size = pack(9, 31);
	is_i64(inflate_once(packed, size, out, 1000), EPK_ERR_CODEC,
	       "gzip: CODEC");
}

static void check_memory(void)
{
	const size_t size = pack(9, 15);
	uint32_t wrong = 0;
	uint32_t most;

	calls = 0;
	(void)inflate_once(packed, size, out, 1000);
	most = calls;
	for (fail_at = 1; fail_at <= most; fail_at++) {
		calls = 0;
		wrong += inflate_once(packed, size, out, 1000) !=
			 EPK_ERR_NO_MEMORY;
	}
	ok(most >= 1, "zlib allocates %u times", most);
	is_u64(wrong, 0, "and a failure of each is NO_MEMORY");
}

int main(void)
{
	plan(0);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * i >> 5);
	check_streams();
	check_memory();
	return done();
}

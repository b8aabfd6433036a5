/* SPDX-License-Identifier: BSD-2-Clause */
/* The inflate of this build against zlib's: the same verdict on every stream,
 * the same bytes. The mutator sets the Adler-32 right where a stream still
 * decodes, so that the stream itself decides. */
#include <epk/host.h>

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#define PLAIN_MAX 16384u
#define STREAM_MAX 20000u
/* Two bytes before the stream say how large its plain bytes should be. */
#define PREFIX 2u

/* The library's own reference. */
static epk_status_t reference(const void *in, size_t in_size, void *out,
			      size_t out_size);
#define epk_inflate_zlib reference
#include "../../libepk/src/inflate_zlib.c"

static uint32_t accepted;
static uint8_t plain[PLAIN_MAX];

static void make_plain(uint32_t which, size_t size)
{
	struct fuzz_random random = fuzz_random_of(99, which);
	const uint32_t letters = 1 + which * 31 % 250;

	for (size_t i = 0; i < size;) {
		const size_t back = 1 + fuzz_below(&random, 3000);
		size_t run = 1 + fuzz_below(&random, 300);

		for (; run != 0 && i < size; run--, i++)
			plain[i] =
				i >= back && back % 3 != which % 3
					? plain[i - back]
					: (uint8_t)fuzz_below(&random, letters);
	}
}

static size_t seed(uint32_t which, uint8_t *bytes)
{
	static const size_t sizes[] = { 1, 40, 300, 900, 2000, 5000, 16000 };
	static const int strategies[] = { Z_DEFAULT_STRATEGY, Z_FIXED,
					  Z_HUFFMAN_ONLY, Z_RLE };
	const size_t size = sizes[which % 7];
	z_stream stream = { .next_in = plain, .avail_in = (uInt)size };

	make_plain(which, size);
	bytes[0] = (uint8_t)size;
	bytes[1] = (uint8_t)(size >> 8);
	stream.next_out = bytes + PREFIX;
	stream.avail_out = STREAM_MAX;
	fuzz_must(deflateInit2(&stream, (int)which % 10, Z_DEFLATED, 15,
			       1 + (int)which % 9,
			       strategies[which % 4]) == Z_OK &&
			  deflate(&stream, Z_FINISH) == Z_STREAM_END,
		  "a stream is made");
	deflateEnd(&stream);
	return PREFIX + stream.total_out;
}

/* What the stream decodes to now gets its own sum, size and end. */
static size_t mend(uint8_t *bytes, size_t size)
{
	static uint8_t decoded[PLAIN_MAX];
	static z_stream stream;
	uint8_t *sum_at;
	uLong sum;

	if (size < PREFIX + 6)
		return size;
	bytes[PREFIX] = 0x78;
	bytes[PREFIX + 1] = 0x9c;
	if (stream.state == NULL)
		fuzz_must(inflateInit2(&stream, -15) == Z_OK, "zlib is there");
	else
		inflateReset(&stream);
	stream.next_in = bytes + PREFIX + 2;
	stream.avail_in = (uInt)(size - PREFIX - 2);
	stream.next_out = decoded;
	stream.avail_out = sizeof(decoded);
	if (inflate(&stream, Z_FINISH) != Z_STREAM_END ||
	    stream.total_out == 0 || PREFIX + 2 + stream.total_in + 4 > size)
		return size;
	sum = adler32(1, decoded, (uInt)stream.total_out);
	sum_at = bytes + PREFIX + 2 + stream.total_in;
	for (int i = 0; i < 4; i++)
		sum_at[i] = (uint8_t)(sum >> (24 - 8 * i));
	bytes[0] = (uint8_t)stream.total_out;
	bytes[1] = (uint8_t)(stream.total_out >> 8);
	return PREFIX + 2 + stream.total_in + 4;
}

static size_t mutate(uint8_t *bytes, size_t size, size_t size_max,
		     struct fuzz_random *random)
{
	/* Mostly in the front, where the tables are. */
	const uint32_t front = size > 100 ? 100 : (uint32_t)size;

	(void)size_max;
	for (uint32_t n = 1 + fuzz_below(random, 2); n > 0; n--) {
		const uint32_t at = fuzz_below(
			random,
			fuzz_below(random, 4) != 0 ? front : (uint32_t)size);

		bytes[at] ^= (uint8_t)(1u << fuzz_below(random, 8));
	}
	if (fuzz_below(random, 4) != 0)
		size = mend(bytes, size);
	if (fuzz_below(random, 8) == 0)
		size -= fuzz_below(random, size < 8 ? (uint32_t)size : 8);
	return size;
}

static void run(const uint8_t *bytes, size_t size)
{
	size_t out_size;
	uint8_t *ours, *theirs;
	epk_status_t status;

	if (size < PREFIX)
		return;
	out_size = (size_t)bytes[0] | (size_t)bytes[1] << 8;
	out_size = out_size == 0 ? 1 : out_size;
	ours = malloc(out_size);
	theirs = malloc(out_size);
	fuzz_must(ours != NULL && theirs != NULL, "there is memory");
	status = reference(bytes + PREFIX, size - PREFIX, theirs, out_size);
	fuzz_must(epk_ops_default()->inflate(bytes + PREFIX, size - PREFIX,
					     ours, out_size) == status,
		  "zlib has the same verdict");
	if (status == EPK_OK) {
		accepted++;
		fuzz_must(memcmp(ours, theirs, out_size) == 0,
			  "and the same bytes");
	}
	free(ours);
	free(theirs);
}

static void report(uint32_t runs)
{
	fuzz_ok(accepted > runs / 20 && accepted < runs,
		"some decode, some do not (%u of %u)", accepted, runs);
}

const struct fuzz_target fuzz_target = {
	.name = "inflate",
	.runs = 10000,
	.long_runs = 500000,
	.size_max = PREFIX + STREAM_MAX,
	.seed_count = 28,
	.seed = seed,
	.mutate = mutate,
	.run = run,
	.report = report,
};

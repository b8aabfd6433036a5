/* SPDX-License-Identifier: BSD-2-Clause */
/* The inflate of this build judges streams as zlib does, to the byte. Random
 * damage is made decodable where it can be: its Adler-32 is set right, so that
 * what decides is the stream itself. And what other inflaters let pass. */
#include "support/tap.h"

#include <epk/host.h>

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#define PLAIN_MAX 70000u
#define PACKED_MAX 80000u

/* The library's own reference. */
static epk_status_t reference(const void *in, size_t in_size, void *out,
			      size_t out_size);
#define epk_inflate_zlib reference
#include "../../../libepk/src/inflate_zlib.c"

static uint8_t plain[PLAIN_MAX];
static uint8_t packed[PACKED_MAX];
static uint8_t wanted[PLAIN_MAX];
static uint8_t got[PLAIN_MAX];
static uint64_t seed = 1;

static uint32_t chance(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static void make_plain(size_t size)
{
	const uint32_t letters = 1 + chance(250);
	const uint32_t repeat = chance(8);
	size_t at = 0;

	while (at < size) {
		size_t run = 1 + chance(300);
		size_t back = 1 + chance(40000);

		if (at < back || chance(8) > repeat)
			back = 0;
		for (; run != 0 && at < size; run--, at++)
			plain[at] =
				back ? plain[at - back]
				     : (uint8_t)(chance(letters) * chance(3));
	}
}

static size_t pack(size_t size)
{
	static const int strategies[] = { Z_DEFAULT_STRATEGY, Z_FIXED,
					  Z_HUFFMAN_ONLY, Z_RLE };
	z_stream stream = { .next_in = plain, .avail_in = (uInt)size };
	size_t out_size;

	stream.next_out = packed;
	stream.avail_out = sizeof(packed);
	if (deflateInit2(&stream, (int)chance(10), Z_DEFLATED, 15,
			 1 + (int)chance(9), strategies[chance(4)]) != Z_OK ||
	    deflate(&stream, Z_FINISH) != Z_STREAM_END)
		abort();
	out_size = stream.total_out;
	deflateEnd(&stream);
	return out_size;
}

static uint32_t accepted;
static uint32_t wrong;

static void compare(size_t in_size, size_t out_size)
{
	const epk_status_t theirs =
		reference(packed, in_size, wanted, out_size);
	const epk_status_t ours =
		epk_ops_default()->inflate(packed, in_size, got, out_size);

	accepted += theirs == EPK_OK;
	if (ours != theirs ||
	    (ours == EPK_OK && memcmp(got, wanted, out_size) != 0))
		wrong++;
}

static void damage(size_t size)
{
	/* Mostly in the front, where the tables are. */
	const uint32_t front = size > 100 ? 100 : (uint32_t)size;

	for (uint32_t n = 1 + chance(2); n != 0; n--) {
		const size_t at =
			chance(4) ? chance(front) : chance((uint32_t)size);

		packed[at] ^= (uint8_t)(1u << chance(8));
	}
}

/** What the damaged stream decodes to gets its own sum and end. */
static bool mend(size_t size, size_t *out_in, size_t *out_plain)
{
	z_stream stream = { .next_in = packed + 2 };
	uLong sum;
	bool whole;

	packed[0] = 0x78;
	packed[1] = 0x9c;
	stream.avail_in = (uInt)(size - 2);
	stream.next_out = wanted;
	stream.avail_out = sizeof(wanted);
	if (inflateInit2(&stream, -15) != Z_OK)
		abort();
	whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
	*out_in = 2 + stream.total_in + 4;
	*out_plain = stream.total_out;
	inflateEnd(&stream);
	if (!whole || *out_in > sizeof(packed) || *out_plain == 0)
		return false;
	sum = adler32(1, wanted, (uInt)*out_plain);
	for (int i = 0; i < 4; i++)
		packed[*out_in - 4 + (size_t)i] =
			(uint8_t)(sum >> (24 - 8 * i));
	return true;
}

static void check_chance(uint32_t rounds)
{
	uint32_t mended = 0;

	for (uint32_t i = 0; i < rounds; i++) {
		const size_t size = 1 + chance(chance(16) ? 600 : PLAIN_MAX);
		size_t in_size;
		size_t out_size;

		make_plain(size);
		in_size = pack(size);
		compare(in_size, size);
		damage(in_size);
		compare(in_size, size);
		if (mend(in_size, &in_size, &out_size)) {
			mended++;
			compare(in_size, out_size);
			compare(in_size - 1, out_size);
			compare(in_size, out_size - 1);
		}
	}
	is_u64(wrong, 0, "%u streams and their damage: the same verdicts",
	       rounds);
	ok(accepted > rounds && mended > rounds / 20,
	   "of them %u were accepted, %u after damage", accepted, mended);
}

/* ---- streams written bit by bit ---- */

static size_t bits;

static void put(uint32_t value, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++, bits++) {
		if (bits % 8 == 0)
			packed[bits / 8] = 0;
		packed[bits / 8] |= (uint8_t)((value >> i & 1) << bits % 8);
	}
}

/** A codeword goes in from its highest bit. */
static void put_code(uint32_t code, uint32_t count)
{
	while (count-- != 0)
		put(code >> count & 1, 1);
}

static void begin(void)
{
	bits = 0;
	put(0x78, 8);
	put(0x9c, 8);
}

/** Ends with the sum of what a lenient reader would decode. */
static void judge(const char *what, size_t size, epk_status_t verdict)
{
	const uLong sum = adler32(1, plain, (uInt)size);
	size_t in_size;

	while (bits % 8 != 0)
		put(0, 1);
	for (int i = 24; i >= 0; i -= 8)
		put((uint32_t)(sum >> i) & 255, 8);
	in_size = bits / 8;
	is_i64(reference(packed, in_size, wanted, size), verdict, "zlib: %s",
	       what);
	is_i64(epk_ops_default()->inflate(packed, in_size, got, size), verdict,
	       "and this build's inflate");
}

static void check_fixed(void)
{
	memset(plain, 0, sizeof(plain));
	begin();
	put(3, 3);
	put_code(0x30, 8);
	put_code(1, 7); /* length 3 */
	put_code(0, 5);
	put_code(0, 7);
	judge("a fixed block", 4, EPK_OK);

	begin();
	put(3, 3);
	put_code(0x30, 8);
	put_code(0xc6, 8); /* 286: others take it for a length of 258 */
	put_code(0, 5);
	put_code(0, 7);
	judge("length symbol 286 in a fixed block", 259, EPK_ERR_CODEC);

	begin();
	put(3, 3);
	for (int i = 0; i < 30000; i++)
		put_code(0x30, 8);
	put_code(1, 7);
	put_code(30, 5); /* others take it for 24577 */
	put(0, 13);
	put_code(0, 7);
	judge("distance symbol 30 in a fixed block", 30003, EPK_ERR_CODEC);

	begin();
	put(3, 3);
	put_code(0x30, 8);
	put_code(1, 7);
	put_code(1, 5); /* 2, of 1 */
	put_code(0, 7);
	judge("a distance before the first byte", 4, EPK_ERR_CODEC);
	begin();
	put(7, 3);
	judge("a block of the type that is none", 1, EPK_ERR_CODEC);
}

/** Lengths of the codewords of symbols 0..18 of a dynamic block's header:
 * 0 has 2, 1 has 2, 2 has 2, 18 has 2; or what `single` says. */
static void put_lengths_code(uint32_t symbols, uint32_t distances,
			     uint32_t last_size)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					   11, 4,  12, 3, 13, 2, 14, 1, 15 };

	put(5, 3);
	put(symbols - 257, 5);
	put(distances - 1, 5);
	put(14, 4);
	for (int i = 0; i < 18; i++) {
		const uint8_t symbol = order[i];

		put(symbol <= 2 ? 2 : symbol == 18 ? last_size : 0, 3);
	}
}

#define LENGTH_0 put_code(0, 2)
#define LENGTH_1 put_code(1, 2)
#define LENGTH_2 put_code(2, 2)
#define ZEROS(count) (put_code(3, 2), put((count)-11, 7))

/** Literal 0 has 2 bits, the end has 1, length 3 has 2. */
static void put_symbols(void)
{
	LENGTH_2;
	ZEROS(138);
	ZEROS(117);
	LENGTH_1;
	LENGTH_2;
}

static void begin_dynamic(uint32_t symbols, uint32_t distances)
{
	begin();
	put_lengths_code(symbols, distances, 2);
	put_symbols();
}

static void check_dynamic(void)
{
	begin_dynamic(258, 2);
	LENGTH_1;
	LENGTH_1;
	put_code(2, 2);
	put_code(3, 2);
	put_code(0, 1);
	put_code(0, 1);
	judge("a dynamic block", 4, EPK_OK);

	begin_dynamic(258, 1);
	LENGTH_1;
	put_code(2, 2);
	put_code(3, 2);
	put_code(0, 1);
	put_code(0, 1);
	judge("one distance of one bit", 4, EPK_OK);

	begin_dynamic(258, 1);
	LENGTH_1;
	put_code(2, 2);
	put_code(3, 2);
	put_code(1, 1); /* others take it for the same distance */
	put_code(0, 1);
	judge("the other bit of one distance", 4, EPK_ERR_CODEC);

	begin_dynamic(258, 1);
	LENGTH_2;
	put_code(2, 2);
	put_code(0, 1);
	judge("one distance of two bits", 1, EPK_ERR_CODEC);

	begin_dynamic(258, 1);
	LENGTH_0;
	put_code(2, 2);
	put_code(0, 1);
	judge("no distance, and none used", 1, EPK_OK);

	begin_dynamic(258, 1);
	LENGTH_0;
	put_code(2, 2);
	put_code(3, 2);
	put_code(0, 1);
	put_code(0, 1);
	judge("no distance, and one used", 4, EPK_ERR_CODEC);
}

static void check_headers(void)
{
	begin();
	put_lengths_code(258, 1, 0); /* three codewords of two bits */
	LENGTH_2;
	for (int i = 0; i < 255; i++)
		LENGTH_0;
	LENGTH_1;
	LENGTH_2;
	LENGTH_0;
	put_code(2, 2);
	put_code(0, 1);
	judge("an incomplete code of lengths", 1, EPK_ERR_CODEC);

	begin_dynamic(287, 1);
	ZEROS(29);
	LENGTH_0;
	put_code(2, 2);
	put_code(0, 1);
	judge("287 symbols", 1, EPK_ERR_CODEC);

	begin_dynamic(258, 31);
	LENGTH_1;
	LENGTH_1;
	ZEROS(29);
	put_code(2, 2);
	put_code(0, 1);
	judge("31 distances", 1, EPK_ERR_CODEC);

	begin_dynamic(258, 2);
	ZEROS(11);
	put_code(2, 2);
	put_code(0, 1);
	judge("a run of lengths over the end", 1, EPK_ERR_CODEC);

	begin();
	put_lengths_code(258, 1, 2);
	LENGTH_1;
	ZEROS(138);
	ZEROS(117);
	LENGTH_0;
	LENGTH_1;
	LENGTH_1;
	put_code(0, 1);
	judge("no end of the block", 1, EPK_ERR_CODEC);
}

int main(void)
{
	plan(0);
	check_fixed();
	check_dynamic();
	check_headers();
	check_chance(getenv("NEXUS_LONG") ? 2000000 : 3000);
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One RFC 1950 stream, judged as zlib judges: whole input, exact length,
 * Adler-32, no dictionary, no codeword that the format does not have. The
 * inflater of libdeflate accepts more (ADR 0023), so only its checksum is
 * used. Away from both ends the loop reads eight bytes at a time and copies
 * in words; near an end it counts every bit.
 */
#include "inflate_fast.h"

#include <libdeflate.h>

#include "inflate_table.h"
#include "mem_internal.h"

#define LENGTHS_MAX 320u
/* Three refills look at 8 bytes each and move on by 7 at most. */
#define IN_MARGIN 32
/* Two literals and the longest match, which may be overwritten by 15. */
#define OUT_MARGIN (2 + 258 + 16)

struct inflate {
	const uint8_t *in;
	const uint8_t *in_end;
	uint8_t *out;
	uint8_t *out_begin;
	uint8_t *out_end;
	uint64_t hold; /* bits taken from in, the next one lowest */
	uint32_t held;
	uint32_t symbols[INFLATE_ENOUGH_SYMBOLS];
	uint32_t distances[INFLATE_ENOUGH_DISTANCES];
};

/** Bytes into hold as long as there are any; it never holds all 64 bits. */
static inline void refill(struct inflate *s)
{
	while (s->held <= 55 && s->in < s->in_end) {
		s->hold |= (uint64_t)*s->in++ << s->held;
		s->held += 8;
	}
}

static inline void drop(struct inflate *s, uint32_t count)
{
	s->hold >>= count;
	s->held -= count;
}

/** Takes count <= 16 bits; false if the input ends before. */
static inline bool take(struct inflate *s, uint32_t count, uint32_t *out_bits)
{
	refill(s);
	if (s->held < count)
		return false;
	*out_bits = (uint32_t)(s->hold & ((UINT64_C(1) << count) - 1));
	drop(s, count);
	return true;
}

static inline uint32_t find(const uint32_t *table, uint32_t root, uint64_t hold)
{
	const uint32_t entry = table[hold & ((UINT32_C(1) << root) - 1)];

	if (__builtin_expect((entry & INFLATE_LINK) == 0, 1))
		return entry;
	return table[inflate_value(entry) +
		     (hold >> root &
		      ((UINT32_C(1) << inflate_size(entry)) - 1))];
}

/** Takes one codeword. Bits that are not there count as zeros, and whether
 * they were needed is seen from its length. */
static inline bool take_codeword(struct inflate *s, const uint32_t *table,
				 uint32_t root, uint32_t *out_entry)
{
	refill(s);
	*out_entry = find(table, root, s->hold);
	if ((*out_entry & INFLATE_BAD) != 0 ||
	    inflate_size(*out_entry) > s->held)
		return false;
	drop(s, inflate_size(*out_entry));
	return true;
}

/** Gives back the whole bytes that are held; the rest of a byte is lost. */
static void align(struct inflate *s)
{
	s->in -= s->held / 8;
	s->hold = 0;
	s->held = 0;
}

static bool stored_block(struct inflate *s)
{
	uint32_t size;

	align(s);
	if (s->in_end - s->in < 4)
		return false;
	size = epk_load16(s->in);
	if (size != (uint16_t)~epk_load16(s->in + 2))
		return false;
	s->in += 4;
	if (size > (size_t)(s->in_end - s->in) ||
	    size > (size_t)(s->out_end - s->out))
		return false;
	epk_mem_copy(s->out, s->in, size);
	s->in += size;
	s->out += size;
	return true;
}

static bool fixed_tables(struct inflate *s)
{
	uint8_t lengths[288];

	for (uint32_t i = 0; i < sizeof(lengths); i++)
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	if (!epk_inflate_table(INFLATE_SYMBOLS, lengths, 288, s->symbols))
		return false;
	for (uint32_t i = 0; i < 32; i++)
		lengths[i] = 5;
	return epk_inflate_table(INFLATE_DISTANCES, lengths, 32, s->distances);
}

/** The lengths of the codewords, themselves coded with runs. */
static bool take_lengths(struct inflate *s, const uint32_t *table,
			 uint8_t *lengths, uint32_t count)
{
	static const uint8_t run_base[] = { 3, 3, 11 };
	static const uint8_t run_bits[] = { 2, 3, 7 };
	uint32_t at = 0;

	while (at < count) {
		uint32_t entry;
		uint32_t symbol;
		uint32_t run;

		if (!take_codeword(s, table, INFLATE_ROOT_LENGTHS, &entry))
			return false;
		symbol = inflate_value(entry);
		if (symbol < 16) {
			lengths[at++] = (uint8_t)symbol;
			continue;
		}
		if (!take(s, run_bits[symbol - 16], &run))
			return false;
		run += run_base[symbol - 16];
		if (run > count - at || (symbol == 16 && at == 0))
			return false;
		for (; run != 0; run--, at++)
			lengths[at] = symbol == 16 ? lengths[at - 1] : 0;
	}
	return true;
}

static bool dynamic_tables(struct inflate *s)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					   11, 4,  12, 3, 13, 2, 14, 1, 15 };
	uint32_t table[INFLATE_ENOUGH_LENGTHS];
	uint8_t lengths[LENGTHS_MAX] = { 0 };
	uint32_t bits;
	uint32_t symbols;
	uint32_t distances;
	uint32_t codes;

	if (!take(s, 14, &bits))
		return false;
	symbols = 257 + (bits & 31);
	distances = 1 + (bits >> 5 & 31);
	codes = 4 + (bits >> 10);
	if (symbols > 286 || distances > 30)
		return false;
	for (uint32_t i = 0; i < codes; i++) {
		if (!take(s, 3, &bits))
			return false;
		lengths[order[i]] = (uint8_t)bits;
	}
	if (!epk_inflate_table(INFLATE_LENGTHS, lengths, 19, table) ||
	    !take_lengths(s, table, lengths, symbols + distances) ||
	    lengths[256] == 0)
		return false;
	return epk_inflate_table(INFLATE_SYMBOLS, lengths, symbols,
				 s->symbols) &&
	       epk_inflate_table(INFLATE_DISTANCES, lengths + symbols,
				 distances, s->distances);
}

/* May write up to 15 bytes behind the match, which OUT_MARGIN allows. */
static inline void copy_match(uint8_t *out, uint32_t distance, uint32_t length)
{
	const uint8_t *from = out - distance;
	const uint8_t *const end = out + length;

	/* Each copy sees what the one before wrote. */
	if (__builtin_expect(distance >= 8, 1)) {
		do {
			__builtin_memcpy(out, from, 8);
			__builtin_memcpy(out + 8, from + 8, 8);
			out += 16;
			from += 16;
		} while (out < end);
	} else if (distance == 1) {
		const uint64_t run = *from * UINT64_C(0x0101010101010101);

		do {
			__builtin_memcpy(out, &run, 8);
			__builtin_memcpy(out + 8, &run, 8);
			out += 16;
		} while (out < end);
	} else {
		/* Of eight bytes the first `distance` are right, and the
		 * others are written again. */
		do {
			__builtin_memcpy(out, from, 8);
			out += distance;
			from += distance;
		} while (out < end);
	}
}

/** What the fast loop works on, in registers. */
struct fast {
	const uint8_t *in;
	uint8_t *out;
	uint64_t hold; /* above `held` are bits of bytes not taken yet */
	uint32_t held; /* at most 63 */
};

/** At least 56 bits, from eight bytes that are there. */
static inline void fast_refill(struct fast *f)
{
	f->hold |= epk_load64(f->in) << f->held;
	f->in += (63 - f->held) >> 3;
	f->held |= 56;
}

static inline void fast_drop(struct fast *f, uint32_t entry)
{
	f->hold >>= inflate_total(entry) & 63;
	f->held -= inflate_total(entry);
}

static inline void fast_literal(struct fast *f, uint32_t entry)
{
	fast_drop(f, entry);
	*f->out++ = (uint8_t)(entry >> 16);
}

static inline uint32_t fast_peek(const struct fast *f, const uint32_t *table,
				 uint32_t root)
{
	return table[f->hold & ((UINT32_C(1) << root) - 1)];
}

static inline bool is_literal(uint32_t entry)
{
	return (entry & INFLATE_LITERAL) != 0;
}

/** Takes the codeword and its extra bits; the base with them added. */
static inline uint32_t fast_base(struct fast *f, uint32_t entry)
{
	const uint64_t bits =
		f->hold & ((UINT64_C(1) << (inflate_total(entry) & 63)) - 1);

	fast_drop(f, entry);
	return (entry >> 16) + (uint32_t)(bits >> inflate_size(entry));
}

enum fast_end { FAST_MORE, FAST_END, FAST_BAD };

/** At least 28 bits are held, as many as a distance can have. Refills and
 * looks at what follows before it copies, which takes its time. */
static inline enum fast_end fast_match(const struct inflate *s, struct fast *f,
				       uint32_t length, uint32_t *out_next)
{
	const uint32_t entry =
		find(s->distances, INFLATE_ROOT_DISTANCES, f->hold);
	const uint32_t distance = fast_base(f, entry);

	if (__builtin_expect((entry & INFLATE_OTHER) != 0 ||
				     distance > (size_t)(f->out - s->out_begin),
			     0))
		return FAST_BAD;
	fast_refill(f);
	*out_next = fast_peek(f, s->symbols, INFLATE_ROOT_SYMBOLS);
	copy_match(f->out, distance, length);
	f->out += length;
	return FAST_MORE;
}

/** Neither literal nor length at first sight. */
static inline enum fast_end fast_other(const struct inflate *s, struct fast *f,
				       uint32_t *entry)
{
	if ((*entry & INFLATE_LINK) != 0)
		*entry = find(s->symbols, INFLATE_ROOT_SYMBOLS, f->hold);
	if ((*entry & INFLATE_END) != 0) {
		fast_drop(f, *entry);
		return FAST_END;
	}
	return (*entry & INFLATE_BAD) != 0 ? FAST_BAD : FAST_MORE;
}

/** A match, or a literal with a long codeword; then what follows. At least
 * 34 bits are held, and a length has 20. */
static inline enum fast_end fast_rest(const struct inflate *s, struct fast *f,
				      uint32_t *entry)
{
	uint32_t length;

	if (__builtin_expect((*entry & INFLATE_OTHER) != 0, 0)) {
		const enum fast_end end = fast_other(s, f, entry);

		if (end != FAST_MORE)
			return end;
		if (is_literal(*entry)) {
			fast_literal(f, *entry);
			fast_refill(f);
			*entry = fast_peek(f, s->symbols, INFLATE_ROOT_SYMBOLS);
			return FAST_MORE;
		}
	}
	length = fast_base(f, *entry);
	if (__builtin_expect(f->held < 28, 0))
		fast_refill(f);
	return fast_match(s, f, length, entry);
}

/** Decodes while both margins hold. Each round begins with 56 bits and the
 * entry of the first of them. */
static enum fast_end fast_loop(struct inflate *s)
{
	struct fast f = { s->in, s->out, s->hold, s->held };
	enum fast_end end = FAST_MORE;
	const uint32_t *const table = s->symbols;
	uint32_t entry;

	if (s->in_end - f.in < IN_MARGIN || s->out_end - f.out < OUT_MARGIN)
		return FAST_MORE;
	fast_refill(&f);
	entry = fast_peek(&f, table, INFLATE_ROOT_SYMBOLS);
	while (end == FAST_MORE && s->in_end - f.in >= IN_MARGIN &&
	       s->out_end - f.out >= OUT_MARGIN) {
		/* Literals of the first table have at most 11 bits. */
		if (is_literal(entry)) {
			fast_literal(&f, entry);
			entry = fast_peek(&f, table, INFLATE_ROOT_SYMBOLS);
			if (is_literal(entry)) {
				fast_literal(&f, entry);
				entry = fast_peek(&f, table,
						  INFLATE_ROOT_SYMBOLS);
				if (is_literal(entry)) {
					fast_literal(&f, entry);
					entry = fast_peek(&f, table,
							  INFLATE_ROOT_SYMBOLS);
					fast_refill(&f);
					continue;
				}
			}
		}
		end = fast_rest(s, &f, &entry);
	}
	s->in = f.in;
	s->out = f.out;
	s->held = f.held;
	s->hold = f.hold & ((UINT64_C(1) << f.held) - 1);
	return end;
}

/** One match, bit by bit and byte by byte. */
static bool careful_match(struct inflate *s, uint32_t entry)
{
	uint32_t length;
	uint32_t distance;
	uint32_t extra;

	if (!take(s, inflate_extra(entry), &extra))
		return false;
	length = inflate_value(entry) + extra;
	if (!take_codeword(s, s->distances, INFLATE_ROOT_DISTANCES, &entry) ||
	    !take(s, inflate_extra(entry), &extra))
		return false;
	distance = inflate_value(entry) + extra;
	if (distance > (size_t)(s->out - s->out_begin) ||
	    length > (size_t)(s->out_end - s->out))
		return false;
	for (; length != 0; length--, s->out++)
		*s->out = *(s->out - distance);
	return true;
}

static bool coded_block(struct inflate *s)
{
	for (;;) {
		const enum fast_end fast = fast_loop(s);
		uint32_t entry;

		if (fast != FAST_MORE)
			return fast == FAST_END;
		if (!take_codeword(s, s->symbols, INFLATE_ROOT_SYMBOLS, &entry))
			return false;
		if ((entry & INFLATE_END) != 0)
			return true;
		if ((entry & INFLATE_LITERAL) == 0) {
			if (!careful_match(s, entry))
				return false;
			continue;
		}
		if (s->out == s->out_end)
			return false;
		*s->out++ = (uint8_t)inflate_value(entry);
	}
}

static bool block(struct inflate *s, bool *out_last)
{
	uint32_t bits;

	if (!take(s, 3, &bits))
		return false;
	*out_last = (bits & 1) != 0;
	switch (bits >> 1) {
	case 0:
		return stored_block(s);
	case 1:
		return fixed_tables(s) && coded_block(s);
	case 2:
		return dynamic_tables(s) && coded_block(s);
	default:
		return false;
	}
}

/** CM 8, a window up to 32 KiB, no dictionary, a right FCHECK. */
static bool header_is_sound(const uint8_t *in, size_t in_size)
{
	return in_size >= 2 && (in[0] & 15) == 8 && in[0] >> 4 <= 7 &&
	       (in[1] & 32) == 0 && (in[0] << 8 | in[1]) % 31 == 0;
}

/** The four bytes behind the last block, and nothing behind them. */
static bool trailer_is_right(struct inflate *s)
{
	const size_t size = (size_t)(s->out_end - s->out_begin);
	const uint8_t *in;

	align(s);
	in = s->in;
	return s->out == s->out_end && s->in_end - in == 4 &&
	       libdeflate_adler32(1, s->out_begin, size) ==
		       ((uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 |
			(uint32_t)in[2] << 8 | in[3]);
}

epk_status_t epk_inflate_fast(const void *in, size_t in_size, void *out,
			      size_t out_size)
{
	struct inflate s;
	bool last = false;

	/* As zlib, whose counts are of 32 bits. */
	if (in_size > UINT32_MAX || out_size > UINT32_MAX ||
	    !header_is_sound(in, in_size))
		return EPK_ERR_CODEC;
	s.in = (const uint8_t *)in + 2;
	s.in_end = (const uint8_t *)in + in_size;
	s.out_begin = out;
	s.out = out;
	s.out_end = s.out_begin + out_size;
	s.hold = 0;
	s.held = 0;
	while (!last) {
		if (!block(&s, &last))
			return EPK_ERR_CODEC;
	}
	return trailer_is_right(&s) ? EPK_OK : EPK_ERR_CODEC;
}

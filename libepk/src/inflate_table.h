/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_INFLATE_TABLE_H
#define EPK_INFLATE_TABLE_H
/* Tables that decode the prefix codes of RFC 1951. An entry says what the
 * next bits of the input mean:
 *
 *   bits 0..7    bits that it takes: its codeword and extra bits behind that
 *   bits 8..11   length of the codeword, all of it
 *   bits 12..14  INFLATE_*: what it is; none for a length or distance
 *   bits 16..30  literal, base of a length or distance, or, for a link to a
 *                second table, where it begins; bits 8..11 are then its log2
 *   bit 31       INFLATE_LITERAL
 */
#include <stdbool.h>
#include <stdint.h>

#define INFLATE_LITERAL (UINT32_C(1) << 31)
#define INFLATE_END (UINT32_C(1) << 12)
#define INFLATE_LINK (UINT32_C(1) << 13)
#define INFLATE_BAD (UINT32_C(1) << 14)
/* Anything but a plain base with extra bits. */
#define INFLATE_OTHER                                                          \
	(INFLATE_LITERAL | INFLATE_END | INFLATE_LINK | INFLATE_BAD)

#define INFLATE_ROOT_SYMBOLS 11u
#define INFLATE_ROOT_DISTANCES 8u
#define INFLATE_ROOT_LENGTHS 7u
/* The most entries that codes of 288, 32 and 19 symbols can ask for, as
 * zlib's examples/enough.c counts them. */
#define INFLATE_ENOUGH_SYMBOLS 2342u
#define INFLATE_ENOUGH_DISTANCES 402u
#define INFLATE_ENOUGH_LENGTHS 128u

enum inflate_kind {
	INFLATE_SYMBOLS,   /* literals, lengths and the end of a block */
	INFLATE_DISTANCES, /* of a match */
	INFLATE_LENGTHS,   /* of the codewords of the other two */
};

/**
 * Build the table of a code.
 *
 * @param lengths  of the codewords, 0..15, by symbol; 0: none.
 * @param table    with room for INFLATE_ENOUGH_* of the kind.
 * @return false for a code that is over-subscribed, and for an incomplete
 *         one unless it is a single codeword of one bit, or no codeword at
 *         all, of distances (or symbols, the former): as zlib judges.
 */
bool epk_inflate_table(enum inflate_kind kind, const uint8_t *lengths,
		       uint32_t count, uint32_t *table);

/** Of the codeword; of a link, the log2 of its table. */
static inline uint32_t inflate_size(uint32_t entry)
{
	return entry >> 8 & 15;
}

static inline uint32_t inflate_total(uint32_t entry)
{
	return (uint8_t)entry;
}

static inline uint32_t inflate_extra(uint32_t entry)
{
	return inflate_total(entry) - inflate_size(entry);
}

static inline uint32_t inflate_value(uint32_t entry)
{
	return entry >> 16 & 0x7fff;
}

#endif /* EPK_INFLATE_TABLE_H */

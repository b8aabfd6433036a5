/* SPDX-License-Identifier: BSD-2-Clause */
/* Canonical prefix codes as tables: one indexed by the next `root` bits, and
 * behind it one for each longer prefix. */
#include "inflate_table.h"

#include <stddef.h>

#define CODEWORD_MAX 15u
#define SYMBOLS_MAX 288u

#define MATCH(base, extra) ((uint32_t)(base) << 16 | (uint32_t)(extra))
/* What a codeword adds to its meaning. */
#define CODEWORD(size) ((uint32_t)(size) << 8 | (uint32_t)(size))

static const uint32_t lengths_of_matches[] = {
	MATCH(3, 0),   MATCH(4, 0),   MATCH(5, 0),   MATCH(6, 0),
	MATCH(7, 0),   MATCH(8, 0),   MATCH(9, 0),   MATCH(10, 0),
	MATCH(11, 1),  MATCH(13, 1),  MATCH(15, 1),  MATCH(17, 1),
	MATCH(19, 2),  MATCH(23, 2),  MATCH(27, 2),  MATCH(31, 2),
	MATCH(35, 3),  MATCH(43, 3),  MATCH(51, 3),  MATCH(59, 3),
	MATCH(67, 4),  MATCH(83, 4),  MATCH(99, 4),  MATCH(115, 4),
	MATCH(131, 5), MATCH(163, 5), MATCH(195, 5), MATCH(227, 5),
	MATCH(258, 0),
};

static const uint32_t distances[] = {
	MATCH(1, 0),	  MATCH(2, 0),	    MATCH(3, 0),     MATCH(4, 0),
	MATCH(5, 1),	  MATCH(7, 1),	    MATCH(9, 2),     MATCH(13, 2),
	MATCH(17, 3),	  MATCH(25, 3),	    MATCH(33, 4),    MATCH(49, 4),
	MATCH(65, 5),	  MATCH(97, 5),	    MATCH(129, 6),   MATCH(193, 6),
	MATCH(257, 7),	  MATCH(385, 7),    MATCH(513, 8),   MATCH(769, 8),
	MATCH(1025, 9),	  MATCH(1537, 9),   MATCH(2049, 10), MATCH(3073, 10),
	MATCH(4097, 11),  MATCH(6145, 11),  MATCH(8193, 12), MATCH(12289, 12),
	MATCH(16385, 13), MATCH(24577, 13),
};

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/** The entry of a symbol but for the length of its codeword. */
static uint32_t meaning(enum inflate_kind kind, uint32_t symbol)
{
	if (kind == INFLATE_LENGTHS)
		return symbol << 16;
	if (kind == INFLATE_DISTANCES)
		return symbol < COUNT_OF(distances) ? distances[symbol]
						    : INFLATE_BAD;
	if (symbol < 256)
		return symbol << 16 | INFLATE_LITERAL;
	if (symbol == 256)
		return INFLATE_END;
	symbol -= 257;
	return symbol < COUNT_OF(lengths_of_matches)
		       ? lengths_of_matches[symbol]
		       : INFLATE_BAD;
}

struct code {
	enum inflate_kind kind;
	uint32_t root;
	uint32_t most; /* entries of the table */
	uint32_t *table;
	uint16_t counts[CODEWORD_MAX + 1]; /* codewords of each length */
	uint16_t symbols[SYMBOLS_MAX];	   /* by codeword */
	uint32_t longest;
};

/** Symbols in the order of their codewords. */
static void sort_symbols(struct code *code, const uint8_t *lengths,
			 uint32_t count)
{
	uint16_t at[CODEWORD_MAX + 2] = { 0 };

	for (uint32_t i = 0; i < count; i++)
		code->counts[lengths[i]]++;
	code->counts[0] = 0;
	for (uint32_t i = 1; i <= CODEWORD_MAX; i++) {
		at[i + 1] = (uint16_t)(at[i] + code->counts[i]);
		if (code->counts[i] != 0)
			code->longest = i;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (lengths[i] != 0)
			code->symbols[at[lengths[i]]++] = (uint16_t)i;
	}
}

static bool is_sound(const struct code *code)
{
	int32_t left = 1;

	for (uint32_t i = 1; i <= CODEWORD_MAX; i++) {
		left = 2 * left - code->counts[i];
		if (left < 0)
			return false;
	}
	if (left == 0)
		return true;
	if (code->longest == 0)
		return code->kind == INFLATE_DISTANCES;
	return code->kind != INFLATE_LENGTHS && code->longest == 1;
}

/** The codeword after this one, first bit lowest, of `size` bits. */
static uint32_t next_codeword(uint32_t codeword, uint32_t size)
{
	uint32_t bit = UINT32_C(1) << (size - 1);

	while (bit != 0 && (codeword & bit) != 0)
		bit >>= 1;
	return bit != 0 ? (codeword & (bit - 1)) + bit : 0;
}

/** log2 of the second table that begins with a codeword of `size` bits. */
static uint32_t second_log2(const struct code *code, uint32_t size,
			    uint32_t left_of_size)
{
	uint32_t log2 = size - code->root;
	int32_t room = INT32_C(1) << log2;
	uint32_t have = left_of_size;

	while (code->root + log2 < code->longest) {
		room -= (int32_t)have;
		if (room <= 0)
			break;
		log2++;
		room *= 2;
		have = code->counts[code->root + log2];
	}
	return log2;
}

static bool fill(struct code *code)
{
	const uint32_t root_mask = (UINT32_C(1) << code->root) - 1;
	uint32_t *table = code->table;
	uint32_t used = root_mask + 1;
	uint32_t linked = UINT32_MAX; /* prefix of the open second table */
	uint32_t begin = 0;
	uint32_t log2 = code->root;
	uint32_t codeword = 0;
	uint32_t at = 0;

	for (uint32_t size = 1; size <= code->longest; size++) {
		for (uint32_t left = code->counts[size]; left != 0; left--) {
			const uint32_t entry =
				meaning(code->kind, code->symbols[at++]) +
				CODEWORD(size);
			uint32_t index = codeword;
			uint32_t step = UINT32_C(1) << size;

			if (size > code->root) {
				if ((codeword & root_mask) != linked) {
					linked = codeword & root_mask;
					log2 = second_log2(code, size, left);
					begin = used;
					used += UINT32_C(1) << log2;
					if (used > code->most)
						return false;
					table[linked] = begin << 16 |
							INFLATE_LINK |
							log2 << 8 | code->root;
				}
				index >>= code->root;
				step >>= code->root;
			}
			for (; index < UINT32_C(1) << log2; index += step)
				table[begin + index] = entry;
			codeword = next_codeword(codeword, size);
		}
	}
	return true;
}

bool epk_inflate_table(enum inflate_kind kind, const uint8_t *lengths,
		       uint32_t count, uint32_t *table)
{
	static const struct {
		uint32_t root, most;
	} sizes[] = {
		[INFLATE_SYMBOLS] = { INFLATE_ROOT_SYMBOLS,
				      INFLATE_ENOUGH_SYMBOLS },
		[INFLATE_DISTANCES] = { INFLATE_ROOT_DISTANCES,
					INFLATE_ENOUGH_DISTANCES },
		[INFLATE_LENGTHS] = { INFLATE_ROOT_LENGTHS,
				      INFLATE_ENOUGH_LENGTHS },
	};
	struct code code = {
		.kind = kind,
		.root = sizes[kind].root,
		.most = sizes[kind].most,
		.table = table,
	};

	if (count > SYMBOLS_MAX)
		return false;
	sort_symbols(&code, lengths, count);
	if (!is_sound(&code))
		return false;
	/* What no codeword fills of an incomplete code. */
	if (code.longest <= 1) {
		for (uint32_t i = 0; i < UINT32_C(1) << code.root; i++)
			table[i] = INFLATE_BAD | CODEWORD(1);
	}
	return fill(&code);
}

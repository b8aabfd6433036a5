/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutators for bytes that have no digest over them. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t scatter(uint64_t value)
{
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

struct fuzz_random fuzz_random_of(uint64_t seed, uint64_t run)
{
	return (struct fuzz_random){ scatter(scatter(seed) ^ run) | 1 };
}

/* Some of the bytes will do: a target asks for variety, not for a digest. */
struct fuzz_random fuzz_random_from(const uint8_t *bytes, size_t size)
{
	const size_t step = 1 + size / 1024;
	uint64_t value = size;

	for (size_t i = 0; i < size; i += step)
		value = value * UINT64_C(0x100000001b3) + bytes[i];
	return (struct fuzz_random){ scatter(value) | 1 };
}

void fuzz_must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

void fuzz_change_byte(uint8_t *byte, struct fuzz_random *random)
{
	static const uint8_t values[] = { 0,   1,    2,	   3,	 4,
					  5,   7,    9,	   '\n', '"',
					  '.', '/',  '=',  '[',	 '\\',
					  'a', 0x7f, 0x80, 0xc3, 0xff };

	if (fuzz_below(random, 2) == 0)
		*byte = values[fuzz_below(random, sizeof(values))];
	else
		*byte ^= (uint8_t)(1u << fuzz_below(random, 8));
}

static uint64_t load(const uint8_t *bytes, unsigned width)
{
	uint64_t value = 0;

	while (width-- > 0)
		value = value << 8 | bytes[width];
	return value;
}

static void store(uint8_t *bytes, unsigned width, uint64_t value)
{
	for (; width-- > 0; value >>= 8)
		*bytes++ = (uint8_t)value;
}

void fuzz_change_number(uint8_t *bytes, unsigned width,
			struct fuzz_random *random)
{
	static const uint64_t borders[] = {
		0,
		1,
		2,
		3,
		4,
		15,
		63,
		255,
		4095,
		4096,
		4097,
		65535,
		65536,
		1u << 20,
		1u << 26,
		UINT32_MAX,
		1u << 31,
		UINT64_C(1) << 44,
		UINT64_MAX / 2,
		UINT64_MAX,
	};
	const uint64_t value = load(bytes, width);

	switch (fuzz_below(random, 5)) {
	case 0:
		store(bytes, width, value + 1);
		break;
	case 1:
		store(bytes, width, value - 1);
		break;
	case 2:
		store(bytes, width,
		      borders[fuzz_below(random,
					 sizeof(borders) / sizeof(*borders))]);
		break;
	case 3:
		store(bytes, width, value << fuzz_below(random, 3) >> 1);
		break;
	default:
		fuzz_change_byte(bytes + fuzz_below(random, width), random);
	}
}

/* ---- text ---- */

struct text {
	uint8_t *bytes;
	size_t size;
	size_t size_max;
};

static void put(struct text *text, size_t at, const void *bytes, size_t size)
{
	if (size > text->size_max - text->size)
		return;
	memmove(text->bytes + at + size, text->bytes + at, text->size - at);
	memcpy(text->bytes + at, bytes, size);
	text->size += size;
}

static void cut(struct text *text, size_t at, size_t size)
{
	if (size > text->size - at)
		size = text->size - at;
	memmove(text->bytes + at, text->bytes + at + size,
		text->size - at - size);
	text->size -= size;
}

/* The line that a byte is in, its LF included. */
static size_t line_at(const struct text *text, size_t at, size_t *out_start)
{
	size_t start = at;
	size_t end = at;

	while (start > 0 && text->bytes[start - 1] != '\n')
		start--;
	while (end < text->size && text->bytes[end] != '\n')
		end++;
	*out_start = start;
	return end + (end < text->size) - start;
}

/* A copy of the line at one place, before the line at another. */
static void copy_line(struct text *text, size_t from, size_t to)
{
	uint8_t line[512];
	size_t start;
	size_t size = line_at(text, from, &start);

	if (size > sizeof(line))
		return;
	memcpy(line, text->bytes + start, size);
	(void)line_at(text, to, &start);
	put(text, start, line, size);
}

static void put_word(struct text *text, size_t at,
		     const struct fuzz_words *words, struct fuzz_random *random)
{
	const char *word = words->words[fuzz_below(random, words->count)];

	/* In place of as many bytes, or between two. */
	if (fuzz_below(random, 2) == 0)
		cut(text, at, strlen(word));
	put(text, at, word, strlen(word));
}

static void repeat(struct text *text, size_t at, struct fuzz_random *random)
{
	uint8_t many[1100];
	const size_t size = 1 + fuzz_below(random, sizeof(many));

	memset(many, text->bytes[at], size);
	put(text, at, many, size);
}

static void change(struct text *text, const struct fuzz_words *words,
		   struct fuzz_random *random)
{
	const uint32_t size = (uint32_t)text->size;
	const size_t at = fuzz_below(random, size);
	size_t start;

	switch (fuzz_below(random, words->count ? 10 : 8)) {
	case 0:
		cut(text, at, 1 + fuzz_below(random, 4));
		break;
	case 1:
		put(text, at, &(uint8_t){ (uint8_t)fuzz_next(random) }, 1);
		break;
	case 2:
		copy_line(text, at, fuzz_below(random, size));
		break;
	case 3: {
		const size_t line = line_at(text, at, &start);

		cut(text, start, line);
		break;
	}
	case 4:
		if (fuzz_below(random, 8) == 0)
			repeat(text, at, random);
		else if (fuzz_below(random, 8) == 0)
			text->size = at;
		break;
	case 5:
	case 6:
	case 7:
		fuzz_change_byte(text->bytes + at, random);
		break;
	default:
		put_word(text, at, words, random);
	}
}

size_t fuzz_change_text(uint8_t *bytes, size_t size, size_t size_max,
			const struct fuzz_words *words,
			struct fuzz_random *random)
{
	struct text text = { bytes, size, size_max };

	for (uint32_t n = 1 + fuzz_below(random, 3); n > 0; n--) {
		if (text.size == 0)
			put(&text, 0, "x", 1);
		change(&text, words, random);
	}
	return text.size;
}

size_t fuzz_mutate_text(uint8_t *bytes, size_t size, size_t size_max,
			struct fuzz_random *random)
{
	const size_t at = fuzz_target.text_offset;

	if (size < at)
		return size;
	return at + fuzz_change_text(bytes + at, size - at, size_max - at,
				     &fuzz_target.words, random);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "shown.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* 0xc2 begins U+0080 to U+00BF; alone, a byte of C1 is no character. */
static bool is_control(unsigned char byte, unsigned char last)
{
	if (byte < 0x20 || byte == 0x7f)
		return true;
	return byte >= 0x80 && byte < 0xa0 && (last < 0x80 || last == 0xc2);
}

/** The byte that stands for text[at], which `last` came before. */
static char shown(const char *text, size_t at, size_t size_bytes,
		  unsigned char last)
{
	unsigned char byte = (unsigned char)text[at];
	unsigned char next =
		at + 1 < size_bytes ? (unsigned char)text[at + 1] : 0;
	bool lead = byte == 0xc2 && is_control(next, byte);

	return lead || is_control(byte, last) ? '?' : text[at];
}

void print_shown(FILE *stream, const char *text, size_t size_bytes)
{
	unsigned char last = 0;

	for (size_t i = 0; i < size_bytes; i++) {
		putc(shown(text, i, size_bytes, last), stream);
		last = (unsigned char)text[i];
	}
}

void print_file(const char *file, const char *format, ...)
{
	va_list args;

	print_shown(stdout, file, strlen(file));
	fputs(": ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

void print_last(const char *name)
{
	print_shown(stdout, name, strlen(name));
	putchar('\n');
}

void make_shown(char *text)
{
	const size_t size = strlen(text);
	unsigned char last = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)text[i];

		text[i] = shown(text, i, size, last);
		last = byte;
	}
}

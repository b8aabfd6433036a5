/* SPDX-License-Identifier: BSD-2-Clause */
#include <crt/text.h>

#include <string.h>

/** Where the text goes: never behind `end`, which stays free for the NUL. */
struct sink {
	char *at;
	char *end;
};

struct conversion {
	unsigned width;
	unsigned precision; /* UINT_MAX: none */
	unsigned longs;
	bool left;
	bool zero;
};

static void put(struct sink *sink, char letter)
{
	if (sink->at < sink->end)
		*sink->at++ = letter;
}

static void put_padded(struct sink *sink, const struct conversion *how,
		       const char *text, size_t size, bool number)
{
	size_t pad = how->width > size ? how->width - size : 0;
	char fill = how->zero && number && !how->left ? '0' : ' ';

	if (fill == '0' && size && *text == '-') {
		put(sink, '-');
		text++;
		size--;
	}
	for (; pad && !how->left; pad--)
		put(sink, fill);
	for (size_t i = 0; i < size; i++)
		put(sink, text[i]);
	for (; pad; pad--)
		put(sink, ' ');
}

static void put_number(struct sink *sink, const struct conversion *how,
		       uint64_t value, unsigned base, bool negative)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative)
		digits[--at] = '-';
	put_padded(sink, how, digits + at, sizeof(digits) - at, true);
}

static unsigned digits_of(const char **format)
{
	unsigned value = 0;

	for (; **format >= '0' && **format <= '9'; ++*format)
		if (value < 1000)
			value = value * 10 + (unsigned)(**format - '0');
	return value;
}

static size_t bounded_length(const char *text, unsigned precision)
{
	size_t size = 0;

	while (size < precision && text[size])
		size++;
	return size;
}

/** The argument of one conversion, from the caller's list. */
struct arguments {
	va_list list;
};

static void convert_signed(struct sink *sink, const struct conversion *how,
			   struct arguments *from)
{
	int64_t value = how->longs ? va_arg(from->list, int64_t)
				   : va_arg(from->list, int);
	uint64_t plain = (uint64_t)value;

	put_number(sink, how, value < 0 ? 0 - plain : plain, 10, value < 0);
}

static void convert_unsigned(struct sink *sink, const struct conversion *how,
			     struct arguments *from, unsigned base)
{
	uint64_t value = how->longs ? va_arg(from->list, uint64_t)
				    : va_arg(from->list, unsigned);

	put_number(sink, how, value, base, false);
}

static void convert(struct sink *sink, struct conversion *how, char letter,
		    struct arguments *from)
{
	const char *text;
	char one;

	switch (letter) {
	case 'd':
	case 'i':
		convert_signed(sink, how, from);
		return;
	case 'u':
		convert_unsigned(sink, how, from, 10);
		return;
	case 'x':
		convert_unsigned(sink, how, from, 16);
		return;
	case 'p':
		put_number(sink, how, (uintptr_t)va_arg(from->list, void *), 16,
			   false);
		return;
	case 'c':
		one = (char)va_arg(from->list, int);
		put_padded(sink, how, &one, 1, false);
		return;
	case 's':
		text = va_arg(from->list, const char *);
		text = text ? text : "(none)";
		put_padded(sink, how, text,
			   bounded_length(text, how->precision), false);
		return;
	default:
		put(sink, letter);
	}
}

/* Flags, width, precision and length; `format` stands on the letter then. */
static void parse(const char **format, struct conversion *how,
		  struct arguments *from)
{
	for (;; ++*format) {
		if (**format == '-')
			how->left = true;
		else if (**format == '0')
			how->zero = true;
		else
			break;
	}
	how->width = digits_of(format);
	if (**format == '.') {
		++*format;
		if (**format == '*') {
			int value = va_arg(from->list, int);

			++*format;
			how->precision = value < 0 ? 0 : (unsigned)value;
		} else {
			how->precision = digits_of(format);
		}
	}
	for (; **format == 'l' || **format == 'z'; ++*format)
		how->longs++;
}

size_t text_format_list(char *buffer, size_t size_bytes, const char *format,
			va_list list)
{
	struct sink sink = { buffer, buffer + size_bytes - 1 };
	struct arguments from;

	va_copy(from.list, list);
	for (; *format; format++) {
		struct conversion how = { .precision = ~0u };

		if (*format != '%') {
			put(&sink, *format);
			continue;
		}
		format++;
		parse(&format, &how, &from);
		if (!*format)
			break;
		convert(&sink, &how, *format, &from);
	}
	va_end(from.list);
	*sink.at = '\0';
	return (size_t)(sink.at - buffer);
}

size_t text_format(char *buffer, size_t size_bytes, const char *format, ...)
{
	va_list list;
	size_t size;

	va_start(list, format);
	size = text_format_list(buffer, size_bytes, format, list);
	va_end(list);
	return size;
}

bool text_equals(const char *left, const char *right)
{
	return strcmp(left, right) == 0;
}

bool text_is(const char *text, size_t size_bytes, const char *string)
{
	return strlen(string) == size_bytes &&
	       memcmp(text, string, size_bytes) == 0;
}

bool text_number(const char *text, size_t size_bytes, uint64_t *out_value)
{
	uint64_t value = 0;

	if (size_bytes == 0 || size_bytes > 19)
		return false;
	for (size_t i = 0; i < size_bytes; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	*out_value = value;
	return true;
}

void text_hex(char *buffer, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		*buffer++ = digits[bytes[i] >> 4];
		*buffer++ = digits[bytes[i] & 15];
	}
	*buffer = '\0';
}

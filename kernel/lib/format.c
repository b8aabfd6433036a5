/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/format.h>

#include <stdbool.h>
#include <stdint.h>

/** What is written so far; `length` goes on when the room is full. */
struct sink {
	char *to;
	size_t size_bytes;
	size_t length;
};

struct field {
	unsigned width;
	bool left;
	bool zero;
	bool is_long;
};

static void put(struct sink *sink, char byte)
{
	if (sink->length + 1 < sink->size_bytes)
		sink->to[sink->length] = byte;
	sink->length++;
}

static void put_many(struct sink *sink, char byte, size_t count)
{
	while (count-- > 0)
		put(sink, byte);
}

/* sign: '-' or 0. */
static void put_padded(struct sink *sink, const struct field *field, char sign,
		       const char *text, size_t length)
{
	size_t whole = length + (sign != 0);
	size_t pad = field->width > whole ? field->width - whole : 0;
	bool zero = field->zero && !field->left;

	if (!field->left && !zero)
		put_many(sink, ' ', pad);
	if (sign != 0)
		put(sink, sign);
	if (zero)
		put_many(sink, '0', pad);
	while (length-- > 0)
		put(sink, *text++);
	if (field->left)
		put_many(sink, ' ', pad);
}

static void put_number(struct sink *sink, const struct field *field, char sign,
		       uint64_t value, unsigned base)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value > 0);
	put_padded(sink, field, sign, digits + at, sizeof(digits) - at);
}

static void put_text(struct sink *sink, const struct field *field,
		     const char *text)
{
	size_t length = 0;

	if (text == NULL)
		text = "(null)";
	while (text[length] != '\0')
		length++;
	put_padded(sink, field, 0, text, length);
}

/* Read flags, width and `l` behind a per cent sign. */
static const char *read_field(const char *format, struct field *field)
{
	*field = (struct field){ 0 };
	for (; *format == '-' || *format == '0'; format++) {
		field->left |= *format == '-';
		field->zero |= *format == '0';
	}
	for (; *format >= '0' && *format <= '9'; format++)
		if (field->width < 1000)
			field->width =
				field->width * 10 + (unsigned)(*format - '0');
	for (; *format == 'l'; format++)
		field->is_long = true;
	return format;
}

size_t format_args(char *to, size_t size_bytes, const char *format,
		   va_list args)
{
	struct sink sink = { to, size_bytes, 0 };
	struct field field;

	for (; *format != '\0'; format++) {
		char letter;
		long value;

		if (*format != '%') {
			put(&sink, *format);
			continue;
		}
		format = read_field(format + 1, &field);
		switch (*format) {
		case 's':
			put_text(&sink, &field, va_arg(args, const char *));
			break;
		case 'c':
			letter = (char)va_arg(args, int);
			put_padded(&sink, &field, 0, &letter, 1);
			break;
		case 'd':
			value = field.is_long ? va_arg(args, long)
					      : va_arg(args, int);
			put_number(&sink, &field, value < 0 ? '-' : 0,
				   value < 0 ? -(uint64_t)value
					     : (uint64_t)value,
				   10);
			break;
		case 'u':
		case 'x':
			put_number(&sink, &field, 0,
				   field.is_long ? va_arg(args, unsigned long)
						 : va_arg(args, unsigned),
				   *format == 'u' ? 10 : 16);
			break;
		case '%':
			put(&sink, '%');
			break;
		case '\0':
			put(&sink, '%');
			format--;
			break;
		default:
			put(&sink, '%');
			put(&sink, *format);
		}
	}
	if (size_bytes > 0)
		to[sink.length < size_bytes ? sink.length : size_bytes - 1] =
			'\0';
	return sink.length;
}

size_t format_text(char *to, size_t size_bytes, const char *format, ...)
{
	va_list args;
	size_t length;

	va_start(args, format);
	length = format_args(to, size_bytes, format, args);
	va_end(args);
	return length;
}

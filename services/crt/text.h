/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRT_TEXT_H
#define CRT_TEXT_H
/** @file text.h
 * Text in bounded buffers, the same on the machine and in the simulator. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * As snprintf with %d %i %u %x %s %c %p %%, the lengths l ll z, the flags
 * `-` and `0`, a width and, for %s, a precision. Always ends in NUL.
 *
 * @param size_bytes  of `buffer`, at least 1.
 * @return bytes written without the NUL; what does not fit is cut.
 */
size_t text_format(char *buffer, size_t size_bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t text_format_list(char *buffer, size_t size_bytes, const char *format,
			va_list list) __attribute__((format(printf, 3, 0)));

bool text_equals(const char *left, const char *right);
/** Is `text`, of size_bytes without NUL, the string `string`? */
bool text_is(const char *text, size_t size_bytes, const char *string);

/** A decimal number of 1 to 19 digits and nothing else. */
bool text_number(const char *text, size_t size_bytes, uint64_t *out_value);

/** 2 × count hexadecimal digits and a NUL. */
void text_hex(char *buffer, const uint8_t *bytes, size_t count);
#endif /* CRT_TEXT_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_FORMAT_H
#define KERNEL_FORMAT_H
/** @file format.h
 * Text for the log: %s %c %d %u %x %ld %lu %lx %%, a field width, `0`
 * for zero padding and `-` for left. Whatever else is written as it is. */
#include <stdarg.h>
#include <stddef.h>

/** As snprintf: at most size_bytes with the NUL that is always written if
 * size_bytes is not 0. Returns the length that the whole text has. */
size_t format_text(char *to, size_t size_bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t format_args(char *to, size_t size_bytes, const char *format,
		   va_list args) __attribute__((format(printf, 3, 0)));
#endif /* KERNEL_FORMAT_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_SHOWN_H
#define EPK_TOOL_SHOWN_H
/* Text of others, which a terminal might obey. */
#include <stddef.h>
#include <stdio.h>

/** Print text of others: its control characters (C0, DEL, and in UTF-8 C1),
 * line ends among them, are shown as `?`. */
void print_shown(FILE *stream, const char *text, size_t size_bytes);
/** "FILE: ", shown likewise, and words about it, on standard output. */
void print_file(const char *file, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** The name that a line ends with, shown likewise. */
void print_last(const char *name);

/** The same in place. */
void make_shown(char *text);

#endif /* EPK_TOOL_SHOWN_H */

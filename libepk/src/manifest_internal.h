/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_MANIFEST_INTERNAL_H
#define EPK_MANIFEST_INTERNAL_H
/* The parts of the manifest parser. */
#include <epk/manifest.h>

#include "mem_internal.h"

/*
 * A cursor over the text. Every byte is checked when it is looked at first,
 * so that the first error in file order is the one found. After an error
 * `detail` is set and stays, with its place, and peek gives EPK_SCAN_STOP.
 */
struct epk_scan {
	const uint8_t *text;
	uint32_t size;
	uint32_t at;
	uint32_t line_start;
	uint32_t line;	/* from 1 */
	uint32_t valid; /* bytes before it are known to be UTF-8 */
	uint32_t detail;
	uint32_t error_line;
	uint32_t error_column;
};

#define EPK_SCAN_STOP (-1) /* an error, or the end of the text */

/* scan.c */
void epk_scan_begin(struct epk_scan *scan, const void *text, uint32_t size);
uint32_t epk_scan_column(const struct epk_scan *scan);
void epk_scan_fail(struct epk_scan *scan, uint32_t detail);
void epk_scan_fail_at(struct epk_scan *scan, uint32_t detail, uint32_t line,
		      uint32_t column);
int epk_scan_peek(struct epk_scan *scan);
void epk_scan_skip(struct epk_scan *scan);   /* the byte peeked at */
void epk_scan_blanks(struct epk_scan *scan); /* spaces and tabs */
bool epk_scan_string(struct epk_scan *scan, struct epk_string *out_string);
bool epk_scan_bare(struct epk_scan *scan, struct epk_string *out_string);
void epk_scan_line_end(struct epk_scan *scan); /* blanks, comment, LF */

/* manifest_lines.c: the lines, in file order. */
void epk_manifest_lines(struct epk_scan *scan, struct epk_manifest *manifest);

/* manifest_values.c: what is missing, then what the strings say. */
void epk_manifest_values(struct epk_scan *scan, struct epk_manifest *manifest);

/* manifest_string.c: a string's bytes, one by one, escapes undone. */
struct epk_letters {
	const char *at;
	const char *end;
};

struct epk_letters epk_letters_of(const struct epk_manifest *manifest,
				  const struct epk_string *string);
int epk_letters_next(struct epk_letters *letters); /* EPK_SCAN_STOP at end */
bool epk_string_same(const struct epk_manifest *manifest,
		     const struct epk_string *left,
		     const struct epk_string *right);

#endif /* EPK_MANIFEST_INTERNAL_H */

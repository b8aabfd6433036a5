/* SPDX-License-Identifier: BSD-2-Clause */
/* The lexical half of the manifest: bytes, lines, strings. */
#include "image_internal.h"
#include "manifest_internal.h"

void epk_scan_begin(struct epk_scan *scan, const void *text, uint32_t size)
{
	*scan = (struct epk_scan){ .text = text, .size = size, .line = 1 };
}

uint32_t epk_scan_column(const struct epk_scan *scan)
{
	return scan->at - scan->line_start + 1;
}

void epk_scan_fail_at(struct epk_scan *scan, uint32_t detail, uint32_t line,
		      uint32_t column)
{
	if (scan->detail != EPK_MANIFEST_OK)
		return;
	scan->detail = detail;
	scan->error_line = line;
	scan->error_column = column;
}

void epk_scan_fail(struct epk_scan *scan, uint32_t detail)
{
	epk_scan_fail_at(scan, detail, scan->line, epk_scan_column(scan));
}

/* What is wrong with the byte here, whatever it is part of. */
static uint32_t judge_byte(struct epk_scan *scan)
{
	const uint8_t byte = scan->text[scan->at];
	size_t length;

	if (byte == '\n')
		return EPK_MANIFEST_OK;
	if (scan->at - scan->line_start >= EPK_LINE_MAX)
		return EPK_MANIFEST_LINE_LENGTH;
	if (byte == 0x7f || (byte < 0x20 && byte != '\t'))
		return EPK_MANIFEST_CONTROL;
	if (scan->at < scan->valid)
		return EPK_MANIFEST_OK;
	length = epk_utf8_length(scan->text + scan->at, scan->size - scan->at);
	if (length == 0)
		return EPK_MANIFEST_UTF8;
	scan->valid = scan->at + (uint32_t)length;
	return EPK_MANIFEST_OK;
}

int epk_scan_peek(struct epk_scan *scan)
{
	uint32_t detail = EPK_MANIFEST_LINE_END;

	if (scan->detail != EPK_MANIFEST_OK)
		return EPK_SCAN_STOP;
	if (scan->at < scan->size)
		detail = judge_byte(scan);
	if (detail == EPK_MANIFEST_OK)
		return scan->text[scan->at];
	epk_scan_fail(scan, detail);
	return EPK_SCAN_STOP;
}

void epk_scan_skip(struct epk_scan *scan)
{
	if (scan->detail != EPK_MANIFEST_OK)
		return;
	if (scan->text[scan->at++] == '\n') {
		scan->line++;
		scan->line_start = scan->at;
	}
}

void epk_scan_blanks(struct epk_scan *scan)
{
	int byte = epk_scan_peek(scan);

	while (byte == ' ' || byte == '\t') {
		epk_scan_skip(scan);
		byte = epk_scan_peek(scan);
	}
}

/* At the backslash. */
static void skip_escape(struct epk_scan *scan)
{
	const uint32_t column = epk_scan_column(scan);
	int byte;

	epk_scan_skip(scan);
	byte = epk_scan_peek(scan);
	if (byte == '"' || byte == '\\' || byte == 'n' || byte == 't')
		epk_scan_skip(scan);
	else if (byte != EPK_SCAN_STOP)
		epk_scan_fail_at(scan, EPK_MANIFEST_ESCAPE, scan->line, column);
}

/* At the first byte behind the quote; stops at the closing quote. */
static bool skip_letters(struct epk_scan *scan)
{
	for (;;) {
		const int byte = epk_scan_peek(scan);

		if (byte == '"' || byte == EPK_SCAN_STOP)
			return byte == '"';
		if (byte == '\n')
			epk_scan_fail(scan, EPK_MANIFEST_STRING_END);
		else if (byte == '\t')
			epk_scan_fail(scan, EPK_MANIFEST_CONTROL);
		else if (byte == '\\')
			skip_escape(scan);
		else
			epk_scan_skip(scan);
	}
}

bool epk_scan_string(struct epk_scan *scan, struct epk_string *out_string)
{
	struct epk_string string = { .line = scan->line,
				     .column = epk_scan_column(scan) };

	if (epk_scan_peek(scan) != '"') {
		epk_scan_fail(scan, EPK_MANIFEST_STRING);
		return false;
	}
	epk_scan_skip(scan);
	string.offset = scan->at;
	if (!skip_letters(scan))
		return false;
	string.size_bytes = scan->at - string.offset;
	epk_scan_skip(scan);
	*out_string = string;
	return true;
}

static bool is_bare(int byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

bool epk_scan_bare(struct epk_scan *scan, struct epk_string *out_string)
{
	struct epk_string string = {
		.offset = scan->at,
		.line = scan->line,
		.column = epk_scan_column(scan),
	};

	while (is_bare(epk_scan_peek(scan)))
		epk_scan_skip(scan);
	string.size_bytes = scan->at - string.offset;
	if (scan->detail != EPK_MANIFEST_OK || string.size_bytes == 0)
		return false;
	*out_string = string;
	return true;
}

void epk_scan_line_end(struct epk_scan *scan)
{
	int byte;

	epk_scan_blanks(scan);
	byte = epk_scan_peek(scan);
	if (byte == '#') {
		while (byte != '\n' && byte != EPK_SCAN_STOP) {
			epk_scan_skip(scan);
			byte = epk_scan_peek(scan);
		}
	}
	if (byte == '\n')
		epk_scan_skip(scan);
	else
		epk_scan_fail(scan, EPK_MANIFEST_TRAILING);
}

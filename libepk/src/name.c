/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, link targets and paths, section 5. */
#include <epk/format.h>
#include <epk/name.h>

#include "image_internal.h"

static bool is_tail(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

/*
 * Table 3-7 of the Unicode standard: the second byte's range is narrower
 * behind E0 (overlong), ED (surrogates), F0 (overlong), F4 (too large).
 */
static bool second_fits(uint8_t lead, uint8_t second)
{
	if (lead == 0xe0)
		return second >= 0xa0 && second <= 0xbf;
	if (lead == 0xed)
		return second >= 0x80 && second <= 0x9f;
	if (lead == 0xf0)
		return second >= 0x90 && second <= 0xbf;
	if (lead == 0xf4)
		return second >= 0x80 && second <= 0x8f;
	return is_tail(second);
}

size_t epk_utf8_length(const uint8_t *bytes, size_t left)
{
	const uint8_t lead = bytes[0];
	const size_t length = lead < 0x80		    ? 1
			      : lead >= 0xc2 && lead < 0xe0 ? 2
			      : lead >= 0xe0 && lead < 0xf0 ? 3
			      : lead >= 0xf0 && lead < 0xf5 ? 4
							    : 0;

	if (length == 0 || length > left)
		return 0;
	if (length > 1 && !second_fits(lead, bytes[1]))
		return 0;
	for (size_t i = 2; i < length; i++) {
		if (!is_tail(bytes[i]))
			return 0;
	}
	return length;
}

bool epk_utf8_valid(const void *bytes, size_t size_bytes)
{
	const uint8_t *at = bytes;

	while (size_bytes != 0) {
		const size_t length = epk_utf8_length(at, size_bytes);

		if (length == 0)
			return false;
		at += length;
		size_bytes -= length;
	}
	return true;
}

static bool is_dots(const uint8_t *name, size_t size)
{
	return (size == 1 || size == 2) && name[0] == '.' &&
	       name[size - 1] == '.';
}

bool epk_name_valid(const void *name, size_t size_bytes)
{
	const uint8_t *at = name;
	uint8_t seen = 0;
	bool bad = false;

	if (size_bytes == 0 || size_bytes > EPK_NAME_MAX ||
	    is_dots(at, size_bytes))
		return false;
	for (size_t i = 0; i < size_bytes; i++) {
		seen |= at[i];
		bad |= at[i] < 0x20 || at[i] == 0x7f || at[i] == '/';
	}
	/* Nearly all names are ASCII. */
	return !bad && (seen < 0x80 || epk_utf8_valid(name, size_bytes));
}

/* Bytes before the next slash or the end. */
static size_t component_size(const uint8_t *path, size_t left)
{
	size_t size = 0;

	while (size < left && path[size] != '/')
		size++;
	return size;
}

/* Up to `ups` components .. and then valid names; at least one component. */
static bool components_valid(const uint8_t *path, size_t left, uint32_t ups)
{
	bool named = false;

	for (;;) {
		const size_t size = component_size(path, left);

		if (size == 2 && is_dots(path, 2)) {
			if (named || ups == 0)
				return false;
			ups--;
		} else if (epk_name_valid(path, size)) {
			named = true;
		} else {
			return false;
		}
		if (size == left)
			return true;
		path += size + 1;
		left -= size + 1;
	}
}

bool epk_target_valid(const void *target, size_t size_bytes,
		      uint32_t folder_depth)
{
	if (size_bytes == 0 || size_bytes > EPK_TARGET_MAX)
		return false;
	return components_valid(target, size_bytes, folder_depth);
}

bool epk_path_valid(const void *path, size_t size_bytes)
{
	const uint8_t *at = path;

	if (size_bytes < 2 || size_bytes > EPK_PATH_MAX || at[0] != '/')
		return false;
	return components_valid(at + 1, size_bytes - 1, 0);
}

int epk_name_compare(const void *left, size_t left_size, const void *right,
		     size_t right_size)
{
	const size_t shared = left_size < right_size ? left_size : right_size;
	const int order = epk_mem_compare(left, right, shared);

	if (order != 0)
		return order;
	return (left_size > right_size) - (left_size < right_size);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "hex.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

void hex_write(const uint8_t *bytes, size_t size_bytes, char *text)
{
	for (size_t i = 0; i < size_bytes; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

static int digit_of(char letter)
{
	const char *found = letter ? strchr(digits, letter) : NULL;

	return found ? (int)(found - digits) : -1;
}

bool hex_read(const char *text, size_t size, uint8_t *bytes, size_t size_bytes)
{
	if (size != 2 * size_bytes)
		return false;
	for (size_t i = 0; i < size_bytes; i++) {
		int high = digit_of(text[2 * i]);
		int low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool is_key_id(const char *text)
{
	size_t size = strspn(text, digits);

	return text[size] == '\0' && size >= KEY_ID_DIGITS_MIN &&
	       size < KEY_ID_TEXT;
}

bool key_id_begins(const uint8_t *key_id, const char *text)
{
	char whole[KEY_ID_TEXT];

	hex_write(key_id, KEY_ID_SIZE, whole);
	return strncmp(whole, text, strlen(text)) == 0;
}

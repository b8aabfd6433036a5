/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_HEX_H
#define EPK_TOOL_HEX_H
/* Key ids as people and files write them: lower case hexadecimal. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_ID_SIZE 32
#define KEY_ID_TEXT (2 * KEY_ID_SIZE + 1)
#define KEY_ID_DIGITS_MIN 8 /* of one that is not written whole */

/** Digits and a NUL: 2 * size_bytes + 1 bytes. */
void hex_write(const uint8_t *bytes, size_t size_bytes, char *text);

/** Exactly 2 * size_bytes digits. */
bool hex_read(const char *text, size_t size, uint8_t *bytes, size_t size_bytes);

/** The beginning of a key id, at least KEY_ID_DIGITS_MIN digits. */
bool is_key_id(const char *text);
bool key_id_begins(const uint8_t *key_id, const char *text);

#endif /* EPK_TOOL_HEX_H */

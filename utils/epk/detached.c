/* SPDX-License-Identifier: BSD-2-Clause */
#include "detached.h"

#include "files.h"
#include "hex.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

#define FIRST_LINE "epk-signatures 1\n"
#define TEXT_MAX (128 + EPK_SIGNATURES_MAX * 256)

/** Digits behind a word and before `end`; moves *text behind that. */
static bool take_hex(const char **text, const char *word, char end,
		     uint8_t *bytes, size_t size_bytes)
{
	size_t size = strlen(word);
	const char *digits = *text + size;

	if (strncmp(*text, word, size) != 0)
		return false;
	size = strspn(digits, "0123456789abcdef");
	if (digits[size] != end || !hex_read(digits, size, bytes, size_bytes))
		return false;
	*text = digits + size + 1;
	return true;
}

static bool parse(const char *text, struct detached *detached)
{
	if (strncmp(text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
		return false;
	text += strlen(FIRST_LINE);
	if (!take_hex(&text, "package-id ", '\n', detached->package_id,
		      sizeof(detached->package_id)))
		return false;
	for (; *text; detached->count++) {
		struct epk_signature *now =
			&detached->signatures[detached->count];

		if (detached->count == EPK_SIGNATURES_MAX ||
		    !take_hex(&text, "signature ", ' ', now->key_id,
			      sizeof(now->key_id)) ||
		    !take_hex(&text, "", '\n', now->bytes, sizeof(now->bytes)))
			return false;
		if (detached->count && memcmp(now[-1].key_id, now->key_id,
					      sizeof(now->key_id)) >= 0)
			return false;
	}
	return detached->count != 0;
}

bool detached_read(const struct options *options, const char *file,
		   struct detached *detached)
{
	char text[TEXT_MAX + 1] = "";
	size_t size;

	*detached = (struct detached){ .count = 0 };
	if (!file_read(options, file, text, TEXT_MAX, &size))
		return false;
	if (strlen(text) == size && parse(text, detached))
		return true;
	return tool_error(options, EPK_ERR_SIGAREA, file,
			  "name a file that epk sign --detached wrote");
}

bool detached_write(const struct options *options, const char *file,
		    const struct detached *detached)
{
	char bytes[2 * EPK_SIGNATURE_SIZE + 1];
	char id[KEY_ID_TEXT];
	char text[TEXT_MAX];
	int size;

	hex_write(detached->package_id, KEY_ID_SIZE, id);
	size = snprintf(text, sizeof(text), "%spackage-id %s\n", FIRST_LINE,
			id);
	for (uint32_t i = 0; i < detached->count; i++) {
		hex_write(detached->signatures[i].key_id, KEY_ID_SIZE, id);
		hex_write(detached->signatures[i].bytes, EPK_SIGNATURE_SIZE,
			  bytes);
		size += snprintf(text + size, sizeof(text) - (size_t)size,
				 "signature %s %s\n", id, bytes);
	}
	return file_replace(options, file, text, (size_t)size);
}

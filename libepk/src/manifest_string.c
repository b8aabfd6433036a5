/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings of the manifest: kept as they stand, decoded when looked at. */
#include "manifest_internal.h"

struct epk_letters epk_letters_of(const struct epk_manifest *manifest,
				  const struct epk_string *string)
{
	const char *at = manifest->text + string->offset;

	return (struct epk_letters){ at, at + string->size_bytes };
}

int epk_letters_next(struct epk_letters *letters)
{
	char letter;

	if (letters->at == letters->end)
		return EPK_SCAN_STOP;
	letter = *letters->at++;
	if (letter != '\\' || letters->at == letters->end)
		return (uint8_t)letter;
	letter = *letters->at++;
	if (letter == 'n')
		return '\n';
	return letter == 't' ? '\t' : (uint8_t)letter;
}

epk_status_t epk_string_copy(const struct epk_manifest *manifest,
			     const struct epk_string *string, void *buffer,
			     size_t buffer_size, size_t *out_size)
{
	struct epk_letters letters = epk_letters_of(manifest, string);
	uint8_t *bytes = buffer;
	size_t size = 0;

	for (;;) {
		const int letter = epk_letters_next(&letters);

		if (letter == EPK_SCAN_STOP)
			break;
		if (size == buffer_size)
			return EPK_ERR_SCRATCH;
		bytes[size++] = (uint8_t)letter;
	}
	*out_size = size;
	return EPK_OK;
}

bool epk_string_equals(const struct epk_manifest *manifest,
		       const struct epk_string *string, const void *bytes,
		       size_t size_bytes)
{
	struct epk_letters letters = epk_letters_of(manifest, string);
	const uint8_t *at = bytes;

	for (size_t i = 0; i < size_bytes; i++) {
		if (epk_letters_next(&letters) != at[i])
			return false;
	}
	return epk_letters_next(&letters) == EPK_SCAN_STOP;
}

bool epk_string_same(const struct epk_manifest *manifest,
		     const struct epk_string *left,
		     const struct epk_string *right)
{
	struct epk_letters a = epk_letters_of(manifest, left);
	struct epk_letters b = epk_letters_of(manifest, right);
	int letter;

	do {
		letter = epk_letters_next(&a);
		if (letter != epk_letters_next(&b))
			return false;
	} while (letter != EPK_SCAN_STOP);
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "package_name.h"

#include <epk/manifest.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int version_compare(const uint32_t *left, const uint32_t *right)
{
	for (int i = 0; i < 3; i++) {
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	}
	return 0;
}

/** A decimal u32 without leading zeros; its size, 0 if there is none. */
static size_t read_part(const char *text, size_t size, uint32_t *out_value)
{
	uint64_t value = 0;
	size_t at = 0;

	while (at < size && text[at] >= '0' && text[at] <= '9') {
		value = value * 10 + (uint64_t)(text[at] - '0');
		if (value > UINT32_MAX)
			return 0;
		at++;
	}
	if (at > 1 && text[0] == '0')
		return 0;
	*out_value = (uint32_t)value;
	return at;
}

bool version_read(const char *text, size_t size, uint32_t out_version[3])
{
	for (int i = 0; i < 3; i++) {
		size_t part = read_part(text, size, &out_version[i]);

		if (part == 0)
			return false;
		text += part;
		size -= part;
		if (i == 2)
			return size == 0;
		if (size == 0 || *text != '.')
			return false;
		text++;
		size--;
	}
	return false;
}

void version_write(const uint32_t *version, char text[PACKAGE_VERSION_SIZE])
{
	snprintf(text, PACKAGE_VERSION_SIZE, "%" PRIu32 ".%" PRIu32 ".%" PRIu32,
		 version[0], version[1], version[2]);
}

static bool is_word_letter(char letter)
{
	return (letter >= 'a' && letter <= 'z') ||
	       (letter >= '0' && letter <= '9');
}

bool package_name_valid(const char *text, size_t size)
{
	bool joint = true; /* a letter must follow */

	if (size > PACKAGE_NAME_MAX)
		return false;
	for (size_t i = 0; i < size; i++) {
		bool letter = is_word_letter(text[i]);

		if (!letter && (joint || (text[i] != '.' && text[i] != '-')))
			return false;
		joint = !letter;
	}
	return !joint;
}

/** NAME or NAME@VERSION, size bytes. */
static bool read_ref(const char *text, size_t size, struct package_ref *out_ref)
{
	const char *at = memchr(text, '@', size);
	size_t name_size = at ? (size_t)(at - text) : size;

	if (!package_name_valid(text, name_size))
		return false;
	*out_ref = (struct package_ref){ .has_version = at != NULL };
	memcpy(out_ref->name, text, name_size);
	return !at ||
	       version_read(at + 1, size - name_size - 1, out_ref->version);
}

bool package_ref_read(const char *text, struct package_ref *out_ref)
{
	return read_ref(text, strlen(text), out_ref);
}

void package_ref_write(const struct package_ref *ref,
		       char text[PACKAGE_REF_SIZE])
{
	char version[PACKAGE_VERSION_SIZE] = "";

	if (ref->has_version)
		version_write(ref->version, version);
	snprintf(text, PACKAGE_REF_SIZE, "%s%s%s", ref->name,
		 ref->has_version ? "@" : "", version);
}

bool package_file_read(const char *file, struct package_ref *out_ref)
{
	size_t size = strlen(file);

	if (size < 4 || strcmp(file + size - 4, ".epk") != 0)
		return false;
	return read_ref(file, size - 4, out_ref) && out_ref->has_version;
}

void package_file_write(const struct package_ref *ref,
			char file[PACKAGE_FILE_SIZE])
{
	char text[PACKAGE_REF_SIZE];

	package_ref_write(ref, text);
	snprintf(file, PACKAGE_FILE_SIZE, "%s.epk", text);
}

bool package_ref_of(const struct epk_manifest *manifest,
		    struct package_ref *out_ref)
{
	size_t size = 0;

	*out_ref = (struct package_ref){ .has_version = true };
	memcpy(out_ref->version, manifest->version, sizeof(out_ref->version));
	return epk_string_copy(manifest, &manifest->keys[EPK_KEY_NAME],
			       out_ref->name, PACKAGE_NAME_MAX,
			       &size) == EPK_OK &&
	       package_name_valid(out_ref->name, size);
}

int package_ref_compare(const struct package_ref *left,
			const struct package_ref *right)
{
	int order = strcmp(left->name, right->name);

	return order ? order : version_compare(left->version, right->version);
}

bool is_file_word(const char *word)
{
	size_t size = strlen(word);

	return strcmp(word, "-") == 0 || strchr(word, '/') ||
	       (size >= 4 && strcmp(word + size - 4, ".epk") == 0);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Properties by name, and what their values say. */
#include "boot/property.h"

#include "boot/fdt.h"

static const char *const property_names[PROPERTY_COUNT] = {
#define P(name, text) text,
	PROPERTIES(P)
#undef P
};

unsigned property_find(const char *name)
{
	unsigned i = 0;

	while (i < PROPERTY_COUNT && (name[0] != property_names[i][0] ||
				      !is_text(name, property_names[i])))
		i++;
	return i;
}

bool is_text(const char *text, const char *wanted)
{
	while (*text != '\0' && *text == *wanted) {
		text++;
		wanted++;
	}
	return *text == *wanted;
}

bool value_has_text(const struct value *value, const char *wanted)
{
	uint32_t start = 0;

	for (uint32_t at = 0; at < value->size_bytes; at++) {
		if (value->bytes[at] != 0)
			continue;
		if (is_text((const char *)value->bytes + start, wanted))
			return true;
		start = at + 1;
	}
	return false;
}

const char *value_text(const struct value *value)
{
	for (uint32_t at = 0; at < value->size_bytes; at++)
		if (value->bytes[at] == 0)
			return at + 1 == value->size_bytes
				       ? (const char *)value->bytes
				       : NULL;
	return NULL;
}

bool value_cell(const struct value *value, uint32_t *out_cell)
{
	if (value->bytes == NULL || value->size_bytes < 4)
		return false;
	*out_cell = fdt_load32(value->bytes);
	return true;
}

bool value_number(const struct value *value, uint64_t *out_number)
{
	if (value->bytes == NULL ||
	    (value->size_bytes != 4 && value->size_bytes != 8))
		return false;
	*out_number = value->size_bytes == 4 ? fdt_load32(value->bytes)
					     : fdt_load64(value->bytes);
	return true;
}

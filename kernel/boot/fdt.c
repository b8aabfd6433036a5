/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/fdt.h"

#define FDT_MAGIC_NUMBER UINT32_C(0xd00dfeed)
#define FDT_VERSION_KNOWN 17u
#define TOKEN_BEGIN_NODE 1u
#define TOKEN_END_NODE 2u
#define TOKEN_PROPERTY 3u
#define TOKEN_NOP 4u
#define TOKEN_END 9u
#define RESERVATION_SIZE 16u

static const char *const status_names[FDT_STATUS_COUNT] = {
#define S(name) #name,
	FDT_STATUSES(S)
#undef S
};

const char *fdt_status_name(enum fdt_status status)
{
	return (unsigned)status < FDT_STATUS_COUNT ? status_names[status]
						   : "UNKNOWN";
}

uint32_t fdt_load32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | bytes[3];
}

uint64_t fdt_load64(const uint8_t *bytes)
{
	return (uint64_t)fdt_load32(bytes) << 32 | fdt_load32(bytes + 4);
}

uint32_t fdt_claimed_size(const void *header)
{
	const uint8_t *bytes = header;
	uint32_t size = fdt_load32(bytes + 4);

	if (fdt_load32(bytes) != FDT_MAGIC_NUMBER || size > FDT_SIZE_MAX ||
	    size < FDT_HEADER_SIZE)
		return 0;
	return size;
}

static bool is_inside(uint32_t offset, uint32_t size, uint32_t total)
{
	return offset >= FDT_HEADER_SIZE && offset <= total &&
	       size <= total - offset;
}

/* Count the entries before the one that is all zero. */
static enum fdt_status read_reservations(const uint8_t *bytes, uint32_t offset,
					 struct fdt *fdt)
{
	if (offset % 8 != 0 || !is_inside(offset, 0, fdt->total_bytes))
		return FDT_LAYOUT;
	fdt->reservations = bytes + offset;
	for (fdt->reservation_count = 0;; fdt->reservation_count++) {
		const uint8_t *entry = bytes + offset;

		if (fdt->total_bytes - offset < RESERVATION_SIZE)
			return FDT_RESERVATIONS;
		if (fdt_load64(entry) == 0 && fdt_load64(entry + 8) == 0)
			return FDT_OK;
		offset += RESERVATION_SIZE;
	}
}

enum fdt_status fdt_open(const void *blob, size_t size_bytes,
			 struct fdt *out_fdt)
{
	const uint8_t *bytes = blob;
	struct fdt fdt = { 0 };
	uint32_t structure, strings;
	enum fdt_status status;

	if (size_bytes < FDT_HEADER_SIZE ||
	    fdt_load32(bytes) != FDT_MAGIC_NUMBER)
		return FDT_MAGIC;
	fdt.total_bytes = fdt_claimed_size(bytes);
	if (fdt.total_bytes == 0 || fdt.total_bytes > size_bytes)
		return FDT_SIZE;
	if (fdt_load32(bytes + 20) < FDT_VERSION_KNOWN ||
	    fdt_load32(bytes + 24) > FDT_VERSION_KNOWN)
		return FDT_VERSION;
	structure = fdt_load32(bytes + 8);
	strings = fdt_load32(bytes + 12);
	fdt.strings_bytes = fdt_load32(bytes + 32);
	fdt.structure_bytes = fdt_load32(bytes + 36);
	if (structure % 4 != 0 ||
	    !is_inside(structure, fdt.structure_bytes, fdt.total_bytes) ||
	    !is_inside(strings, fdt.strings_bytes, fdt.total_bytes))
		return FDT_LAYOUT;
	fdt.structure = bytes + structure;
	fdt.strings = bytes + strings;
	status = read_reservations(bytes, fdt_load32(bytes + 16), &fdt);
	if (status == FDT_OK)
		*out_fdt = fdt;
	return status;
}

/* The NUL-ended name at bytes[0, left), or NULL. */
static const char *read_name(const uint8_t *bytes, uint32_t left,
			     uint32_t *out_length)
{
	uint32_t length = 0;

	while (length < left && bytes[length] != 0)
		if (++length > FDT_NAME_MAX)
			return NULL;
	if (length == left)
		return NULL;
	*out_length = length;
	return (const char *)bytes;
}

static uint32_t bytes_left(const struct fdt *fdt,
			   const struct fdt_cursor *cursor)
{
	return fdt->structure_bytes - cursor->offset;
}

/* Pass a field and the zero to three bytes that align what follows. */
static bool skip(const struct fdt *fdt, struct fdt_cursor *cursor,
		 uint32_t size_bytes)
{
	uint32_t pad = -size_bytes & 3;

	if (size_bytes > bytes_left(fdt, cursor) ||
	    pad > bytes_left(fdt, cursor) - size_bytes)
		return false;
	cursor->offset += size_bytes + pad;
	return true;
}

static enum fdt_status read_begin(const struct fdt *fdt,
				  struct fdt_cursor *cursor,
				  struct fdt_item *item)
{
	uint32_t length;

	item->name = read_name(fdt->structure + cursor->offset,
			       bytes_left(fdt, cursor), &length);
	if (item->name == NULL || !skip(fdt, cursor, length + 1))
		return FDT_NAME;
	if (cursor->open == FDT_DEPTH_MAX ||
	    (cursor->open == 0 && cursor->was_node))
		return FDT_DEPTH;
	item->token = FDT_BEGIN_NODE;
	item->depth = cursor->open++;
	cursor->was_node = false;
	return FDT_OK;
}

static enum fdt_status read_property(const struct fdt *fdt,
				     struct fdt_cursor *cursor,
				     struct fdt_item *item)
{
	const uint8_t *at = fdt->structure + cursor->offset;
	uint32_t name_offset, length;

	if (cursor->open == 0 || cursor->was_node)
		return FDT_TOKEN;
	if (!skip(fdt, cursor, 8))
		return FDT_PROPERTY;
	item->value_bytes = fdt_load32(at);
	item->value = at + 8;
	name_offset = fdt_load32(at + 4);
	if (!skip(fdt, cursor, item->value_bytes))
		return FDT_PROPERTY;
	if (name_offset >= fdt->strings_bytes)
		return FDT_NAME;
	item->name = read_name(fdt->strings + name_offset,
			       fdt->strings_bytes - name_offset, &length);
	if (item->name == NULL)
		return FDT_NAME;
	item->token = FDT_PROPERTY_ITEM;
	item->depth = cursor->open - 1;
	return FDT_OK;
}

enum fdt_status fdt_next(const struct fdt *fdt, struct fdt_cursor *cursor,
			 struct fdt_item *out_item)
{
	uint32_t token;

	*out_item = (struct fdt_item){ .token = FDT_END };
	do {
		const uint8_t *at = fdt->structure + cursor->offset;

		if (cursor->ended || !skip(fdt, cursor, 4))
			return FDT_TOKEN;
		token = fdt_load32(at);
	} while (token == TOKEN_NOP);
	switch (token) {
	case TOKEN_BEGIN_NODE:
		return read_begin(fdt, cursor, out_item);
	case TOKEN_PROPERTY:
		return read_property(fdt, cursor, out_item);
	case TOKEN_END_NODE:
		if (cursor->open == 0)
			return FDT_DEPTH;
		out_item->token = FDT_END_NODE;
		out_item->depth = --cursor->open;
		cursor->was_node = true;
		return FDT_OK;
	case TOKEN_END:
		/* A tree has one root. */
		if (cursor->open > 0 || !cursor->was_node)
			return FDT_DEPTH;
		cursor->ended = true;
		return FDT_OK;
	default:
		return FDT_TOKEN;
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* An entry as text: fields in a fixed order, then the key in PEM. One entry
 * has one text, so that a file says what its reader understood. */
#include <stdio.h>
#include <string.h>

#include "trust_internal.h"

#define FIRST_LINE "epk-trust 1"

static epk_status_t refuse(struct epk_trust_problem *problem, uint32_t line,
			   const char *reason)
{
	epk_trust_tell(problem, line, 0, reason);
	return EPK_ERR_TRUST;
}

epk_status_t epk_trust_entry_allow(struct epk_trust_entry *entry,
				   const char *prefix)
{
	uint32_t place = 0;
	int order = 1;

	if (entry == NULL || prefix == NULL ||
	    entry->prefix_count > EPK_TRUST_PREFIXES_MAX ||
	    (prefix[0] != '\0' && !epk_trust_is_name(prefix, strlen(prefix))))
		return EPK_ERR_INVALID;
	for (; place < entry->prefix_count; place++) {
		order = strcmp(entry->prefixes[place], prefix);
		if (order >= 0)
			break;
	}
	if (place < entry->prefix_count && order == 0)
		return EPK_OK;
	if (entry->prefix_count == EPK_TRUST_PREFIXES_MAX)
		return EPK_ERR_LIMIT;
	for (uint32_t i = entry->prefix_count; i > place; i--)
		memcpy(entry->prefixes[i], entry->prefixes[i - 1],
		       sizeof(entry->prefixes[i]));
	memcpy(entry->prefixes[place], prefix, strlen(prefix) + 1);
	entry->prefix_count++;
	return EPK_OK;
}

/* prefix lines, ascending; "*" stands for the empty one. */
static const char *read_prefixes(struct epk_trust_text *text,
				 struct epk_trust_entry *entry)
{
	struct epk_trust_text rest = *text;
	const char *value;
	size_t size;

	while (epk_trust_field(&rest, "prefix", &value, &size)) {
		char prefix[EPK_IDENTIFIER_MAX + 1] = "";
		const bool all = size == 1 && value[0] == '*';
		const uint32_t count = entry->prefix_count;

		if (!all && !epk_trust_is_name(value, size))
			return "this is no name and not \"*\"";
		if (!all)
			memcpy(prefix, value, size);
		if (epk_trust_entry_allow(entry, prefix) != EPK_OK)
			return "more than 32 prefixes";
		if (entry->prefix_count == count ||
		    strcmp(entry->prefixes[count], prefix) != 0)
			return "prefixes must ascend";
		*text = rest;
	}
	return NULL;
}

/* Up to the empty line; NULL, or what is wrong with the next line. A field is
 * taken when its value fits: `text` stays at the line that is wrong. */
static const char *read_fields(struct epk_trust_text *text,
			       struct epk_trust_entry *entry)
{
	struct epk_trust_text rest;
	const char *reason;
	const char *value;
	size_t size;

	if (!epk_trust_exactly(text, FIRST_LINE))
		return "\"epk-trust 1\" is missing";
	rest = *text;
	if (!epk_trust_field(&rest, "key-id", &value, &size))
		return "\"key-id\" is missing";
	if (!epk_trust_hex(value, size, entry->key_id))
		return "the key id is not 64 hexadecimal digits";
	*text = rest;
	reason = read_prefixes(text, entry);
	if (reason != NULL)
		return reason;
	rest = *text;
	if (epk_trust_field(&rest, "not-after", &value, &size) &&
	    epk_trust_time_read(value, size, &entry->not_after) != EPK_OK)
		return "this is no time like 2030-12-31T23:59:59Z";
	*text = rest;
	entry->revoked = epk_trust_exactly(text, "revoked");
	if (!epk_trust_exactly(text, ""))
		return "unknown line, or out of order";
	return NULL;
}

/* The rest of the text is the key, as epk_key_write() writes it. */
static epk_status_t read_key(const struct epk_trust_text *text,
			     struct epk_trust_problem *problem,
			     struct epk_trust_entry *entry)
{
	uint8_t key_id[EPK_DIGEST_SIZE];
	char again[EPK_KEY_PEM_MAX];
	size_t size = 0;
	epk_status_t status =
		epk_key_read(text->at, text->left, entry->public_key);

	if (status == EPK_ERR_KEY)
		return refuse(problem, text->line,
			      "this is no usable Ed25519 key in PEM");
	if (status == EPK_OK)
		status = epk_key_write(entry->public_key, again, sizeof(again),
				       &size);
	if (status == EPK_OK)
		status = epk_key_id(entry->public_key, key_id);
	if (status != EPK_OK)
		return status;
	if (size != text->left || memcmp(again, text->at, size) != 0)
		return refuse(problem, text->line,
			      "there is something beside the key");
	if (memcmp(key_id, entry->key_id, sizeof(key_id)) != 0)
		return refuse(problem, 2, "the key has another key id");
	return EPK_OK;
}

epk_status_t epk_trust_entry_read(const void *bytes, size_t size_bytes,
				  struct epk_trust_problem *out_problem,
				  struct epk_trust_entry *out_entry)
{
	struct epk_trust_text text = { bytes, size_bytes, 1 };
	struct epk_trust_entry entry = { .not_after = EPK_TRUST_NEVER };
	const char *reason;
	epk_status_t status;

	if (bytes == NULL || out_entry == NULL)
		return EPK_ERR_INVALID;
	if (size_bytes > EPK_TRUST_ENTRY_SIZE_MAX)
		return refuse(out_problem, 0, "more than 4,096 bytes");
	reason = read_fields(&text, &entry);
	if (reason != NULL)
		return refuse(out_problem, text.line, reason);
	status = read_key(&text, out_problem, &entry);
	if (status == EPK_OK)
		*out_entry = entry;
	return status;
}

/* Text that grows in a buffer of the largest entry. */
struct writing {
	char *text;
	size_t size;
	bool full;
};

static void put(struct writing *writing, const char *word, const char *value)
{
	const size_t left = EPK_TRUST_ENTRY_SIZE_MAX - writing->size;
	int size = snprintf(writing->text + writing->size, left, "%s%s%s\n",
			    word, value[0] != '\0' ? " " : "", value);

	if (size < 0 || (size_t)size >= left)
		writing->full = true;
	else
		writing->size += (size_t)size;
}

static bool prefixes_fit(const struct epk_trust_entry *entry)
{
	if (entry->prefix_count > EPK_TRUST_PREFIXES_MAX)
		return false;
	for (uint32_t i = 0; i < entry->prefix_count; i++) {
		const char *prefix = entry->prefixes[i];
		const size_t size = strnlen(prefix, EPK_IDENTIFIER_MAX + 1);

		if (size != 0 && !epk_trust_is_name(prefix, size))
			return false;
		if (i > 0 && strcmp(entry->prefixes[i - 1], prefix) >= 0)
			return false;
	}
	return true;
}

static void put_fields(struct writing *writing,
		       const struct epk_trust_entry *entry, const char *time,
		       const uint8_t *key_id)
{
	char hex[2 * EPK_DIGEST_SIZE + 1];

	for (size_t i = 0; i < EPK_DIGEST_SIZE; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", key_id[i]);
	put(writing, FIRST_LINE, "");
	put(writing, "key-id", hex);
	for (uint32_t i = 0; i < entry->prefix_count; i++)
		put(writing, "prefix",
		    entry->prefixes[i][0] != '\0' ? entry->prefixes[i] : "*");
	if (time[0] != '\0')
		put(writing, "not-after", time);
	if (entry->revoked != 0)
		put(writing, "revoked", "");
	put(writing, "", "");
}

epk_status_t epk_trust_entry_write(const struct epk_trust_entry *entry,
				   char *text, size_t *out_size)
{
	struct writing writing = { .text = text };
	char time[EPK_TRUST_TIME_SIZE] = "";
	uint8_t key_id[EPK_DIGEST_SIZE];
	size_t size = 0;
	epk_status_t status;

	if (entry == NULL || text == NULL || out_size == NULL ||
	    !prefixes_fit(entry) || entry->revoked > 1)
		return EPK_ERR_INVALID;
	if (entry->not_after != EPK_TRUST_NEVER &&
	    epk_trust_time_write(entry->not_after, time) != EPK_OK)
		return EPK_ERR_INVALID;
	status = epk_key_id(entry->public_key, key_id);
	if (status != EPK_OK)
		return status;
	put_fields(&writing, entry, time, key_id);
	if (writing.full)
		return EPK_ERR_INVALID;
	status = epk_key_write(entry->public_key, text + writing.size,
			       EPK_TRUST_ENTRY_SIZE_MAX - writing.size, &size);
	if (status == EPK_OK)
		*out_size = writing.size + size;
	return status;
}

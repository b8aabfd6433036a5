/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries in memory, ascending by key_id, and what they say together: one
 * that revokes its key does so for ever; of the others those count whose end
 * has not come, and their prefixes add up. */
#include <stdlib.h>
#include <string.h>

#include "trust_internal.h"

struct record {
	struct epk_trust_entry entry;
	char *file; /* NULL: from none */
};

struct epk_trust_store {
	struct epk_trust policy;
	uint64_t now;
	struct record *records;
	uint32_t count;
	uint32_t capacity;
};

static epk_status_t policy_lookup(void *context,
				  const uint8_t key_id[EPK_DIGEST_SIZE],
				  uint8_t public_key[EPK_KEY_SIZE]);
static bool policy_allows(void *context, const uint8_t key_id[EPK_DIGEST_SIZE],
			  const void *name, size_t name_size)
{
	return epk_trust_store_allows(context, key_id, name, name_size);
}

epk_status_t epk_trust_store_create(uint64_t now,
				    struct epk_trust_store **out_store)
{
	struct epk_trust_store *store;

	if (out_store == NULL)
		return EPK_ERR_INVALID;
	store = calloc(1, sizeof(*store));
	if (store == NULL)
		return EPK_ERR_NO_MEMORY;
	store->now = now;
	store->policy = (struct epk_trust){
		.context = store,
		.lookup = policy_lookup,
		.allows = policy_allows,
	};
	*out_store = store;
	return EPK_OK;
}

struct epk_trust_store *epk_trust_store_destroy(struct epk_trust_store *store)
{
	if (store == NULL)
		return NULL;
	for (uint32_t i = 0; i < store->count; i++)
		free(store->records[i].file);
	free(store->records);
	free(store);
	return NULL;
}

/* The first entry whose key_id is not less. */
static uint32_t find(const struct epk_trust_store *store, const uint8_t *key_id)
{
	uint32_t low = 0;
	uint32_t high = store->count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (memcmp(store->records[middle].entry.key_id, key_id,
			   EPK_DIGEST_SIZE) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_for(const struct epk_trust_store *store, uint32_t index,
		   const uint8_t *key_id)
{
	return index < store->count &&
	       memcmp(store->records[index].entry.key_id, key_id,
		      EPK_DIGEST_SIZE) == 0;
}

static bool has_ended(const struct epk_trust_store *store,
		      const struct epk_trust_entry *entry)
{
	return store->now != EPK_TRUST_NO_CLOCK &&
	       store->now > entry->not_after;
}

static bool grow(struct epk_trust_store *store)
{
	const uint32_t capacity =
		store->capacity != 0 ? store->capacity * 2 : 8;
	struct record *records;

	if (store->count < store->capacity)
		return true;
	records = realloc(store->records, capacity * sizeof(*records));
	if (records == NULL)
		return false;
	store->records = records;
	store->capacity = capacity;
	return true;
}

/* gcc 12 loses the copy behind an index that it does not know. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
epk_status_t epk_trust_record(struct epk_trust_store *store,
			      const struct epk_trust_entry *entry,
			      const char *file)
{
	uint32_t place;
	char *copy = NULL;

	if (store->count == EPK_TRUST_ENTRIES_MAX)
		return EPK_ERR_LIMIT;
	if (!grow(store))
		return EPK_ERR_NO_MEMORY;
	if (file != NULL) {
		copy = strdup(file);
		if (copy == NULL)
			return EPK_ERR_NO_MEMORY;
	}
	place = find(store, entry->key_id);
	/* Behind its equals: the order in which they were added. */
	while (is_for(store, place, entry->key_id))
		place++;
	memmove(store->records + place + 1, store->records + place,
		(store->count - place) * sizeof(*store->records));
	store->records[place].entry = *entry;
	store->records[place].file = copy;
	store->count++;
	return EPK_OK;
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

epk_status_t epk_trust_store_add(struct epk_trust_store *store,
				 const struct epk_trust_entry *entry)
{
	struct epk_trust_entry copy;
	char text[EPK_TRUST_ENTRY_SIZE_MAX];
	size_t size = 0;
	epk_status_t status;

	if (store == NULL || entry == NULL)
		return EPK_ERR_INVALID;
	/* By way of the text: whatever it has, it is a sound entry. */
	status = epk_trust_entry_write(entry, text, &size);
	if (status == EPK_OK)
		status = epk_trust_entry_read(text, size, NULL, &copy);
	return status == EPK_OK ? epk_trust_record(store, &copy, NULL) : status;
}

uint32_t epk_trust_store_state(const struct epk_trust_store *store,
			       const uint8_t key_id[EPK_DIGEST_SIZE])
{
	uint32_t state = EPK_TRUST_UNKNOWN;

	for (uint32_t i = find(store, key_id); is_for(store, i, key_id); i++) {
		const struct epk_trust_entry *entry = &store->records[i].entry;

		if (entry->revoked != 0)
			return EPK_TRUST_REVOKED;
		if (!has_ended(store, entry))
			state = EPK_TRUST_GOOD;
		else if (state == EPK_TRUST_UNKNOWN)
			state = EPK_TRUST_EXPIRED;
	}
	return state;
}

/* "p" allows "p" and what begins with "p."; "" allows all. */
static bool prefix_allows(const char *prefix, const char *name,
			  size_t name_size)
{
	const size_t size = strlen(prefix);

	if (size == 0)
		return true;
	return name_size >= size && memcmp(name, prefix, size) == 0 &&
	       (name_size == size || name[size] == '.');
}

bool epk_trust_store_allows(const struct epk_trust_store *store,
			    const uint8_t key_id[EPK_DIGEST_SIZE],
			    const void *name, size_t name_size)
{
	if (epk_trust_store_state(store, key_id) != EPK_TRUST_GOOD)
		return false;
	for (uint32_t i = find(store, key_id); is_for(store, i, key_id); i++) {
		const struct epk_trust_entry *entry = &store->records[i].entry;

		for (uint32_t k = 0;
		     !has_ended(store, entry) && k < entry->prefix_count; k++) {
			if (prefix_allows(entry->prefixes[k], name, name_size))
				return true;
		}
	}
	return false;
}

static epk_status_t policy_lookup(void *context,
				  const uint8_t key_id[EPK_DIGEST_SIZE],
				  uint8_t public_key[EPK_KEY_SIZE])
{
	const struct epk_trust_store *store = context;

	if (epk_trust_store_state(store, key_id) != EPK_TRUST_GOOD)
		return EPK_ERR_NOT_FOUND;
	memcpy(public_key, store->records[find(store, key_id)].entry.public_key,
	       EPK_KEY_SIZE);
	return EPK_OK;
}

const struct epk_trust_entry *
epk_trust_store_entry(const struct epk_trust_store *store, uint32_t index)
{
	return index < store->count ? &store->records[index].entry : NULL;
}

const char *epk_trust_store_file(const struct epk_trust_store *store,
				 uint32_t index)
{
	return index < store->count && store->records[index].file != NULL
		       ? store->records[index].file
		       : "";
}

const struct epk_trust *
epk_trust_store_policy(const struct epk_trust_store *store)
{
	return &store->policy;
}

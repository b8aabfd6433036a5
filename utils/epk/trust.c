/* SPDX-License-Identifier: BSD-2-Clause */
/* epk trust: the entries of the trust store. Changes go to the first folder:
 * the first --trust, or the user's, or root's, which is the system's. */
#include "command.h"

#include "files.h"
#include "hex.h"
#include "report.h"
#include "shown.h"
#include "stores.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** ".../KEYID.trust" in the folder for changes. */
static bool entry_file(const struct options *options, const uint8_t *key_id,
		       char *path, size_t capacity)
{
	char id[KEY_ID_TEXT];
	int size;

	hex_write(key_id, KEY_ID_SIZE, id);
	size = snprintf(path, capacity, "%s/%s%s", store_folder(options, 0), id,
			EPK_TRUST_SUFFIX);
	if (size > 0 && (size_t)size < capacity)
		return true;
	errno = ENAMETOOLONG;
	return system_error(options, "use the trust store",
			    store_folder(options, 0));
}

static const char *const states[] = {
	[EPK_TRUST_UNKNOWN] = "unknown",
	[EPK_TRUST_GOOD] = "good",
	[EPK_TRUST_EXPIRED] = "expired",
	[EPK_TRUST_REVOKED] = "revoked",
};

static json_t *entry_json(const struct epk_trust_entry *entry,
			  const char *state, const char *file)
{
	char time[EPK_TRUST_TIME_SIZE];
	json_t *prefixes = json_array();
	json_t *object = json_object();

	for (uint32_t i = 0; i < entry->prefix_count; i++)
		json_array_append_new(prefixes,
				      json_string(entry->prefixes[i]));
	json_object_set_new(object, "key_id",
			    json_hex(entry->key_id, KEY_ID_SIZE));
	json_object_set_new(object, "state", json_string(state));
	json_object_set_new(object, "prefixes", prefixes);
	if (epk_trust_time_write(entry->not_after, time) == EPK_OK)
		json_object_set_new(object, "not_after", json_string(time));
	json_object_set_new(object, "revoked", json_boolean(entry->revoked));
	json_object_set_new(object, "file", json_text(file));
	return object;
}

static void print_entry(const struct epk_trust_entry *entry, const char *state,
			const char *file)
{
	char time[EPK_TRUST_TIME_SIZE] = "";
	char id[KEY_ID_TEXT];

	hex_write(entry->key_id, KEY_ID_SIZE, id);
	printf("%s  %s\n", id, state);
	for (uint32_t i = 0; i < entry->prefix_count; i++)
		printf("  prefix     %s\n",
		       *entry->prefixes[i] ? entry->prefixes[i] : "*");
	if (!epk_trust_time_write(entry->not_after, time))
		printf("  not after  %s\n", time);
	fputs("  in         ", stdout);
	print_last(file);
}

static bool trust_list(const struct options *options,
		       const struct epk_trust_store *store)
{
	const struct epk_trust_entry *entry;
	bool good = true;

	for (uint32_t i = 0; (entry = epk_trust_store_entry(store, i)); i++) {
		const char *state =
			states[epk_trust_store_state(store, entry->key_id)];
		const char *file = epk_trust_store_file(store, i);

		if (options->json)
			good = report_json(entry_json(entry, state, file)) &&
			       good;
		else
			print_entry(entry, state, file);
	}
	if (!options->json && !epk_trust_store_entry(store, 0)) {
		const char *places = store_places(options);

		fputs("epk: no key is trusted (looked in ", stderr);
		print_shown(stderr, places, strlen(places));
		fputs(")\n", stderr);
	}
	return good;
}

static bool write_entry(const struct options *options,
			const struct epk_trust_entry *entry, const char *did)
{
	char path[STORE_PATH_MAX];
	char text[EPK_TRUST_ENTRY_SIZE_MAX];
	char id[KEY_ID_TEXT];
	size_t size = 0;
	epk_status_t status;

	if (!entry_file(options, entry->key_id, path, sizeof(path)))
		return false;
	status = epk_trust_entry_write(entry, text, &size);
	if (status)
		return tool_error(options, status, path,
				  "this entry cannot be written");
	if (!folder_make(options, store_folder(options, 0)) ||
	    !file_replace(options, path, text, size))
		return false;
	if (options->json)
		return report_json(
			json_pack("{s:s, s:b, s:s, s:o, s:o}", "command",
				  "trust", "ok", 1, "did", did, "key_id",
				  json_hex(entry->key_id, KEY_ID_SIZE), "file",
				  json_text(path)));
	hex_write(entry->key_id, KEY_ID_SIZE, id);
	if (!options->quiet) {
		printf("%s key %s in ", did, id);
		print_last(path);
	}
	return true;
}

/** The entry that this folder's own file for a key has, if any. */
static const struct epk_trust_entry *
own_entry(const struct options *options, const struct epk_trust_store *store,
	  const uint8_t *key_id)
{
	const struct epk_trust_entry *entry;
	char path[STORE_PATH_MAX];

	if (!entry_file(options, key_id, path, sizeof(path)))
		return NULL;
	for (uint32_t i = 0; (entry = epk_trust_store_entry(store, i)); i++) {
		if (strcmp(epk_trust_store_file(store, i), path) == 0)
			return entry;
	}
	return NULL;
}

static bool add_prefixes(const struct options *options,
			 struct epk_trust_entry *entry)
{
	for (uint32_t i = 0; i < options->prefix.count; i++) {
		const char *prefix = options->prefix.values[i];
		epk_status_t status = epk_trust_entry_allow(
			entry, strcmp(prefix, "*") == 0 ? "" : prefix);

		if (status == EPK_ERR_INVALID)
			return usage_error(options,
					   "--prefix: \"%s\" is no name of a "
					   "package and not \"*\"",
					   prefix);
		if (status)
			return tool_error(options, status, NULL,
					  "an entry has at most 32 prefixes");
	}
	return true;
}

static bool add_one(const struct options *options,
		    const struct epk_trust_store *store, const char *file)
{
	struct epk_trust_entry entry = { .not_after = EPK_TRUST_NEVER };
	const struct epk_trust_entry *own;
	epk_status_t status;

	if (!key_file_read(options, file, entry.public_key))
		return false;
	status = epk_key_id(entry.public_key, entry.key_id);
	if (status)
		return tool_error(options, status, file, "name another key");
	own = own_entry(options, store, entry.key_id);
	if (own)
		entry = *own;
	if (epk_trust_store_state(store, entry.key_id) == EPK_TRUST_REVOKED)
		return tool_error(options, EPK_ERR_SIGPOLICY, file,
				  "this key is revoked; epk trust list shows "
				  "where, epk trust remove takes that back");
	if (options->not_after_given)
		entry.not_after = options->not_after;
	return add_prefixes(options, &entry) &&
	       write_entry(options, &entry, "trusted");
}

static bool trust_add(const struct options *options,
		      const struct epk_trust_store *store)
{
	bool good = true;

	if (!options->prefix.count)
		return usage_error(options,
				   "trust add needs --prefix: the names that "
				   "the key may sign, or \"*\" for all");
	for (uint32_t i = 1; i < options->operand_count; i++)
		good = add_one(options, store, options->operands[i]) && good;
	return good;
}

/** The one entry whose key id begins so; NULL: reported. */
static const struct epk_trust_entry *find_key(const struct options *options,
					      struct epk_trust_store *store,
					      const char *id)
{
	const struct epk_trust_entry *found = NULL;
	const struct epk_trust_entry *entry;

	if (!is_key_id(id)) {
		usage_error(options,
			    "\"%s\" is no key id: 8 to 64 digits of 0-9, a-f",
			    id);
		return NULL;
	}
	for (uint32_t i = 0; (entry = epk_trust_store_entry(store, i)); i++) {
		if (!key_id_begins(entry->key_id, id))
			continue;
		if (found &&
		    memcmp(found->key_id, entry->key_id, KEY_ID_SIZE) != 0) {
			tool_error(options, EPK_ERR_NOT_FOUND, id,
				   "several keys begin so; give more digits");
			return NULL;
		}
		found = entry;
	}
	if (!found)
		tool_error(options, EPK_ERR_NOT_FOUND, id,
			   "no such key in %s; epk trust list shows all",
			   store_places(options));
	return found;
}

static bool revoke_one(const struct options *options,
		       struct epk_trust_store *store, const char *id)
{
	const struct epk_trust_entry *found = find_key(options, store, id);
	const struct epk_trust_entry *own;
	struct epk_trust_entry entry;

	if (!found)
		return false;
	own = own_entry(options, store, found->key_id);
	entry = own ? *own : *found;
	entry.revoked = 1;
	return write_entry(options, &entry, "revoked");
}

/** Is this file in the folder that changes go to? */
static bool is_own(const struct options *options, const char *file)
{
	const char *folder = store_folder(options, 0);
	size_t size = strlen(folder);

	return strncmp(file, folder, size) == 0 && file[size] == '/';
}

static bool remove_file(const struct options *options, const char *file,
			const uint8_t *key_id)
{
	char id[KEY_ID_TEXT];

	if (unlink(file) != 0)
		return system_error(options, "remove", file);
	if (options->json)
		return report_json(json_pack("{s:s, s:b, s:s, s:o, s:o}",
					     "command", "trust", "ok", 1, "did",
					     "removed", "key_id",
					     json_hex(key_id, KEY_ID_SIZE),
					     "file", json_text(file)));
	hex_write(key_id, KEY_ID_SIZE, id);
	if (!options->quiet) {
		printf("removed key %s, was in ", id);
		print_last(file);
	}
	return true;
}

static bool remove_one(const struct options *options,
		       struct epk_trust_store *store, const char *id)
{
	const struct epk_trust_entry *found = find_key(options, store, id);
	const struct epk_trust_entry *entry;
	const char *elsewhere = NULL;
	bool good = true;
	uint32_t removed = 0;

	if (!found)
		return false;
	for (uint32_t i = 0; (entry = epk_trust_store_entry(store, i)); i++) {
		const char *file = epk_trust_store_file(store, i);

		if (memcmp(entry->key_id, found->key_id, KEY_ID_SIZE) != 0)
			continue;
		if (!is_own(options, file)) {
			elsewhere = file;
			continue;
		}
		good = remove_file(options, file, entry->key_id) && good;
		removed++;
	}
	if (!removed)
		return tool_error(options, EPK_ERR_NOT_FOUND, elsewhere,
				  "that is another trust store: name its "
				  "folder by --trust, or run epk trust revoke "
				  "%s",
				  id);
	return good;
}

static bool each_id(const struct options *options,
		    struct epk_trust_store *store,
		    bool (*act)(const struct options *options,
				struct epk_trust_store *store, const char *id))
{
	bool good = true;

	for (uint32_t i = 1; i < options->operand_count; i++)
		good = act(options, store, options->operands[i]) && good;
	return good;
}

static bool act(const struct options *options, struct epk_trust_store *store)
{
	const char *action = options->operands[0];
	bool alone = options->operand_count == 1;

	if (strcmp(action, "list") == 0 && alone)
		return trust_list(options, store);
	if (strcmp(action, "add") == 0 && !alone)
		return trust_add(options, store);
	if (options->prefix.count || options->not_after_given)
		return usage_error(options, "only trust add takes --prefix "
					    "and --not-after");
	if (strcmp(action, "remove") == 0 && !alone)
		return each_id(options, store, remove_one);
	if (strcmp(action, "revoke") == 0 && !alone)
		return each_id(options, store, revoke_one);
	return usage_error(options, "trust takes list, add KEY.pub..., remove "
				    "KEYID... or revoke KEYID...");
}

bool command_trust(struct options *options)
{
	struct epk_trust_store *store = NULL;
	bool may_miss = strcmp(options->operands[0], "add") == 0;
	bool good;

	if (!stores_load(options, may_miss, &store))
		return false;
	good = act(options, store);
	epk_trust_store_destroy(store);
	return good;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TRUST_H
#define EPK_TRUST_H
/** @file trust.h
 * The trust store on hosts: which keys may sign which names, until when
 * (section 11). A store is filled from folders of entries, then asked; it is
 * what struct epk_options.trust of reader.h points to.
 * Threads: constant once it is filled. */
#include <epk/key.h>
#include <epk/reader.h>

EPK_BEGIN_DECLS

#define EPK_TRUST_PREFIXES_MAX 32u
#define EPK_TRUST_ENTRIES_MAX 1024u    /* of one store */
#define EPK_TRUST_ENTRY_SIZE_MAX 4096u /* of one entry's text */
#define EPK_TRUST_SUFFIX ".trust"
#define EPK_TRUST_NEVER UINT64_MAX    /* as not_after: no end */
#define EPK_TRUST_NO_CLOCK UINT64_MAX /* as now: ends are not looked at */

/** What an entry says. */
struct epk_trust_entry {
	uint8_t public_key[EPK_KEY_SIZE];
	uint8_t key_id[EPK_DIGEST_SIZE];
	uint64_t not_after; /* last good second since 1970, or NEVER */
	uint32_t prefix_count;
	uint32_t revoked; /* 0 or 1 */
	/* Ascending; "" allows every name. */
	char prefixes[EPK_TRUST_PREFIXES_MAX][EPK_IDENTIFIER_MAX + 1];
};

/** Where reading a folder or an entry stopped. */
struct epk_trust_problem {
	char file[256];	    /* name in the folder; "" is the folder */
	const char *reason; /* one phrase, static; never NULL */
	uint32_t line;	    /* from 1; 0 where there is none */
	int32_t system;	    /* errno if the system failed, else 0 */
};

/**
 * Read an entry's text (section 11).
 *
 * @param out_problem  NULL, or told the line and the reason.
 * @param out_entry    set on success only.
 * @return EPK_OK, EPK_ERR_TRUST, NO_MEMORY, INVALID.
 */
EPK_API epk_status_t epk_trust_entry_read(const void *text, size_t size_bytes,
					  struct epk_trust_problem *out_problem,
					  struct epk_trust_entry *out_entry);

/**
 * Write an entry as text; what is read back is the same. key_id is computed.
 *
 * @param text  room for EPK_TRUST_ENTRY_SIZE_MAX bytes; no NUL at the end.
 * @return EPK_OK, INVALID (prefixes malformed or not ascending, or a time
 *         behind the year 9999), KEY, NO_MEMORY.
 */
EPK_API epk_status_t epk_trust_entry_write(const struct epk_trust_entry *entry,
					   char *text, size_t *out_size);

/**
 * Add a prefix at its place; one that is there already changes nothing.
 *
 * @param prefix  NUL-terminated; "" allows every name.
 * @return EPK_OK, INVALID (malformed), LIMIT.
 */
EPK_API epk_status_t epk_trust_entry_allow(struct epk_trust_entry *entry,
					   const char *prefix);

#define EPK_TRUST_TIME_SIZE 21u /* "2027-01-01T00:00:00Z" and a NUL */

/** "YYYY-MM-DDThh:mm:ssZ" of the years 1970..9999; INVALID. */
EPK_API epk_status_t epk_trust_time_read(const char *text, size_t size_bytes,
					 uint64_t *out_seconds);
/** The other way, with a NUL; INVALID behind the year 9999. */
EPK_API epk_status_t epk_trust_time_write(uint64_t seconds,
					  char text[EPK_TRUST_TIME_SIZE]);

struct epk_trust_store;

/**
 * An empty store.
 *
 * @param now  the caller's clock, seconds since 1970, or NO_CLOCK.
 */
EPK_API epk_status_t epk_trust_store_create(uint64_t now,
					    struct epk_trust_store **out_store);
/** NULL is fine. Returns NULL. */
EPK_API struct epk_trust_store *
epk_trust_store_destroy(struct epk_trust_store *store);

/** Add a copy of an entry: INVALID, LIMIT, NO_MEMORY. */
EPK_API epk_status_t epk_trust_store_add(struct epk_trust_store *store,
					 const struct epk_trust_entry *entry);

/**
 * Add all entries of a folder: every file in it whose name does not begin
 * with a dot. An entry that cannot be read could be the one that revokes a
 * key: after a failure the store is only good to be destroyed.
 *
 * @param out_problem  told on every failure.
 * @return EPK_OK, or
 *         EPK_ERR_NOT_FOUND  there is no such folder
 *         EPK_ERR_TRUST      an entry or a name is malformed
 *         EPK_ERR_IO         the system refused
 *         EPK_ERR_LIMIT      more than EPK_TRUST_ENTRIES_MAX in all
 *         EPK_ERR_NO_MEMORY, EPK_ERR_INVALID
 */
EPK_API epk_status_t
epk_trust_store_add_folder(struct epk_trust_store *store, const char *folder,
			   struct epk_trust_problem *out_problem);

/* What a store says about a key. */
#define EPK_TRUST_UNKNOWN 0u /* no entry */
#define EPK_TRUST_GOOD 1u
#define EPK_TRUST_EXPIRED 2u /* all its entries have ended */
#define EPK_TRUST_REVOKED 3u /* one of its entries says so */

EPK_API uint32_t epk_trust_store_state(const struct epk_trust_store *store,
				       const uint8_t key_id[EPK_DIGEST_SIZE]);

/** May this key sign a package of this name, now? */
EPK_API bool epk_trust_store_allows(const struct epk_trust_store *store,
				    const uint8_t key_id[EPK_DIGEST_SIZE],
				    const void *name, size_t name_size);

/** Entries, ascending by key_id; borrowed; NULL behind the last. */
EPK_API const struct epk_trust_entry *
epk_trust_store_entry(const struct epk_trust_store *store, uint32_t index);
/** The file an entry came from, "" if from none; borrowed. */
EPK_API const char *epk_trust_store_file(const struct epk_trust_store *store,
					 uint32_t index);

/** What struct epk_options wants; lives as long as the store. */
EPK_API const struct epk_trust *
epk_trust_store_policy(const struct epk_trust_store *store);

EPK_END_DECLS
#endif /* EPK_TRUST_H */

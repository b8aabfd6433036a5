/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_STORE_H
#define PACKAGE_STORE_H
/* A store: one folder with
 *
 *   NAME@VERSION.epk  a package, whole from the moment it has this name
 *   versions          the highest version of every name that was removed
 *   lock              who changes the store holds a lock (flock) of it
 *   .new-*            unfinished; the next who changes the store clears them
 *
 * A change is one rename or one unlink, so a crash leaves the store as it was
 * before or as it is afterwards. Nothing is opened through a link, and
 * nothing but a regular file is read. What the folder holds is not trusted:
 * a package is verified whenever it is used. */
#include "package_name.h"

#include <sys/types.h>

struct options;

#define STORE_PLACE_MAX 4096
#define STORE_PACKAGES_MAX 65536
#define STORE_LOCK "lock"
#define STORE_VERSIONS "versions"
#define STORE_NEW ".new-" /* how unfinished files begin */
#define STORE_NEW_SIZE 24

struct store {
	const struct options *options;
	char place[STORE_PLACE_MAX];
	int folder; /* -1: there is none, which is an empty store */
	int lock;   /* -1: not held */
};

/* ---- store_places.c: where stores are ---- */

/**
 * The place of a number, from 0, in the order in which names are looked up:
 * --store alone; or the user's, then the system's.
 *
 * @return NULL behind the last; static until the next call.
 */
const char *store_place(const struct options *options, uint32_t index);
/** The one that is changed; NULL was reported. */
const char *store_place_to_change(const struct options *options);
/** All of them in words, static. */
const char *store_place_words(const struct options *options);
/** Below the user's data; NULL if there is no home; static. */
const char *user_data_place(const char *below);

/* ---- store.c: opening and closing ---- */

/** To read; one that is missing is empty, but with --store refused. */
bool store_open(struct store *store, const struct options *options,
		const char *place);
/** To read the one that add would change; if it is missing, it is empty. */
bool store_open_to_ask(struct store *store, const struct options *options);
/** To change: made if missing, locked, cleared of what is unfinished. */
bool store_open_to_change(struct store *store, const struct options *options);
void store_close(struct store *store);

/** A regular file of the store, to read; -1 was reported. */
int store_open_file(const struct store *store, const char *file);
/** "PLACE/FILE", for messages; static until the next call. */
const char *store_path(const struct store *store, const char *file);
/** What is in the store is not as it should be; false. */
bool store_refused(const struct store *store, const char *file,
		   const char *why);

/* ---- store_new.c: files that appear whole ---- */

struct store_new {
	char file[STORE_NEW_SIZE];
	int fd; /* -1: none */
};

bool store_new_create(const struct store *store, struct store_new *new_);
/** Give it its name: durable, then visible, then durably visible. */
bool store_new_commit(const struct store *store, struct store_new *new_,
		      const char *file, mode_t mode);
void store_new_discard(const struct store *store, struct store_new *new_);
/** Take a file's name away, durably. */
bool store_unlink(const struct store *store, const char *file);
void store_clear_new(struct store *store);

/* ---- store_scan.c: what is in it ---- */

struct store_refs {
	struct package_ref *rows; /* ascending by name, then version */
	uint32_t count;
};

bool store_refs_load(const struct store *store, struct store_refs *out_refs);
void store_refs_fini(struct store_refs *refs);
/** True if no later row has the same name. */
bool store_refs_is_current(const struct store_refs *refs, uint32_t index);
/** The row of a name and version, or a name's highest; NULL: none. */
const struct package_ref *store_refs_find(const struct store_refs *refs,
					  const struct package_ref *ref);

/** Calls visit for every name in the folder but `.` and `..`; stops when it
 * returns false. */
bool store_scan(const struct store *store,
		bool (*visit)(void *context, const char *file), void *context);

#endif /* PACKAGE_STORE_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGEFSD_PACKAGEFSD_H
#define PACKAGEFSD_PACKAGEFSD_H
/** @file packagefsd.h
 * The state of the package file systems. Everything a client holds is in a
 * table slot that names its owner: handles and loans, numbered by index and
 * generation, so that a stale or foreign number is never taken for one's
 * own. */
#include <lib/image.h>
#include <lib/service.h>
#include <proto/packagefs.h>

#define MOUNTS_MAX 8
#define CLIENTS_MAX 48
#define FILES_MAX 512
#define LOANS_MAX 512
#define CACHED_BLOCKS 16

/* What one client may have. */
#define CLIENT_FILES_MAX 64
#define CLIENT_LOANS_MAX 128
#define CLIENT_LIVE_MAX (UINT64_C(64) << 20)

/** Largest piece of one read_into. */
#define READ_INTO_MAX (UINT64_C(1) << 20)

struct mount {
	bool used;
	char name[PACKAGEFS_NAME_MAX];
	uint8_t name_bytes;
	nx_vmo_t vmo;
	struct image image;
	uint64_t lent_bytes; /* ever */
	uint32_t open_count;
	uint32_t loan_count;
};

struct client {
	uint32_t id; /* 0: free */
	uint32_t file_count;
	uint32_t loan_count;
	uint64_t live_bytes;
	/* Its last request that the format refused. */
	epk_status_t failed;
	uint32_t failed_stage;
	uint32_t failed_index;
};

struct open_file {
	uint32_t client; /* 0: free */
	uint32_t generation;
	struct mount *mount;
	uint32_t node;
};

struct loan {
	uint32_t client; /* 0: free */
	uint32_t generation;
	struct mount *mount;
	nx_vmo_t vmo; /* the client's handles are derived from it */
	struct epk_splice splice;
};

struct packagefs {
	struct service service;
	struct program *program;
	bool lent_once; /* the first loan was reported */
	struct mount mounts[MOUNTS_MAX];
	struct client clients[CLIENTS_MAX];
	struct open_file files[FILES_MAX];
	struct loan loans[LOANS_MAX];
};

/** Row of a client, made if need be; NULL when there is no room. */
struct client *client_get(struct packagefs *fs, uint32_t id);
/** Forget a client that holds nothing. */
void client_put(struct client *client);
/** Remember why, and give the status that the client sees. */
nx_status_t client_failed(struct client *client, epk_status_t status,
			  uint32_t stage, uint32_t index);

/** A number that a client gave, or NULL if it is not its own. */
struct open_file *file_get(struct packagefs *fs, uint32_t client,
			   uint32_t number);
void file_close(struct packagefs *fs, struct open_file *file);
/** Take back what was lent: every handle and mapping of it goes. */
void loan_end(struct packagefs *fs, struct loan *loan);

/** The mount of a path, and the rest of the path inside. */
struct mount *mount_of_path(struct packagefs *fs, const char *path,
			    size_t path_bytes, const char **out_rest,
			    size_t *out_rest_bytes);
/** Serve an image; on success the VMO handle is the mount's. */
nx_status_t mount_add(struct packagefs *fs, nx_vmo_t vmo, const char *name,
		      size_t name_bytes, struct epk_failure *out_failure,
		      uint32_t *out_mount);

#define PROTO_NAME packagefs
#define PROTO_TABLE <proto/packagefs.def>
#define PROTO_STATE packagefs
#define PROTO_PROTOTYPES
#include <proto/server.h>
#endif /* PACKAGEFSD_PACKAGEFSD_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_PACKAGEFS_H
#define PROTO_PACKAGEFS_H
/** @file packagefs.h
 * Clients of the package file systems; see packagefs.def. */
#define PROTO_NAME packagefs
#define PROTO_TABLE <proto/packagefs.def>
#include <proto/client.h>

#define PACKAGEFS_PATH_MAX 1024
#define PACKAGEFS_READ_MAX 1024
#define PACKAGEFS_NAME_MAX 32

/** One entry of a folder in an answer of read_dir: this, then the name. */
struct packagefs_entry {
	uint64_t size_bytes;
	uint16_t record_bytes; /* of this entry, name and pad to 8 included */
	uint16_t name_bytes;
	uint8_t type;  /* EPK_TYPE_* */
	uint8_t flags; /* EPK_FLAG_* */
	uint8_t reserved[2];
};
#endif /* PROTO_PACKAGEFS_H */

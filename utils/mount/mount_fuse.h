/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_MOUNT_FUSE_H
#define EPK_TOOL_MOUNT_FUSE_H
/* libfuse's low level, and the operations of a mounted image. */
#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "mount_server.h"

/* Contents never change, so the kernel keeps what it has seen. */
#define MOUNT_KEEP_S 86400.0

extern const struct fuse_lowlevel_ops mount_operations;

/* mount_read.c, mount_folder.c: the larger operations. */
void mount_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
		struct fuse_file_info *info);
void mount_readdir(fuse_req_t request, fuse_ino_t inode, size_t size,
		   off_t offset, struct fuse_file_info *info);
void mount_readdirplus(fuse_req_t request, fuse_ino_t inode, size_t size,
		       off_t offset, struct fuse_file_info *info);

/** The server of a request; notes that something was asked. */
struct mount_server *mount_server_of(fuse_req_t request);

/** What the kernel is told about a name. */
struct fuse_entry_param mount_entry(mount_inode inode, const struct stat *stat);

#endif /* EPK_TOOL_MOUNT_FUSE_H */

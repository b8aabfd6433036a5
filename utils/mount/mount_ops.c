/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel may ask. Nothing can be changed, and an inode is computed,
 * so nothing is remembered about what the kernel knows. What is missing in
 * the table the kernel is told once. */
#define _GNU_SOURCE
#include "mount_fuse.h"

#include "link.h"
#include "options.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

struct mount_server *mount_server_of(fuse_req_t request)
{
	struct mount_server *server = fuse_req_userdata(request);

	if (server->idle_timeout_s)
		atomic_store_explicit(&server->last_request_s, mount_clock_s(),
				      memory_order_relaxed);
	return server;
}

struct fuse_entry_param mount_entry(mount_inode inode, const struct stat *stat)
{
	return (struct fuse_entry_param){
		.ino = inode,
		.generation = 1,
		.attr = *stat,
		.attr_timeout = MOUNT_KEEP_S,
		.entry_timeout = MOUNT_KEEP_S,
	};
}

static void want_if_capable(struct fuse_conn_info *connection, unsigned flags)
{
	connection->want |= connection->capable & flags;
}

static void op_init(void *context, struct fuse_conn_info *connection)
{
	struct mount_server *server = context;

	want_if_capable(connection, FUSE_CAP_ASYNC_READ | FUSE_CAP_READDIRPLUS |
					    FUSE_CAP_PARALLEL_DIROPS |
					    FUSE_CAP_CACHE_SYMLINKS |
					    FUSE_CAP_NO_OPEN_SUPPORT |
					    FUSE_CAP_NO_OPENDIR_SUPPORT |
					    FUSE_CAP_EXPLICIT_INVAL_DATA);
	/* Folders always with attributes: asking for each name costs more. */
	connection->want &=
		~(unsigned)(FUSE_CAP_READDIRPLUS_AUTO |
			    FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_SPLICE_READ |
			    FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
	server->open_needed = !(connection->capable & FUSE_CAP_NO_OPEN_SUPPORT);
	server->opendir_needed =
		!(connection->capable & FUSE_CAP_NO_OPENDIR_SUPPORT);
	if (server->ready)
		server->ready(server);
}

/* A name that is not there is remembered too: inode 0. */
static void op_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct mount_server *server = mount_server_of(request);
	struct fuse_entry_param entry;
	mount_inode inode = 0;
	struct stat stat = { 0 };
	uint32_t index;
	epk_status_t status = EPK_ERR_NOT_FOLDER;

	if (parent == inode_of_node(0) && is_manifest_path(name)) {
		inode = inode_of_manifest(server);
		status = EPK_OK;
	} else if (parent != inode_of_manifest(server)) {
		status = epk_child_lookup(server->image.image,
					  (uint32_t)(parent - 1), name,
					  strlen(name), &index);
		if (status == EPK_OK)
			inode = inode_of_node(index);
	}
	if (status && status != EPK_ERR_NOT_FOUND) {
		fuse_reply_err(request, ENOTDIR);
		return;
	}
	if (inode)
		inode_stat(server, inode, &stat);
	entry = mount_entry(inode, &stat);
	fuse_reply_entry(request, &entry);
}

static void op_getattr(fuse_req_t request, fuse_ino_t inode,
		       struct fuse_file_info *info)
{
	struct mount_server *server = mount_server_of(request);
	struct stat stat;

	(void)info;
	if (inode_stat(server, inode, &stat))
		fuse_reply_attr(request, &stat, MOUNT_KEEP_S);
	else
		fuse_reply_err(request, ENOENT);
}

static void op_readlink(fuse_req_t request, fuse_ino_t inode)
{
	struct mount_server *server = mount_server_of(request);
	char target[LINK_TARGET_SIZE];
	struct epk_node node;

	if (inode_node(server, inode, &node) &&
	    link_target(server->image.image, &node, target))
		fuse_reply_readlink(request, target);
	else
		fuse_reply_err(request, EINVAL);
}

/* Told ENOSYS once, the kernel opens and keeps without asking. */
static void op_open(fuse_req_t request, fuse_ino_t inode,
		    struct fuse_file_info *info)
{
	(void)inode;
	if (!mount_server_of(request)->open_needed) {
		fuse_reply_err(request, ENOSYS);
		return;
	}
	info->keep_cache = 1;
	fuse_reply_open(request, info);
}

static void op_opendir(fuse_req_t request, fuse_ino_t inode,
		       struct fuse_file_info *info)
{
	(void)inode;
	if (!mount_server_of(request)->opendir_needed) {
		fuse_reply_err(request, ENOSYS);
		return;
	}
	info->keep_cache = 1;
	info->cache_readdir = 1;
	fuse_reply_open(request, info);
}

static void op_statfs(fuse_req_t request, fuse_ino_t inode)
{
	struct mount_server *server = mount_server_of(request);
	const struct epk_header *header = &server->image.image->header;
	const struct statvfs stat = {
		.f_bsize = EPK_PAGE_SIZE,
		.f_frsize = EPK_PAGE_SIZE,
		.f_blocks = (header->image_size + EPK_PAGE_SIZE - 1) /
			    EPK_PAGE_SIZE,
		.f_files = header->node_count + 1, /* and the manifest */
		.f_namemax = EPK_NAME_MAX,
	};

	(void)inode;
	fuse_reply_statfs(request, &stat);
}

const struct fuse_lowlevel_ops mount_operations = {
	.init = op_init,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.readlink = op_readlink,
	.open = op_open,
	.read = mount_read,
	.opendir = op_opendir,
	.readdir = mount_readdir,
	.readdirplus = mount_readdirplus,
	.statfs = op_statfs,
};

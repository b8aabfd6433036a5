/* SPDX-License-Identifier: BSD-2-Clause */
/* Inodes are computed from nodes; nothing is remembered about any. */
#define _GNU_SOURCE
#include "mount_server.h"

#include "link.h"

bool inode_node(const struct mount_server *server, mount_inode inode,
		struct epk_node *out_node)
{
	if (inode == 0 || inode > server->image.image->header.node_count)
		return false;
	return epk_node_get(server->image.image, (uint32_t)(inode - 1),
			    out_node) == EPK_OK;
}

static uint64_t shown_size(const struct mount_server *server,
			   const struct epk_node *node)
{
	char target[LINK_TARGET_SIZE];

	if (node->type == EPK_TYPE_ALIAS)
		return link_target(server->image.image, node, target);
	return node->size_bytes;
}

/* What the whole image has in common. */
static struct stat common_stat(const struct mount_server *server,
			       mount_inode inode, mode_t mode, uint64_t size)
{
	const struct epk_header *header = &server->image.image->header;
	const struct timespec epoch = { .tv_sec = (time_t)header->build_epoch };

	return (struct stat){
		.st_ino = inode,
		.st_mode = mode,
		.st_nlink = 1, /* also of a folder: not counted */
		.st_uid = server->uid,
		.st_gid = server->gid,
		.st_size = (off_t)size,
		.st_blocks = (blkcnt_t)((size + 511) / 512),
		.st_blksize = (blksize_t)epk_block_size(server->image.image),
		.st_atim = epoch,
		.st_mtim = epoch,
		.st_ctim = epoch,
	};
}

void node_stat(const struct mount_server *server, const struct epk_node *node,
	       struct stat *out_stat)
{
	static const mode_t types[] = {
		[EPK_TYPE_FOLDER] = S_IFDIR,
		[EPK_TYPE_FILE] = S_IFREG,
		[EPK_TYPE_ALIAS] = S_IFLNK,
		[EPK_TYPE_LINK] = S_IFLNK,
	};
	mode_t mode =
		types[node->type] |
		(node->type == EPK_TYPE_ALIAS ? 0777 : epk_node_mode(node));

	*out_stat = common_stat(server, inode_of_node(node->index), mode,
				shown_size(server, node));
}

bool inode_stat(const struct mount_server *server, mount_inode inode,
		struct stat *out_stat)
{
	struct epk_node node;

	if (inode == inode_of_manifest(server)) {
		*out_stat =
			common_stat(server, inode, S_IFREG | 0444,
				    server->image.image->manifest.text_size);
		return true;
	}
	if (!inode_node(server, inode, &node))
		return false;
	node_stat(server, &node, out_stat);
	return true;
}

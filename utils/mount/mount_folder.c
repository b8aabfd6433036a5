/* SPDX-License-Identifier: BSD-2-Clause */
/* Listing folders. A position is a number: two for "." and "..", then the
 * children in their order, then in the root the manifest. */
#define _GNU_SOURCE
#include "mount_fuse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CHILD 2u

struct entry {
	char name[EPK_NAME_MAX + 1];
	struct stat stat;
};

static bool child_entry(const struct mount_server *server, uint32_t folder,
			uint32_t position, struct entry *out_entry)
{
	struct epk_node node;

	if (epk_child_get(server->image.image, folder, position, &node))
		return false;
	memcpy(out_entry->name, node.name, node.name_size);
	out_entry->name[node.name_size] = '\0';
	node_stat(server, &node, &out_entry->stat);
	return true;
}

/* The entry at a position; false behind the last. */
static bool entry_at(const struct mount_server *server,
		     const struct epk_node *folder, uint64_t position,
		     struct entry *out_entry)
{
	if (position == 0) {
		strcpy(out_entry->name, ".");
		return inode_stat(server, inode_of_node(folder->index),
				  &out_entry->stat);
	}
	if (position == 1) {
		strcpy(out_entry->name, "..");
		return inode_stat(server, inode_of_node(folder->parent),
				  &out_entry->stat);
	}
	if (position - FIRST_CHILD < folder->count)
		return child_entry(server, folder->index,
				   (uint32_t)(position - FIRST_CHILD),
				   out_entry);
	if (folder->index != 0 || position - FIRST_CHILD != folder->count)
		return false;
	strcpy(out_entry->name, "manifest.toml");
	return inode_stat(server, inode_of_manifest(server), &out_entry->stat);
}

/* Bytes that the entry takes, also when it does not fit. */
static size_t add_entry(fuse_req_t request, bool plus, char *buffer,
			size_t room, const struct entry *entry,
			uint64_t position)
{
	struct fuse_entry_param param;

	if (!plus)
		return fuse_add_direntry(request, buffer, room, entry->name,
					 &entry->stat, (off_t)position + 1);
	/* These two are no lookups, whatever the flavour. */
	param = mount_entry(position < FIRST_CHILD ? 0 : entry->stat.st_ino,
			    &entry->stat);
	return fuse_add_direntry_plus(request, buffer, room, entry->name,
				      &param, (off_t)position + 1);
}

static void list(fuse_req_t request, fuse_ino_t inode, size_t size,
		 uint64_t position, bool plus)
{
	struct mount_server *server = mount_server_of(request);
	struct epk_node folder;
	struct entry entry;
	size_t used = 0;
	char *buffer;

	if (!inode_node(server, inode, &folder) ||
	    folder.type != EPK_TYPE_FOLDER) {
		fuse_reply_err(request, ENOTDIR);
		return;
	}
	buffer = malloc(size);
	if (!buffer) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	while (entry_at(server, &folder, position, &entry)) {
		size_t more = add_entry(request, plus, buffer + used,
					size - used, &entry, position);

		if (more > size - used)
			break;
		used += more;
		position++;
	}
	fuse_reply_buf(request, buffer, used);
	free(buffer);
}

void mount_readdir(fuse_req_t request, fuse_ino_t inode, size_t size,
		   off_t offset, struct fuse_file_info *info)
{
	(void)info;
	list(request, inode, size, (uint64_t)offset, false);
}

void mount_readdirplus(fuse_req_t request, fuse_ino_t inode, size_t size,
		       off_t offset, struct fuse_file_info *info)
{
	(void)info;
	list(request, inode, size, (uint64_t)offset, true);
}

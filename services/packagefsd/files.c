/* SPDX-License-Identifier: BSD-2-Clause
 * Names and handles: open, stat, read_dir, close; and everything that would
 * change a package, which is one answer.
 */
#include "packagefsd.h"

static nx_status_t find_node(struct packagefs *fs, const uint8_t *path,
			     size_t path_bytes, struct mount **out_mount,
			     struct epk_node *out_node)
{
	const char *rest;
	size_t rest_bytes;
	struct mount *mount = mount_of_path(fs, (const char *)path, path_bytes,
					    &rest, &rest_bytes);
	epk_status_t status;
	uint32_t index;

	if (!mount)
		return path[0] == '/' ? NX_ERR_NOT_FOUND : NX_ERR_INVALID_ARGS;
	status = epk_walk(&mount->image.epk, 0, rest, rest_bytes, 0, &index);
	if (status == EPK_OK)
		status = epk_node_get(&mount->image.epk, index, out_node);
	*out_mount = mount;
	return image_status(status);
}

/* A free slot for a client that may have one more. */
static nx_status_t file_add(struct packagefs *fs, uint32_t id,
			    struct mount *mount, uint32_t node,
			    uint32_t *out_number)
{
	struct client *client = client_get(fs, id);
	uint32_t index = 0;

	if (!client || client->file_count == CLIENT_FILES_MAX)
		return NX_ERR_OVER_BUDGET;
	while (index < FILES_MAX && fs->files[index].client)
		index++;
	if (index == FILES_MAX)
		return NX_ERR_OVER_BUDGET;
	fs->files[index].client = id;
	fs->files[index].mount = mount;
	fs->files[index].node = node;
	if (fs->files[index].generation == 0)
		fs->files[index].generation = 1;
	client->file_count++;
	mount->open_count++;
	*out_number = index | fs->files[index].generation << 16;
	return NX_OK;
}

nx_status_t packagefs_serve_open(struct packagefs *fs,
				 struct service_request *request,
				 const uint8_t *path, size_t path_bytes,
				 uint32_t *out_file, uint64_t *out_size_bytes,
				 uint32_t *out_type, uint32_t *out_flags)
{
	struct epk_node node;
	struct mount *mount;
	nx_status_t status;

	status = find_node(fs, path, path_bytes, &mount, &node);
	if (status == NX_OK)
		status = file_add(fs, request->client, mount, node.index,
				  out_file);
	if (status != NX_OK)
		return status;
	*out_size_bytes = node.size_bytes;
	*out_type = node.type;
	*out_flags = node.flags;
	return NX_OK;
}

nx_status_t packagefs_serve_stat(struct packagefs *fs,
				 struct service_request *request,
				 const uint8_t *path, size_t path_bytes,
				 uint32_t *out_type, uint32_t *out_mode,
				 uint64_t *out_size_bytes, uint64_t *out_epoch,
				 uint32_t *out_flags, uint8_t *out_sha256,
				 size_t *out_sha256_bytes)
{
	struct epk_node node;
	struct mount *mount;
	nx_status_t status;

	(void)request;
	status = find_node(fs, path, path_bytes, &mount, &node);
	if (status != NX_OK)
		return status;
	*out_type = node.type;
	*out_mode = epk_node_mode(&node);
	*out_size_bytes = node.size_bytes;
	*out_epoch = mount->image.epk.header.build_epoch;
	*out_flags = node.flags;
	if (node.sha256) {
		memcpy(out_sha256, node.sha256, EPK_DIGEST_SIZE);
		*out_sha256_bytes = EPK_DIGEST_SIZE;
	}
	return NX_OK;
}

/* One record, if it fits behind `used` bytes. */
static bool put_entry(uint8_t *records, size_t *used,
		      const struct epk_node *node)
{
	struct packagefs_entry entry = {
		.size_bytes = node->size_bytes,
		.name_bytes = node->name_size,
		.type = node->type,
		.flags = node->flags,
	};
	size_t size = (sizeof(entry) + node->name_size + 7) & ~(size_t)7;

	if (size > PACKAGEFS_READ_MAX - *used)
		return false;
	entry.record_bytes = (uint16_t)size;
	memset(records + *used, 0, size);
	memcpy(records + *used, &entry, sizeof(entry));
	memcpy(records + *used + sizeof(entry), node->name, node->name_size);
	*used += size;
	return true;
}

nx_status_t packagefs_serve_read_dir(struct packagefs *fs,
				     struct service_request *request,
				     uint32_t number, uint32_t position,
				     uint8_t *out_entries,
				     size_t *out_entries_bytes,
				     uint32_t *out_next)
{
	const struct open_file *file = file_get(fs, request->client, number);
	epk_status_t status;

	if (!file)
		return NX_ERR_BAD_HANDLE;
	for (;;) {
		struct epk_node node;

		status = epk_child_get(&file->mount->image.epk, file->node,
				       position, &node);
		if (status != EPK_OK ||
		    !put_entry(out_entries, out_entries_bytes, &node))
			break;
		position++;
	}
	if (status == EPK_ERR_NOT_FOLDER)
		return NX_ERR_WRONG_KIND;
	*out_next = position;
	return status == EPK_ERR_NOT_FOUND ? NX_OK : image_status(status);
}

nx_status_t packagefs_serve_close(struct packagefs *fs,
				  struct service_request *request,
				  uint32_t number)
{
	struct open_file *file = file_get(fs, request->client, number);

	if (!file)
		return NX_ERR_BAD_HANDLE;
	file_close(fs, file);
	return NX_OK;
}

/* What a package never does, whoever asks. */

nx_status_t packagefs_serve_write(struct packagefs *fs,
				  struct service_request *request,
				  uint32_t file, uint64_t offset,
				  const uint8_t *bytes, size_t bytes_bytes)
{
	(void)offset;
	(void)bytes;
	(void)bytes_bytes;
	return file_get(fs, request->client, file) ? NX_ERR_READ_ONLY
						   : NX_ERR_BAD_HANDLE;
}

nx_status_t packagefs_serve_create(struct packagefs *fs,
				   struct service_request *request,
				   const uint8_t *path, size_t path_bytes)
{
	(void)fs;
	(void)request;
	(void)path;
	(void)path_bytes;
	return NX_ERR_READ_ONLY;
}

nx_status_t packagefs_serve_remove(struct packagefs *fs,
				   struct service_request *request,
				   const uint8_t *path, size_t path_bytes)
{
	return packagefs_serve_create(fs, request, path, path_bytes);
}

nx_status_t packagefs_serve_rename(struct packagefs *fs,
				   struct service_request *request,
				   const uint8_t *paths, size_t paths_bytes)
{
	return packagefs_serve_create(fs, request, paths, paths_bytes);
}

nx_status_t packagefs_serve_set_size(struct packagefs *fs,
				     struct service_request *request,
				     uint32_t file, uint64_t size_bytes)
{
	(void)size_bytes;
	return file_get(fs, request->client, file) ? NX_ERR_READ_ONLY
						   : NX_ERR_BAD_HANDLE;
}

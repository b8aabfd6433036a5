/* SPDX-License-Identifier: BSD-2-Clause
 * Which images are served and under which name. A path begins with the name
 * of a mount or belongs to the mount without a name, the root.
 */
#include "packagefsd.h"

#include <epk/name.h>
#include <nexus/syscalls.h>

static struct mount *find_mount(struct packagefs *fs, const char *name,
				size_t name_bytes)
{
	for (unsigned i = 0; i < MOUNTS_MAX; i++) {
		struct mount *mount = &fs->mounts[i];

		if (mount->used && mount->name_bytes == name_bytes &&
		    memcmp(mount->name, name, name_bytes) == 0)
			return mount;
	}
	return NULL;
}

struct mount *mount_of_path(struct packagefs *fs, const char *path,
			    size_t path_bytes, const char **out_rest,
			    size_t *out_rest_bytes)
{
	size_t end = 1;
	struct mount *mount;

	if (path_bytes == 0 || path[0] != '/')
		return NULL;
	while (end < path_bytes && path[end] != '/')
		end++;
	mount = end > 1 ? find_mount(fs, path + 1, end - 1) : NULL;
	if (!mount) {
		mount = find_mount(fs, "", 0);
		end = 0;
	}
	*out_rest = path + end;
	*out_rest_bytes = path_bytes - end;
	if (*out_rest_bytes == 0) {
		*out_rest = "/";
		*out_rest_bytes = 1;
	}
	return mount;
}

nx_status_t mount_add(struct packagefs *fs, nx_vmo_t vmo, const char *name,
		      size_t name_bytes, struct epk_failure *out_failure,
		      uint32_t *out_mount)
{
	unsigned index = 0;
	struct mount *mount;
	nx_status_t status;

	memset(out_failure, 0, sizeof(*out_failure));
	if (name_bytes >= PACKAGEFS_NAME_MAX ||
	    (name_bytes && !epk_name_valid(name, name_bytes)))
		return NX_ERR_INVALID_ARGS;
	if (find_mount(fs, name, name_bytes))
		return NX_ERR_ALREADY_EXISTS;
	while (index < MOUNTS_MAX && fs->mounts[index].used)
		index++;
	if (index == MOUNTS_MAX)
		return NX_ERR_OVER_BUDGET;
	mount = &fs->mounts[index];
	memset(mount, 0, sizeof(*mount));
	status = image_open(&mount->image, &fs->program->heap, vmo,
			    CACHED_BLOCKS, out_failure);
	if (status != NX_OK)
		return status;
	memcpy(mount->name, name, name_bytes);
	mount->name_bytes = (uint8_t)name_bytes;
	mount->vmo = vmo;
	mount->used = true;
	*out_mount = index;
	return NX_OK;
}

nx_status_t packagefs_serve_mount(struct packagefs *fs,
				  struct service_request *request,
				  nx_vmo_t image, const uint8_t *name,
				  size_t name_bytes, uint32_t *out_mount)
{
	struct epk_failure failure;
	nx_status_t status;

	status = mount_add(fs, image, (const char *)name, name_bytes, &failure,
			   out_mount);
	if (failure.status != EPK_OK)
		client_failed(client_get(fs, request->client), failure.status,
			      failure.stage, failure.index);
	if (status == NX_OK)
		request->caps[0] = NX_HANDLE_NONE; /* the mount's now */
	return status;
}

nx_status_t packagefs_serve_unmount(struct packagefs *fs,
				    struct service_request *request,
				    uint32_t index)
{
	struct mount *mount;

	(void)request;
	if (index >= MOUNTS_MAX || !fs->mounts[index].used)
		return NX_ERR_NOT_FOUND;
	mount = &fs->mounts[index];
	if (mount->open_count || mount->loan_count)
		return NX_ERR_BUSY;
	image_close(&mount->image);
	nx_handle_close(mount->vmo.handle);
	mount->used = false;
	return NX_OK;
}

nx_status_t packagefs_serve_mount_info(
	struct packagefs *fs, struct service_request *request, uint32_t index,
	uint8_t *out_name, size_t *out_name_bytes, uint64_t *out_node_count,
	uint64_t *out_image_bytes, uint64_t *out_epoch)
{
	const struct mount *mount;

	(void)request;
	if (index >= MOUNTS_MAX || !fs->mounts[index].used)
		return NX_ERR_NOT_FOUND;
	mount = &fs->mounts[index];
	memcpy(out_name, mount->name, mount->name_bytes);
	*out_name_bytes = mount->name_bytes;
	*out_node_count = mount->image.epk.header.node_count;
	*out_image_bytes = mount->image.epk.header.image_size;
	*out_epoch = mount->image.epk.header.build_epoch;
	return NX_OK;
}

static uint64_t verified_blocks(const struct mount *mount)
{
	uint32_t bytes = (mount->image.epk.header.block_count + 7) / 8;
	uint64_t count = 0;

	for (uint32_t i = 0; mount->image.mount.verified && i < bytes; i++)
		count += (unsigned)__builtin_popcount(
			mount->image.mount.verified[i]);
	return count;
}

nx_status_t
packagefs_serve_status(struct packagefs *fs, struct service_request *request,
		       uint32_t index, uint64_t *out_copied_bytes,
		       uint64_t *out_lent_bytes, uint64_t *out_live_bytes,
		       uint64_t *out_verified_blocks, uint64_t *out_open_count,
		       uint64_t *out_loan_count)
{
	const struct mount *mount;

	(void)request;
	if (index >= MOUNTS_MAX || !fs->mounts[index].used)
		return NX_ERR_NOT_FOUND;
	mount = &fs->mounts[index];
	*out_copied_bytes = mount->image.mount.bytes_copied;
	*out_lent_bytes = mount->lent_bytes;
	*out_live_bytes = mount->image.mount.splice_live;
	*out_verified_blocks = verified_blocks(mount);
	*out_open_count = mount->open_count;
	*out_loan_count = mount->loan_count;
	return NX_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes by copy: small ones in the answer, large ones straight into memory
 * that the client brought, mapped here for the time of the copy.
 */
#include "packagefsd.h"

#include <nexus/syscalls.h>

static nx_status_t read_at(struct packagefs *fs,
			   const struct service_request *request,
			   const struct open_file *file, uint64_t offset,
			   void *buffer, size_t size, size_t *out_size)
{
	struct epk_mount *mount = &file->mount->image.mount;
	epk_status_t status =
		epk_read(mount, file->node, offset, buffer, size, out_size);

	if (status == EPK_OK)
		return NX_OK;
	if (image_status(status) == NX_ERR_CORRUPT)
		program_print(fs->program,
			      "packagefsd: read refused: %s, block %u\n",
			      epk_status_name(status), mount->failed_block);
	return client_failed(client_get(fs, request->client), status,
			     EPK_STAGE_READ, mount->failed_block);
}

nx_status_t packagefs_serve_read(struct packagefs *fs,
				 struct service_request *request,
				 uint32_t number, uint64_t offset,
				 uint64_t size_bytes, uint8_t *out_bytes,
				 size_t *out_bytes_bytes)
{
	const struct open_file *file = file_get(fs, request->client, number);
	size_t size = 0;
	nx_status_t status;

	if (!file)
		return NX_ERR_BAD_HANDLE;
	if (size_bytes > PACKAGEFS_READ_MAX)
		return NX_ERR_TOO_BIG;
	status = read_at(fs, request, file, offset, out_bytes,
			 (size_t)size_bytes, &size);
	if (status == NX_OK)
		*out_bytes_bytes = size;
	return status;
}

nx_status_t packagefs_serve_read_into(struct packagefs *fs,
				      struct service_request *request,
				      uint32_t number, uint64_t offset,
				      uint64_t size_bytes,
				      uint64_t memory_offset, nx_vmo_t memory,
				      uint64_t *out_count)
{
	const struct open_file *file = file_get(fs, request->client, number);
	const nx_process_t self = { NX_HANDLE_NONE };
	uint64_t skip = memory_offset % NX_PAGE_SIZE;
	uint64_t room = skip + size_bytes;
	nx_uaddr_t mapped;
	nx_status_t status;
	size_t size = 0;

	if (!file)
		return NX_ERR_BAD_HANDLE;
	if (size_bytes == 0)
		return NX_OK;
	if (size_bytes > READ_INTO_MAX)
		return NX_ERR_TOO_BIG;
	room = (room + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
	status = nx_map(self, memory, memory_offset - skip, room,
			NX_MAP_READ | NX_MAP_WRITE, 0, &mapped);
	if (status != NX_OK)
		return status;
	status = read_at(fs, request, file, offset,
			 (uint8_t *)(uintptr_t)mapped + skip,
			 (size_t)size_bytes, &size);
	nx_unmap_protect(self, mapped, room, 0);
	if (status == NX_OK)
		*out_count = size;
	return status;
}

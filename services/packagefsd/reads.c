/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes by copy: small ones in the answer, large ones straight into memory
 * that the client brought. That is never mapped here: the client can take it
 * back at any moment, and a mapping goes with it.
 */
#include "packagefsd.h"

#include <nexus/syscalls.h>

static nx_status_t read_failed(struct packagefs *fs,
			       const struct service_request *request,
			       const struct open_file *file,
			       epk_status_t status)
{
	const struct epk_mount *mount = &file->mount->image.mount;

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
	epk_status_t status;

	if (!file)
		return NX_ERR_BAD_HANDLE;
	if (size_bytes > PACKAGEFS_READ_MAX)
		return NX_ERR_TOO_BIG;
	status = epk_read(&file->mount->image.mount, file->node, offset,
			  out_bytes, (size_t)size_bytes, &size);
	if (status != EPK_OK)
		return read_failed(fs, request, file, status);
	*out_bytes_bytes = size;
	return NX_OK;
}

/** Where the bytes of a read_into go. */
struct into {
	nx_vmo_t memory;
	uint64_t offset;
	nx_status_t status; /* of the copy, when that is what failed */
};

static epk_status_t put_into(void *context, const void *bytes,
			     size_t size_bytes)
{
	struct into *into = context;

	into->status =
		nx_vmo_write(into->memory, into->offset, bytes, size_bytes);
	into->offset += size_bytes;
	return into->status == NX_OK ? EPK_OK : EPK_ERR_IO;
}

nx_status_t packagefs_serve_read_into(struct packagefs *fs,
				      struct service_request *request,
				      uint32_t number, uint64_t offset,
				      uint64_t size_bytes,
				      uint64_t memory_offset, nx_vmo_t memory,
				      uint64_t *out_count)
{
	const struct open_file *file = file_get(fs, request->client, number);
	struct into into = { memory, memory_offset, NX_OK };
	epk_status_t status;
	uint64_t end;

	if (!file)
		return NX_ERR_BAD_HANDLE;
	if (size_bytes > READ_INTO_MAX)
		return NX_ERR_TOO_BIG;
	if (__builtin_add_overflow(memory_offset, size_bytes, &end))
		return NX_ERR_OUT_OF_RANGE;
	status = epk_read_each(&file->mount->image.mount, file->node, offset,
			       size_bytes, put_into, &into, out_count);
	if (into.status != NX_OK)
		return into.status;
	if (status != EPK_OK)
		return read_failed(fs, request, file, status);
	return NX_OK;
}

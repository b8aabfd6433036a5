/* SPDX-License-Identifier: BSD-2-Clause
 * A program's file: by loan if it is MAPPED in its package, so that its text
 * is never copied; else a copy, sealed before it may be executed.
 */
#include "execd.h"

#include <crt/text.h>
#include <epk/format.h>
#include <nexus/syscalls.h>

#define PATH_MAX_BYTES 512
#define PROGRAM_BYTES_MAX (UINT64_C(16) << 20)

static nx_status_t open_named(struct execd *execd, const char *path,
			      struct package_file *out_file)
{
	static const char *const folders[] = { "/binary", "/system/binary" };
	nx_status_t status = NX_ERR_NOT_FOUND;

	if (path[0] == '/')
		return package_open(execd->program->buffer, execd->packages,
				    path, out_file);
	for (unsigned i = 0; i < 2 && status == NX_ERR_NOT_FOUND; i++) {
		char full[PATH_MAX_BYTES];

		text_format(full, sizeof(full), "%s/%s", folders[i], path);
		status = package_open(execd->program->buffer, execd->packages,
				      full, out_file);
	}
	return status;
}

static nx_status_t get_bytes(struct program_file *file)
{
	nx_status_t status;

	if (file->file.type != EPK_TYPE_FILE ||
	    (file->file.flags & EPK_FLAG_EXEC) == 0 ||
	    file->file.size_bytes == 0 ||
	    file->file.size_bytes > PROGRAM_BYTES_MAX)
		return NX_ERR_NOT_EXECUTABLE;
	status = package_read_all(&file->file, PACKAGE_ANY_WAY, &file->bytes);
	if (status == NX_OK && !file->bytes.lent)
		status = nx_vmo_seal(file->bytes.vmo, NX_SEAL_WRITE);
	if (status != NX_OK)
		package_release(&file->file, &file->bytes);
	return status;
}

nx_status_t program_file_open(struct execd *execd, const char *path,
			      struct program_file *out_file)
{
	nx_status_t status;

	memset(out_file, 0, sizeof(*out_file));
	status = open_named(execd, path, &out_file->file);
	if (status != NX_OK)
		return status;
	status = get_bytes(out_file);
	if (status != NX_OK)
		package_close(&out_file->file);
	return status;
}

void program_file_close(struct program_file *file)
{
	package_release(&file->file, &file->bytes);
	package_close(&file->file);
}

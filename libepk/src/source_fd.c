/* SPDX-License-Identifier: BSD-2-Clause */
/* An open file or block device as a source. */
#define _POSIX_C_SOURCE 200809L
#include <epk/host.h>

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static int fd_of(void *context)
{
	return (int)(intptr_t)context;
}

static epk_status_t read_exactly(void *context, uint64_t offset, void *buffer,
				 size_t size_bytes)
{
	uint8_t *at = buffer;

	while (size_bytes != 0) {
		const size_t part = size_bytes < INT_MAX ? size_bytes : INT_MAX;
		const ssize_t got =
			pread(fd_of(context), at, part, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return EPK_ERR_IO;
		at += got;
		offset += (uint64_t)got;
		size_bytes -= (size_t)got;
	}
	return EPK_OK;
}

/* A block device has no size of its own to stat; its end has an offset. */
static epk_status_t find_size(int fd, struct epk_source *source)
{
	struct stat status;
	off_t end;

	if (fstat(fd, &status) != 0)
		return EPK_ERR_IO;
	if (S_ISREG(status.st_mode)) {
		source->size_bytes = (uint64_t)status.st_size;
		return EPK_OK;
	}
	if (!S_ISBLK(status.st_mode))
		return EPK_ERR_IO;
	end = lseek(fd, 0, SEEK_END);
	if (end < 0)
		return EPK_ERR_IO;
	source->size_bytes = (uint64_t)end;
	source->flags = EPK_SOURCE_ROUNDED;
	return EPK_OK;
}

epk_status_t epk_source_from_fd(int fd, struct epk_source *out_source)
{
	struct epk_source source = {
		.context = (void *)(intptr_t)fd,
		.read = read_exactly,
	};
	const epk_status_t status = find_size(fd, &source);

	if (status == EPK_OK)
		*out_source = source;
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "transfer.h"

#include <errno.h>
#include <unistd.h>

/* Where the file stands, in place of an offset. */
#define HERE UINT64_MAX

static bool write_to(int fd, const char *from, size_t size_bytes,
		     uint64_t offset)
{
	for (size_t done = 0; done < size_bytes;) {
		const size_t left = size_bytes - done;
		const ssize_t count = offset == HERE
					      ? write(fd, from + done, left)
					      : pwrite(fd, from + done, left,
						       (off_t)(offset + done));

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		done += (size_t)count;
	}
	return true;
}

static ssize_t read_from(int fd, char *to, size_t size_bytes, uint64_t offset)
{
	size_t done = 0;

	while (done < size_bytes) {
		const size_t left = size_bytes - done;
		const ssize_t count = offset == HERE
					      ? read(fd, to + done, left)
					      : pread(fd, to + done, left,
						      (off_t)(offset + done));

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		if (count == 0)
			break;
		done += (size_t)count;
	}
	return (ssize_t)done;
}

bool write_all(int fd, const void *bytes, size_t size_bytes)
{
	return write_to(fd, bytes, size_bytes, HERE);
}

bool write_all_at(int fd, const void *bytes, size_t size_bytes, uint64_t offset)
{
	return write_to(fd, bytes, size_bytes, offset);
}

ssize_t read_full(int fd, void *bytes, size_t size_bytes)
{
	return read_from(fd, bytes, size_bytes, HERE);
}

ssize_t read_full_at(int fd, void *bytes, size_t size_bytes, uint64_t offset)
{
	return read_from(fd, bytes, size_bytes, offset);
}

bool read_all_at(int fd, void *bytes, size_t size_bytes, uint64_t offset)
{
	const ssize_t count = read_from(fd, bytes, size_bytes, offset);

	if (count >= 0 && (size_t)count < size_bytes)
		errno = EIO;
	return count == (ssize_t)size_bytes;
}

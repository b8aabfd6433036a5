/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip made plain by zlib, which checks what it decodes; members may follow
 * each other, and zeros may follow the last. */
#include "tar_bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define GZIP_INPUT (64u * 1024)

struct tar_gzip {
	struct tar_bytes from;
	z_stream stream;
	bool begun;	/* the first bytes are here */
	bool decoding;	/* they are gzip's */
	bool in_member; /* its end is not reached */
	bool ended;	/* nothing but zeros may follow */
	uint8_t input[GZIP_INPUT];
};

static ssize_t fd_read(void *context, void *buffer, size_t size)
{
	const int fd = *(const int *)context;
	ssize_t count;

	do
		count = read(fd, buffer, size);
	while (count < 0 && errno == EINTR);
	return count;
}

struct tar_bytes tar_bytes_of_fd(const int *fd)
{
	return (struct tar_bytes){ .read = fd_read,
				   .context = (void *)(uintptr_t)fd };
}

bool tar_gzip_create(const struct tar_bytes *from, struct tar_gzip **out_gzip)
{
	struct tar_gzip *gzip = calloc(1, sizeof(*gzip));

	if (!gzip)
		return false;
	gzip->from = *from;
	if (inflateInit2(&gzip->stream, 15 + 16) != Z_OK) {
		free(gzip);
		return false;
	}
	*out_gzip = gzip;
	return true;
}

void tar_gzip_destroy(struct tar_gzip *gzip)
{
	if (!gzip)
		return;
	inflateEnd(&gzip->stream);
	free(gzip);
}

/** At least two bytes of input, if there are that many; -1 with errno. */
static int fill(struct tar_gzip *gzip)
{
	z_stream *stream = &gzip->stream;

	if (stream->avail_in)
		memmove(gzip->input, stream->next_in, stream->avail_in);
	stream->next_in = gzip->input;
	while (stream->avail_in < 2) {
		const size_t room = GZIP_INPUT - stream->avail_in;
		const ssize_t count =
			gzip->from.read(gzip->from.context,
					gzip->input + stream->avail_in, room);

		if (count < 0)
			return -1;
		if (count == 0)
			break;
		stream->avail_in += (uInt)count;
	}
	return 0;
}

static ssize_t damaged(void)
{
	errno = EBADMSG;
	return -1;
}

/** Behind a member: another one, or zeros to the end; false with errno. */
static bool next_member(struct tar_gzip *gzip)
{
	z_stream *stream = &gzip->stream;

	if (fill(gzip) != 0)
		return false;
	if (stream->avail_in >= 2 && stream->next_in[0] == 0x1f &&
	    stream->next_in[1] == 0x8b && !gzip->ended) {
		gzip->in_member = inflateReset(stream) == Z_OK;
		return gzip->in_member || damaged() == 0;
	}
	gzip->ended = true;
	for (; stream->avail_in; stream->avail_in--) {
		if (*stream->next_in++ != 0)
			return damaged() == 0;
	}
	return true;
}

/** Some bytes of the member, or none at its end; -1 with errno. */
static ssize_t inflate_some(struct tar_gzip *gzip, void *buffer, size_t size)
{
	z_stream *stream = &gzip->stream;

	stream->next_out = buffer;
	stream->avail_out = (uInt)size;
	while (stream->avail_out == size) {
		int result;

		if (stream->avail_in == 0 && fill(gzip) != 0)
			return -1;
		if (stream->avail_in == 0)
			return damaged();
		result = inflate(stream, Z_NO_FLUSH);
		if (result == Z_STREAM_END) {
			gzip->in_member = false;
			break;
		}
		if (result == Z_MEM_ERROR) {
			errno = ENOMEM;
			return -1;
		}
		if (result != Z_OK)
			return damaged();
	}
	return (ssize_t)(size - stream->avail_out);
}

static ssize_t plain_read(struct tar_gzip *gzip, void *buffer, size_t size)
{
	z_stream *stream = &gzip->stream;

	if (stream->avail_in == 0)
		return gzip->from.read(gzip->from.context, buffer, size);
	if (size > stream->avail_in)
		size = stream->avail_in;
	memcpy(buffer, stream->next_in, size);
	stream->next_in += size;
	stream->avail_in -= (uInt)size;
	return (ssize_t)size;
}

static ssize_t gzip_read(void *context, void *buffer, size_t size)
{
	struct tar_gzip *gzip = context;
	z_stream *stream = &gzip->stream;

	if (size > UINT32_C(1) << 30)
		size = UINT32_C(1) << 30;
	if (!gzip->begun) {
		if (fill(gzip) != 0)
			return -1;
		gzip->begun = true;
		gzip->decoding = stream->avail_in >= 2 &&
				 stream->next_in[0] == 0x1f &&
				 stream->next_in[1] == 0x8b;
		gzip->in_member = gzip->decoding;
	}
	if (!gzip->decoding)
		return plain_read(gzip, buffer, size);
	for (;;) {
		ssize_t count = 0;

		if (gzip->in_member)
			count = inflate_some(gzip, buffer, size);
		if (count != 0)
			return count;
		if (!gzip->in_member && !next_member(gzip))
			return -1;
		if (!gzip->in_member && stream->avail_in == 0) {
			if (fill(gzip) != 0)
				return -1;
			if (stream->avail_in == 0)
				return 0;
		}
	}
}

struct tar_bytes tar_gzip_bytes(struct tar_gzip *gzip)
{
	return (struct tar_bytes){ .read = gzip_read, .context = gzip };
}

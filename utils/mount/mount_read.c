/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading files: from a cached block straight to the kernel, or gathered
 * from several. Every block was verified when it was decoded. */
#define _GNU_SOURCE
#include "mount_fuse.h"

#include "mount_ahead.h"
#include "mount_cache.h"
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CACHE_BYTES (6u << 20)
#define SLOTS_MIN 4u
#define SCRATCHES_MAX 4u

static epk_status_t fill(void *context, uint32_t key, uint8_t *scratch,
			 uint8_t *plain)
{
	const struct mount_server *server = context;
	const struct epk_image *image = server->image.image;
	struct epk_block block;
	const uint8_t *bytes;
	epk_status_t status = epk_block_get(image, key, &block);

	if (status == EPK_OK)
		status = epk_block_read(image, key, scratch, plain, &bytes);
	if (status == EPK_OK && bytes != plain)
		memcpy(plain, bytes, block.plain_size);
	return status;
}

static uint32_t clamp(long value, uint32_t least, uint32_t most)
{
	if (value < (long)least)
		return least;
	return value > (long)most ? most : (uint32_t)value;
}

bool mount_read_init(struct mount_server *server)
{
	const uint32_t size = epk_block_size(server->image.image);
	const uint32_t scratches =
		clamp(sysconf(_SC_NPROCESSORS_ONLN), 1, SCRATCHES_MAX);
	const struct block_cache_settings settings = {
		.slots = clamp((long)(CACHE_BYTES / size) - (long)scratches,
			       SLOTS_MIN, UINT32_MAX),
		.scratches = scratches,
		.block_size = size,
		.fill = fill,
		.context = server,
	};

	server->cache = block_cache_create(&settings);
	if (!server->cache)
		return memory_error(server->options, server->image.file);
	server->ahead = mount_ahead_create(server->cache);
	return true;
}

void mount_read_fini(struct mount_server *server)
{
	mount_ahead_destroy(server->ahead);
	block_cache_destroy(server->cache);
}

/* A range of a file's plain bytes, in terms of its blocks. */
struct range {
	struct epk_node node;
	uint64_t offset;
	size_t size; /* > 0, within the file */
};

struct place {
	uint32_t block;
	uint32_t inside;
	size_t size;
};

/* The part of the range that lies in the block of its byte `done`. */
static struct place place_at(const struct mount_server *server,
			     const struct range *range, size_t done)
{
	const struct epk_image *image = server->image.image;
	const uint64_t at = range->node.at + range->offset + done;
	const uint32_t full = epk_block_size(image);
	struct place place = {
		.block = range->node.first +
			 (uint32_t)(at >> image->header.block_log2),
		.inside = (uint32_t)(at & (full - 1)),
		.size = range->size - done,
	};

	if (place.size > full - place.inside)
		place.size = full - place.inside;
	return place;
}

static int error_of(epk_status_t status)
{
	return status == EPK_ERR_NO_MEMORY ? ENOMEM : EIO;
}

static int hold(struct mount_server *server, const struct range *range,
		uint32_t block, struct block_hold *out_hold)
{
	epk_status_t status = block_cache_get(server->cache, block, out_hold);

	if (status == EPK_OK)
		return 0;
	mount_log_block(server, range->node.index, block, status);
	return error_of(status);
}

/* Within one block the kernel takes the bytes out of the cache itself. */
static void reply_one(fuse_req_t request, struct mount_server *server,
		      const struct range *range, const struct place *place)
{
	struct block_hold held;
	int error = hold(server, range, place->block, &held);

	if (error) {
		fuse_reply_err(request, error);
		return;
	}
	fuse_reply_buf(request, (const char *)held.bytes + place->inside,
		       place->size);
	block_cache_put(server->cache, &held);
}

/* One block is held at a time, as the cache wants it. */
static void reply_gathered(fuse_req_t request, struct mount_server *server,
			   const struct range *range)
{
	char *buffer = malloc(range->size);
	int error = buffer ? 0 : ENOMEM;

	for (size_t done = 0; !error && done < range->size;) {
		struct place place = place_at(server, range, done);
		struct block_hold held;

		error = hold(server, range, place.block, &held);
		if (!error) {
			memcpy(buffer + done, held.bytes + place.inside,
			       place.size);
			block_cache_put(server->cache, &held);
			done += place.size;
		}
	}
	if (error)
		fuse_reply_err(request, error);
	else
		fuse_reply_buf(request, buffer, range->size);
	free(buffer);
}

/* Says what was read, so that the next block can be decoded meanwhile. */
static void note(struct mount_server *server, const struct range *range)
{
	const struct epk_header *header = &server->image.image->header;
	struct place last = place_at(server, range, range->size - 1);
	const uint32_t end = range->node.flags & EPK_FLAG_SHARED
				     ? header->block_count
				     : range->node.first + range->node.count;
	const uint32_t next =
		last.block + 1 < end ? last.block + 1 : EPK_NO_INDEX;

	if (!server->ahead)
		return;
	if (range->node.flags & EPK_FLAG_SHARED)
		mount_ahead_note_shared(server->ahead, last.block, next);
	else
		mount_ahead_note(server->ahead,
				 &(struct mount_ahead_read){
					 .node = range->node.index,
					 .next_block = next,
					 .offset = range->offset,
					 .end = range->offset + range->size });
}

/* The part of size bytes at offset that is there. */
static size_t clip(uint64_t file_size, uint64_t offset, size_t size)
{
	if (offset >= file_size)
		return 0;
	return size < file_size - offset ? size : (size_t)(file_size - offset);
}

static void reply_manifest(fuse_req_t request,
			   const struct epk_manifest *manifest, size_t size,
			   uint64_t offset)
{
	size = clip(manifest->text_size, offset, size);
	fuse_reply_buf(request, size ? manifest->text + offset : NULL, size);
}

void mount_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
		struct fuse_file_info *info)
{
	struct mount_server *server = mount_server_of(request);
	struct range range = { .offset = (uint64_t)offset };
	struct place place;

	(void)info;
	if (inode == inode_of_manifest(server)) {
		reply_manifest(request, &server->image.image->manifest, size,
			       range.offset);
		return;
	}
	if (!inode_node(server, inode, &range.node) ||
	    range.node.type != EPK_TYPE_FILE) {
		fuse_reply_err(request, EINVAL);
		return;
	}
	range.size = clip(range.node.size_bytes, range.offset, size);
	if (range.size == 0) {
		fuse_reply_buf(request, NULL, 0);
		return;
	}
	note(server, &range);
	place = place_at(server, &range, 0);
	if (place.size == range.size)
		reply_one(request, server, &range, &place);
	else
		reply_gathered(request, server, &range);
}

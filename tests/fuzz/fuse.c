/* SPDX-License-Identifier: BSD-2-Clause */
/* The requests of a mounted image, through the table that libfuse calls, with
 * libfuse's replies taken over here: any inode, name, offset and size, on
 * images whose blocks may be bad. Every request is answered exactly once. */

#include "../../utils/common/tool.h"
#include "../../utils/epk/options.h"
#include "../../utils/mount/mount_ahead.h"
#include "../../utils/mount/mount_cache.h"
#include "../../utils/mount/mount_fuse.h"
#include "image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS 20u

static struct mount_server server;
static const struct options options;
static uint32_t replies; /* of one request */
static uint32_t good_count;
static uint32_t error_count[200];
static size_t asked; /* bytes that a read or a listing may answer */

/* ---- libfuse ---- */

void *fuse_req_userdata(fuse_req_t request)
{
	(void)request;
	return &server;
}

static int replied(void)
{
	replies++;
	good_count++;
	return 0;
}

int fuse_reply_err(fuse_req_t request, int error)
{
	(void)request;
	fuzz_must(error > 0 && error < 200, "an error is an errno");
	error_count[error]++;
	replies++;
	return 0;
}

static void check_stat(const struct stat *stat)
{
	fuzz_must((stat->st_mode & 0222) == 0 || S_ISLNK(stat->st_mode),
		  "nothing can be written");
	fuzz_must(stat->st_size >= 0 && stat->st_ino != 0,
		  "a node has a size and a number");
}

int fuse_reply_entry(fuse_req_t request, const struct fuse_entry_param *entry)
{
	(void)request;
	if (entry->ino != 0)
		check_stat(&entry->attr);
	return replied();
}

int fuse_reply_attr(fuse_req_t request, const struct stat *stat, double timeout)
{
	(void)request;
	(void)timeout;
	check_stat(stat);
	return replied();
}

int fuse_reply_readlink(fuse_req_t request, const char *target)
{
	(void)request;
	fuzz_must(*target != '\0' && *target != '/' && strlen(target) < 8192,
		  "a link leads somewhere in the tree");
	return replied();
}

int fuse_reply_open(fuse_req_t request, const struct fuse_file_info *info)
{
	(void)request;
	(void)info;
	return replied();
}

int fuse_reply_buf(fuse_req_t request, const char *bytes, size_t size)
{
	static volatile uint8_t sum;

	(void)request;
	fuzz_must(size <= asked, "no more than was asked for");
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + (uint8_t)bytes[i]);
	return replied();
}

int fuse_reply_statfs(fuse_req_t request, const struct statvfs *stat)
{
	(void)request;
	(void)stat;
	return replied();
}

/* As libfuse has it: a header, the name, up to eight bytes. */
static size_t add(char *buffer, size_t room, size_t header, const char *name)
{
	const size_t size = (header + strlen(name) + 7) & ~(size_t)7;

	fuzz_must(*name != '\0' && strlen(name) <= EPK_NAME_MAX &&
			  strchr(name, '/') == NULL,
		  "a name is one of a folder");
	if (size <= room)
		memset(buffer, 1, size);
	return size;
}

size_t fuse_add_direntry(fuse_req_t request, char *buffer, size_t room,
			 const char *name, const struct stat *stat,
			 off_t position)
{
	(void)request;
	(void)position;
	check_stat(stat);
	return add(buffer, room, 24, name);
}

size_t fuse_add_direntry_plus(fuse_req_t request, char *buffer, size_t room,
			      const char *name,
			      const struct fuse_entry_param *entry,
			      off_t position)
{
	(void)request;
	(void)position;
	check_stat(&entry->attr);
	return add(buffer, room, 152, name);
}

/* ---- the rest of the server ---- */

const struct tool this_tool = { .name = "fuse" };

void mount_daemon_ready(struct mount_server *ready)
{
	(void)ready;
}

int64_t mount_clock_s(void)
{
	return 0;
}

void mount_log_block(struct mount_server *of, uint32_t node, uint32_t block,
		     epk_status_t status)
{
	fuzz_must(of == &server && status != EPK_OK &&
			  block < server.image.image->header.block_count &&
			  node < server.image.image->header.node_count,
		  "what failed is a block of a file");
}

void mount_ahead_note(struct mount_ahead *ahead,
		      const struct mount_ahead_read *read)
{
	(void)ahead;
	fuzz_must(read->next_block == EPK_NO_INDEX ||
			  read->next_block <
				  server.image.image->header.block_count,
		  "what is read ahead is there");
}

void mount_ahead_note_shared(struct mount_ahead *ahead, uint32_t block,
			     uint32_t next_block)
{
	(void)ahead;
	(void)block;
	fuzz_must(next_block == EPK_NO_INDEX ||
			  next_block < server.image.image->header.block_count,
		  "what is read ahead is there");
}

/* These are not called: no cache of the real size, no thread. */
struct mount_ahead *mount_ahead_create(struct block_cache *cache)
{
	(void)cache;
	return NULL;
}

void mount_ahead_destroy(struct mount_ahead *ahead)
{
	(void)ahead;
}

/* ---- requests ---- */

static epk_status_t fill(void *context, uint32_t key, uint8_t *scratch,
			 uint8_t *plain)
{
	const struct epk_image *image = context;
	const uint8_t *bytes;
	struct epk_block block;
	epk_status_t status =
		epk_block_read(image, key, scratch, plain, &bytes);

	if (status == EPK_OK && bytes != plain &&
	    epk_block_get(image, key, &block) == EPK_OK)
		memcpy(plain, bytes, block.plain_size);
	return status;
}

/* The kernel asks about inodes that it was told of, or of none. */
static fuse_ino_t any_inode(struct fuzz_random *random)
{
	const uint32_t count = server.image.image->header.node_count;

	return fuzz_below(random, 20) == 0 ? fuzz_next(random)
					   : 1 + fuzz_below(random, count + 1);
}

static off_t any_offset(struct fuzz_random *random)
{
	switch (fuzz_below(random, 6)) {
	case 0:
		return (off_t)fuzz_below(random, 16) << 12;
	case 1:
		return INT64_MAX - fuzz_below(random, 9000);
	default:
		return fuzz_below(random, 100);
	}
}

static void lookup(struct fuzz_random *random)
{
	static const char *const names[] = { "a",   "bin", "manifest.toml",
					     "..",  ".",   "",
					     "x/y", "one", "\xff" };

	mount_operations.lookup(NULL, any_inode(random),
				names[fuzz_below(random, 9)]);
}

static void ask(struct fuzz_random *random)
{
	struct fuse_file_info info = { 0 };
	const fuse_ino_t inode = any_inode(random);

	asked = fuzz_below(random, 20000);
	switch (fuzz_below(random, 9)) {
	case 0:
		lookup(random);
		break;
	case 1:
		mount_operations.getattr(NULL, inode, NULL);
		break;
	case 2:
		mount_operations.readlink(NULL, inode);
		break;
	case 3:
		mount_operations.readdir(NULL, inode, asked, any_offset(random),
					 &info);
		break;
	case 4:
		mount_operations.readdirplus(NULL, inode, asked,
					     any_offset(random), &info);
		break;
	case 5:
		mount_operations.open(NULL, inode, &info);
		break;
	default:
		mount_operations.read(NULL, inode, asked, any_offset(random),
				      &info);
	}
	fuzz_must(replies == 1, "a request is answered once");
	replies = 0;
}

static void serve(struct epk_image *image, struct fuzz_random *random)
{
	const struct block_cache_settings settings = {
		.slots = 1 + fuzz_below(random, 3),
		.scratches = 1,
		.block_size = epk_block_size(image),
		.fill = fill,
		.context = image,
	};

	server.image.image = image;
	server.image.file = "image";
	server.options = &options;
	server.open_needed = fuzz_below(random, 2) == 0;
	server.ahead = (struct mount_ahead *)&server; /* somebody is told */
	server.cache = block_cache_create(&settings);
	fuzz_must(server.cache != NULL, "there is memory for the test");
	for (uint32_t i = 0; i < REQUESTS; i++)
		ask(random);
	block_cache_destroy(server.cache);
}

static void run(const uint8_t *bytes, size_t size)
{
	fuzz_image_serve(bytes, size, serve);
}

static void report(uint32_t runs)
{
	fuzz_ok(good_count > runs && error_count[EIO] > 0 &&
			error_count[ENOTDIR] > 0 && error_count[EINVAL] > 0,
		"%u requests are answered, %u end with a bad block", good_count,
		error_count[EIO]);
}

const struct fuzz_target fuzz_target = {
	.name = "fuse",
	.runs = 10000,
	.long_runs = 1000000,
	FUZZ_IMAGE_INPUTS,
	.mutate = fuzz_image_mutate_data,
	.run = run,
	.report = report,
};

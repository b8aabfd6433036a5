/* SPDX-License-Identifier: BSD-2-Clause */
/* What opening may cost. The memory is what doc/api.md says, from counts that
 * the header's limits bound, measured at the allocator on images at those
 * limits; a size that only a file claims is refused before anybody allocates
 * or waits for it. */
#include "support/tap.h"

#include <epk/host.h>
#include <epk/verify.h>

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEASURED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEASURED 0
#endif
#endif
#ifndef MEASURED
#define MEASURED 1
#endif

/* ---- the allocator: how much is out, and how much was at once ---- */

static size_t out_now;
static size_t out_most;

#if MEASURED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

static void *taken(void *memory)
{
	if (memory == NULL)
		return NULL;
	out_now += malloc_usable_size(memory);
	if (out_now > out_most)
		out_most = out_now;
	return memory;
}

void *malloc(size_t size)
{
	return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return taken(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
	const size_t before = memory ? malloc_usable_size(memory) : 0;
	void *moved = __libc_realloc(memory, size);

	if (moved == NULL && size != 0)
		return NULL;
	out_now -= before;
	return taken(moved);
}

void free(void *memory)
{
	if (memory != NULL)
		out_now -= malloc_usable_size(memory);
	__libc_free(memory);
}
#endif

/* ---- images: built from the format document, in one piece ---- */

struct built {
	uint8_t *bytes;
	size_t size;
	uint64_t meta_size;
	uint32_t nodes;
	uint32_t block_log2;
};

static const char manifest[] = "name = \"big\"\nversion = \"1.0.0\"\n"
			       "arch = \"any\"\nkernel_api = \"0.1\"\n";
#define MANIFEST_SIZE (sizeof(manifest) - 1)

struct counts {
	uint32_t nodes;
	uint32_t whole_blocks;
	uint32_t names_size;
	uint32_t block_log2;
};

static uint8_t *image_nodes(struct built *image)
{
	return image->bytes + EPK_METADATA_OFFSET;
}

static uint8_t *image_blocks(struct built *image)
{
	return image_nodes(image) + (size_t)image->nodes * EPK_NODE_SIZE;
}

/* Metadata, and data_size bytes of data behind it; all is zero but what every
 * image has. */
static struct built begin(const struct counts *counts, size_t data_size)
{
	const uint64_t tables =
		(uint64_t)counts->nodes * EPK_NODE_SIZE +
		(uint64_t)counts->whole_blocks * EPK_BLOCK_ROW_SIZE +
		counts->names_size;
	const uint64_t text = epk_align_up(tables, 4);
	const uint64_t data = epk_align_up(4096 + text + MANIFEST_SIZE, 12);
	struct built image = {
		.size = (size_t)data + data_size,
		.meta_size = text + MANIFEST_SIZE,
		.nodes = counts->nodes,
		.block_log2 = counts->block_log2,
	};
	uint8_t *header;

	image.bytes = calloc(1, image.size);
	header = image.bytes;
	memcpy(header, EPK_MAGIC, EPK_MAGIC_SIZE);
	epk_store16(header + EPK_HEADER_VERSION_MAJOR, EPK_VERSION_MAJOR);
	epk_store32(header + EPK_HEADER_HEADER_SIZE, EPK_HEADER_SIZE);
	epk_store64(header + EPK_HEADER_IMAGE_SIZE, image.size);
	header[EPK_HEADER_ALIGN_LOG2] = 12;
	header[EPK_HEADER_BLOCK_LOG2] = (uint8_t)counts->block_log2;
	header[EPK_HEADER_DIGEST_ALG] = EPK_DIGEST_SHA256;
	epk_store32(header + EPK_HEADER_NODE_COUNT, counts->nodes);
	epk_store32(header + EPK_HEADER_WHOLE_BLOCKS, counts->whole_blocks);
	epk_store32(header + EPK_HEADER_NAMES_SIZE, counts->names_size);
	epk_store32(header + EPK_HEADER_MANIFEST_SIZE, MANIFEST_SIZE);
	epk_store64(header + EPK_HEADER_META_STORED, image.meta_size);
	memcpy(header + EPK_SIGAREA_OFFSET, EPK_SIGAREA_MAGIC, 4);
	memcpy(header + 4096 + text, manifest, MANIFEST_SIZE);
	return image;
}

static void seal_header(struct built *image)
{
	epk_store32(image->bytes + EPK_HEADER_CRC,
		    epk_crc32c(image->bytes, EPK_HEADER_CRC));
}

static void seal(struct built *image)
{
	epk_sha256(epk_ops_default(), image->bytes + 4096,
		   (size_t)epk_load64(image->bytes + EPK_HEADER_META_STORED),
		   image->bytes + EPK_HEADER_META_DIGEST);
	seal_header(image);
}

/* The metadata as one zlib stream; there is no data behind it. */
static void compress_metadata(struct built *image)
{
	uLongf size = compressBound(image->meta_size);
	uint8_t *packed = calloc(1, size);

	compress2(packed, &size, image->bytes + 4096, image->meta_size, 1);
	image->size = (size_t)epk_align_up(4096 + size, 12);
	memset(image->bytes + 4096, 0, image->size - 4096);
	memcpy(image->bytes + 4096, packed, size);
	free(packed);
	image->bytes[EPK_HEADER_META_CODEC] = EPK_CODEC_ZLIB;
	epk_store64(image->bytes + EPK_HEADER_META_STORED, size);
	epk_store64(image->bytes + EPK_HEADER_IMAGE_SIZE, image->size);
	seal(image);
}

/* A root with so many empty files, whose names have so many bytes. */
static struct built many_files(uint32_t nodes, uint32_t name_size)
{
	const struct counts counts = {
		.nodes = nodes,
		.names_size = (nodes - 1) * name_size,
		.block_log2 = 12,
	};
	struct built image = begin(&counts, 0);
	uint8_t *names = image_blocks(&image);
	uint8_t empty[EPK_DIGEST_SIZE];

	epk_sha256(epk_ops_default(), "", 0, empty);
	image_nodes(&image)[EPK_NODE_TYPE] = EPK_TYPE_FOLDER;
	epk_store32(image_nodes(&image) + EPK_NODE_FIRST, 1);
	epk_store32(image_nodes(&image) + EPK_NODE_COUNT, nodes - 1);
	for (uint32_t i = 1; i < nodes; i++) {
		uint8_t *row = image_nodes(&image) + (size_t)i * EPK_NODE_SIZE;
		uint8_t *name = names + (size_t)(i - 1) * name_size;
		uint32_t left = i;

		epk_store32(row + EPK_NODE_NAME_OFF, (i - 1) * name_size);
		epk_store16(row + EPK_NODE_NAME_LEN, (uint16_t)name_size);
		row[EPK_NODE_TYPE] = EPK_TYPE_FILE;
		memcpy(row + EPK_NODE_SHA256, empty, sizeof(empty));
		memset(name, 'a', name_size);
		for (uint32_t at = 6; at-- > 0; left >>= 4)
			name[at] = "0123456789abcdef"[left & 15];
	}
	seal(&image);
	return image;
}

/* One file of so many blocks, each one byte stored that claims a whole. */
static struct built many_blocks(uint32_t blocks, uint32_t block_log2)
{
	const struct counts counts = {
		.nodes = 2,
		.whole_blocks = blocks,
		.names_size = 1,
		.block_log2 = block_log2,
	};
	struct built image = begin(&counts, blocks);
	uint8_t *file = image_nodes(&image) + EPK_NODE_SIZE;
	uint8_t digest[EPK_DIGEST_SIZE];

	epk_sha256(epk_ops_default(), "", 1, digest);
	image_nodes(&image)[EPK_NODE_TYPE] = EPK_TYPE_FOLDER;
	epk_store32(image_nodes(&image) + EPK_NODE_FIRST, 1);
	epk_store32(image_nodes(&image) + EPK_NODE_COUNT, 1);
	epk_store16(file + EPK_NODE_NAME_LEN, 1);
	file[EPK_NODE_TYPE] = EPK_TYPE_FILE;
	epk_store64(file + EPK_NODE_SIZE_FIELD, (uint64_t)blocks << block_log2);
	epk_store32(file + EPK_NODE_COUNT, blocks);
	for (uint32_t i = 0; i < blocks; i++) {
		uint8_t *row =
			image_blocks(&image) + (size_t)i * EPK_BLOCK_ROW_SIZE;

		epk_store64(row, i);
		epk_store32(row + EPK_BLOCK_STORED_SIZE, 1);
		epk_store32(row + EPK_BLOCK_INFO,
			    EPK_CODEC_ZLIB | 1u << block_log2 << 8);
		memcpy(row + EPK_BLOCK_DIGEST, digest, sizeof(digest));
	}
	image_blocks(&image)[(size_t)blocks * EPK_BLOCK_ROW_SIZE] = 'f';
	seal(&image);
	return image;
}

/* A gigabyte of zeros as one block, which says that it is a whole one. */
static struct built bomb(void)
{
	enum { TINY = 1 << 20 };
	const struct counts counts = {
		.nodes = 2,
		.whole_blocks = 1,
		.names_size = 1,
		.block_log2 = 20,
	};
	static uint8_t zeros[TINY];
	struct built image = begin(&counts, TINY - 1);
	uint8_t *data = image.bytes + (image.size - (TINY - 1));
	uint8_t *file = image_nodes(&image) + EPK_NODE_SIZE;
	uint8_t *row = image_blocks(&image);
	z_stream stream = { .next_out = data, .avail_out = TINY - 1 };

	deflateInit(&stream, 9);
	for (int i = 0; i < 1000; i++) {
		stream.next_in = zeros;
		stream.avail_in = sizeof(zeros);
		deflate(&stream, i < 999 ? Z_NO_FLUSH : Z_FINISH);
	}
	image.size -= TINY - 1 - stream.total_out;
	epk_store64(image.bytes + EPK_HEADER_IMAGE_SIZE, image.size);
	deflateEnd(&stream);
	image_nodes(&image)[EPK_NODE_TYPE] = EPK_TYPE_FOLDER;
	epk_store32(image_nodes(&image) + EPK_NODE_FIRST, 1);
	epk_store32(image_nodes(&image) + EPK_NODE_COUNT, 1);
	epk_store16(file + EPK_NODE_NAME_LEN, 1);
	file[EPK_NODE_TYPE] = EPK_TYPE_FILE;
	epk_store64(file + EPK_NODE_SIZE_FIELD, TINY);
	epk_store32(file + EPK_NODE_COUNT, 1);
	epk_store32(row + EPK_BLOCK_STORED_SIZE, (uint32_t)stream.total_out);
	epk_store32(row + EPK_BLOCK_INFO, EPK_CODEC_ZLIB | (uint32_t)TINY << 8);
	epk_sha256(epk_ops_default(), data, stream.total_out,
		   row + EPK_BLOCK_DIGEST);
	row[EPK_BLOCK_ROW_SIZE] = 'f';
	seal(&image);
	return image;
}

/* ---- measuring ---- */

static epk_status_t read_bytes(void *context, uint64_t offset, void *buffer,
			       size_t size)
{
	const struct built *image = context;

	if (offset > image->size || size > image->size - offset)
		return EPK_ERR_IO;
	memcpy(buffer, image->bytes + offset, size);
	return EPK_OK;
}

/* The file's own structure, one page, and what the digest's library takes. */
#define CONSTANT 65536u

/* doc/api.md, "Memory": for a source that is read. */
static uint64_t open_bound(const struct built *image)
{
	const uint64_t stored =
		epk_load64(image->bytes + EPK_HEADER_META_STORED);
	const uint64_t nodes = 7 * (uint64_t)image->nodes;
	uint64_t work = nodes;

	if (image->bytes[EPK_HEADER_META_CODEC] == EPK_CODEC_ZLIB &&
	    stored > work)
		work = stored;
	return CONSTANT + image->meta_size + work;
}

struct cost {
	epk_status_t status;
	size_t bytes;
	double seconds;
	struct epk_file *file;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct cost open_image(struct built *image, uint64_t budget)
{
	const struct epk_source source = {
		.context = image,
		.read = read_bytes,
		.size_bytes = image->size,
	};
	const struct epk_options options = {
		.size_bytes = sizeof(options),
		.metadata_budget_bytes = budget,
	};
	const size_t before = out_now;
	const double began = now();
	struct cost cost = { .file = NULL };

	out_most = out_now;
	cost.status = epk_file_open(&source, &options, NULL, &cost.file);
	cost.seconds = now() - began;
	cost.bytes = out_most - before;
	return cost;
}

static bool within(size_t bytes, uint64_t bound, const char *what)
{
	if (!MEASURED) {
		pass("%s # SKIP the allocator is another's", what);
		return true;
	}
	return ok(bytes <= bound && bytes > 0, "%s: %zu bytes of %llu", what,
		  bytes, (unsigned long long)bound);
}

static void check_open(struct built *image, const char *what)
{
	struct cost cost = open_image(image, 0);

	is_i64(cost.status, EPK_OK, "%s is opened (%.2f s)", what,
	       cost.seconds);
	within(cost.bytes, open_bound(image), "within its bound");
	(void)epk_file_close(cost.file);
	cost = open_image(image, image->meta_size - 1);
	is_i64(cost.status, EPK_ERR_BUDGET, "a budget refuses it");
	within(cost.bytes, CONSTANT, "at no cost");
}

static void test_limits(void)
{
	struct built image = many_files(EPK_NODE_COUNT_MAX, 6);

	check_open(&image, "an image of 2^20 nodes");
	free(image.bytes);
	image = many_files(1u << 16, EPK_NAME_MAX);
	check_open(&image, "an image of 2^16 names of 255 bytes");
	compress_metadata(&image);
	check_open(&image, "the same, compressed");
	free(image.bytes);
}

static void test_claims(void)
{
	struct built image = many_blocks(EPK_BLOCK_COUNT_MAX, 20);
	struct cost cost = open_image(&image, 0);
	uint64_t scratch_size;
	void *scratch;
	size_t before;
	double began;

	is_i64(cost.status, EPK_OK,
	       "a table of 2^20 blocks that claim a terabyte is opened");
	within(cost.bytes, open_bound(&image), "within its bound");
	scratch_size = epk_deep_size(epk_file_image(cost.file));
	ok(scratch_size <= 2u << 20, "verifying takes two blocks of memory");
	scratch = malloc((size_t)scratch_size);
	before = out_most = out_now;
	began = now();
	is_i64(epk_verify_deep(epk_file_image(cost.file), scratch, scratch_size,
			       NULL, NULL),
	       EPK_ERR_CODEC, "and ends at the first block");
	ok(now() - began < 0.5, "at once");
	within(out_most - before + 1, CONSTANT, "with nothing more");
	free(scratch);
	(void)epk_file_close(cost.file);
	free(image.bytes);
}

static void test_bomb(void)
{
	struct built image = bomb();
	struct cost cost = open_image(&image, 0);
	static uint8_t scratch[2 << 20] __attribute__((aligned(16)));
	const double began = now();

	is_i64(cost.status, EPK_OK, "a block of a gigabyte is not looked into");
	is_i64(epk_verify_deep(epk_file_image(cost.file), scratch,
			       sizeof(scratch), NULL, NULL),
	       EPK_ERR_CODEC, "what is more than its plain size is refused");
	ok(now() - began < 0.5, "after its plain size, not after a gigabyte");
	(void)epk_file_close(cost.file);
	free(image.bytes);
}

struct claim {
	size_t offset;
	unsigned width;
	uint64_t value;
	epk_status_t status;
	const char *what;
};

/* Sizes of a gigabyte and more, by a file of a few pages. */
static const struct claim claims[] = {
	{ EPK_HEADER_NODE_COUNT, 4, UINT64_C(1) << 24, EPK_ERR_LIMIT,
	  "2^24 nodes, a gigabyte of them" },
	{ EPK_HEADER_NODE_COUNT, 4, UINT32_MAX, EPK_ERR_LIMIT,
	  "2^32 - 1 nodes" },
	{ EPK_HEADER_NODE_COUNT, 4, EPK_NODE_COUNT_MAX, EPK_ERR_LIMIT,
	  "as many nodes as may be, not stored" },
	{ EPK_HEADER_MAP_BLOCKS, 4, UINT64_C(1) << 30, EPK_ERR_LIMIT,
	  "2^30 blocks" },
	{ EPK_HEADER_WHOLE_BLOCKS, 4, UINT32_MAX, EPK_ERR_LIMIT,
	  "2^32 - 1 blocks" },
	{ EPK_HEADER_NAMES_SIZE, 4, UINT64_C(1) << 30, EPK_ERR_LIMIT,
	  "a gigabyte of names" },
	{ EPK_HEADER_MANIFEST_SIZE, 4, UINT64_C(1) << 30, EPK_ERR_LIMIT,
	  "a manifest of a gigabyte" },
	{ EPK_HEADER_META_STORED, 8, UINT64_C(1) << 30, EPK_ERR_LIMIT,
	  "metadata of a gigabyte" },
	{ EPK_HEADER_META_STORED, 8, UINT64_MAX, EPK_ERR_LIMIT,
	  "metadata of 2^64 - 1" },
	{ EPK_HEADER_IMAGE_SIZE, 8, UINT64_C(1) << 30, EPK_ERR_SIZE,
	  "an image of a gigabyte" },
};

static void test_header(void)
{
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		const struct claim *claim = &claims[i];
		struct built image = many_files(10, 6);
		struct cost cost;

		if (claim->width == 4)
			epk_store32(image.bytes + claim->offset,
				    (uint32_t)claim->value);
		else
			epk_store64(image.bytes + claim->offset, claim->value);
		seal_header(&image);
		cost = open_image(&image, 0);
		is_i64(cost.status, claim->status, "%s: refused", claim->what);
		ok(cost.seconds < 0.1, "in %.3f ms", cost.seconds * 1e3);
		within(cost.bytes, CONSTANT, "without the memory");
		free(image.bytes);
	}
}

/* The most that a header can ask for, with a stream of a few bytes. */
static void test_metadata_bomb(void)
{
	struct built image = many_files(10, 6);
	struct cost cost;

	image.bytes[EPK_HEADER_META_CODEC] = EPK_CODEC_ZLIB;
	epk_store32(image.bytes + EPK_HEADER_NODE_COUNT, EPK_NODE_COUNT_MAX);
	epk_store32(image.bytes + EPK_HEADER_WHOLE_BLOCKS, EPK_BLOCK_COUNT_MAX);
	epk_store32(image.bytes + EPK_HEADER_NAMES_SIZE, EPK_NAMES_SIZE_MAX);
	epk_store64(image.bytes + EPK_HEADER_META_STORED, 100);
	image.nodes = EPK_NODE_COUNT_MAX;
	image.meta_size =
		(UINT64_C(64) + 48 + 64) * EPK_NODE_COUNT_MAX + MANIFEST_SIZE;
	seal(&image);
	cost = open_image(&image, 0);
	is_i64(cost.status, EPK_ERR_CODEC,
	       "metadata at every limit, out of a hundred bytes, is refused");
	ok(cost.seconds < 0.5, "in %.3f ms", cost.seconds * 1e3);
	within(cost.bytes, open_bound(&image), "within the largest bound");
	cost = open_image(&image, 1 << 20);
	is_i64(cost.status, EPK_ERR_BUDGET, "by a careful reader before that");
	within(cost.bytes, CONSTANT, "without the memory");
	free(image.bytes);
}

int main(void)
{
	plan(0);
	test_limits();
	test_claims();
	test_bomb();
	test_header();
	test_metadata_bomb();
	return done();
}

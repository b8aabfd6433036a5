/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage deep with threads gives the verdict, stage and index of stage deep
 * alone, for sound images and for every kind of damage. */
#include "writer_forest.h"

#include <epk/verify.h>

#include "support/tap.h"

static struct image image;
static struct epk_file *file;
static struct epk_source source;

static bool open_image(void)
{
	epk_source_from_memory(image.bytes, image.size_bytes, &source);
	return epk_file_open(&source, NULL, NULL, &file) == EPK_OK;
}

static struct epk_failure verify_alone(void)
{
	struct epk_image *core = epk_file_image(file);
	uint64_t size = epk_deep_size(core);
	void *scratch = malloc((size_t)size);

	(void)epk_verify_deep(core, scratch, size, NULL, NULL);
	free(scratch);
	return core->failure;
}

static struct epk_failure verify_with(uint32_t threads)
{
	struct epk_image *core = epk_file_image(file);

	(void)epk_verify_threads(core, threads, NULL, NULL, NULL);
	return core->failure;
}

static bool same(const struct epk_failure *a, const struct epk_failure *b)
{
	return a->status == b->status && a->stage == b->stage &&
	       a->index == b->index;
}

/** Damages each block in turn, then two at once. */
static void check_blocks(void)
{
	uint32_t count = epk_file_image(file)->header.block_count;
	uint32_t differ = 0;
	uint32_t unseen = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct epk_block first;
		struct epk_block second;
		struct epk_failure alone;

		(void)epk_block_get(epk_file_image(file), i, &first);
		(void)epk_block_get(epk_file_image(file), (i * 7 + 3) % count,
				    &second);
		image.bytes[first.image_offset] ^= 1;
		image.bytes[second.image_offset + second.stored_size - 1] ^= 1;
		alone = verify_alone();
		for (uint32_t threads = 1; threads <= 4; threads++) {
			struct epk_failure with = verify_with(threads);

			differ += !same(&alone, &with);
		}
		unseen += alone.status != EPK_ERR_BLOCK_DIGEST;
		image.bytes[first.image_offset] ^= 1;
		image.bytes[second.image_offset + second.stored_size - 1] ^= 1;
	}
	ok(count > 20 && unseen == 0, "damage in each of %u blocks is seen",
	   count);
	is_u64(differ, 0, "with the same verdict, stage and block");
}

/** Makes the digests of all files of one size wrong, equal ones alike, and
 * the metadata right again. */
static bool damage_digests(void)
{
	uint8_t *header = image.bytes;
	uint8_t *nodes = header + EPK_METADATA_OFFSET;
	uint32_t count = epk_load32(header + EPK_HEADER_NODE_COUNT);
	uint32_t damaged = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint8_t *node = nodes + (size_t)i * EPK_NODE_SIZE;

		if (epk_load64(node + EPK_NODE_SIZE_FIELD) != 9000)
			continue;
		node[EPK_NODE_SHA256] ^= 0x5a;
		damaged++;
	}
	(void)epk_sha256(epk_ops_core(), nodes,
			 (size_t)epk_load64(header + EPK_HEADER_META_STORED),
			 header + EPK_HEADER_META_DIGEST);
	epk_store32(header + EPK_HEADER_CRC,
		    epk_crc32c(header, EPK_HEADER_CRC));
	return damaged > 1;
}

static void *refuse(void *context, size_t size_bytes)
{
	uint32_t *left = context;

	if ((*left)-- == 0)
		return NULL;
	return malloc(size_bytes);
}

static void give_back(void *context, void *memory)
{
	(void)context;
	free(memory);
}

static void check_memory(void)
{
	uint32_t refused = 0;
	uint32_t left = 0;
	epk_status_t status;

	do {
		const struct epk_allocator allocator = {
			.allocate = refuse,
			.release = give_back,
			.context = &left,
		};
		uint32_t start = refused;

		left = start;
		status = epk_verify_threads(epk_file_image(file), 3, &allocator,
					    NULL, NULL);
		refused += status == EPK_ERR_NO_MEMORY;
	} while (status == EPK_ERR_NO_MEMORY && refused < 100);
	ok(status == EPK_OK && refused == 5,
	   "each of %u requests for memory may fail", refused);
}

int main(void)
{
	static struct forest forest;
	const struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.block_log2 = 12,
	};
	struct epk_writer_result result;
	struct epk_failure alone;
	struct epk_failure with;

	plan(9);
	forest_init(&forest, 5);
	if (pack_tree(&forest.tree, &settings, &image, &result) ||
	    !open_image())
		return bail_out("no image");
	alone = verify_alone();
	is_i64(alone.status, EPK_OK, "a sound image is sound");
	is_i64(verify_with(0).status, EPK_OK, "with all processors too");
	is_i64(verify_with(64).status, EPK_OK, "and with more than there are");
	is_i64(epk_verify_threads(epk_file_image(file), 65, NULL, NULL, NULL),
	       EPK_ERR_INVALID, "65 threads are refused");
	check_memory();
	check_blocks();
	file = epk_file_close(file);
	if (!damage_digests() || !open_image())
		return bail_out("no damaged image");
	alone = verify_alone();
	is_i64(alone.status, EPK_ERR_FILE_DIGEST, "wrong digests are seen");
	with = verify_with(4);
	ok(same(&alone, &with), "by several threads the same one first");
	epk_file_close(file);
	image_drop(&image);
	forest_fini(&forest);
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Placement and sharing at their edges; the reader, which checks the rule on
 * its own, must accept each image down to the last block and file. */
#include "writer_support.h"

#include "support/tap.h"

#define BLOCK 4096u

static struct image image;
static struct epk_file *file;

static const char manifest[] = "name = \"t\"\nversion = \"1.0.0\"\n"
			       "arch = \"any\"\nkernel_api = \"0.1\"\n";

/** Packs and opens; every byte is verified. */
static bool pack_and_verify(const struct item *items, uint32_t count,
			    const struct epk_codec *codec,
			    struct epk_writer_result *result)
{
	struct tree tree = { .items = items,
			     .count = count,
			     .manifest = manifest };
	const struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.block_log2 = 12,
		.codec = codec,
		.meta_codec = codec,
		.level = -1,
		.threads = 2,
	};
	struct epk_source source;
	epk_status_t status;
	void *scratch;
	uint64_t size;

	image = (struct image){ 0 };
	file = NULL;
	status = pack_tree(&tree, &settings, &image, result);
	if (status)
		diag("pack: %s", epk_status_name(status));
	if (status || tree.open_now)
		return false;
	epk_source_from_memory(image.bytes, image.size_bytes, &source);
	status = epk_file_open(&source, NULL, NULL, &file);
	if (status) {
		diag("open: %s", epk_status_name(status));
		return false;
	}
	size = epk_deep_size(epk_file_image(file));
	scratch = malloc((size_t)size);
	status = epk_verify_deep(epk_file_image(file), scratch, size, NULL,
				 NULL);
	free(scratch);
	if (status)
		diag("deep: %s", epk_status_name(status));
	return status == EPK_OK;
}

static void drop(void)
{
	file = epk_file_close(file);
	image_drop(&image);
}

static struct epk_node node_at(const char *path)
{
	struct epk_node node = { .index = EPK_NO_INDEX };
	uint32_t index;

	if (file && epk_walk(epk_file_image(file), 0, path, strlen(path),
			     EPK_WALK_NOFOLLOW, &index) == EPK_OK)
		(void)epk_node_get(epk_file_image(file), index, &node);
	return node;
}

static void check_sizes_around_a_block(const struct epk_codec *codec)
{
	const char *kind = codec ? "compressed" : "stored";
	uint8_t *bytes = pattern(BLOCK + 1, 5);
	uint8_t *other = pattern(BLOCK, 9);
	const struct item items[] = {
		FILE_AT("a0", "", 0),
		FILE_AT("b1", bytes, 1),
		FILE_AT("c-less", bytes, BLOCK - 1),
		FILE_AT("d-full", bytes, BLOCK),
		FILE_AT("e-more", bytes, BLOCK + 1),
		FILE_AT("f2", other, 2),
	};
	struct epk_writer_result result = { 0 };

	ok(pack_and_verify(items, 6, codec, &result),
	   "sizes 0, 1, B-1, B and B+1 are placed as the reader wants (%s)",
	   kind);
	is_u64(node_at("a0").count, 0, "an empty file has no block");
	is_u64(node_at("b1").first, 3, "whole blocks come before shared ones");
	is_u64(node_at("c-less").at, 1, "1 and B-1 bytes fill one block");
	is_u64(node_at("d-full").count, 1, "B bytes are a block of their own");
	is_u64(node_at("e-more").count, 2, "B+1 bytes are two");
	is_u64(node_at("f2").first, 4, "a full shared block is closed");
	is_u64(result.blocks, 5, "five blocks in all");
	drop();
	free(bytes);
	free(other);
}

static void check_duplicates(void)
{
	uint8_t *big = pattern(3 * BLOCK, 3);
	const struct item items[] = {
		FILE_AT("a", "tiny", 4),  FILE_AT("b", big, 3 * BLOCK),
		FILE_AT("c", "tiny", 4),  FILE_AT("d", big, 3 * BLOCK),
		FILE_AT("e", "other", 5), FILE_AT("f", big, 3 * BLOCK - 1),
		FILE_AT("g", "tinz", 4),
	};
	struct epk_writer_result result = { 0 };

	ok(pack_and_verify(items, 7, NULL, &result),
	   "an image with equal files is sound");
	is_u64(node_at("c").first, node_at("a").first,
	       "equal small files share their block");
	is_u64(node_at("c").at, node_at("a").at, "at one offset");
	is_u64(node_at("d").first, node_at("b").first,
	       "equal whole files share their blocks");
	ok(node_at("f").first != node_at("b").first,
	   "a file of another size does not");
	is_u64(node_at("e").at, 4, "a duplicate does not move the next file");
	is_u64(node_at("g").at, 9, "nor does a file of equal size only");
	is_u64(result.shared_bytes, 4 + 3 * BLOCK, "shared bytes are counted");
	drop();
	free(big);
}

static void check_mapped_completion(void)
{
	uint8_t *big = pattern(2 * BLOCK + 5, 3);
	const struct item items[] = {
		FILE_AT("a", "same", 4),
		{ "b", EPK_TYPE_FILE, false, true, "same", 4, NULL },
		FILE_AT("c", "sams", 4),
		FILE_AT("d", big, 2 * BLOCK + 5),
		{ "e", EPK_TYPE_FILE, true, true, big, 2 * BLOCK + 5, NULL },
		{ "f", EPK_TYPE_FILE, false, true, "", 0, NULL },
	};
	struct epk_writer_result result = { 0 };

	ok(pack_and_verify(items, 6, epk_codec_zlib(), &result),
	   "an image with mapped files is sound");
	ok(node_at("a").flags == EPK_FLAG_MAPPED,
	   "a file equal to a mapped one is mapped");
	is_u64(node_at("b").first, node_at("a").first, "and they share");
	ok(node_at("c").flags == EPK_FLAG_SHARED,
	   "a file of equal size only is not");
	ok(node_at("d").flags == EPK_FLAG_MAPPED,
	   "a large file equal to a mapped one is mapped");
	ok(node_at("e").flags == (EPK_FLAG_MAPPED | EPK_FLAG_EXEC),
	   "EXEC stays the file's own");
	is_u64(node_at("f").flags, 0, "an empty file is never mapped");
	drop();
	free(big);
}

static void check_nothing_at_all(void)
{
	struct epk_writer_result result = { 0 };

	ok(pack_and_verify(NULL, 0, epk_codec_zlib(), &result),
	   "a root without children is a package");
	is_u64(result.nodes, 1, "of one node");
	is_u64(result.blocks, 0, "and no block");
	drop();
}

static void check_order_of_names(void)
{
	const struct item items[] = {
		FOLDER("b"),
		FILE_AT("b.", "1", 1),
		FILE_AT("\xc3\xa9", "2", 1),
		FILE_AT("a", "3", 1),
		FILE_AT("B", "4", 1),
		FILE_AT("b/z", "5", 1),
		FILE_AT("b/y", "6", 1),
	};
	static const char *const order[] = { "B",	 "a", "b", "b.",
					     "\xc3\xa9", "y", "z" };
	struct epk_writer_result result = { 0 };
	bool right = pack_and_verify(items, 7, NULL, &result);

	for (uint32_t i = 0; right && i < 7; i++) {
		struct epk_node node;

		(void)epk_node_get(epk_file_image(file), i + 1, &node);
		right = node.name_size == strlen(order[i]) &&
			memcmp(node.name, order[i], node.name_size) == 0;
	}
	ok(right, "names ascend as unsigned bytes, folder by folder");
	drop();
}

static void check_incompressible(void)
{
	uint8_t bytes[BLOCK];
	const struct item items[] = { FILE_AT("noise", bytes, BLOCK) };
	struct epk_writer_result result = { 0 };
	struct epk_block block = { .codec = 99 };
	uint32_t state = 1;

	for (uint32_t i = 0; i < BLOCK; i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(state >> 24);
	}
	ok(pack_and_verify(items, 1, epk_codec_zlib(), &result),
	   "bytes that do not compress are packed");
	if (file)
		(void)epk_block_get(epk_file_image(file), 0, &block);
	is_u64(block.codec, EPK_CODEC_STORE, "and stored as they are");
	drop();
}

int main(void)
{
	plan(0);
	check_sizes_around_a_block(NULL);
	check_sizes_around_a_block(epk_codec_zlib());
	check_duplicates();
	check_mapped_completion();
	check_nothing_at_all();
	check_order_of_names();
	check_incompressible();
	return done();
}

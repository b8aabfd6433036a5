/* SPDX-License-Identifier: BSD-2-Clause */
/* The number of threads, and the order in which entries come, never change a
 * byte; and what was packed is what is read. */
#include "writer_forest.h"

#include <epk/mount.h>

#include "support/tap.h"

static const struct epk_writer_settings defaults = {
	.size_bytes = sizeof(defaults),
	.block_log2 = 12,
	.level = -1,
};

static epk_status_t pack(struct forest *forest, uint32_t threads,
			 const struct epk_codec *codec, struct image *image,
			 struct epk_writer_result *result)
{
	struct epk_writer_settings settings = defaults;

	settings.threads = threads;
	settings.codec = codec;
	settings.meta_codec = codec;
	*image = (struct image){ 0 };
	return pack_tree(&forest->tree, &settings, image, result);
}

static bool same_image(const struct image *a, const struct image *b)
{
	return a->size_bytes == b->size_bytes && a->size_bytes &&
	       memcmp(a->bytes, b->bytes, a->size_bytes) == 0;
}

static void check_threads(struct forest *forest, const struct epk_codec *codec)
{
	static const uint32_t counts[] = { 2, 3, 8, 64 };
	struct epk_writer_result result;
	struct image one;
	struct image other;

	if (!ok(pack(forest, 1, codec, &one, &result) == EPK_OK,
		"one thread packs (%s)", codec ? "zlib" : "store"))
		return;
	is_u64(result.threads, 1, "and no more than one worked");
	for (size_t i = 0; i < 4; i++) {
		epk_status_t status =
			pack(forest, counts[i], codec, &other, &result);

		ok(status == EPK_OK && same_image(&one, &other),
		   "%u threads give the same bytes", counts[i]);
		image_drop(&other);
	}
	image_drop(&one);
}

/** Folders stay first; the rest is turned around. */
static void turn_around(struct forest *forest)
{
	for (uint32_t i = 10, j = FOREST_ITEMS - 1; i < j; i++, j--) {
		struct item item = forest->items[i];

		forest->items[i] = forest->items[j];
		forest->items[j] = item;
	}
}

static void check_order(struct forest *forest)
{
	struct epk_writer_result result;
	struct image before;
	struct image after;

	(void)pack(forest, 2, epk_codec_zlib(), &before, &result);
	turn_around(forest);
	(void)pack(forest, 2, epk_codec_zlib(), &after, &result);
	ok(same_image(&before, &after),
	   "entries in another order give the same bytes");
	image_drop(&before);
	image_drop(&after);
}

static bool node_matches(struct epk_file *file, struct epk_mount *mount,
			 const struct item *item)
{
	static uint8_t buffer[FOREST_BYTES_MAX];
	struct epk_node node;
	uint32_t index;
	size_t size = 0;

	if (epk_walk(epk_file_image(file), 0, item->path, strlen(item->path),
		     EPK_WALK_NOFOLLOW, &index) ||
	    epk_node_get(epk_file_image(file), index, &node))
		return false;
	if (node.type != item->type)
		return false;
	if (item->type != EPK_TYPE_FILE)
		return true;
	if (((node.flags & EPK_FLAG_EXEC) != 0) != item->exec)
		return false;
	if (item->mapped && item->size_bytes && !(node.flags & EPK_FLAG_MAPPED))
		return false;
	return epk_read(mount, index, 0, buffer, sizeof(buffer), &size) ==
		       EPK_OK &&
	       size == item->size_bytes &&
	       memcmp(buffer, item->bytes, size) == 0;
}

static void check_round_trip(struct forest *forest)
{
	struct epk_writer_result result;
	struct epk_source source;
	struct epk_mount mount;
	struct epk_file *file;
	struct image image;
	uint8_t content_id[EPK_DIGEST_SIZE] = { 0 };
	uint64_t size;
	void *memory;
	bool same = true;

	(void)pack(forest, 2, epk_codec_zlib(), &image, &result);
	epk_source_from_memory(image.bytes, image.size_bytes, &source);
	if (!ok(epk_file_open(&source, NULL, NULL, &file) == EPK_OK,
		"the reader opens what the writer wrote"))
		return;
	size = epk_mount_size(epk_file_image(file), 4);
	memory = malloc((size_t)size);
	ok(epk_mount_init(&mount, epk_file_image(file), memory, size) == EPK_OK,
	   "it mounts");
	for (uint32_t i = 0; i < FOREST_ITEMS; i++)
		same = node_matches(file, &mount, &forest->items[i]) && same;
	ok(same, "every entry is there with its bytes");
	(void)epk_content_id(epk_file_image(file), content_id);
	is_mem(result.content_id, content_id, EPK_DIGEST_SIZE,
	       "reader and writer agree on the content id");
	is_mem(result.package_id, epk_file_image(file)->package_id,
	       EPK_DIGEST_SIZE, "and on the package id");
	free(memory);
	epk_file_close(file);
	image_drop(&image);
}

static void check_content_id(struct forest *forest)
{
	struct epk_writer_result stored;
	struct epk_writer_result compressed;
	struct image image;

	(void)pack(forest, 2, NULL, &image, &stored);
	image_drop(&image);
	for (uint32_t i = 0; i < FOREST_ITEMS; i++)
		forest->items[i].mapped = false;
	(void)pack(forest, 2, epk_codec_zlib(), &image, &compressed);
	image_drop(&image);
	is_mem(stored.content_id, compressed.content_id, EPK_DIGEST_SIZE,
	       "compression and mapping leave the content id");
	ok(memcmp(stored.package_id, compressed.package_id, EPK_DIGEST_SIZE) !=
		   0,
	   "but not the package id");
}

int main(void)
{
	static struct forest forest;

	plan(20);
	forest_init(&forest, 7);
	check_threads(&forest, NULL);
	check_threads(&forest, epk_codec_zlib());
	check_order(&forest);
	check_round_trip(&forest);
	check_content_id(&forest);
	forest_fini(&forest);
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Deep verification: an image that it accepts is canonical. Built anew from
 * what is in it, by the builder of the tests, it has the same bytes; and the
 * reader with threads comes to the same verdict. */
#include "unit/libepk/forge.h"

#include "image.h"

#include <epk/verify.h>

#include <stdlib.h>

#define ITEMS_MAX 4096u
#define BYTES_MAX (UINT64_C(16) << 20)

/* ---- the canonical form ---- */

struct rebuilt {
	struct forge_item *items;
	uint32_t count;
	uint64_t bytes;
};

static char *path_of(const struct epk_image *image, uint32_t index)
{
	char *path = calloc(1, EPK_PATH_MAX + 1);
	size_t size;

	(void)epk_node_path(image, index, path, EPK_PATH_MAX, &size);
	return path;
}

static void add_item(struct rebuilt *rebuilt, struct epk_mount *mount,
		     const struct epk_node *node)
{
	struct forge_item *item = &rebuilt->items[rebuilt->count++];
	const size_t size = (size_t)node->size_bytes;
	char *target = NULL;

	item->path = path_of(mount->image, node->index);
	item->type = node->type;
	item->flags = node->flags & (EPK_FLAG_MAPPED | EPK_FLAG_EXEC);
	if (node->type == EPK_TYPE_FILE) {
		uint8_t *bytes = malloc(size + 1);

		fuzz_must(epk_read(mount, node->index, 0, bytes, size,
				   &item->size) == EPK_OK &&
				  item->size == size,
			  "a verified file can be read");
		item->bytes = bytes;
		rebuilt->bytes += size;
	} else if (node->type == EPK_TYPE_LINK) {
		target = calloc(1, size + 1);
		memcpy(target, node->target, size);
	} else if (node->type == EPK_TYPE_ALIAS) {
		target = path_of(mount->image, node->first);
	}
	item->target = target;
}

static void free_items(struct rebuilt *rebuilt)
{
	for (uint32_t i = 0; i < rebuilt->count; i++) {
		free((void *)(uintptr_t)rebuilt->items[i].path);
		free((void *)(uintptr_t)rebuilt->items[i].bytes);
		free((void *)(uintptr_t)rebuilt->items[i].target);
	}
	free(rebuilt->items);
}

static bool can_rebuild(const struct epk_image *image)
{
	uint64_t bytes = 0;

	if (image->header.meta_codec != EPK_CODEC_STORE ||
	    image->header.node_count > ITEMS_MAX)
		return false;
	for (uint32_t i = 0; i < image->header.block_count; i++) {
		struct epk_block block;

		(void)epk_block_get(image, i, &block);
		if (block.codec != EPK_CODEC_STORE)
			return false;
	}
	for (uint32_t i = 0; i < image->header.node_count; i++) {
		struct epk_node node;

		(void)epk_node_get(image, i, &node);
		bytes += node.size_bytes;
	}
	return bytes <= BYTES_MAX;
}

static void compare(const struct epk_image *image, struct rebuilt *rebuilt,
		    const uint8_t *data, size_t size)
{
	struct forged again = forge(&(struct forge_recipe){
		.items = rebuilt->items,
		.count = rebuilt->count,
		.manifest = image->manifest.text,
		.manifest_size = image->manifest.text_size,
		.align_log2 = image->header.align_log2,
		.block_log2 = image->header.block_log2,
		.build_epoch = image->header.build_epoch,
	});

	epk_store32(again.bytes + 28, image->header.feature_compat);
	forge_seal_header(&again);
	fuzz_must(again.size == size && memcmp(again.bytes, data, 256) == 0 &&
			  memcmp(again.bytes + 4096, data + 4096,
				 size - 4096) == 0,
		  "an accepted image is canonical");
	forge_free(&again);
}

static void rebuild(const struct epk_image *image, const uint8_t *data,
		    size_t size)
{
	const uint64_t memory_size = epk_mount_size(image, 1);
	void *memory = malloc(memory_size);
	struct rebuilt rebuilt = {
		.items = calloc(image->header.node_count,
				sizeof(*rebuilt.items)),
	};
	struct epk_mount mount;

	(void)epk_mount_init(&mount, image, memory, memory_size);
	for (uint32_t i = 1; i < image->header.node_count; i++) {
		struct epk_node node;

		(void)epk_node_get(image, i, &node);
		add_item(&rebuilt, &mount, &node);
	}
	compare(image, &rebuilt, data, size);
	free_items(&rebuilt);
	free(memory);
}

static epk_status_t verify(struct epk_image *image)
{
	const uint64_t scratch_size = epk_deep_size(image);
	void *scratch = malloc(scratch_size);
	epk_status_t status;

	fuzz_must(scratch != NULL, "there is memory for the test");
	status = epk_verify_deep(image, scratch, scratch_size, NULL, NULL);
	free(scratch);
	return status;
}

static void verify_in_threads(struct epk_image *image, epk_status_t wanted)
{
	const struct epk_failure failure = image->failure;

	fuzz_must(epk_verify_threads(image, 2, epk_allocator_heap(), NULL,
				     NULL) == wanted,
		  "threads come to the same verdict");
	fuzz_must(failure.stage == image->failure.stage &&
			  failure.index == image->failure.index,
		  "at the same place");
}

static void run(const uint8_t *bytes, size_t size)
{
	const struct fuzz_choice choice = fuzz_choice_plain();
	struct fuzz_random random = fuzz_random_from(bytes, size);
	struct fuzz_image opened;
	epk_status_t status;

	status = fuzz_image_open(&opened, &choice, bytes, size);
	if (status == EPK_OK) {
		status = verify(&opened.image);
		if (fuzz_below(&random, 64) == 0)
			verify_in_threads(&opened.image, status);
		if (status == EPK_OK && can_rebuild(&opened.image))
			rebuild(&opened.image, bytes, size);
	}
	fuzz_count(status);
	fuzz_image_close(&opened);
}

FUZZ_REACHES(EPK_OK, EPK_ERR_BLOCK_DIGEST, EPK_ERR_CODEC, EPK_ERR_PAD,
	     EPK_ERR_FILE_DIGEST, EPK_ERR_CANON, EPK_ERR_PLACE)

const struct fuzz_target fuzz_target = {
	.name = "deep",
	.runs = 10000,
	.long_runs = 1000000,
	FUZZ_IMAGE_INPUTS,
	.mutate = fuzz_image_mutate,
	.run = run,
	.report = report,
};

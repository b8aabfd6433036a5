/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an image that is opened: with any policy, platform and budget,
 * from memory and by a callback. What is accepted is a tree all of whose paths
 * lead to their nodes. */
#include "image.h"

#include <string.h>

static void walk_paths(const struct epk_image *image)
{
	static char path[EPK_PATH_MAX + 1];

	for (uint32_t i = 0; i < image->header.node_count; i++) {
		uint32_t index = 0;
		size_t size;

		fuzz_must(epk_node_path(image, i, path, sizeof(path), &size) ==
				  EPK_OK,
			  "every path fits");
		fuzz_must(epk_walk(image, 0, path, size, EPK_WALK_NOFOLLOW,
				   &index) == EPK_OK &&
				  index == i,
			  "every path leads to its node");
		(void)epk_walk(image, 0, path, size, 0, &index);
		fuzz_must(index < image->header.node_count,
			  "walks stay inside");
	}
}

static void look_around(const struct epk_image *image,
			struct fuzz_random *random)
{
	struct epk_block block;
	struct epk_node node;
	uint32_t index = fuzz_next(random);

	if (epk_node_get(image, index, &node) == EPK_OK)
		fuzz_must(index < image->header.node_count, "no node behind");
	if (epk_block_get(image, index, &block) == EPK_OK)
		fuzz_must(index < image->header.block_count, "no block behind");
	index = fuzz_below(random, image->header.node_count);
	(void)epk_child_lookup(image, index, "a", 1, &index);
	(void)epk_child_get(image, index, fuzz_next(random), &node);
}

static void see(struct epk_image *image, struct fuzz_random *random)
{
	uint8_t id[EPK_DIGEST_SIZE];
	uint32_t keys = image->signature_count;

	fuzz_must(keys <= image->slot_count &&
			  keys >= image->options.threshold &&
			  image->slot_count <= EPK_SIGNATURES_MAX,
		  "as many keys as the policy wants");
	walk_paths(image);
	look_around(image, random);
	fuzz_must(epk_content_id(image, id) == EPK_OK,
		  "content_id is computed");
}

static void run(const uint8_t *bytes, size_t size)
{
	struct fuzz_random random = fuzz_random_from(bytes, size);
	/* A choice most images pass, or any. */
	const struct fuzz_choice choice = fuzz_below(&random, 2) == 0
						  ? fuzz_choice_plain()
						  : fuzz_choice_random(&random);
	struct fuzz_image opened;
	epk_status_t status;

	status = fuzz_image_open(&opened, &choice, bytes, size);
	if (status == EPK_OK)
		see(&opened.image, &random);
	else
		fuzz_must(opened.image.failure.status == status &&
				  opened.image.failure.stage != 0,
			  "a failure says where it was");
	fuzz_count(status);
	fuzz_image_close(&opened);
}

FUZZ_REACHES(EPK_OK, EPK_ERR_SIZE, EPK_ERR_VERSION, EPK_ERR_HEADER,
	     EPK_ERR_HEADER_CRC, EPK_ERR_FEATURE, EPK_ERR_LIMIT,
	     EPK_ERR_SIGAREA, EPK_ERR_SIGPOLICY, EPK_ERR_BUDGET, EPK_ERR_CODEC,
	     EPK_ERR_META_DIGEST, EPK_ERR_PAD, EPK_ERR_NODE, EPK_ERR_NAME,
	     EPK_ERR_TREE, EPK_ERR_ORDER, EPK_ERR_PLACE, EPK_ERR_ALIAS,
	     EPK_ERR_LINK, EPK_ERR_BLOCK, EPK_ERR_MANIFEST, EPK_ERR_COMPAT)

const struct fuzz_target fuzz_target = {
	.name = "open",
	.runs = 20000,
	.long_runs = 3000000,
	FUZZ_IMAGE_INPUTS,
	.mutate = fuzz_image_mutate,
	.run = run,
	.report = report,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests for memory: which are granted, what is granted, the budgets, and
 * that blocks are verified once and in place. */
#include "support/tap.h"

#include "forge.h"

static struct epk_mount mount;

static void refuse(uint32_t node, uint64_t offset, uint64_t size,
		   uint32_t page_log2, epk_status_t status,
		   const char *sentence)
{
	struct epk_splice splice;

	is_i64(epk_splice_check(&mount, node, offset, size, page_log2, &splice),
	       status, "%s: %s", sentence, epk_status_name(status));
}

static void check_refusals(const struct forged *image)
{
	const uint32_t main_node = forge_find(image, "bin/main");

	refuse(forge_find(image, "a/full"), 0, 4096, 12, EPK_ERR_NO_ZEROCOPY,
	       "a file that is not mapped");
	refuse(forge_find(image, "a/one"), 0, 1, 12, EPK_ERR_NO_ZEROCOPY,
	       "a shared file");
	refuse(forge_find(image, "empty"), 0, 1, 12, EPK_ERR_NO_ZEROCOPY,
	       "an empty file");
	refuse(0, 0, 1, 12, EPK_ERR_NO_ZEROCOPY, "a folder");
	refuse(99, 0, 1, 12, EPK_ERR_RANGE, "no node");
	refuse(main_node, 1, 1, 12, EPK_ERR_NO_ZEROCOPY,
	       "an offset within a page");
	refuse(main_node, 4095, 1, 12, EPK_ERR_NO_ZEROCOPY,
	       "an offset one byte before a page");
	refuse(main_node, 0, 0, 12, EPK_ERR_NO_ZEROCOPY, "no bytes");
	refuse(main_node, 8192, 1, 12, EPK_ERR_NO_ZEROCOPY,
	       "an offset at the end of the pad");
	refuse(main_node, 0, 8193, 12, EPK_ERR_NO_ZEROCOPY,
	       "one byte more than file and pad");
	refuse(main_node, 4096, 4097, 12, EPK_ERR_NO_ZEROCOPY,
	       "one byte more than the rest and pad");
	refuse(main_node, 4096, UINT64_MAX, 12, EPK_ERR_NO_ZEROCOPY,
	       "a size that overflows");
	refuse(main_node, UINT64_C(0) - 4096, 4096, 12, EPK_ERR_NO_ZEROCOPY,
	       "an offset that overflows");
	refuse(main_node, 0, 4096, 13, EPK_ERR_NO_ZEROCOPY,
	       "a system page larger than the alignment");
	refuse(main_node, 0, 4096, 31, EPK_ERR_INVALID, "no page size");
	is_i64(epk_splice_check(&mount, main_node, 0, 1, 12, NULL),
	       EPK_ERR_INVALID, "no room for the answer: INVALID");
}

static void grant(uint32_t node, uint64_t offset, uint64_t size,
		  struct epk_splice wanted, const char *sentence)
{
	struct epk_splice splice = { 0 };
	const epk_status_t status =
		epk_splice_check(&mount, node, offset, size, 12, &splice);

	ok(status == EPK_OK && splice.image_offset == wanted.image_offset &&
		   splice.size_bytes == wanted.size_bytes &&
		   splice.content_size == wanted.content_size &&
		   splice.first_block == wanted.first_block &&
		   splice.block_count == wanted.block_count &&
		   splice.executable == wanted.executable,
	   "%s: granted as wanted", sentence);
}

static void check_grants(const struct forged *image)
{
	const uint32_t node = forge_find(image, "bin/main");

	grant(node, 0, 8192, (struct epk_splice){ 8192, 8192, 5000, 0, 2, 1 },
	      "a whole file with its pad");
	grant(node, 0, 1, (struct epk_splice){ 8192, 4096, 1, 0, 1, 1 },
	      "the first byte");
	grant(node, 0, 4096, (struct epk_splice){ 8192, 4096, 4096, 0, 1, 1 },
	      "the first page");
	grant(node, 0, 4097, (struct epk_splice){ 8192, 8192, 4097, 0, 2, 1 },
	      "a byte more than a page");
	grant(node, 4096, 4096,
	      (struct epk_splice){ 12288, 4096, 904, 1, 1, 1 },
	      "the last page");
	grant(node, 4096, 905, (struct epk_splice){ 12288, 4096, 904, 1, 1, 1 },
	      "a byte of the pad");
}

static void check_budgets(const struct forged *image)
{
	const uint32_t node = forge_find(image, "bin/main");
	struct epk_splice splice;
	struct epk_splice more = { .size_bytes = 1 };

	mount.splice_request_max = 8191;
	refuse(node, 0, 8192, 12, EPK_ERR_SPLICE_REQUEST,
	       "a byte more than a request may have");
	refuse(node, 0, 4097, 12, EPK_ERR_SPLICE_REQUEST,
	       "whole pages count, not bytes");
	mount.splice_request_max = 8192;
	mount.splice_live_max = 12288;
	is_i64(epk_splice_check(&mount, node, 0, 8192, 12, &splice), EPK_OK,
	       "a request of just the budget is granted");
	is_i64(epk_splice_charge(&mount, &splice), EPK_OK, "and counted");
	refuse(node, 0, 8192, 12, EPK_ERR_SPLICE_LIVE,
	       "a second one beyond the live budget");
	is_i64(epk_splice_charge(&mount, &splice), EPK_ERR_SPLICE_LIVE,
	       "nor is it counted");
	is_u64(mount.splice_live, 8192, "what is out stays counted once");
	refuse(node, 0, 4096, 12, EPK_OK, "a smaller one still fits");
	is_i64(epk_mount_fini(&mount), EPK_ERR_BUSY,
	       "a mount with memory out cannot be left");
	is_i64(epk_splice_return(&mount, &splice), EPK_OK, "it comes back");
	is_i64(epk_splice_return(&mount, &more), EPK_ERR_INVALID,
	       "more than is out cannot come back");
	is_u64(mount.splice_live, 0, "nothing is out");
}

static uint32_t hashed;

static epk_status_t counting_init(struct epk_hash *hash)
{
	hashed++;
	return epk_ops_core()->sha256_init(hash);
}

static void check_verify(struct forged *image, struct epk_image *opened)
{
	struct epk_ops ops = *epk_ops_core();

	ops.sha256_init = counting_init;
	opened->ops = &ops;
	is_i64(epk_block_verify(&mount, 0), EPK_OK, "a block is verified");
	is_i64(epk_block_verify(&mount, 0), EPK_OK, "and again");
	is_u64(hashed, 1, "but hashed once");
	is_i64(epk_block_verify(&mount, 7), EPK_ERR_RANGE, "no block: RANGE");
	forge_block_bytes(image, 1)[904] = 1;
	is_i64(epk_block_verify(&mount, 1), EPK_ERR_BLOCK_DIGEST,
	       "a byte in the pad: BLOCK_DIGEST");
	is_i64(epk_block_verify(&mount, 1), EPK_ERR_BLOCK_DIGEST,
	       "and not forgiven the second time");
	forge_block_bytes(image, 1)[904] = 0;
	opened->ops = epk_ops_default();
}

static void check_unmapped(const struct forged *image)
{
	struct forge_reader reader = { .image = image };
	const struct epk_source source = forge_callback(&reader);
	struct forge_open opened;
	struct epk_mount other;
	uint64_t size;
	void *memory;

	(void)forge_open(&opened, &source, epk_ops_default(), NULL);
	size = epk_mount_size(&opened.image, 1);
	memory = malloc(size);
	(void)epk_mount_init(&other, &opened.image, memory, size);
	is_i64(epk_block_verify(&other, 0), EPK_ERR_UNSUPPORTED,
	       "a block of a source that is not memory: UNSUPPORTED");
	free(memory);
	forge_close(&opened);
}

/* Pages smaller than the alignment: whole pages of nothing but pad. */
static void check_wide(void)
{
	struct forged image = forge_golden(3);
	const struct epk_source source = forge_source(&image);
	struct forge_open opened;
	uint64_t size;
	void *memory;
	uint32_t node = forge_find(&image, "data.bin");

	(void)forge_open(&opened, &source, epk_ops_default(), NULL);
	size = epk_mount_size(&opened.image, 1);
	memory = malloc(size);
	(void)epk_mount_init(&mount, &opened.image, memory, size);
	grant(node, 0, 81920,
	      (struct epk_splice){ 16384, 81920, 70000, 0, 2, 0 },
	      "two blocks at 16 KiB");
	grant(node, 73728, 8192, (struct epk_splice){ 90112, 8192, 0, 1, 1, 0 },
	      "pages of pad have no content");
	grant(forge_find(&image, "copy.bin"), 0, 4096,
	      (struct epk_splice){ 16384, 4096, 4096, 0, 1, 0 },
	      "an equal file is the same memory");
	ok(epk_mount_fini(&mount) == EPK_OK, "the mount can be left");
	free(memory);
	forge_close(&opened);
	forge_free(&image);
}

int main(void)
{
	struct forged image = forge_golden(2);
	const struct epk_source source = forge_source(&image);
	struct forge_open opened;
	uint64_t size;
	void *memory;

	plan(0);
	(void)forge_open(&opened, &source, epk_ops_default(), NULL);
	size = epk_mount_size(&opened.image, 1);
	memory = malloc(size);
	is_i64(epk_mount_init(&mount, &opened.image, memory, size), EPK_OK,
	       "golden image 2 is served");
	check_refusals(&image);
	check_grants(&image);
	check_budgets(&image);
	check_verify(&image, &opened.image);
	check_unmapped(&image);
	is_i64(epk_mount_fini(&mount), EPK_OK, "an idle mount can be left");
	free(memory);
	forge_close(&opened);
	forge_free(&image);
	check_wide();
	return done();
}

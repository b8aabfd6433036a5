/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot package is read in place with the core of libepk, which has a
 * SHA-256 and no decoder: a package with compressed metadata is refused
 * with COMPAT. */
#include "boot/boot.h"

#include <kernel/page.h>
#include <kernel/string.h>

#include <epk/reader.h>

#define INIT_PATH "/init"
/* The core's work memory for a package of 2^19 nodes. */
#define WORK_ORDER_MAX PAGE_ORDER_MAX

static struct epk_image image;

HELD _Noreturn static void refuse(const struct epk_image *refused)
{
	boot_refuse("boot package: %s (step %s)",
		    epk_status_name(refused->failure.status),
		    epk_stage_name(refused->failure.stage));
}

HELD static paddr_t take_pages(uint64_t size_bytes, unsigned *out_order)
{
	unsigned order = 0;
	paddr_t pages;

	while (order < WORK_ORDER_MAX && NX_PAGE_SIZE << order < size_bytes)
		order++;
	if (NX_PAGE_SIZE << order < size_bytes ||
	    page_alloc(NULL, order, &pages) != NX_OK)
		boot_refuse("boot package: too large for this machine");
	*out_order = order;
	return pages;
}

HELD static void probe(const struct epk_source *source,
		       struct epk_need *out_need)
{
	unsigned order;
	paddr_t page = take_pages(EPK_PAGE_SIZE, &order);

	if (epk_probe(&image, source, epk_ops_core(), NULL, phys_to_virt(page),
		      out_need) != EPK_OK)
		refuse(&image);
	page_free(NULL, page, order);
}

HELD static void load(const struct epk_need *need)
{
	unsigned order;
	paddr_t work;

	if (need->metadata_size_bytes > 0)
		boot_refuse("boot package: COMPAT (step 12)");
	work = take_pages(need->work_size_bytes, &order);
	if (epk_load(&image, NULL, 0, phys_to_virt(work),
		     NX_PAGE_SIZE << order) != EPK_OK)
		refuse(&image);
	page_free(NULL, work, order);
}

/* A MAPPED file lies in one piece, its blocks one behind the other. */
HELD static void check_init(const char *bytes, struct boot_file *out_init)
{
	struct epk_node node;
	struct epk_block block;
	uint32_t index;
	uint8_t digest[EPK_DIGEST_SIZE];

	if (epk_walk(&image, 0, INIT_PATH, sizeof(INIT_PATH) - 1, 0, &index) !=
		    EPK_OK ||
	    epk_node_get(&image, index, &node) != EPK_OK ||
	    node.type != EPK_TYPE_FILE)
		boot_refuse("boot package: there is no /init");
	if ((node.flags & EPK_FLAG_EXEC) == 0)
		boot_refuse("boot package: /init is not executable");
	if ((node.flags & EPK_FLAG_MAPPED) == 0)
		boot_refuse("boot package: /init is not MAPPED");
	if (epk_block_get(&image, node.first, &block) != EPK_OK ||
	    epk_sha256(epk_ops_core(), bytes + block.image_offset,
		       node.size_bytes, digest) != EPK_OK ||
	    memcmp(digest, node.sha256, sizeof(digest)) != 0)
		boot_refuse("boot package: FILE_DIGEST of /init");
	out_init->offset = block.image_offset;
	out_init->size_bytes = node.size_bytes;
}

void package_check(const struct boot_range *package, struct boot_file *out_init)
{
	struct epk_source source = { .size_bytes = package->size_bytes };
	struct epk_need need;

	if (package->size_bytes == 0)
		boot_refuse("boot package: there is none");
	if (!is_page_aligned(package->base))
		boot_refuse("boot package: not at a page");
	source.mapped = phys_to_virt(package->base);
	memset(&image, 0, sizeof(image));
	probe(&source, &need);
	load(&need);
	check_init(source.mapped, out_init);
}

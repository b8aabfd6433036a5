/* SPDX-License-Identifier: BSD-2-Clause */
#include <lib/image.h>

#include <epk/host.h>
#include <nexus/errors.h>
#include <nexus/syscalls.h>
#include <nexus/version.h>
#include <string.h>

static const struct epk_platform platform = {
	.arch = EPK_ARCH_RISCV64,
	.kernel = EPK_KERNEL_NEXUS,
	.kernel_major = NX_ABI_MAJOR,
	.kernel_minor = NX_ABI_MINOR,
};

static const struct epk_options options = {
	.size_bytes = sizeof(struct epk_options),
	.signatures = EPK_SIGNATURES_DISABLED,
	.platform = &platform,
	.metadata_budget_bytes = (uint64_t)32 << 20,
};

nx_status_t image_status(epk_status_t status)
{
	static const struct {
		epk_status_t epk;
		nx_status_t nexus;
	} table[] = {
		{ EPK_OK, NX_OK },
		{ EPK_ERR_IO, NX_ERR_IO },
		{ EPK_ERR_BUDGET, NX_ERR_OVER_BUDGET },
		{ EPK_ERR_COMPAT, NX_ERR_INCOMPATIBLE },
		{ EPK_ERR_FEATURE, NX_ERR_INCOMPATIBLE },
		{ EPK_ERR_VERSION, NX_ERR_INCOMPATIBLE },
		{ EPK_ERR_NO_ZEROCOPY, NX_ERR_NO_ZEROCOPY },
		{ EPK_ERR_SPLICE_REQUEST, NX_ERR_OVER_BUDGET },
		{ EPK_ERR_SPLICE_LIVE, NX_ERR_OVER_BUDGET },
		{ EPK_ERR_INVALID, NX_ERR_INVALID_ARGS },
		{ EPK_ERR_NO_MEMORY, NX_ERR_NO_MEMORY },
		{ EPK_ERR_NOT_FOUND, NX_ERR_NOT_FOUND },
		{ EPK_ERR_NOT_FOLDER, NX_ERR_NOT_FOUND },
		{ EPK_ERR_LOOP, NX_ERR_NOT_FOUND },
		{ EPK_ERR_NOT_FILE, NX_ERR_WRONG_KIND },
		{ EPK_ERR_RANGE, NX_ERR_OUT_OF_RANGE },
		{ EPK_ERR_BUSY, NX_ERR_BUSY },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].epk == status)
			return table[i].nexus;
	return NX_ERR_CORRUPT;
}

static nx_status_t map_image(struct image *image, uint64_t *out_content)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	nx_uaddr_t address;
	uint32_t seals, mappings;
	uint64_t size;
	nx_status_t status;

	status = nx_vmo_info(image->vmo, &size, out_content, &seals, &mappings);
	if (status != NX_OK)
		return status;
	if ((seals & NX_SEAL_WRITE) == 0)
		return NX_ERR_BAD_STATE;
	status = nx_map(self, image->vmo, 0, size, NX_MAP_READ, 0, &address);
	if (status != NX_OK)
		return status;
	image->bytes = (const uint8_t *)(uintptr_t)address;
	image->mapped_bytes = size;
	return NX_OK;
}

static epk_status_t load(struct image *image, const struct epk_need *need)
{
	epk_status_t status = EPK_ERR_NO_MEMORY;
	void *work = NULL;

	if (need->metadata_size_bytes) {
		image->metadata =
			heap_allocate(image->heap, need->metadata_size_bytes);
		if (!image->metadata)
			return EPK_ERR_NO_MEMORY;
	}
	if (need->work_size_bytes)
		work = heap_allocate(image->heap, need->work_size_bytes);
	if (work || need->work_size_bytes == 0)
		status = epk_load(&image->epk, image->metadata,
				  need->metadata_size_bytes, work,
				  need->work_size_bytes);
	heap_free(image->heap, work);
	return status;
}

static epk_status_t probe(struct image *image, uint64_t content,
			  struct epk_need *need)
{
	const struct epk_source source = {
		.mapped = image->bytes,
		.size_bytes = content,
	};
	void *page = heap_allocate(image->heap, EPK_PAGE_SIZE);
	epk_status_t status;

	if (!page)
		return EPK_ERR_NO_MEMORY;
	status = epk_probe(&image->epk, &source, epk_ops_default(), &options,
			   page, need);
	heap_free(image->heap, page);
	return status;
}

static epk_status_t serve(struct image *image, uint32_t blocks)
{
	uint64_t size = epk_mount_size(&image->epk, blocks);

	image->memory = heap_allocate(image->heap, size);
	if (!image->memory)
		return EPK_ERR_NO_MEMORY;
	return epk_mount_init(&image->mount, &image->epk, image->memory, size);
}

nx_status_t image_open(struct image *image, struct heap *heap, nx_vmo_t vmo,
		       uint32_t blocks, struct epk_failure *out_failure)
{
	struct epk_need need;
	epk_status_t status;
	nx_status_t mapped;
	uint64_t content;

	memset(image, 0, sizeof(*image));
	memset(out_failure, 0, sizeof(*out_failure));
	image->heap = heap;
	image->vmo = vmo;
	mapped = map_image(image, &content);
	if (mapped != NX_OK)
		return mapped;
	status = probe(image, content, &need);
	if (status == EPK_OK)
		status = load(image, &need);
	if (status != EPK_OK)
		*out_failure = image->epk.failure;
	if (status == EPK_OK)
		status = serve(image, blocks);
	if (status != EPK_OK) {
		out_failure->status = status;
		image_close(image);
	}
	return image_status(status);
}

void image_close(struct image *image)
{
	const nx_process_t self = { NX_HANDLE_NONE };

	heap_free(image->heap, image->memory);
	heap_free(image->heap, image->metadata);
	if (image->bytes)
		nx_unmap_protect(self, (nx_uaddr_t)(uintptr_t)image->bytes,
				 image->mapped_bytes, 0);
	image->bytes = NULL;
	image->memory = NULL;
	image->metadata = NULL;
}

nx_status_t image_file(struct image *image, const char *path, size_t path_bytes,
		       struct image_file *out_file)
{
	struct epk_node node;
	struct epk_block block;
	epk_status_t status;
	uint32_t index;

	status = epk_walk(&image->epk, 0, path, path_bytes, 0, &index);
	if (status == EPK_OK)
		status = epk_node_get(&image->epk, index, &node);
	if (status != EPK_OK)
		return image_status(status);
	if (node.type != EPK_TYPE_FILE || !(node.flags & EPK_FLAG_MAPPED))
		return NX_ERR_NO_ZEROCOPY;
	for (uint32_t i = 0; i < node.count; i++) {
		status = epk_block_verify(&image->mount, node.first + i);
		if (status != EPK_OK)
			return image_status(status);
	}
	status = epk_block_get(&image->epk, node.first, &block);
	if (status != EPK_OK)
		return image_status(status);
	*out_file = (struct image_file){
		.offset = block.image_offset,
		.size_bytes = node.size_bytes,
		.node = index,
		.executable = (node.flags & EPK_FLAG_EXEC) != 0,
	};
	return NX_OK;
}

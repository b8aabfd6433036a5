/* SPDX-License-Identifier: BSD-2-Clause */
/* See forge.h. Plain and quadratic: the trees of tests are small. */
#include "forge.h"

#include <stdio.h>
#include <zlib.h>

#define NODES_MAX 4096
#define BLOCKS_MAX 4096

struct plan_node {
	struct forge_item item;
	char *path;
	const char *name;
	uint32_t parent;
	uint32_t first;
	uint32_t count;
	uint32_t at;
	uint8_t flags;
	uint8_t sha256[32];
};

struct plan_block {
	uint8_t *plain;
	uint32_t plain_size;
	uint8_t *stored;
	uint32_t stored_size;
	uint32_t codec;
};

struct plan {
	const struct forge_recipe *recipe;
	uint32_t align_log2;
	uint32_t block_log2;
	struct plan_node nodes[NODES_MAX];
	uint32_t node_count;
	struct plan_block blocks[3][BLOCKS_MAX];
	uint32_t block_count[3];
};

static void *must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

static char *copy_text(const char *text, size_t size)
{
	char *copy = must(calloc(1, size + 1));

	memcpy(copy, text, size);
	return copy;
}

void forge_sha256(const void *bytes, size_t size, uint8_t digest[32])
{
	if (epk_sha256(epk_ops_default(), bytes, size, digest) != EPK_OK)
		abort();
}

/* ---- the tree ---- */

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* The child of `folder` on the way to path, or NULL. */
static char *child_on_the_way(const char *folder, const char *path)
{
	const size_t size = strlen(folder);
	const char *rest = path;
	const char *slash;

	if (size != 0) {
		if (strncmp(path, folder, size) != 0 || path[size] != '/')
			return NULL;
		rest = path + size + 1;
	}
	if (*rest == '\0')
		return NULL;
	slash = strchr(rest, '/');
	return copy_text(path,
			 slash == NULL ? strlen(path) : (size_t)(slash - path));
}

static int by_path(const void *a, const void *b)
{
	const struct plan_node *left = a;
	const struct plan_node *right = b;

	return epk_name_compare(left->name, strlen(left->name), right->name,
				strlen(right->name));
}

static bool has_child(const struct plan *plan, uint32_t first, const char *path)
{
	for (uint32_t i = first; i < plan->node_count; i++) {
		if (strcmp(plan->nodes[i].path, path) == 0)
			return true;
	}
	return false;
}

static void add_child(struct plan *plan, uint32_t parent, char *path)
{
	struct plan_node *node = &plan->nodes[plan->node_count++];

	if (plan->node_count > NODES_MAX)
		abort();
	node->path = path;
	node->name = name_of(path);
	node->parent = parent;
	node->item.type = EPK_TYPE_FOLDER;
	for (uint32_t i = 0; i < plan->recipe->count; i++) {
		if (strcmp(plan->recipe->items[i].path, path) == 0)
			node->item = plan->recipe->items[i];
	}
}

static void add_children(struct plan *plan, uint32_t parent)
{
	const uint32_t first = plan->node_count;
	struct plan_node *folder = &plan->nodes[parent];

	for (uint32_t i = 0; i < plan->recipe->count; i++) {
		char *path = child_on_the_way(folder->path,
					      plan->recipe->items[i].path);

		if (path == NULL)
			continue;
		if (has_child(plan, first, path))
			free(path);
		else
			add_child(plan, parent, path);
	}
	folder->count = plan->node_count - first;
	folder->first = folder->count != 0 ? first : 0;
	qsort(&plan->nodes[first], folder->count, sizeof(plan->nodes[0]),
	      by_path);
}

static void build_tree(struct plan *plan)
{
	plan->nodes[0].path = copy_text("", 0);
	plan->nodes[0].name = plan->nodes[0].path;
	plan->nodes[0].item.type = EPK_TYPE_FOLDER;
	plan->node_count = 1;
	for (uint32_t i = 0; i < plan->node_count; i++) {
		if (plan->nodes[i].item.type == EPK_TYPE_FOLDER)
			add_children(plan, i);
	}
}

static uint32_t find_node(const struct plan *plan, const char *path)
{
	for (uint32_t i = 0; i < plan->node_count; i++) {
		if (strcmp(plan->nodes[i].path, path) == 0)
			return i;
	}
	abort();
}

/* ---- placement, section 7 ---- */

static struct plan_block *add_block(struct plan *plan, uint32_t region)
{
	if (plan->block_count[region] == BLOCKS_MAX)
		abort();
	return &plan->blocks[region][plan->block_count[region]++];
}

static void append(struct plan_block *block, const uint8_t *bytes, size_t size)
{
	block->plain = must(realloc(block->plain, block->plain_size + size));
	memcpy(block->plain + block->plain_size, bytes, size);
	block->plain_size += (uint32_t)size;
}

static void place_shared(struct plan *plan, struct plan_node *node)
{
	const size_t full = (size_t)1 << plan->block_log2;
	uint32_t last = plan->block_count[2];
	struct plan_block *block;

	if (last == 0 ||
	    plan->blocks[2][last - 1].plain_size + node->item.size > full) {
		add_block(plan, 2);
		last++;
	}
	block = &plan->blocks[2][last - 1];
	node->first = last - 1;
	node->at = block->plain_size;
	node->count = 1;
	append(block, node->item.bytes, node->item.size);
}

static void place_whole(struct plan *plan, struct plan_node *node,
			uint32_t region)
{
	const size_t full = (size_t)1 << plan->block_log2;
	const uint8_t *bytes = node->item.bytes;
	size_t left = node->item.size;

	node->first = plan->block_count[region];
	while (left != 0) {
		const size_t part = left < full ? left : full;

		append(add_block(plan, region), bytes, part);
		bytes += part;
		left -= part;
		node->count++;
	}
}

static const struct plan_node *find_equal(const struct plan *plan,
					  const struct plan_node *node)
{
	for (const struct plan_node *i = plan->nodes; i < node; i++) {
		if (i->item.type == EPK_TYPE_FILE &&
		    i->item.size == node->item.size &&
		    i->flags / EPK_FLAG_SHARED ==
			    node->flags / EPK_FLAG_SHARED &&
		    memcmp(i->sha256, node->sha256, 32) == 0)
			return i;
	}
	return NULL;
}

static void place_file(struct plan *plan, struct plan_node *node)
{
	const bool mapped = (node->item.flags & EPK_FLAG_MAPPED) != 0;
	const bool small = node->item.size >> plan->block_log2 == 0;
	const struct plan_node *equal;

	node->flags = node->item.flags;
	forge_sha256(node->item.bytes, node->item.size, node->sha256);
	if (node->item.size == 0)
		return;
	if (!mapped && small)
		node->flags |= EPK_FLAG_SHARED;
	equal = find_equal(plan, node);
	if (equal != NULL) {
		node->first = equal->first;
		node->count = equal->count;
		node->at = equal->at;
	} else if (mapped || !small) {
		place_whole(plan, node, mapped ? 0 : 1);
	} else {
		place_shared(plan, node);
	}
}

static void place_files(struct plan *plan)
{
	uint32_t base[3];

	for (uint32_t i = 0; i < plan->node_count; i++) {
		if (plan->nodes[i].item.type == EPK_TYPE_FILE)
			place_file(plan, &plan->nodes[i]);
	}
	base[0] = 0;
	base[1] = plan->block_count[0];
	base[2] = base[1] + plan->block_count[1];
	for (uint32_t i = 0; i < plan->node_count; i++) {
		struct plan_node *node = &plan->nodes[i];

		if (node->item.type == EPK_TYPE_FILE && node->item.size != 0)
			node->first += base[epk_region_of(node->flags)];
	}
}

static uint8_t *deflated(const uint8_t *bytes, size_t size, size_t *out_size)
{
	uLongf length = compressBound(size);
	uint8_t *out = must(malloc(length));

	if (compress2(out, &length, bytes, size, 9) != Z_OK)
		abort();
	*out_size = length;
	return out;
}

static void store_block(const struct plan *plan, struct plan_block *block,
			uint32_t region)
{
	size_t size;

	if (region != 0 && plan->recipe->codec == EPK_CODEC_ZLIB) {
		block->stored =
			deflated(block->plain, block->plain_size, &size);
		block->stored_size = (uint32_t)size;
		block->codec = EPK_CODEC_ZLIB;
		if (size < block->plain_size)
			return;
		free(block->stored);
	}
	size = block->plain_size;
	if (region == 0)
		size = epk_align_up(size, plan->align_log2);
	block->stored = must(calloc(1, size));
	memcpy(block->stored, block->plain, block->plain_size);
	block->stored_size = (uint32_t)size;
	block->codec = EPK_CODEC_STORE;
}

/* ---- bytes ---- */

struct text {
	uint8_t *bytes;
	size_t size;
};

static void put(struct text *text, const void *bytes, size_t size)
{
	text->bytes = must(realloc(text->bytes, text->size + size + 1));
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

static void put_zero(struct text *text, size_t align)
{
	const size_t pad = (align - text->size % align) % align;
	uint8_t *zeros = must(calloc(1, pad + 1));

	put(text, zeros, pad);
	free(zeros);
}

static void put_node(const struct plan *plan, struct text *out,
		     struct text *names, const struct plan_node *node)
{
	uint8_t row[64] = { 0 };
	uint32_t first = node->first;
	uint64_t size = 0;

	epk_store32(row, node->parent);
	epk_store32(row + 4, (uint32_t)names->size);
	epk_store16(row + 8, (uint16_t)strlen(node->name));
	row[10] = node->item.type;
	row[11] = node->flags;
	put(names, node->name, strlen(node->name));
	if (node->item.type == EPK_TYPE_FILE) {
		size = node->item.size;
		memcpy(row + 32, node->sha256, 32);
	} else if (node->item.type == EPK_TYPE_LINK) {
		size = strlen(node->item.target);
		first = (uint32_t)names->size;
		put(names, node->item.target, size);
	} else if (node->item.type == EPK_TYPE_ALIAS) {
		first = find_node(plan, node->item.target);
	}
	epk_store32(row + 12, node->at);
	epk_store64(row + 16, size);
	epk_store32(row + 24, first);
	epk_store32(row + 28, node->count);
	put(out, row, sizeof(row));
}

static struct text make_metadata(struct plan *plan, size_t *out_names_size,
				 struct text *data)
{
	const struct forge_recipe *recipe = plan->recipe;
	struct text out = { 0 };
	struct text names = { 0 };
	uint8_t row[48];

	for (uint32_t i = 0; i < plan->node_count; i++)
		put_node(plan, &out, &names, &plan->nodes[i]);
	for (uint32_t region = 0; region < 3; region++) {
		for (uint32_t i = 0; i < plan->block_count[region]; i++) {
			struct plan_block *block = &plan->blocks[region][i];

			store_block(plan, block, region);
			epk_store64(row, data->size);
			epk_store32(row + 8, block->stored_size);
			epk_store32(row + 12,
				    block->codec | block->plain_size << 8);
			forge_sha256(block->stored, block->stored_size,
				     row + 16);
			put(&out, row, sizeof(row));
			put(data, block->stored, block->stored_size);
		}
	}
	put(&out, names.bytes, names.size);
	put_zero(&out, 16);
	put(&out, recipe->manifest,
	    recipe->manifest_size != 0 ? recipe->manifest_size
				       : strlen(recipe->manifest));
	*out_names_size = names.size;
	free(names.bytes);
	return out;
}

static void put_header(const struct plan *plan, uint8_t *page,
		       size_t names_size, size_t meta_stored)
{
	const struct forge_recipe *recipe = plan->recipe;

	memcpy(page,
	       "\x89"
	       "EPK\r\n\x1a\n",
	       8);
	epk_store16(page + 8, 1);
	epk_store32(page + 12, 256);
	page[32] = (uint8_t)plan->align_log2;
	page[33] = (uint8_t)plan->block_log2;
	page[34] = 1;
	page[35] = (uint8_t)recipe->meta_codec;
	epk_store32(page + 36, plan->node_count);
	for (uint32_t i = 0; i < 3; i++)
		epk_store32(page + 40 + (size_t)i * 4, plan->block_count[i]);
	epk_store32(page + 52, (uint32_t)names_size);
	epk_store32(page + 56, (uint32_t)(recipe->manifest_size != 0
						  ? recipe->manifest_size
						  : strlen(recipe->manifest)));
	epk_store64(page + 64, meta_stored);
	epk_store64(page + 72, recipe->build_epoch);
	memcpy(page + 256, "SIGS", 4);
}

static void free_plan(struct plan *plan)
{
	for (uint32_t i = 0; i < plan->node_count; i++)
		free(plan->nodes[i].path);
	for (uint32_t region = 0; region < 3; region++) {
		for (uint32_t i = 0; i < plan->block_count[region]; i++) {
			free(plan->blocks[region][i].plain);
			free(plan->blocks[region][i].stored);
		}
	}
	free(plan);
}

struct forged forge(const struct forge_recipe *recipe)
{
	struct plan *plan = must(calloc(1, sizeof(*plan)));
	uint8_t page[4096] = { 0 };
	struct text data = { 0 };
	struct text out = { 0 };
	struct text meta;
	size_t names_size;
	struct forged image;

	plan->recipe = recipe;
	plan->align_log2 = recipe->align_log2 != 0 ? recipe->align_log2 : 12;
	plan->block_log2 = recipe->block_log2 != 0 ? recipe->block_log2 : 12;
	build_tree(plan);
	place_files(plan);
	meta = make_metadata(plan, &names_size, &data);
	if (recipe->meta_codec == EPK_CODEC_ZLIB) {
		uint8_t *plain = meta.bytes;

		meta.bytes = deflated(plain, meta.size, &meta.size);
		free(plain);
	}
	put_header(plan, page, names_size, meta.size);
	put(&out, page, sizeof(page));
	put(&out, meta.bytes, meta.size);
	put_zero(&out, (size_t)1 << plan->align_log2);
	put(&out, data.bytes != NULL ? data.bytes : page, data.size);
	image = (struct forged){ out.bytes, out.size };
	epk_store64(image.bytes + 16, image.size);
	forge_seal(&image);
	free(meta.bytes);
	free(data.bytes);
	free_plan(plan);
	return image;
}

struct forged forge_copy(const struct forged *image)
{
	struct forged copy = { must(malloc(image->size)), image->size };

	memcpy(copy.bytes, image->bytes, image->size);
	return copy;
}

void forge_free(struct forged *image)
{
	free(image->bytes);
	*image = (struct forged){ 0 };
}

uint8_t *forge_pattern(size_t size, uint32_t step)
{
	uint8_t *bytes = must(malloc(size));

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)((i * step) ^ (i >> 8));
	return bytes;
}

/* ---- golden images ---- */

#define FILE_ITEM(p, f, b, s)                                                  \
	{                                                                      \
		.path = p, .type = EPK_TYPE_FILE, .flags = f, .bytes = b,      \
		.size = s                                                      \
	}

static struct forged golden_one(void)
{
	static const struct forge_item items[] = {
		FILE_ITEM("init", EPK_FLAG_EXEC | EPK_FLAG_MAPPED, "#!init\n",
			  7),
	};

	return forge(&(struct forge_recipe){
		.items = items,
		.count = 1,
		.block_log2 = 16,
		.manifest = "name = \"demo.min\"\nversion = \"1.0.0\"\n"
			    "arch = \"any\"\nkernel_api = \"0.1\"\n"
			    "entry = \"/init\"\n",
	});
}

static struct forged golden_two(void)
{
	uint8_t *less = forge_pattern(4095, 7);
	uint8_t *full = forge_pattern(4096, 7);
	uint8_t *more = forge_pattern(4097, 7);
	uint8_t *main_bytes = forge_pattern(5000, 3);
	const struct forge_item items[] = {
		FILE_ITEM("a/one", 0, "one\n", 4),
		FILE_ITEM("a/uno", 0, "one\n", 4),
		FILE_ITEM("a/less", 0, less, 4095),
		FILE_ITEM("a/full", 0, full, 4096),
		FILE_ITEM("a/more", 0, more, 4097),
		FILE_ITEM("bin/main", EPK_FLAG_EXEC | EPK_FLAG_MAPPED,
			  main_bytes, 5000),
		FILE_ITEM("empty", 0, "", 0),
		{ .path = "hollow", .type = EPK_TYPE_FOLDER },
		{ .path = "link", .type = EPK_TYPE_LINK, .target = "a/one" },
		{ .path = "run", .type = EPK_TYPE_ALIAS, .target = "bin" },
		FILE_ITEM("z/last", 0, "last\n", 5),
	};
	const struct forged image = forge(&(struct forge_recipe){
		.items = items,
		.count = sizeof(items) / sizeof(items[0]),
		.manifest = "# every shape\nname = \"demo.shapes\"\n"
			    "version = \"0.2.10\"\narch = \"riscv64\"\n"
			    "kernel_api = \"0.1\"\nentry = \"/run/main\"\n"
			    "description = \"tab\\t \\\"quoted\\\"\"\n\n"
			    "[commands]\nshapes = \"/bin/main\"\n\n"
			    "[permissions]\nlog = \"writes what it found\"\n",
	});

	free(less);
	free(full);
	free(more);
	free(main_bytes);
	return image;
}

static struct forged golden_three(void)
{
	uint8_t *data = forge_pattern(70000, 7);
	const struct forge_item items[] = {
		FILE_ITEM("tool", EPK_FLAG_EXEC, "#!tool\n", 7),
		FILE_ITEM("data.bin", EPK_FLAG_MAPPED, data, 70000),
		FILE_ITEM("copy.bin", EPK_FLAG_MAPPED, data, 70000),
		FILE_ITEM("notes/caf\xc3\xa9", 0, "\xc3\xa9\n", 3),
	};
	const struct forged image = forge(&(struct forge_recipe){
		.items = items,
		.count = sizeof(items) / sizeof(items[0]),
		.align_log2 = 14,
		.block_log2 = 16,
		.build_epoch = 1700000000,
		.manifest = "name = \"demo.wide\"\nversion = \"1.0.0\"\n"
			    "arch = \"any\"\nkernel_api = \"0.1\"\n"
			    "entry = \"/tool\"\n",
	});

	free(data);
	return image;
}

struct forged forge_golden(int which)
{
	return which == 1   ? golden_one()
	       : which == 2 ? golden_two()
			    : golden_three();
}

/* ---- changing an image ---- */

uint8_t *forge_node(const struct forged *image, uint32_t index)
{
	return image->bytes + 4096 + (size_t)index * 64;
}

uint8_t *forge_block(const struct forged *image, uint32_t index)
{
	return forge_node(image, epk_load32(image->bytes + 36)) +
	       (size_t)index * 48;
}

static uint32_t block_count(const struct forged *image)
{
	return epk_load32(image->bytes + 40) + epk_load32(image->bytes + 44) +
	       epk_load32(image->bytes + 48);
}

static size_t data_offset(const struct forged *image)
{
	return epk_align_up(4096 + epk_load64(image->bytes + 64),
			    image->bytes[32]);
}

uint8_t *forge_block_bytes(const struct forged *image, uint32_t index)
{
	return image->bytes + data_offset(image) +
	       epk_load64(forge_block(image, index));
}

uint8_t *forge_names(const struct forged *image)
{
	return forge_block(image, block_count(image));
}

uint8_t *forge_text(const struct forged *image)
{
	const size_t names = (size_t)(forge_names(image) - image->bytes) +
			     epk_load32(image->bytes + 52);

	return image->bytes + epk_align_up(names, 4);
}

uint32_t forge_find(const struct forged *image, const char *path)
{
	const struct epk_source source = forge_source(image);
	struct forge_open opened;
	uint32_t index;

	if (forge_open(&opened, &source, epk_ops_default(), NULL) != EPK_OK ||
	    epk_walk(&opened.image, 0, path, strlen(path), EPK_WALK_NOFOLLOW,
		     &index) != EPK_OK)
		abort();
	forge_close(&opened);
	return index;
}

void forge_seal_blocks(const struct forged *image)
{
	for (uint32_t i = 0; i < block_count(image); i++) {
		uint8_t *row = forge_block(image, i);

		forge_sha256(forge_block_bytes(image, i), epk_load32(row + 8),
			     row + 16);
	}
}

void forge_seal_header(const struct forged *image)
{
	epk_store32(image->bytes + 252, epk_crc32c(image->bytes, 252));
}

void forge_seal(const struct forged *image)
{
	const uint64_t stored = epk_load64(image->bytes + 64);

	if (stored <= image->size - 4096)
		forge_sha256(image->bytes + 4096, stored, image->bytes + 80);
	forge_seal_header(image);
}

/* ---- opening an image ---- */

static epk_status_t read_memory(void *context, uint64_t offset, void *buffer,
				size_t size)
{
	struct forge_reader *reader = context;

	reader->calls++;
	if (reader->calls == reader->fail_at)
		return EPK_ERR_IO;
	if (offset > reader->image->size || size > reader->image->size - offset)
		abort();
	if (offset + size > reader->beyond)
		reader->beyond = offset + size;
	memcpy(buffer, reader->image->bytes + offset, size);
	return EPK_OK;
}

struct epk_source forge_source(const struct forged *image)
{
	struct epk_source source;

	epk_source_from_memory(image->bytes, image->size, &source);
	return source;
}

struct epk_source forge_callback(struct forge_reader *reader)
{
	return (struct epk_source){
		.context = reader,
		.read = read_memory,
		.size_bytes = reader->image->size,
	};
}

epk_status_t forge_open(struct forge_open *opened,
			const struct epk_source *source,
			const struct epk_ops *ops,
			const struct epk_options *options)
{
	void *page = must(malloc(EPK_PAGE_SIZE));
	struct epk_need need;
	epk_status_t status;

	*opened = (struct forge_open){ 0 };
	status = epk_probe(&opened->image, source, ops, options, page, &need);
	free(page);
	if (status != EPK_OK)
		return status;
	if (need.metadata_size_bytes != 0)
		opened->metadata = must(malloc(need.metadata_size_bytes));
	opened->work = must(malloc(need.work_size_bytes));
	status = epk_load(&opened->image, opened->metadata,
			  need.metadata_size_bytes, opened->work,
			  need.work_size_bytes);
	free(opened->work);
	opened->work = NULL;
	if (status != EPK_OK)
		forge_close(opened);
	return status;
}

epk_status_t forge_verify(const struct forged *image,
			  struct epk_failure *out_failure)
{
	const struct epk_source source = forge_source(image);
	struct forge_open opened;
	epk_status_t status;

	status = forge_open(&opened, &source, epk_ops_default(), NULL);
	if (status == EPK_OK) {
		const uint64_t size = epk_deep_size(&opened.image);
		void *scratch = must(malloc(size));

		status = epk_verify_deep(&opened.image, scratch, size, NULL,
					 NULL);
		free(scratch);
	}
	if (out_failure != NULL)
		*out_failure = opened.image.failure;
	forge_close(&opened);
	return status;
}

void forge_close(struct forge_open *opened)
{
	free(opened->metadata);
	free(opened->work);
	opened->metadata = NULL;
	opened->work = NULL;
}

const char *forge_hex(const uint8_t digest[32])
{
	static char texts[2][65];
	static int next;
	char *text = texts[next ^= 1];

	for (size_t i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return text;
}

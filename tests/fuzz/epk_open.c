/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a package image: nothing the reader does with them may crash,
 * read out of bounds or run for long, and an image that deep verification
 * accepts is canonical: built anew from what is in it, it has the same bytes.
 *
 * Bytes changed at random fail at a digest and prove little. The mutator
 * changes fields where they lie and seals the image again, layer by layer.
 *
 * With libFuzzer the two LLVMFuzzer functions are used and main is left out
 * (-DEPK_FUZZER). Otherwise: files given as arguments are replayed; without
 * arguments the built-in corpus is mutated from a seed, a fixed number of
 * times (NEXUS_FUZZ_RUNS, NEXUS_FUZZ_SEED), and -w FOLDER writes the corpus.
 */
#include "support/tap.h"

#include "unit/libepk/forge.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);

/* How often each status came out; [-status]. */
static uint32_t verdicts[100];

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* ---- what is done with an image ---- */

#define ITEMS_MAX 4096u
#define BYTES_MAX (UINT64_C(16) << 20)

static void read_files(const struct epk_image *image)
{
	const uint64_t size = epk_mount_size(image, 2);
	void *memory = malloc(size);
	uint8_t *buffer = malloc(70000);
	struct epk_mount mount;
	size_t got;

	must(epk_mount_init(&mount, image, memory, size) == EPK_OK,
	     "a loaded image can be served");
	for (uint32_t i = 0; i < image->header.node_count; i++) {
		struct epk_node node;

		(void)epk_node_get(image, i, &node);
		if (epk_read(&mount, i, node.size_bytes / 3, buffer, 70000,
			     &got) == EPK_OK)
			must(got <= node.size_bytes, "no more than there is");
	}
	must(epk_mount_fini(&mount) == EPK_OK, "nothing is held");
	free(buffer);
	free(memory);
}

static void walk_paths(const struct epk_image *image)
{
	static char path[EPK_PATH_MAX + 1];

	for (uint32_t i = 0; i < image->header.node_count; i++) {
		uint32_t index = 0;
		size_t size;

		must(epk_node_path(image, i, path, sizeof(path), &size) ==
			     EPK_OK,
		     "every path fits");
		must(epk_walk(image, 0, path, size, EPK_WALK_NOFOLLOW,
			      &index) == EPK_OK &&
			     index == i,
		     "every path leads to its node");
		(void)epk_walk(image, 0, path, size, 0, &index);
		must(index < image->header.node_count, "walks stay inside");
	}
}

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

		must(epk_read(mount, node->index, 0, bytes, size,
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
	must(again.size == size && memcmp(again.bytes, data, 256) == 0 &&
		     memcmp(again.bytes + 4096, data + 4096, size - 4096) == 0,
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

static epk_status_t use_image(struct epk_image *image, const uint8_t *data,
			      size_t size)
{
	const uint64_t scratch_size = epk_deep_size(image);
	void *scratch = malloc(scratch_size);
	uint8_t id[32];
	epk_status_t status;

	walk_paths(image);
	read_files(image);
	must(epk_content_id(image, id) == EPK_OK, "content_id is computed");
	status = epk_verify_deep(image, scratch, scratch_size, NULL, NULL);
	free(scratch);
	if (status == EPK_OK && can_rebuild(image))
		rebuild(image, data, size);
	return status;
}

/* ---- libFuzzer's two functions ---- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Metadata is bounded by a budget, as a careful caller's would be. */
	const struct epk_options options = {
		.size_bytes = sizeof(options),
		.metadata_budget_bytes = UINT64_C(4) << 20,
	};
	struct epk_source source;
	struct forge_open opened;
	epk_status_t status;

	epk_source_from_memory(data, size, &source);
	status = forge_open(&opened, &source, epk_ops_default(), &options);
	if (status == EPK_OK)
		status = use_image(&opened.image, data, size);
	must(status <= 0 && status > -100, "a status is a status");
	verdicts[-status]++;
	forge_close(&opened);
	return 0;
}

static uint32_t random_state;

static uint32_t next_random(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(random_state >> 4) * below >> 28);
}

/* A part of the image that fields are changed in. */
struct part {
	size_t offset;
	size_t size;
	size_t row; /* 0: bytes */
};

static size_t parts_of(const uint8_t *data, size_t size, struct part *parts)
{
	const uint64_t nodes = (uint64_t)epk_load32(data + 36) * 64;
	const uint64_t blocks =
		48 * ((uint64_t)epk_load32(data + 40) + epk_load32(data + 44) +
		      epk_load32(data + 48));
	const uint64_t names = epk_load32(data + 52);
	const uint64_t text = epk_load32(data + 56);
	const uint64_t tables = nodes + blocks + names;

	parts[0] = (struct part){ 8, 240, 4 };
	parts[1] = (struct part){ 256, 3840, 0 };
	if (data[35] != EPK_CODEC_STORE || tables + text + 32 > size - 4096)
		return 2;
	parts[2] = (struct part){ 4096, (size_t)nodes, 64 };
	parts[3] = (struct part){ 4096 + (size_t)nodes, (size_t)blocks, 48 };
	parts[4] = (struct part){ 4096 + (size_t)(nodes + blocks),
				  (size_t)names, 0 };
	parts[5] = (struct part){ 4096 + (size_t)epk_align_up(tables, 4),
				  (size_t)text, 0 };
	parts[6] = (struct part){ parts[5].offset + parts[5].size,
				  size - parts[5].offset - parts[5].size, 0 };
	return 7;
}

static void change_byte(uint8_t *byte)
{
	static const uint8_t values[] = { 0,   1,    2,	   3,	 4,
					  5,   7,    9,	   '\n', '"',
					  '.', '/',  '=',  '[',	 '\\',
					  'a', 0x7f, 0x80, 0xc3, 0xff };

	if (next_random(2) == 0)
		*byte = values[next_random(sizeof(values))];
	else
		*byte ^= (uint8_t)(1u << next_random(8));
}

static void change_word(uint8_t *bytes)
{
	static const uint32_t values[] = { 0,	      1,     2,	       3,
					   4,	      15,    4095,     4096,
					   4097,      65536, 1u << 20, 1u << 26,
					   UINT32_MAX };
	const uint32_t value = epk_load32(bytes);

	switch (next_random(4)) {
	case 0:
		epk_store32(bytes, value + 1);
		break;
	case 1:
		epk_store32(bytes, value - 1);
		break;
	case 2:
		epk_store32(bytes, values[next_random(13)]);
		break;
	default:
		change_byte(bytes + next_random(4));
	}
}

static void change_part(uint8_t *data, const struct part *part)
{
	const size_t at = part->offset + next_random((uint32_t)part->size);
	const size_t word = part->offset + ((at - part->offset) & ~(size_t)3);

	if (part->row != 0 && word + 4 <= part->offset + part->size)
		change_word(data + word);
	else
		change_byte(data + at);
	/* A field as another row has it: swaps, doubles, moves. */
	if (part->row != 0 && part->size >= 2 * part->row &&
	    next_random(3) == 0) {
		const size_t rows = part->size / part->row;
		const size_t from = next_random((uint32_t)rows) * part->row;
		const size_t to = next_random((uint32_t)rows) * part->row;
		const size_t field = next_random((uint32_t)part->row / 4) * 4;

		memmove(data + part->offset + to + field,
			data + part->offset + from + field, 4);
	}
}

/* Digests of blocks, of files, of the metadata, of the header. */
static bool rows_fit(const struct forged *image)
{
	struct part parts[7];
	size_t data_offset;
	size_t blocks;

	if (parts_of(image->bytes, image->size, parts) < 7 ||
	    image->bytes[32] > 16 ||
	    epk_load64(image->bytes + 64) > image->size)
		return false;
	data_offset = (size_t)epk_align_up(4096 + epk_load64(image->bytes + 64),
					   image->bytes[32]);
	blocks = parts[3].size / 48;
	for (size_t i = 0; i < blocks; i++) {
		const uint8_t *row = forge_block(image, (uint32_t)i);
		const uint64_t offset = epk_load64(row);

		if (offset > image->size ||
		    data_offset + offset + epk_load32(row + 8) > image->size)
			return false;
	}
	return true;
}

/* Files of one block, which most are: what the block now says they are. */
static void seal_files(const struct forged *image)
{
	for (uint32_t i = 0; i < epk_load32(image->bytes + 36); i++) {
		uint8_t *row = forge_node(image, i);
		const uint32_t first = epk_load32(row + 24);
		const uint64_t at = epk_load32(row + 12);
		const uint64_t size = epk_load64(row + 16);
		struct part parts[7];

		(void)parts_of(image->bytes, image->size, parts);
		if (row[10] != EPK_TYPE_FILE || size == 0 ||
		    epk_load32(row + 28) != 1 || first >= parts[3].size / 48 ||
		    size > (1u << 20) ||
		    at + size > epk_load32(forge_block(image, first) + 8))
			continue;
		forge_sha256(forge_block_bytes(image, first) + at, (size_t)size,
			     row + 32);
	}
}

static void seal(const struct forged *image)
{
	const uint32_t layers = next_random(16);

	if (layers != 0 && rows_fit(image)) {
		forge_seal_blocks(image);
		if ((layers & 1) != 0)
			seal_files(image);
	}
	if (layers == 1)
		return;
	if (layers == 2)
		forge_seal_header(image);
	else
		forge_seal(image);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	const uint32_t rounds = 1 + seed % 3;
	struct part parts[7];
	struct forged image;

	(void)max_size;
	random_state = seed;
	if (size < 4096 + 64)
		return size;
	for (uint32_t i = 0; i < rounds; i++) {
		const size_t count = parts_of(data, size, parts);
		size_t part = next_random((uint32_t)count);

		/* Nodes are where the rules are. */
		if (count > 2 && next_random(2) == 0)
			part = 2;
		if (parts[part].size != 0)
			change_part(data, &parts[part]);
	}
	if (next_random(50) == 0 && size > 5000)
		size -= 1 + next_random(600);
	if (next_random(4) != 0)
		epk_store64(data + 16, size);
	image = (struct forged){ data, size };
	seal(&image);
	return size;
}

/* ---- the plain main ---- */

#ifndef EPK_FUZZER

static struct forged tree_image(uint32_t codec, uint32_t meta_codec)
{
	static const char text[] = "the quick brown fox, again and again and "
				   "again and again and again and again";
	static const struct forge_item items[] = {
		{ "bin/a", EPK_TYPE_FILE, EPK_FLAG_EXEC, text, 70, NULL },
		{ "bin/b", EPK_TYPE_FILE, 0, text, 71, NULL },
		{ "bin/c/d/e", EPK_TYPE_LINK, 0, NULL, 0, "../../a" },
		{ "etc/x", EPK_TYPE_FILE, EPK_FLAG_MAPPED, text, 10, NULL },
		{ "etc/y", EPK_TYPE_FILE, EPK_FLAG_MAPPED, text, 11, NULL },
		{ "run", EPK_TYPE_ALIAS, 0, NULL, 0, "bin" },
		{ "self", EPK_TYPE_ALIAS, 0, NULL, 0, "" },
		{ "one", EPK_TYPE_FILE, 0, text, 1, NULL },
		{ "two", EPK_TYPE_FILE, 0, text, 1, NULL },
		{ "none", EPK_TYPE_FILE, 0, text, 0, NULL },
	};

	return forge(&(struct forge_recipe){
		.items = items,
		.count = sizeof(items) / sizeof(items[0]),
		.codec = codec,
		.meta_codec = meta_codec,
		.manifest = "name = \"a.b\"\nversion = \"1.2.3\"\n"
			    "arch = \"any\"\nkernel_api = \"linux-1.2\"\n"
			    "entry = \"/run/a\" # comment\n[commands]\n"
			    "\"c.d\" = \"/bin/c/d/e\"\n[permissions]\n"
			    "\"a.b\" = \"\\\"why\\\"\"\n",
	});
}

#define CORPUS 6

static void make_corpus(struct forged corpus[CORPUS])
{
	for (int i = 0; i < 3; i++)
		corpus[i] = forge_golden(i + 1);
	corpus[3] = tree_image(EPK_CODEC_STORE, EPK_CODEC_STORE);
	corpus[4] = tree_image(EPK_CODEC_ZLIB, EPK_CODEC_STORE);
	corpus[5] = tree_image(EPK_CODEC_ZLIB, EPK_CODEC_ZLIB);
}

static int write_corpus(const char *folder)
{
	struct forged corpus[CORPUS];
	char path[4096];

	make_corpus(corpus);
	for (int i = 0; i < CORPUS; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/seed-%d.epk", folder, i);
		file = fopen(path, "wb");
		if (file == NULL ||
		    fwrite(corpus[i].bytes, 1, corpus[i].size, file) !=
			    corpus[i].size ||
		    fclose(file) != 0)
			return 1;
		forge_free(&corpus[i]);
	}
	return 0;
}

static int replay(int count, char **paths)
{
	for (int i = 0; i < count; i++) {
		static uint8_t bytes[1 << 24];
		FILE *file = fopen(paths[i], "rb");
		uint8_t *exact;
		size_t size;

		if (file == NULL)
			return 1;
		size = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		exact = malloc(size + 1); /* so that ASan sees the end */
		memcpy(exact, bytes, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
	return 0;
}

static uint32_t number_from(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : (uint32_t)strtoul(text, NULL, 0);
}

/* Codes that a mutation must be able to reach, or the mutator is blind. */
static const epk_status_t reachable[] = {
	EPK_OK,		  EPK_ERR_SIZE,	       EPK_ERR_VERSION,
	EPK_ERR_HEADER,	  EPK_ERR_HEADER_CRC,  EPK_ERR_FEATURE,
	EPK_ERR_LIMIT,	  EPK_ERR_SIGAREA,     EPK_ERR_META_DIGEST,
	EPK_ERR_PAD,	  EPK_ERR_NODE,	       EPK_ERR_NAME,
	EPK_ERR_TREE,	  EPK_ERR_ORDER,       EPK_ERR_PLACE,
	EPK_ERR_ALIAS,	  EPK_ERR_LINK,	       EPK_ERR_BLOCK,
	EPK_ERR_MANIFEST, EPK_ERR_FILE_DIGEST,
};

static void mutate(uint32_t seed, uint32_t runs)
{
	struct forged corpus[CORPUS];

	make_corpus(corpus);
	for (int i = 0; i < CORPUS; i++)
		LLVMFuzzerTestOneInput(corpus[i].bytes, corpus[i].size);
	is_u64(verdicts[0], CORPUS, "the whole corpus is accepted");
	for (uint32_t i = 0; i < runs; i++) {
		struct forged image = forge_copy(&corpus[i % CORPUS]);

		image.size = LLVMFuzzerCustomMutator(
			image.bytes, image.size, image.size, seed + i * 7919);
		image.bytes = realloc(image.bytes, image.size);
		LLVMFuzzerTestOneInput(image.bytes, image.size);
		forge_free(&image);
	}
	for (int i = 0; i < CORPUS; i++)
		forge_free(&corpus[i]);
}

int main(int argc, char **argv)
{
	const uint32_t seed = number_from("NEXUS_FUZZ_SEED", 1);
	const bool is_long = getenv("NEXUS_LONG") != NULL;
	const uint32_t runs =
		number_from("NEXUS_FUZZ_RUNS", is_long ? 1000000 : 20000);

	if (argc == 3 && strcmp(argv[1], "-w") == 0)
		return write_corpus(argv[2]);
	if (argc > 1)
		return replay(argc - 1, argv + 1);
	plan(0);
	mutate(seed, runs);
	pass("%u mutated images (seed %u): no crash, every accepted one is "
	     "canonical",
	     runs, seed);
	for (size_t i = 0; i < sizeof(reachable) / sizeof(reachable[0]); i++)
		ok(verdicts[-reachable[i]] >
			   (reachable[i] == EPK_OK ? CORPUS : 0),
		   "mutations reach %s (%u times)",
		   epk_status_name(reachable[i]), verdicts[-reachable[i]]);
	return done();
}

#endif /* EPK_FUZZER */

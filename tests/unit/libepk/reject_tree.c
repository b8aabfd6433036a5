/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps 14..16 and deep: every way a node, a place, a block or a digest is
 * refused. Each case changes golden image 2 and seals it again, so that
 * nothing but the check it is meant for can see the change. */
#include "support/tap.h"

#include "forge.h"

/* Offsets in a node and in a block row. */
enum {
	PARENT = 0,
	NAME_OFF = 4,
	NAME_LEN = 8,
	TYPE = 10,
	FLAGS = 11,
	AT = 12,
	SIZE = 16,
	FIRST = 24,
	COUNT = 28,
	SHA = 32,
	OFFSET = 0,
	STORED = 8,
	INFO = 12,
};

/*
 * Golden image 2, by node: 0 root, 1 a, 2 bin, 3 empty, 4 hollow, 5 link,
 * 6 run, 7 z, 8 a/full, 9 a/less, 10 a/more, 11 a/one, 12 a/uno,
 * 13 bin/main, 14 z/last. Blocks: 0, 1 main; 2 full, 3, 4 more; 5 less;
 * 6 one, last.
 */
struct change {
	const char *sentence;
	char table; /* 'n' node, 'b' block, 'x' names, 'h' header */
	uint32_t index;
	uint32_t offset;
	uint32_t width;
	uint64_t value;
	epk_status_t status;
	uint32_t stage;
	uint32_t where; /* index told; EPK_NO_INDEX: none */
};

#define NODE(i, o, w, v, code, sentence)                                       \
	{                                                                      \
		sentence, 'n', i, o, w, v, EPK_ERR_##code, EPK_STAGE_NODES, i  \
	}
#define NODE_AT(i, o, w, v, code, at, sentence)                                \
	{                                                                      \
		sentence, 'n', i, o, w, v, EPK_ERR_##code, EPK_STAGE_NODES, at \
	}
#define NONE EPK_NO_INDEX

static const struct change changes[] = {
	/* (a) */
	NODE(0, TYPE, 1, 2, NODE, "the root is a file"),
	NODE(3, TYPE, 1, 0, NODE, "type 0"),
	NODE(3, TYPE, 1, 5, NODE, "type 5"),
	NODE(4, TYPE, 1, 0, NODE, "type 0, all else 0"),
	NODE(4, TYPE, 1, 5, NODE, "type 5, all else 0"),
	NODE(0, FLAGS, 1, 2, NODE, "a folder has a flag"),
	NODE(4, AT, 4, 1, NODE, "a folder has at"),
	NODE(4, SIZE, 8, 1, NODE, "a folder has a size"),
	NODE(4, SHA, 1, 1, NODE, "a folder has a digest"),
	NODE(4, SHA + 31, 1, 1, NODE, "a folder has a digest's last byte"),
	NODE(8, FLAGS, 1, 8, NODE, "a file has an unknown flag"),
	NODE(8, AT, 4, 1, NODE, "a file that is not shared has at"),
	NODE(6, FLAGS, 1, 2, NODE, "an alias has a flag"),
	NODE(6, AT, 4, 1, NODE, "an alias has at"),
	NODE(6, SIZE, 8, 1, NODE, "an alias has a size"),
	NODE(6, COUNT, 4, 1, NODE, "an alias has a count"),
	NODE(6, SHA, 1, 1, NODE, "an alias has a digest"),
	NODE(5, FLAGS, 1, 2, NODE, "a link has a flag"),
	NODE(5, AT, 4, 1, NODE, "a link has at"),
	NODE(5, COUNT, 4, 1, NODE, "a link has a count"),
	NODE(5, SHA, 1, 1, NODE, "a link has a digest"),
	/* (b) */
	NODE(0, NAME_LEN, 2, 1, NAME, "the root has a name"),
	NODE(0, NAME_OFF, 4, 1, NAME, "the root's name is out of place"),
	NODE(1, NAME_LEN, 2, 0, NAME, "an empty name"),
	NODE(1, NAME_LEN, 2, 256, NAME, "a name of 256 bytes"),
	NODE(2, NAME_OFF, 4, 0, NAME, "a name off the cursor"),
	NODE(14, NAME_LEN, 2, 5, NAME, "a name beyond the names"),
	NODE(5, FIRST, 4, 0, NAME, "a target off the cursor"),
	NODE(5, SIZE, 8, 0, NAME, "an empty target"),
	NODE(5, SIZE, 8, 4096, NAME, "a target of 4,096 bytes"),
	NODE(5, SIZE, 8, 40, NAME, "a target beyond the names"),
	NODE(5, SIZE, 8, (UINT64_C(1) << 32) + 5, NAME,
	     "a target whose size is right in 32 bits"),
	/* (c) */
	NODE(0, PARENT, 4, 1, TREE, "the root has a parent"),
	NODE(1, PARENT, 4, 1, TREE, "a node is its own parent"),
	NODE(8, PARENT, 4, 14, TREE, "a parent comes later"),
	NODE(8, PARENT, 4, 0, TREE, "a node is not in its parent's range"),
	NODE(13, PARENT, 4, 1, TREE, "a node is behind its parent's range"),
	NODE(14, PARENT, 4, 8, TREE, "a parent is a file"),
	NODE(8, PARENT, 4, UINT32_MAX, TREE, "a parent beyond all nodes"),
	/* (d) */
	{ "a name with a slash", 'x', 0, 1, 1, '/', EPK_ERR_NAME, 14, 2 },
	{ "a name with a NUL", 'x', 0, 1, 1, 0, EPK_ERR_NAME, 14, 2 },
	{ "a name with a control byte", 'x', 0, 1, 1, 0x1f, EPK_ERR_NAME, 14,
	  2 },
	{ "a name with 0x7F", 'x', 0, 1, 1, 0x7f, EPK_ERR_NAME, 14, 2 },
	{ "a name that is no UTF-8", 'x', 0, 1, 1, 0x80, EPK_ERR_NAME, 14, 2 },
	{ "a name .", 'x', 0, 0, 1, '.', EPK_ERR_NAME, 14, 1 },
	/* (e) */
	{ "two names do not ascend", 'x', 0, 0, 1, 'c', EPK_ERR_ORDER, 14, 2 },
	/* (g) */
	NODE(4, FIRST, 4, 8, TREE, "an empty folder has a first child"),
	NODE(0, FIRST, 4, 2, TREE, "children do not follow the cursor"),
	NODE(0, FIRST, 4, 0, TREE, "the root is its own child"),
	NODE(0, COUNT, 4, 15, TREE, "more children than nodes"),
	NODE(7, COUNT, 4, UINT32_MAX, TREE, "far more children than nodes"),
	NODE(1, COUNT, 4, 15 - 8 + 1, TREE, "one child more than is left"),
	NODE(8, SIZE, 8, (UINT64_C(1) << 44) + 1, LIMIT,
	     "a file of 2^44 + 1 bytes"),
	NODE(8, SIZE, 8, UINT64_MAX, LIMIT, "a file of 2^64 - 1 bytes"),
	NODE(8, SIZE, 8, UINT64_C(1) << 44, NODE,
	     "a file of 2^44 bytes is within the limit, but not its count"),
	NODE(3, FLAGS, 1, 1, NODE, "an empty file is mapped"),
	NODE(3, FLAGS, 1, 4, NODE, "an empty file is shared"),
	NODE(3, FIRST, 4, 1, NODE, "an empty file has a block"),
	NODE(3, COUNT, 4, 1, NODE, "an empty file has a count"),
	NODE(3, SHA, 1, 0, NODE, "an empty file has another digest"),
	NODE(8, COUNT, 4, 2, NODE, "a file of one block has two"),
	NODE(10, COUNT, 4, 1, NODE, "a file of two blocks has one"),
	NODE(9, COUNT, 4, 2, NODE, "a shared file has two blocks"),
	NODE(9, COUNT, 4, 0, NODE, "a shared file has no block"),
	/* (h) */
	NODE(13, FLAGS, 1, 1 | 4, NODE, "a mapped shared file's count"),
	NODE(9, FLAGS, 1, 0, PLACE, "a small file is not shared"),
	NODE(8, FLAGS, 1, 4, PLACE, "a whole block's file is shared"),
	NODE(8, FLAGS, 1, 1, PLACE, "a file is mapped into another region"),
	NODE(9, FLAGS, 1, 1 | 4, PLACE, "a file is mapped and shared"),
	NODE(8, FIRST, 4, 1, PLACE, "a run before its region"),
	NODE(8, FIRST, 4, 3, PLACE, "a run behind its cursor"),
	NODE(10, FIRST, 4, 2, PLACE, "a run over another file's"),
	NODE(9, FIRST, 4, 6, PLACE, "a shared block is passed over"),
	NODE(11, AT, 4, 1, PLACE, "a shared file leaves a gap"),
	NODE(11, FIRST, 4, 5, PLACE, "a file where it does not fit"),
	NODE_AT(12, AT, 4, 4, PLACE, 14,
		"a duplicate opens a run, the next file is off"),
	NODE(12, FIRST, 4, 5, PLACE, "a file names a run of another size"),
	NODE(12, SHA, 1, 0xff, PLACE, "a file names a run of another digest"),
	NODE(14, AT, 4, 0, PLACE, "a file names a run of another file"),
	NODE(13, FIRST, 4, 1, PLACE, "a mapped run behind its cursor"),
	NODE_AT(11, SIZE, 8, 5, PLACE, 12,
		"a file is longer, its duplicate is not"),
	{ "a whole block shorter than full", 'b', 2, INFO, 4, 4095 << 8,
	  EPK_ERR_PLACE, 14, 8 },
	{ "a last block longer than its rest", 'b', 4, INFO, 4, 2 << 8,
	  EPK_ERR_PLACE, 14, 10 },
	{ "a closed shared block that is not full", 'b', 5, INFO, 4, 4096 << 8,
	  EPK_ERR_PLACE, 14, 11 },
	/* (i) */
	NODE(6, FIRST, 4, 15, ALIAS, "an alias beyond all nodes"),
	NODE(6, FIRST, 4, 3, ALIAS, "an alias of a file"),
	NODE(6, FIRST, 4, 6, ALIAS, "an alias of itself"),
	NODE(6, FIRST, 4, 5, ALIAS, "an alias of a link"),
	/* 15 */
	{ "a node that is in no folder's range", 'n', 7, COUNT, 4, 0,
	  EPK_ERR_TREE, 14, 7 },
	{ "the open shared block is not full", 'b', 6, INFO, 4, 10 << 8,
	  EPK_ERR_PLACE, 15, NONE },
	/* 16 */
	{ "the first block is not at 0", 'b', 0, OFFSET, 8, 1, EPK_ERR_BLOCK,
	  16, 0 },
	{ "a block leaves a gap", 'b', 3, OFFSET, 8, 12289, EPK_ERR_BLOCK, 16,
	  3 },
	{ "a mapped block is compressed", 'b', 0, INFO, 1, 1, EPK_ERR_BLOCK, 16,
	  0 },
	{ "a mapped block without its tail", 'b', 1, STORED, 4, 904,
	  EPK_ERR_BLOCK, 16, 1 },
	{ "an unknown codec", 'b', 5, INFO, 1, 2, EPK_ERR_BLOCK, 16, 5 },
	{ "a stored block with another size", 'b', 5, STORED, 4, 4094,
	  EPK_ERR_BLOCK, 16, 5 },
	{ "a compressed block that is not smaller", 'b', 5, INFO, 1, 1,
	  EPK_ERR_BLOCK, 16, 5 },
	{ "stored bytes beyond 32 bits", 'b', 5, STORED, 4, UINT32_MAX,
	  EPK_ERR_BLOCK, 16, 5 },
};

static uint8_t *find_row(const struct forged *image,
			 const struct change *change)
{
	if (change->table == 'n')
		return forge_node(image, change->index);
	if (change->table == 'b')
		return forge_block(image, change->index);
	if (change->table == 'x')
		return forge_names(image);
	return image->bytes;
}

static void check_verdict(const struct forged *image, const char *sentence,
			  epk_status_t status, uint32_t stage, uint32_t where)
{
	struct epk_failure failure;
	const epk_status_t got = forge_verify(image, &failure);

	if (!ok(got == status && failure.stage == stage &&
			failure.index == where,
		"%s: %s at step %s", sentence, epk_status_name(status),
		epk_stage_name(stage)))
		diag("got %s at step %s, index %u", epk_status_name(got),
		     epk_stage_name(failure.stage), failure.index);
}

static void check_change(const struct forged *golden,
			 const struct change *change)
{
	struct forged image = forge_copy(golden);
	uint8_t *row = find_row(&image, change);

	for (uint32_t i = 0; i < change->width; i++)
		row[change->offset + i] = (uint8_t)(change->value >> (8 * i));
	forge_seal(&image);
	check_verdict(&image, change->sentence, change->status, change->stage,
		      change->where);
	forge_free(&image);
}

static const char manifest[] = "name = \"a\"\nversion = \"0.0.0\"\n"
			       "arch = \"any\"\nkernel_api = \"0.1\"\n";

static struct forged forge_items(const struct forge_item *items, uint32_t count)
{
	return forge(&(struct forge_recipe){
		.items = items, .count = count, .manifest = manifest });
}

/* A tree that is one item, seen by step 14. */
static void check_item(const struct forge_item *item, epk_status_t status,
		       const char *sentence)
{
	struct forged image = forge_items(item, 1);

	is_i64(forge_verify(&image, NULL), status, "%s: %s", sentence,
	       epk_status_name(status));
	forge_free(&image);
}

static void check_link(const char *path, const char *target,
		       epk_status_t status)
{
	char sentence[64];

	snprintf(sentence, sizeof(sentence), "link %.20s to %.20s", path,
		 target);
	check_item(&(struct forge_item){ .path = path,
					 .type = EPK_TYPE_LINK,
					 .target = target },
		   status, sentence);
}

static void check_links(void)
{
	static char target[4097];

	check_link("l", "a", EPK_OK);
	check_link("l", "l", EPK_OK);
	check_link("l", "a/b/c", EPK_OK);
	check_link("l", "..", EPK_ERR_LINK);
	check_link("d/l", "..", EPK_OK);
	check_link("d/l", "../..", EPK_ERR_LINK);
	check_link("d/e/l", "../..", EPK_OK);
	check_link("d/e/l", "../../x", EPK_OK);
	check_link("d/e/l", "../../../x", EPK_ERR_LINK);
	check_link("d/l", "x/..", EPK_ERR_LINK);
	check_link("d/l", "../x/..", EPK_ERR_LINK);
	check_link("l", ".", EPK_ERR_LINK);
	check_link("l", "./a", EPK_ERR_LINK);
	check_link("l", "/a", EPK_ERR_LINK);
	check_link("l", "a/", EPK_ERR_LINK);
	check_link("l", "a//b", EPK_ERR_LINK);
	check_link("l", "/", EPK_ERR_LINK);
	check_link("l", "a/b\x7f", EPK_ERR_LINK);
	check_link("l", "\xc0\xaf", EPK_ERR_LINK);
	check_link("l", "manifest.toml", EPK_OK);
	for (size_t i = 0; i < 4096; i++)
		target[i] = i % 16 == 15 ? '/' : 'x';
	target[4095] = '\0';
	check_link("l", target, EPK_OK);
	target[4095] = 'x';
	check_link("l", target, EPK_ERR_NAME);
}

static void check_names(void)
{
	static char name[258];
	static char deep[200];
	static char path[4200];

	memset(name, 'n', 255);
	check_item(&(struct forge_item){ name, EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		   EPK_OK, "a name of 255 bytes");
	check_item(&(struct forge_item){ "manifest.toml", EPK_TYPE_FILE, 0, "",
					 0, 0 },
		   EPK_ERR_NAME, "manifest.toml in the root");
	check_item(&(struct forge_item){ "manifest.toml", EPK_TYPE_FOLDER, 0,
					 "", 0, 0 },
		   EPK_ERR_NAME, "a folder manifest.toml in the root");
	check_item(&(struct forge_item){ "d/manifest.toml", EPK_TYPE_FILE, 0,
					 "", 0, 0 },
		   EPK_OK, "manifest.toml elsewhere");
	for (size_t i = 0; i < 64; i++)
		memcpy(deep + 2 * i, "d/", 2);
	deep[127] = '\0';
	check_item(&(struct forge_item){ deep, EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		   EPK_OK, "a depth of 64");
	memcpy(deep + 127, "/d", 3);
	check_item(&(struct forge_item){ deep, EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		   EPK_ERR_LIMIT, "a depth of 65");
	for (size_t i = 0; i < 4200; i++)
		path[i] = i % 128 == 127 ? '/' : 'p';
	path[4094] = '\0';
	check_item(&(struct forge_item){ path, EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		   EPK_OK, "a path of 4,095 bytes");
	path[4094] = 'p';
	path[4095] = '\0';
	check_item(&(struct forge_item){ path, EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		   EPK_ERR_LIMIT, "a path of 4,096 bytes");
}

static void check_order(void)
{
	static const struct forge_item items[] = {
		{ "a", EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		{ "ab", EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		{ "b\xc3\xa9", EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		{ "bz", EPK_TYPE_FOLDER, 0, 0, 0, 0 },
	};
	struct forged image = forge_items(items, 4);
	uint8_t *names = forge_names(&image);

	is_i64(forge_verify(&image, NULL), EPK_OK,
	       "a prefix stands first, bytes are unsigned");
	memcpy(names, "aaa", 3); /* a, aa */
	memcpy(names, "ba", 2);	 /* b, aa */
	forge_seal(&image);
	check_verdict(&image, "a greater name first", EPK_ERR_ORDER, 14, 2);
	memcpy(names, "aab", 3);
	epk_store16(forge_node(&image, 1) + NAME_LEN, 2);
	epk_store32(forge_node(&image, 2) + NAME_OFF, 2);
	epk_store16(forge_node(&image, 2) + NAME_LEN, 1);
	memcpy(names, "aba", 3); /* ab, a */
	forge_seal(&image);
	check_verdict(&image, "a prefix behind", EPK_ERR_ORDER, 14, 2);
	forge_free(&image);
	image = forge_items(items, 4);
	memcpy(forge_names(&image) + 3, "bzz", 3);
	epk_store16(forge_node(&image, 3) + NAME_LEN, 2);
	epk_store32(forge_node(&image, 4) + NAME_OFF, 5);
	epk_store16(forge_node(&image, 4) + NAME_LEN, 3);
	memcpy(forge_names(&image) + 5, "bz", 2);
	forge_seal(&image);
	epk_store16(forge_node(&image, 4) + NAME_LEN, 2);
	epk_store32(forge_node(&image, 0) + COUNT, 4);
	forge_seal(&image);
	check_verdict(&image, "two equal names", EPK_ERR_ORDER, 14, 4);
	forge_free(&image);
}

/* Nodes that only one check can tell from good ones. */
static void check_single_guards(void)
{
	static char text[65536];
	static const struct forge_item files[] = {
		{ "a", EPK_TYPE_FILE, EPK_FLAG_MAPPED, text, 32768, 0 },
		{ "b", EPK_TYPE_FOLDER, 0, 0, 0, 0 },
	};
	static const struct forge_item wide[] = {
		{ "a", EPK_TYPE_FILE, EPK_FLAG_MAPPED, text, 65536, 0 },
		{ "b", EPK_TYPE_ALIAS, 0, 0, 0, "" },
	};
	struct forged image = forge_items(NULL, 0);
	uint8_t *row = forge_node(&image, 0);

	row[TYPE] = EPK_TYPE_FILE;
	forge_sha256("", 0, row + SHA);
	forge_seal(&image);
	check_verdict(&image, "the root is a good empty file", EPK_ERR_NODE, 14,
		      0);
	forge_free(&image);
	image = forge_items(files, 2);
	epk_store32(forge_node(&image, 2) + PARENT, 1);
	forge_seal(&image);
	check_verdict(&image, "the parent is a file with blocks of that range",
		      EPK_ERR_TREE, 14, 2);
	forge_free(&image);
	image = forge(&(struct forge_recipe){ .items = wide,
					      .count = 2,
					      .block_log2 = 16,
					      .manifest = manifest });
	/* The type would be read from the block table, and be right. */
	epk_store32(forge_node(&image, 2) + FIRST, 3);
	forge_seal(&image);
	check_verdict(&image, "an alias of the row behind the nodes",
		      EPK_ERR_ALIAS, 14, 2);
	forge_free(&image);
}

/* Flags against sizes, where everything else is consistent. */
static void check_flags(void)
{
	static const char text[4096];
	static const struct forge_item whole[] = {
		{ "a", EPK_TYPE_FILE, 0, text, 4096, 0 },
	};
	static const struct forge_item mapped[] = {
		{ "a", EPK_TYPE_FILE, EPK_FLAG_MAPPED, text, 10, 0 },
	};
	struct forged image = forge_items(whole, 1);

	image.bytes[44] = 0;
	image.bytes[48] = 1;
	forge_node(&image, 1)[FLAGS] = EPK_FLAG_SHARED;
	forge_seal(&image);
	check_verdict(&image, "a file of B bytes lies in region C",
		      EPK_ERR_PLACE, 14, 1);
	image.bytes[44] = 1;
	image.bytes[48] = 0;
	forge_node(&image, 1)[FLAGS] = 0;
	image.size--;
	epk_store64(image.bytes + 16, image.size);
	epk_store64(forge_node(&image, 1) + SIZE, 4095);
	epk_store32(forge_block(&image, 0) + STORED, 4095);
	epk_store32(forge_block(&image, 0) + INFO, 4095 << 8);
	forge_seal_blocks(&image);
	forge_sha256(text, 4095, forge_node(&image, 1) + SHA);
	forge_seal(&image);
	check_verdict(&image, "a file of B - 1 bytes lies in region B",
		      EPK_ERR_PLACE, 14, 1);
	forge_free(&image);
	image = forge_items(mapped, 1);
	forge_node(&image, 1)[FLAGS] |= EPK_FLAG_SHARED;
	forge_seal(&image);
	check_verdict(&image, "a mapped file that is shared too", EPK_ERR_PLACE,
		      14, 1);
	forge_free(&image);
}

/* Small files that just fill a block, and one that does not fit. */
static void check_filling(void)
{
	static const char text[8192] = "not all the same";
	static const struct forge_item items[] = {
		{ "a", EPK_TYPE_FILE, 0, text, 4095, 0 },
		{ "b", EPK_TYPE_FILE, 0, text, 1, 0 },
		{ "c", EPK_TYPE_FILE, 0, text, 2, 0 },
	};
	struct forged image = forge_items(items, 3);

	is_u64(epk_load32(image.bytes + 48), 2,
	       "files of B - 1, 1 and 2 bytes take two shared blocks");
	is_i64(forge_verify(&image, NULL), EPK_OK,
	       "and the full one is accepted");
	forge_free(&image);
}

/* Cursors that stop early: step 15. */
static void check_ends(void)
{
	static const struct forge_item items[] = {
		{ "a", EPK_TYPE_FOLDER, 0, 0, 0, 0 },
		{ "b", EPK_TYPE_FILE, EPK_FLAG_MAPPED, "1", 1, 0 },
		{ "c", EPK_TYPE_FILE, EPK_FLAG_MAPPED, "2", 1, 0 },
	};
	struct forged image = forge_items(items, 3);
	uint8_t *row = forge_node(&image, 3);

	/* c becomes a folder: its block is nobody's. */
	memset(row + TYPE, 0, 54);
	row[TYPE] = EPK_TYPE_FOLDER;
	forge_seal(&image);
	check_verdict(&image, "a block that belongs to no file", EPK_ERR_PLACE,
		      15, NONE);
	forge_free(&image);
	image = forge_items(items, 1);
	epk_store32(image.bytes + 52, 2); /* names: "a" and a pad byte */
	forge_seal(&image);
	check_verdict(&image, "a byte of names that is nobody's", EPK_ERR_NAME,
		      15, NONE);
	epk_store32(image.bytes + 52, 1);
	epk_store32(forge_node(&image, 0) + COUNT, 0);
	epk_store32(forge_node(&image, 0) + FIRST, 0);
	forge_seal(&image);
	check_verdict(&image, "a node that is nobody's child", EPK_ERR_TREE, 14,
		      1);
	forge_free(&image);
}

/* The end of the blocks is the end of the image: step 16. */
static void check_block_end(const struct forged *golden)
{
	struct forged image = forge_copy(golden);

	image.size += 1;
	image.bytes = realloc(image.bytes, image.size);
	image.bytes[image.size - 1] = 0;
	epk_store64(image.bytes + 16, image.size);
	forge_seal(&image);
	check_verdict(&image, "a byte behind the last block", EPK_ERR_SIZE, 16,
		      NONE);
	image.size -= 2;
	epk_store64(image.bytes + 16, image.size);
	forge_seal(&image);
	check_verdict(&image, "the last block beyond the end", EPK_ERR_SIZE, 16,
		      NONE);
	forge_free(&image);
	image = forge_items(NULL, 0);
	is_i64(forge_verify(&image, NULL), EPK_OK,
	       "an image without any block ends where its data begin");
	forge_free(&image);
}

static void check_deep(const struct forged *golden)
{
	struct forged image = forge_copy(golden);
	uint8_t *row = forge_node(&image, 11);

	for (uint32_t i = 0; i < 7; i++) {
		forge_block_bytes(&image, i)[0] ^= 1;
		check_verdict(&image, "a changed byte of a block",
			      EPK_ERR_BLOCK_DIGEST, EPK_STAGE_DEEP, i);
		forge_block_bytes(&image, i)[0] ^= 1;
	}
	forge_block_bytes(&image, 1)[904] = 1;
	forge_seal_blocks(&image);
	forge_seal(&image);
	check_verdict(&image, "a byte in a mapped block's tail", EPK_ERR_PAD,
		      EPK_STAGE_DEEP, 1);
	forge_block_bytes(&image, 1)[904] = 0;
	forge_block_bytes(&image, 1)[4095] = 1;
	forge_seal_blocks(&image);
	forge_seal(&image);
	check_verdict(&image, "the last byte of that tail", EPK_ERR_PAD,
		      EPK_STAGE_DEEP, 1);
	forge_block_bytes(&image, 1)[4095] = 0;
	forge_block_bytes(&image, 6)[0] ^= 1;
	forge_seal_blocks(&image);
	forge_seal(&image);
	check_verdict(&image, "a sealed block, but another file",
		      EPK_ERR_FILE_DIGEST, EPK_STAGE_DEEP, 11);
	forge_block_bytes(&image, 0)[0] ^= 1;
	forge_seal_blocks(&image);
	forge_seal(&image);
	check_verdict(&image, "of two wrong files the first by node is told",
		      EPK_ERR_FILE_DIGEST, EPK_STAGE_DEEP, 11);
	row[SHA] ^= 1;
	forge_seal(&image);
	check_verdict(&image, "a duplicate with another digest", EPK_ERR_PLACE,
		      14, 12);
	forge_free(&image);
}

/* Two runs of equal content: only deep can tell. */
static void check_canon(void)
{
	static const struct forge_item items[] = {
		{ "a", EPK_TYPE_FILE, EPK_FLAG_MAPPED, "same", 4, 0 },
		{ "b", EPK_TYPE_FILE, 0, "x", 1, 0 },
		{ "c", EPK_TYPE_FILE, 0, "same", 4, 0 },
	};
	static const struct forge_item twins[] = {
		{ "a", EPK_TYPE_FILE, 0, "same", 4, 0 },
		{ "b", EPK_TYPE_FILE, 0, "Same", 4, 0 },
		{ "c", EPK_TYPE_FILE, 0, "SAme", 4, 0 },
	};
	struct forged image = forge_items(items, 3);

	/* The forge keeps equal files of two regions apart. */
	check_verdict(&image, "equal files, one of them mapped", EPK_ERR_CANON,
		      EPK_STAGE_DEEP, 3);
	forge_free(&image);
	image = forge_items(twins, 3);
	is_i64(forge_verify(&image, NULL), EPK_OK,
	       "three different files of one size are fine");
	memcpy(forge_block_bytes(&image, 0) + 8, "same", 4);
	forge_sha256("same", 4, forge_node(&image, 3) + SHA);
	forge_seal_blocks(&image);
	forge_seal(&image);
	check_verdict(&image, "equal files in one block", EPK_ERR_CANON,
		      EPK_STAGE_DEEP, 3);
	forge_free(&image);
}

static void check_compressed(void)
{
	static const char text[] = "00000000000000000000000000000000000000";
	static const struct forge_item items[] = {
		{ "a", EPK_TYPE_FILE, 0, text, 36, 0 },
	};
	struct forged image = forge(&(struct forge_recipe){
		.items = items,
		.count = 1,
		.codec = EPK_CODEC_ZLIB,
		.manifest = manifest,
	});
	const uint32_t stored = epk_load32(forge_block(&image, 0) + STORED);

	is_i64(forge_verify(&image, NULL), EPK_OK,
	       "a compressed block is accepted");
	forge_block_bytes(&image, 0)[stored - 1] ^= 1;
	forge_seal_blocks(&image);
	forge_seal(&image);
	check_verdict(&image, "a sealed block with a wrong Adler-32",
		      EPK_ERR_CODEC, EPK_STAGE_DEEP, 0);
	forge_block_bytes(&image, 0)[stored - 1] ^= 1;
	forge_seal_blocks(&image);
	epk_store32(forge_block(&image, 0) + INFO, 1 | 35 << 8);
	epk_store64(forge_node(&image, 1) + SIZE, 35);
	forge_seal(&image);
	check_verdict(&image, "a block that decodes to more", EPK_ERR_CODEC,
		      EPK_STAGE_DEEP, 0);
	epk_store32(forge_block(&image, 0) + INFO, 1 | 37 << 8);
	epk_store64(forge_node(&image, 1) + SIZE, 37);
	forge_seal(&image);
	check_verdict(&image, "a block that decodes to less", EPK_ERR_CODEC,
		      EPK_STAGE_DEEP, 0);
	forge_free(&image);
}

int main(void)
{
	struct forged golden = forge_golden(2);

	plan(0);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		check_change(&golden, &changes[i]);
	check_links();
	check_names();
	check_order();
	check_single_guards();
	check_flags();
	check_filling();
	check_ends();
	check_block_end(&golden);
	check_deep(&golden);
	check_canon();
	check_compressed();
	forge_free(&golden);
	return done();
}

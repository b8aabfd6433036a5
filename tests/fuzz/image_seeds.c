/* SPDX-License-Identifier: BSD-2-Clause */
/* The corpus: small images that together have every kind of node, region,
 * codec and manifest row. */
#include "unit/libepk/forge.h"

#include "image.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char manifest[] = "name = \"a.b\"\nversion = \"1.2.3\"\n"
			       "arch = \"any\"\nkernel_api = \"linux-1.2\"\n"
			       "entry = \"/run/a\" # comment\n[commands]\n"
			       "\"c.d\" = \"/bin/c/d/e\"\n[permissions]\n"
			       "\"a.b\" = \"\\\"why\\\"\"\n";

static const char plain_manifest[] = "name = \"d\"\nversion = \"0.0.1\"\n"
				     "arch = \"riscv64\"\n"
				     "kernel_api = \"0.1\"\n";

static struct forged tree(uint32_t codec, uint32_t meta_codec)
{
	static const char text[] = "the quick brown fox, again and again and "
				   "again and again and again and again";
	static const struct forge_item items[] = {
		{ "bin/a", EPK_TYPE_FILE, EPK_FLAG_EXEC, text, 70, NULL },
		{ "bin/b", EPK_TYPE_FILE, 0, text, 71, NULL },
		{ "bin/c/d/e", EPK_TYPE_LINK, 0, NULL, 0, "../../a" },
		{ "etc/x", EPK_TYPE_FILE, EPK_FLAG_MAPPED, text, 10, NULL },
		{ "etc/y", EPK_TYPE_FILE, EPK_FLAG_MAPPED, text, 11, NULL },
		{ "etc/z", EPK_TYPE_FILE, EPK_FLAG_MAPPED, text + 4, 11, NULL },
		{ "run", EPK_TYPE_ALIAS, 0, NULL, 0, "bin" },
		{ "self", EPK_TYPE_ALIAS, 0, NULL, 0, "" },
		{ "one", EPK_TYPE_FILE, 0, text, 1, NULL },
		{ "two", EPK_TYPE_FILE, 0, text, 1, NULL },
		{ "none", EPK_TYPE_FILE, 0, text, 0, NULL },
	};

	return forge(&(struct forge_recipe){
		.items = items,
		.count = COUNT(items),
		.codec = codec,
		.meta_codec = meta_codec,
		.manifest = manifest,
	});
}

/* Files of many blocks, and runs of equal bytes. */
static struct forged blocks(void)
{
	static uint8_t bytes[20000];
	static const struct forge_item items[] = {
		{ "a", EPK_TYPE_FILE, 0, bytes, 12288, NULL },
		{ "b", EPK_TYPE_FILE, 0, bytes, 20000, NULL },
		{ "c", EPK_TYPE_FILE, 0, bytes, 20000, NULL },
		{ "d", EPK_TYPE_FILE, 0, bytes + 1, 3000, NULL },
		{ "e", EPK_TYPE_FILE, 0, bytes + 2, 3000, NULL },
		{ "f", EPK_TYPE_FILE, 0, bytes + 1, 3000, NULL },
	};

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)("abcdefg"[i % 7] + i / 3000);
	return forge(&(struct forge_recipe){
		.items = items,
		.count = COUNT(items),
		.codec = EPK_CODEC_ZLIB,
		.manifest = plain_manifest,
	});
}

/* Folders as deep as they may be, and links and aliases that climb. */
static struct forged deep(void)
{
	static char down[128];
	static char file[160];
	static char climbing[160];
	static char target[200];
	static const struct forge_item items[] = {
		{ file, EPK_TYPE_FILE, EPK_FLAG_EXEC, "x", 1, NULL },
		{ climbing, EPK_TYPE_LINK, 0, NULL, 0, target },
		{ "all", EPK_TYPE_ALIAS, 0, NULL, 0, down },
		{ "z/back", EPK_TYPE_LINK, 0, NULL, 0, "../all/f" },
	};

	for (int i = 0; i < 60; i++)
		snprintf(down + (i ? 2 * i - 1 : 0), 4, i ? "/%c" : "%c",
			 'a' + i % 3);
	snprintf(file, sizeof(file), "%s/f", down);
	snprintf(climbing, sizeof(climbing), "%s/up", down);
	for (int i = 0; i < 60; i++)
		snprintf(target + 3 * i, 4, "../");
	snprintf(target + 180, 8, "all/f");
	return forge(&(struct forge_recipe){
		.items = items,
		.count = COUNT(items),
		.manifest = "name = \"deep\"\nversion = \"1.0.0\"\n"
			    "arch = \"x86-64\"\nkernel_api = \"0.1\"\n"
			    "entry = \"/z/back\"\n",
	});
}

/* Signatures that fuzz_image_open()'s operations accept; sealed later. */
static struct forged signed_tree(void)
{
	struct forged image = tree(EPK_CODEC_STORE, EPK_CODEC_STORE);

	epk_store16(image.bytes + EPK_SIGAREA_COUNT, 3);
	for (uint8_t i = 0; i < 3; i++) {
		uint8_t *slot = image.bytes + EPK_SIGAREA_SLOTS +
				(size_t)i * EPK_SLOT_SIZE;

		epk_store16(slot, EPK_ALG_ED25519);
		slot[EPK_SLOT_KEY_ID] = i;
		slot[EPK_SLOT_KEY_ID + 1] = 1;
	}
	return image;
}

static struct forged seed(uint32_t which)
{
	switch (which) {
	case 0:
		return forge_golden(1);
	case 1:
		return forge_golden(2);
	case 2:
		return tree(EPK_CODEC_STORE, EPK_CODEC_STORE);
	case 3:
		return tree(EPK_CODEC_ZLIB, EPK_CODEC_STORE);
	case 4:
		return tree(EPK_CODEC_ZLIB, EPK_CODEC_ZLIB);
	case 5:
		return blocks();
	case 6:
		return deep();
	default:
		return signed_tree();
	}
}

size_t fuzz_image_seed(uint32_t which, uint8_t *bytes)
{
	struct forged image = seed(which);
	const size_t size = image.size;

	fuzz_must(size <= FUZZ_IMAGE_MAX, "the corpus is small");
	memcpy(bytes, image.bytes, size);
	forge_free(&image);
	return size;
}

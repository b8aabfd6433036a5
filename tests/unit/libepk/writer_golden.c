/* SPDX-License-Identifier: BSD-2-Clause */
/* The writer makes, byte for byte, the three images that an independent
 * implementation of the format made. */
#include "writer_support.h"

#include "support/tap.h"

#define MINIMAL(name, entry)                                                   \
	"name = \"" name "\"\nversion = \"1.0.0\"\narch = \"any\"\n"           \
	"kernel_api = \"0.1\"\nentry = \"" entry "\"\n"

struct golden {
	const char *name;
	struct epk_writer_settings settings;
	struct tree tree;
	uint64_t image_size;
	const char *package_id;
	const char *content_id;
	const char *file;
};

static void check(struct golden *golden)
{
	struct image image = { 0 };
	struct epk_writer_result result;
	uint8_t digest[32] = { 0 };
	char text[65];
	epk_status_t status;

	golden->settings.size_bytes = sizeof(golden->settings);
	status = pack_tree(&golden->tree, &golden->settings, &image, &result);
	is_i64(status, EPK_OK, "%s is written", golden->name);
	if (status) {
		image_drop(&image);
		return;
	}
	is_u64(image.size_bytes, golden->image_size, "%s has its size",
	       golden->name);
	hex(result.content_id, text);
	is_str(text, golden->content_id, "%s has its content id", golden->name);
	hex(result.package_id, text);
	is_str(text, golden->package_id, "%s has its package id", golden->name);
	(void)epk_sha256(epk_ops_core(), image.bytes, image.size_bytes, digest);
	hex(digest, text);
	is_str(text, golden->file, "%s is right to the byte", golden->name);
	is_u64(golden->tree.open_now, 0, "%s left no file open", golden->name);
	image_drop(&image);
}

static void check_one_program(void)
{
	static const struct item items[] = {
		{ "init", EPK_TYPE_FILE, true, true, "#!init\n", 7, NULL },
	};
	struct golden golden = {
		.name = "one program",
		.settings = { .align_log2 = 12, .block_log2 = 16 },
		.tree = { .items = items,
			  .count = 1,
			  .manifest = MINIMAL("demo.min", "/init") },
		.image_size = 12288,
		.package_id = "9ea5906f5710657a50fed234e63540c51701789263bd5f"
			      "47735e4a8a7f1c6238",
		.content_id = "37e8513fa488ff51822b7433f480cf7687ac1cdb564b1a"
			      "85a19ffc508434b219",
		.file = "177f1c5d37b564a60a53adb71e563370863765024338fa771e4c"
			"23fdef6ed916",
	};

	check(&golden);
}

#define SHAPES                                                                 \
	"# every shape\nname = \"demo.shapes\"\nversion = \"0.2.10\"\n"        \
	"arch = \"riscv64\"\nkernel_api = \"0.1\"\nentry = \"/run/main\"\n"    \
	"description = \"tab\\t \\\"quoted\\\"\"\n\n[commands]\n"              \
	"shapes = \"/bin/main\"\n\n[permissions]\n"                            \
	"log = \"writes what it found\"\n"

static void check_every_shape(void)
{
	uint8_t *p4097 = pattern(4097, 7);
	uint8_t *p5000 = pattern(5000, 3);
	/* Not in order: the writer sorts. */
	const struct item items[] = {
		FOLDER("z"),
		FOLDER("a"),
		FOLDER("hollow"),
		FOLDER("bin"),
		FILE_AT("z/last", "last\n", 5),
		FILE_AT("a/uno", "one\n", 4),
		FILE_AT("a/one", "one\n", 4),
		FILE_AT("a/less", p4097, 4095),
		FILE_AT("a/full", p4097, 4096),
		FILE_AT("a/more", p4097, 4097),
		{ "bin/main", EPK_TYPE_FILE, true, true, p5000, 5000, NULL },
		FILE_AT("empty", NULL, 0),
		{ "link", EPK_TYPE_LINK, 0, 0, NULL, 0, "a/one" },
		{ "run", EPK_TYPE_ALIAS, 0, 0, NULL, 0, "bin" },
	};
	struct golden golden = {
		.name = "every shape",
		.settings = { .align_log2 = 12, .block_log2 = 12 },
		.tree = { .items = items,
			  .count = sizeof(items) / sizeof(items[0]),
			  .manifest = SHAPES },
		.image_size = 28681,
		.package_id = "5251b755b1f5c9ae97aadc2852a17c38e4dd44a4e5be54"
			      "700037ee993a779280",
		.content_id = "a5b8886ee28e93405cda5400f347719f8ab11dcfb82ada"
			      "5b36bf54d97f05777c",
		.file = "58268b9d0fc3c5175035c31ed94dff6f6bca105871c0e1b4ed9e"
			"f43e3103a58d",
	};

	is_u64(strlen(SHAPES), 220, "the manifest has 220 bytes");
	check(&golden);
	free(p4097);
	free(p5000);
}

static void check_wide_and_later(void)
{
	uint8_t *data = pattern(70000, 7);
	const struct item items[] = {
		{ "tool", EPK_TYPE_FILE, true, false, "#!tool\n", 7, NULL },
		{ "data.bin", EPK_TYPE_FILE, false, true, data, 70000, NULL },
		{ "copy.bin", EPK_TYPE_FILE, false, true, data, 70000, NULL },
		FOLDER("notes"),
		FILE_AT("notes/caf\xc3\xa9", "\xc3\xa9\n", 3),
	};
	struct golden golden = {
		.name = "wide, later",
		.settings = { .align_log2 = 14,
			      .block_log2 = 16,
			      .build_epoch = 1700000000 },
		.tree = { .items = items,
			  .count = sizeof(items) / sizeof(items[0]),
			  .manifest = MINIMAL("demo.wide", "/tool") },
		.image_size = 98314,
		.package_id = "310b561bb61fed6853538b0f9cffba9eff0abba17bdabf"
			      "77d9348f4d5f7e6933",
		.content_id = "43d3fe63eff3947deea14ed7269f094cd5a3166571f04d"
			      "3c0ada0fc11c5ca455",
		.file = "3bf3f463d0065e4d16e66c4de05772363ff762fe1fbd8a013783"
			"e9d2992a9894",
	};

	check(&golden);
	free(data);
}

int main(void)
{
	plan(19);
	check_one_program();
	check_every_shape();
	check_wide_and_later();
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Each encoder of this build: the content is the same whichever is used, all
 * levels can be read, and the bytes are those this version gave before. */
#include "writer_support.h"

#include "support/tap.h"

#include <epk/verify.h>

static const char manifest[] =
	"name = \"demo.encoders\"\nversion = \"1.0.0\"\narch = \"any\"\n"
	"kernel_api = \"0.1\"\n";

/* What the encoder made of the tree below at its default level. A version
 * that is not here is not judged. */
static const struct golden {
	const char *name;
	const char *version;
	const char *file;
} goldens[] = {
	{ "zlib", "1.2.13",
	  "ea7a44abad6bc1d290ced49960fb826604862c4f"
	  "d3f80128997f6efba876fd90" },
	{ "libdeflate", "1.14",
	  "369286c25df1fcab07d3f83b0dad7b35dfcc06fe"
	  "d529d74e9d11fe4e6bc3469b" },
};

/** Words, so that levels differ. */
static uint8_t *words(size_t size_bytes)
{
	static const char *const parts[] = { "ba", "co", "di", "fu",
					     "ga", "ho", " ",  "\n" };
	uint8_t *bytes = malloc(size_bytes);
	uint32_t seed = 1;

	for (size_t at = 0; bytes && at < size_bytes;) {
		const char *part =
			parts[(seed = seed * 48271 % 2147483647) % 8];

		for (; *part && at < size_bytes; part++)
			bytes[at++] = (uint8_t)*part;
	}
	return bytes;
}

static bool pack(const struct epk_codec *codec, int level, struct image *image,
		 struct epk_writer_result *result)
{
	static uint8_t *text;
	struct item items[] = {
		FOLDER("a"),
		FILE_AT("a/large", NULL, 300000),
		FILE_AT("a/small", "small\n", 6),
		FILE_AT("one", "1", 1),
		FILE_AT("text", NULL, 20000),
	};
	struct tree tree = { .items = items, .count = 5, .manifest = manifest };
	const struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.level = level,
		.codec = codec,
		.meta_codec = codec,
	};

	if (!text)
		text = words(300000);
	items[1].bytes = text;
	items[4].bytes = text + 1000;
	*image = (struct image){ 0 };
	return pack_tree(&tree, &settings, image, result) == EPK_OK;
}

static bool is_sound(const struct image *image)
{
	struct epk_source source;
	struct epk_file *file = NULL;
	epk_status_t status;

	epk_source_from_memory(image->bytes, image->size_bytes, &source);
	status = epk_file_open(&source, NULL, NULL, &file);
	if (status == EPK_OK)
		status = epk_verify_threads(epk_file_image(file), 1, NULL, NULL,
					    NULL);
	epk_file_close(file);
	return status == EPK_OK;
}

static void check_golden(const struct epk_codec *codec,
			 const struct image *image)
{
	uint8_t digest[32] = { 0 };
	char text[65];

	(void)epk_sha256(epk_ops_core(), image->bytes, image->size_bytes,
			 digest);
	hex(digest, text);
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		if (strcmp(goldens[i].name, codec->name) == 0 &&
		    strcmp(goldens[i].version, codec->version()) == 0) {
			is_str(text, goldens[i].file,
			       "%s %s is right to the byte", codec->name,
			       codec->version());
			return;
		}
	}
	diag("%s %s gives %s, and no golden is known", codec->name,
	     codec->version(), text);
}

static void check(const struct epk_codec *codec, const char *content)
{
	struct epk_writer_result result;
	struct image image;
	uint32_t sound = 0;
	size_t least = SIZE_MAX;
	char text[65];

	ok(pack(codec, -1, &image, &result) && is_sound(&image),
	   "%s packs by default what can be read", codec->name);
	hex(result.content_id, text);
	is_str(text, content, "with the same content");
	check_golden(codec, &image);
	image_drop(&image);
	for (int level = 1; level <= codec->level_max; level++) {
		sound +=
			pack(codec, level, &image, &result) && is_sound(&image);
		least = image.size_bytes < least ? image.size_bytes : least;
		image_drop(&image);
	}
	is_u64(sound, (uint64_t)codec->level_max, "so do all its %d levels",
	       codec->level_max);
	(void)pack(codec, codec->level_max, &image, &result);
	ok(image.size_bytes <= least + 64, "the highest is the smallest");
	image_drop(&image);
	ok(!pack(codec, codec->level_max + 1, &image, &result),
	   "a level above is refused");
	image_drop(&image);
	ok(!pack(codec, 0, &image, &result), "and one of 0");
	image_drop(&image);
}

int main(void)
{
	struct epk_writer_result result = { 0 };
	const struct epk_codec *other = epk_codec_find("libdeflate");
	struct image image;
	char content[65];

	plan(0);
	(void)pack(NULL, -1, &image, &result);
	image_drop(&image);
	hex(result.content_id, content);
	check(epk_codec_zlib(), content);
	if (other)
		check(other, content);
	ok(epk_codec_default() == (other ? other : epk_codec_zlib()),
	   "the default is libdeflate if it is there");
	ok(epk_codec_find("zlib") == epk_codec_zlib() &&
		   !epk_codec_find("gzip"),
	   "encoders are found by name");
	return done();
}

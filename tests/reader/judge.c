/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libepk's side of reader/agree.py.
 *
 * judge -w FOLDER writes the images that mutants are made of. Without
 * arguments it judges images: a record on standard input is a header of 8
 * bytes (u32 size of the image, u8 policy, u8 threshold, u8 keys, u8 0), for
 * each key its 32 bytes and a name prefix of 32 bytes padded with NUL, and
 * the image. The answer is a line: stage, code, package_id, content_id.
 * Each image is judged twice, in place and through a callback with two
 * threads; "differ" is the answer if the two verdicts do.
 */
#include "unit/libepk/forge.h"

#include <epk/format.h>
#include <epk/verify.h>

#include <stdio.h>

#define KEYS_MAX 8u
#define PREFIX_SIZE 32u
#define IMAGE_MAX (UINT32_C(64) << 20)

struct trusted {
	uint8_t key[EPK_KEY_SIZE];
	uint8_t key_id[EPK_DIGEST_SIZE];
	char prefix[PREFIX_SIZE + 1];
};

struct keyring {
	struct trusted keys[KEYS_MAX];
	uint32_t count;
};

struct verdict {
	epk_status_t status;
	uint32_t stage;
	uint8_t package_id[EPK_DIGEST_SIZE];
	uint8_t content_id[EPK_DIGEST_SIZE];
};

static int complain(const char *what)
{
	fprintf(stderr, "judge: %s\n", what);
	return 1;
}

/* ---- the keys a record names ---- */

static const struct trusted *find_key(const struct keyring *ring,
				      const uint8_t key_id[EPK_DIGEST_SIZE])
{
	for (uint32_t i = 0; i < ring->count; i++)
		if (memcmp(ring->keys[i].key_id, key_id, EPK_DIGEST_SIZE) == 0)
			return &ring->keys[i];
	return NULL;
}

static epk_status_t lookup(void *context, const uint8_t key_id[EPK_DIGEST_SIZE],
			   uint8_t public_key[EPK_KEY_SIZE])
{
	const struct trusted *found = find_key(context, key_id);

	if (found == NULL)
		return EPK_ERR_NOT_FOUND;
	memcpy(public_key, found->key, EPK_KEY_SIZE);
	return EPK_OK;
}

static bool allows(void *context, const uint8_t key_id[EPK_DIGEST_SIZE],
		   const void *name, size_t name_size)
{
	const struct trusted *found = find_key(context, key_id);
	const size_t size = found == NULL ? 0 : strlen(found->prefix);
	const char *text = name;

	if (found == NULL || size > name_size ||
	    memcmp(text, found->prefix, size) != 0)
		return false;
	return size == 0 || size == name_size || text[size] == '.';
}

/* ---- one image ---- */

static void name_failure(struct verdict *verdict, const struct epk_image *image)
{
	verdict->stage = image->failure.stage;
}

static void judge_in_place(const struct forged *image,
			   const struct epk_options *options,
			   struct verdict *out)
{
	const struct epk_source source = forge_source(image);
	struct forge_open opened;
	struct epk_image *judged = &opened.image;

	out->status = forge_open(&opened, &source, epk_ops_default(), options);
	if (out->status == EPK_OK) {
		const uint64_t size = epk_deep_size(judged);
		void *scratch = malloc(size);

		out->status =
			epk_verify_deep(judged, scratch, size, NULL, NULL);
		memcpy(out->package_id, judged->package_id, EPK_DIGEST_SIZE);
		(void)epk_content_id(judged, out->content_id);
		free(scratch);
	}
	name_failure(out, judged);
	forge_close(&opened);
}

static void judge_by_threads(const struct forged *image,
			     const struct epk_options *options,
			     struct verdict *out)
{
	struct forge_reader reader = { .image = image };
	const struct epk_source source = forge_callback(&reader);
	struct forge_open opened;

	out->status = forge_open(&opened, &source, epk_ops_default(), options);
	if (out->status == EPK_OK)
		out->status =
			epk_verify_threads(&opened.image, 2, NULL, NULL, NULL);
	name_failure(out, &opened.image);
	forge_close(&opened);
}

static void answer(const struct forged *image,
		   const struct epk_options *options)
{
	struct verdict first = { 0 };
	struct verdict second = { 0 };

	judge_in_place(image, options, &first);
	judge_by_threads(image, options, &second);
	if (first.status != second.status || first.stage != second.stage)
		printf("differ %s/%s", epk_stage_name(second.stage),
		       epk_status_name(second.status));
	else if (first.status == EPK_OK)
		printf("none ok %s %s", forge_hex(first.package_id),
		       forge_hex(first.content_id));
	else
		printf("%s %s", epk_stage_name(first.stage),
		       epk_status_name(first.status));
	printf("\n");
	fflush(stdout);
}

/* ---- records ---- */

static bool take(void *buffer, size_t size)
{
	return fread(buffer, 1, size, stdin) == size;
}

static bool take_keys(struct keyring *ring)
{
	for (uint32_t i = 0; i < ring->count; i++) {
		struct trusted *key = &ring->keys[i];

		if (!take(key->key, EPK_KEY_SIZE) ||
		    !take(key->prefix, PREFIX_SIZE))
			return false;
		forge_sha256(key->key, EPK_KEY_SIZE, key->key_id);
	}
	return true;
}

static int judge_record(const uint8_t head[8])
{
	struct keyring ring = { .count = head[6] };
	const struct epk_trust trust = { &ring, lookup, allows };
	const struct epk_options options = {
		.size_bytes = sizeof(options),
		.signatures = head[4],
		.threshold = head[5],
		.trust = &trust,
	};
	struct forged image = { .size = epk_load32(head) };

	if (image.size > IMAGE_MAX || ring.count > KEYS_MAX ||
	    !take_keys(&ring))
		return complain("a malformed record");
	image.bytes = malloc(image.size + 1);
	if (image.bytes == NULL || !take(image.bytes, image.size)) {
		free(image.bytes);
		return complain("a record without its image");
	}
	answer(&image, &options);
	forge_free(&image);
	return 0;
}

static int judge_all(void)
{
	uint8_t head[8];

	while (take(head, sizeof(head)))
		if (judge_record(head) != 0)
			return 1;
	return 0;
}

/* ---- images to begin with ---- */

static const char manifest[] =
	"name = \"org.example.tree\"\nversion = \"1.2.3\"\narch = \"any\"\n"
	"kernel_api = \"linux-1.2\"\nentry = \"/run/tool\" # through an alias\n"
	"description = \"a \\\"tree\\\"\"\n[commands]\n\"a.b\" = \"/bin/t\"\n"
	"tool = \"/bin/d/e/up\"\n[permissions]\n\"net.raw\" = \"why\\tnot\"\n";

static struct forged tree(const uint8_t *bytes, uint32_t codec,
			  uint32_t meta_codec)
{
	const struct forge_item items[] = {
		{ "bin/d/e/up", EPK_TYPE_LINK, 0, NULL, 0, "../../tool" },
		{ "bin/t", EPK_TYPE_LINK, 0, NULL, 0, "d/e/up" },
		{ "bin/tool", EPK_TYPE_FILE, EPK_FLAG_EXEC, bytes, 700, NULL },
		{ "etc/a", EPK_TYPE_FILE, 0, bytes + 1, 700, NULL },
		{ "etc/b", EPK_TYPE_FILE, 0, bytes + 2, 3000, NULL },
		{ "etc/c", EPK_TYPE_FILE, 0, bytes + 2, 3000, NULL },
		{ "etc/d", EPK_TYPE_FILE, 0, bytes + 3, 3000, NULL },
		{ "hollow", EPK_TYPE_FOLDER, 0, NULL, 0, NULL },
		{ "lib/a", EPK_TYPE_FILE, EPK_FLAG_MAPPED, bytes, 5000, NULL },
		{ "lib/b", EPK_TYPE_FILE, EPK_FLAG_MAPPED, bytes + 4, 5000,
		  NULL },
		{ "lib/c", EPK_TYPE_FILE, EPK_FLAG_MAPPED, bytes + 4, 5000,
		  NULL },
		{ "lib/d", EPK_TYPE_FILE, EPK_FLAG_MAPPED, bytes + 5, 700,
		  NULL },
		{ "none", EPK_TYPE_FILE, EPK_FLAG_EXEC, bytes, 0, NULL },
		{ "run", EPK_TYPE_ALIAS, 0, NULL, 0, "bin" },
		{ "self", EPK_TYPE_ALIAS, 0, NULL, 0, "" },
		{ "whole/a", EPK_TYPE_FILE, 0, bytes + 6, 5000, NULL },
		{ "whole/b", EPK_TYPE_FILE, 0, bytes + 7, 5000, NULL },
		{ "whole/c", EPK_TYPE_FILE, 0, bytes + 8, 8192, NULL },
	};

	return forge(&(struct forge_recipe){
		.items = items,
		.count = sizeof(items) / sizeof(items[0]),
		.codec = codec,
		.meta_codec = meta_codec,
		.manifest = manifest,
	});
}

/* Folders in folders to the limit of the depth, or of the path's length. */
static struct forged chain(uint32_t depth, uint32_t name_size)
{
	const size_t size = (size_t)depth * (name_size + 1);
	char *path = malloc(size);
	struct forged image;

	for (size_t i = 0; i < size; i++)
		path[i] = (i + 1) % (name_size + 1) == 0 ? '/' : 'n';
	path[size - 1] = '\0';
	image = forge(&(struct forge_recipe){
		.items = (const struct forge_item[]){ { path, EPK_TYPE_FOLDER,
							0, NULL, 0, NULL } },
		.count = 1,
		.manifest = "name = \"c\"\nversion = \"0.0.1\"\n"
			    "arch = \"riscv64\"\nkernel_api = \"0.1\"\n",
	});
	free(path);
	return image;
}

static int write_image(const char *folder, const char *name,
		       struct forged image)
{
	char path[4096];
	FILE *stream;
	bool good;

	snprintf(path, sizeof(path), "%s/%s.epk", folder, name);
	stream = fopen(path, "wb");
	if (stream == NULL)
		return complain(path);
	good = fwrite(image.bytes, 1, image.size, stream) == image.size;
	good = fclose(stream) == 0 && good;
	forge_free(&image);
	return good ? 0 : complain(path);
}

static int write_images(const char *folder)
{
	uint8_t *bytes = forge_pattern(16384, 3);
	int status = 0;

	status |= write_image(folder, "g1", forge_golden(1));
	status |= write_image(folder, "g2", forge_golden(2));
	status |= write_image(folder, "g3", forge_golden(3));
	status |= write_image(folder, "stored",
			      tree(bytes, EPK_CODEC_STORE, EPK_CODEC_STORE));
	status |= write_image(folder, "zlib",
			      tree(bytes, EPK_CODEC_ZLIB, EPK_CODEC_STORE));
	status |= write_image(folder, "packed",
			      tree(bytes, EPK_CODEC_ZLIB, EPK_CODEC_ZLIB));
	status |= write_image(folder, "depth", chain(64, 1));
	status |= write_image(folder, "path", chain(15, 255));
	free(bytes);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "-w") == 0)
		return write_images(argv[2]);
	if (argc == 1)
		return judge_all();
	return complain("usage: judge [-w FOLDER]");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The golden images: forged from the format document alone, they have the
 * digests an independent implementation found, and the reader accepts them. */
#include "support/tap.h"

#include "forge.h"

#include <epk/key.h>
#include <epk/sign.h>

struct golden {
	uint32_t align_log2, block_log2, node_count;
	uint32_t map_blocks, whole_blocks, shared_blocks;
	uint32_t names_size, manifest_size;
	uint64_t meta_stored, data_offset, image_size, build_epoch;
	uint32_t header_crc;
	const char *meta_digest, *package_id, *content_id, *file, *file_signed;
};

static const struct golden goldens[] = {
	{ 12, 16, 2, 1, 0, 0, 4, 84, 276, 8192, 12288, 0, 0x1dfe1cb6,
	  "3dbe478455057baf4c91a5845f95b876610a94a53bb20d8ec0ac53638d8b59ac",
	  "9ea5906f5710657a50fed234e63540c51701789263bd5f47735e4a8a7f1c6238",
	  "37e8513fa488ff51822b7433f480cf7687ac1cdb564b1a85a19ffc508434b219",
	  "177f1c5d37b564a60a53adb71e563370863765024338fa771e4c23fdef6ed916",
	  "a5614e25044a2ee13ba11dcdf9ad441794c4f93ff797eecd243ea7ed1cad6788" },
	{ 12, 12, 15, 2, 3, 2, 54, 220, 1580, 8192, 28681, 0, 0x293aff8c,
	  "79a0a7be173df03d7abd2ba1c976a34ec70020c06a37711cf4de4d0f9f2c49f9",
	  "5251b755b1f5c9ae97aadc2852a17c38e4dd44a4e5be54700037ee993a779280",
	  "a5b8886ee28e93405cda5400f347719f8ab11dcfb82ada5b36bf54d97f05777c",
	  "58268b9d0fc3c5175035c31ed94dff6f6bca105871c0e1b4ed9ef43e3103a58d",
	  "095f26f82fa0e10c8f0af66870840389c5cbce5c769d63a3cbd0d5727f95a41a" },
	{ 14, 16, 6, 2, 0, 1, 30, 85, 645, 16384, 98314, 1700000000, 0x3aaa5392,
	  "dd4c437ff518060bf86e1b5c8d7fc6ce15b7a8ab0168bc3089134c2dcfd6e348",
	  "310b561bb61fed6853538b0f9cffba9eff0abba17bdabf77d9348f4d5f7e6933",
	  "43d3fe63eff3947deea14ed7269f094cd5a3166571f04d3c0ada0fc11c5ca455",
	  "3bf3f463d0065e4d16e66c4de05772363ff762fe1fbd8a013783e9d2992a9894",
	  "e00698c6f6ef3f284b4673a7c2791f2cde8b619263ee09b6741e35f0a80602bd" },
};

static bool fields_match(const struct epk_header *header,
			 const struct golden *golden)
{
	return header->align_log2 == golden->align_log2 &&
	       header->block_log2 == golden->block_log2 &&
	       header->meta_codec == EPK_CODEC_STORE &&
	       header->node_count == golden->node_count &&
	       header->map_blocks == golden->map_blocks &&
	       header->whole_blocks == golden->whole_blocks &&
	       header->shared_blocks == golden->shared_blocks &&
	       header->names_size == golden->names_size &&
	       header->manifest_size == golden->manifest_size &&
	       header->meta_stored == golden->meta_stored &&
	       header->data_offset == golden->data_offset &&
	       header->image_size == golden->image_size &&
	       header->build_epoch == golden->build_epoch;
}

static void check_opened(const struct epk_image *image,
			 const struct golden *golden, int which)
{
	uint8_t id[32] = { 0 };

	ok(fields_match(&image->header, golden),
	   "G%d: every field of the header is as listed", which);
	is_str(forge_hex(image->header.meta_digest), golden->meta_digest,
	       "G%d: meta_digest", which);
	is_str(forge_hex(image->package_id), golden->package_id,
	       "G%d: package_id", which);
	is_i64(epk_content_id(image, id), EPK_OK, "G%d: content_id is computed",
	       which);
	is_str(forge_hex(id), golden->content_id, "G%d: content_id", which);
}

/* The private key of RFC 8032, TEST 1, as RFC 8410 writes it. */
static const char test_1[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	"-----END PRIVATE KEY-----\n";

/* Signed in place: the page changes, the rest and package_id do not. */
static void check_signed(struct forged *image, const struct golden *golden,
			 int which)
{
	struct epk_signature signature = { { 0 }, { 0 } };
	struct epk_signer *signer = NULL;
	uint8_t message[EPK_SIGN_MESSAGE_SIZE];
	uint8_t digest[32];

	if (!ok(epk_signer_from_pem(test_1, sizeof(test_1) - 1, NULL, NULL,
				    &signer) == EPK_OK,
		"G%d: the key of RFC 8032 TEST 1 is read", which))
		return;
	forge_sha256(image->bytes, EPK_HEADER_SIZE, digest);
	epk_sign_message(digest, message);
	is_i64(epk_key_id(epk_signer_public_key(signer), signature.key_id),
	       EPK_OK, "G%d: it has a key id", which);
	is_i64(epk_signer_sign(signer, message, sizeof(message),
			       signature.bytes),
	       EPK_OK, "G%d: it signs", which);
	is_i64(epk_signature_add(image->bytes, &signature), EPK_OK,
	       "G%d: the signature goes into the page", which);
	forge_sha256(image->bytes, image->size, digest);
	is_str(forge_hex(digest), golden->file_signed,
	       "G%d: the whole file, signed", which);
	is_i64(forge_verify(image, NULL), EPK_OK,
	       "G%d: verifies deeply, signed", which);
	epk_signer_destroy(signer);
}

static void check_golden(int which)
{
	const struct golden *golden = &goldens[which - 1];
	struct forged image = forge_golden(which);
	const struct epk_source mapped = forge_source(&image);
	struct forge_reader reader = { .image = &image };
	const struct epk_source callback = forge_callback(&reader);
	struct forge_open opened;
	uint8_t digest[32];

	forge_sha256(image.bytes, image.size, digest);
	is_str(forge_hex(digest), golden->file, "G%d: the whole file", which);
	is_u64(epk_load32(image.bytes + 252), golden->header_crc,
	       "G%d: header_crc", which);
	if (ok(forge_open(&opened, &mapped, epk_ops_core(), NULL) == EPK_OK,
	       "G%d: opens in place, with the core's operations", which)) {
		ok(opened.metadata == NULL, "G%d: its metadata is not copied",
		   which);
		check_opened(&opened.image, golden, which);
	}
	forge_close(&opened);
	if (ok(forge_open(&opened, &callback, epk_ops_default(), NULL) ==
		       EPK_OK,
	       "G%d: opens through a callback", which))
		check_opened(&opened.image, golden, which);
	forge_close(&opened);
	is_i64(forge_verify(&image, NULL), EPK_OK, "G%d: verifies deeply",
	       which);
	check_signed(&image, golden, which);
	forge_free(&image);
}

/* What changes the encoding and nothing else keeps content_id. */
static void check_content_id(void)
{
	static const struct forge_item items[] = {
		{ "a", EPK_TYPE_FILE, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 30,
		  NULL },
		{ "b", EPK_TYPE_FILE, EPK_FLAG_MAPPED, "b", 1, NULL },
	};
	static const struct forge_item others[] = {
		{ "a", EPK_TYPE_FILE, EPK_FLAG_MAPPED,
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 30, NULL },
		{ "b", EPK_TYPE_FILE, 0, "b", 1, NULL },
	};
	struct forge_recipe recipe = {
		.items = items,
		.count = 2,
		.manifest =
			"name = \"a\"\nversion = \"0.0.0\"\narch = \"any\"\n"
			"kernel_api = \"0.1\"\n",
	};
	uint8_t ids[2][32] = { 0 };

	for (int i = 0; i < 2; i++) {
		struct forged image = forge(&recipe);
		const struct epk_source source = forge_source(&image);
		struct forge_open opened;

		if (forge_open(&opened, &source, epk_ops_default(), NULL) ==
		    EPK_OK)
			(void)epk_content_id(&opened.image, ids[i]);
		forge_close(&opened);
		forge_free(&image);
		recipe = (struct forge_recipe){
			.items = others,
			.count = 2,
			.manifest = recipe.manifest,
			.align_log2 = 14,
			.block_log2 = 15,
			.codec = EPK_CODEC_ZLIB,
			.meta_codec = EPK_CODEC_ZLIB,
		};
	}
	is_str(forge_hex(ids[0]), forge_hex(ids[1]),
	       "content_id is the same for other settings of the packer");
	ok(memcmp(ids[0], (uint8_t[32]){ 0 }, 32) != 0,
	   "and it is a digest, not nothing");
}

int main(void)
{
	plan(0);
	for (int which = 1; which <= 3; which++)
		check_golden(which);
	check_content_id();
	return done();
}

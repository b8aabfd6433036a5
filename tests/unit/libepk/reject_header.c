/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps 1..13: every way the first 4,096 bytes, the metadata as a whole and
 * the pads are refused, each with its code and its step. */
#include "support/tap.h"

#include "forge.h"

/* A change of golden image 2. seal: 0 nothing, 1 header, 2 metadata too. */
struct change {
	const char *sentence;
	uint32_t offset;
	uint8_t width; /* bytes stored, little endian; 0: no change */
	uint64_t value;
	uint8_t seal;
	epk_status_t status;
	uint32_t stage;
};

#define SLOT0 272u

static const struct change changes[] = {
	{ "the unchanged image is accepted", 0, 0, 0, 0, EPK_OK, 0 },
	{ "a wrong magic", 0, 1, 0x88, 1, EPK_ERR_MAGIC, 2 },
	{ "a magic wrong in its last byte", 7, 1, 0x0b, 1, EPK_ERR_MAGIC, 2 },
	{ "major version 0", 8, 2, 0, 1, EPK_ERR_VERSION, 3 },
	{ "major version 2", 8, 2, 2, 1, EPK_ERR_VERSION, 3 },
	{ "minor version 1", 10, 2, 1, 1, EPK_ERR_VERSION, 3 },
	{ "a wrong checksum", 252, 4, 1, 0, EPK_ERR_HEADER_CRC, 4 },
	{ "a changed byte under the checksum", 100, 1, 1, 0, EPK_ERR_HEADER_CRC,
	  4 },
	{ "header size 255", 12, 4, 255, 1, EPK_ERR_HEADER, 5 },
	{ "header size 257", 12, 4, 257, 1, EPK_ERR_HEADER, 5 },
	{ "incompatible feature 0", 24, 4, 1, 1, EPK_ERR_FEATURE, 5 },
	{ "incompatible feature 31", 24, 4, 1u << 31, 1, EPK_ERR_FEATURE, 5 },
	{ "align_log2 11", 32, 1, 11, 1, EPK_ERR_HEADER, 6 },
	{ "align_log2 13", 32, 1, 13, 1, EPK_ERR_HEADER, 6 },
	{ "align_log2 15", 32, 1, 15, 1, EPK_ERR_HEADER, 6 },
	{ "align_log2 17", 32, 1, 17, 1, EPK_ERR_HEADER, 6 },
	{ "blocks smaller than the alignment", 32, 1, 14, 1, EPK_ERR_HEADER,
	  6 },
	{ "block_log2 11", 33, 1, 11, 1, EPK_ERR_HEADER, 6 },
	{ "block_log2 21", 33, 1, 21, 1, EPK_ERR_HEADER, 6 },
	{ "digest_alg 0", 34, 1, 0, 1, EPK_ERR_HEADER, 6 },
	{ "digest_alg 2", 34, 1, 2, 1, EPK_ERR_HEADER, 6 },
	{ "meta_codec 2", 35, 1, 2, 1, EPK_ERR_HEADER, 6 },
	{ "a byte at 60", 60, 1, 1, 1, EPK_ERR_HEADER, 6 },
	{ "a byte at 112", 112, 1, 1, 1, EPK_ERR_HEADER, 6 },
	{ "a byte at 251", 251, 1, 1, 1, EPK_ERR_HEADER, 6 },
	{ "an epoch behind the year 9999", 72, 8, 253402300800, 1,
	  EPK_ERR_HEADER, 6 },
	{ "no node", 36, 4, 0, 1, EPK_ERR_LIMIT, 7 },
	{ "2^20 + 1 nodes", 36, 4, (1u << 20) + 1, 1, EPK_ERR_LIMIT, 7 },
	{ "2^20 + 1 blocks", 40, 4, (1u << 20) - 4, 1, EPK_ERR_LIMIT, 7 },
	{ "block counts whose u32 sum wraps", 40, 4, UINT32_MAX, 1,
	  EPK_ERR_LIMIT, 7 },
	{ "2^26 + 1 bytes of names", 52, 4, (1u << 26) + 1, 1, EPK_ERR_LIMIT,
	  7 },
	{ "no manifest", 56, 4, 0, 1, EPK_ERR_LIMIT, 7 },
	{ "65,537 bytes of manifest", 56, 4, 65537, 1, EPK_ERR_LIMIT, 7 },
	{ "an image of 2^44 + 1 bytes", 16, 8, (UINT64_C(1) << 44) + 1, 1,
	  EPK_ERR_LIMIT, 7 },
	{ "stored metadata one byte short", 64, 8, 1579, 1, EPK_ERR_LIMIT, 7 },
	{ "stored metadata one byte long", 64, 8, 1581, 1, EPK_ERR_LIMIT, 7 },
	{ "an image size one byte short", 16, 8, 28680, 1, EPK_ERR_SIZE, 8 },
	{ "an image size one byte long", 16, 8, 28682, 1, EPK_ERR_SIZE, 8 },
	{ "a wrong magic of the signature area", 256, 1, 's', 0,
	  EPK_ERR_SIGAREA, 10 },
	{ "9 signatures", 260, 2, 9, 0, EPK_ERR_SIGAREA, 10 },
	{ "a byte at 262", 262, 1, 1, 0, EPK_ERR_SIGAREA, 10 },
	{ "a byte at 271", 271, 1, 1, 0, EPK_ERR_SIGAREA, 10 },
	{ "a byte in a slot that is not there", SLOT0, 1, 1, 0, EPK_ERR_SIGAREA,
	  10 },
	{ "a byte at 4095", 4095, 1, 1, 0, EPK_ERR_SIGAREA, 10 },
	{ "a slot that is all zero", 260, 2, 1, 0, EPK_ERR_SIGAREA, 10 },
	{ "a changed byte of the metadata", 4096 + 200, 1, 0xee, 0,
	  EPK_ERR_META_DIGEST, 12 },
	{ "a changed meta_digest", 80, 1, 0xee, 1, EPK_ERR_META_DIGEST, 12 },
	{ "a byte in the pad before the manifest", 4096 + 1350, 1, 1, 2,
	  EPK_ERR_PAD, 13 },
	{ "a byte right behind the metadata", 4096 + 1580, 1, 1, 0, EPK_ERR_PAD,
	  13 },
	{ "a byte right before the data", 8191, 1, 1, 0, EPK_ERR_PAD, 13 },
};

static void store(uint8_t *bytes, uint64_t value, uint32_t width)
{
	for (uint32_t i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static void check_change(const struct forged *golden,
			 const struct change *change)
{
	struct forged image = forge_copy(golden);
	struct epk_failure failure;
	epk_status_t status;

	store(image.bytes + change->offset, change->value, change->width);
	if (change->seal == 1)
		forge_seal_header(&image);
	if (change->seal == 2)
		forge_seal(&image);
	status = forge_verify(&image, &failure);
	ok(status == change->status && failure.stage == change->stage &&
		   failure.status == status,
	   "%s: %s at step %s", change->sentence,
	   epk_status_name(change->status), epk_stage_name(change->stage));
	if (status != change->status || failure.stage != change->stage)
		diag("got %s at step %s", epk_status_name(status),
		     epk_stage_name(failure.stage));
	forge_free(&image);
}

/* A limit, and one more; the sizes that follow from it are right. */
static void check_limit(const struct forged *golden, const char *sentence,
			uint32_t offset, uint64_t limit, epk_status_t reached)
{
	for (uint32_t more = 0; more < 2; more++) {
		struct forged image = forge_copy(golden);
		const uint8_t *page = image.bytes;

		epk_store32(image.bytes + offset, (uint32_t)limit + more);
		epk_store64(
			image.bytes + 64,
			epk_align_up(
				64ull * epk_load32(page + 36) +
					48ull * (epk_load32(page + 40) + 5) +
					epk_load32(page + 52),
				4) +
				epk_load32(page + 56));
		forge_seal_header(&image);
		is_i64(forge_verify(&image, NULL),
		       more ? EPK_ERR_LIMIT : reached, "%s%s: %s",
		       more ? "one more than " : "", sentence,
		       epk_status_name(more ? EPK_ERR_LIMIT : reached));
		forge_free(&image);
	}
}

static void check_limits(const struct forged *golden)
{
	struct forged image = forge_copy(golden);

	check_limit(golden, "2^20 nodes", 36, 1u << 20, EPK_ERR_LAYOUT);
	check_limit(golden, "2^20 blocks", 40, (1u << 20) - 5, EPK_ERR_LAYOUT);
	check_limit(golden, "2^26 bytes of names", 52, 1u << 26,
		    EPK_ERR_LAYOUT);
	check_limit(golden, "65,536 bytes of manifest", 56, 65536,
		    EPK_ERR_LAYOUT);
	epk_store64(image.bytes + 72, 253402300799);
	epk_store32(image.bytes + 28, UINT32_MAX);
	forge_seal_header(&image);
	is_i64(forge_verify(&image, NULL), EPK_OK,
	       "the last second of the year 9999 and unknown compatible "
	       "features are accepted");
	forge_free(&image);
}

/* No node, no manifest, too many bytes, where the sizes are right. */
static void check_empty(void)
{
	struct forged golden = forge(&(struct forge_recipe){
		.manifest =
			"name = \"a\"\nversion = \"0.0.0\"\narch = \"any\"\n"
			"kernel_api = \"0.1\"\n" });
	struct forged image = forge_copy(&golden);
	const uint32_t text = epk_load32(image.bytes + 56);

	epk_store32(image.bytes + 56, 0);
	epk_store64(image.bytes + 64, 64);
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_LIMIT,
	       "no manifest, nor room for it: LIMIT");
	epk_store32(image.bytes + 56, 1);
	epk_store64(image.bytes + 64, 65);
	memset(image.bytes + 4096 + 65, 0, text - 1);
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_MANIFEST,
	       "a manifest of one byte is one: MANIFEST");
	forge_free(&image);
	image = forge_copy(&golden);
	epk_store32(image.bytes + 56, text);
	epk_store32(image.bytes + 36, 0);
	epk_store64(image.bytes + 64, text);
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_LIMIT,
	       "no node, nor room for it: LIMIT");
	forge_free(&image);
	image = forge_copy(&golden);
	epk_store64(image.bytes + 16, UINT64_C(1) << 44);
	forge_seal_header(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_SIZE,
	       "2^44 bytes are within the limit, but not there: SIZE");
	epk_store64(image.bytes + 16, (UINT64_C(1) << 44) + 1);
	forge_seal_header(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_LIMIT,
	       "2^44 + 1 bytes: LIMIT");
	forge_free(&image);
	forge_free(&golden);
}

static const struct forge_item pair_items[] = {
	{ "a", EPK_TYPE_FILE, EPK_FLAG_MAPPED, "mapped", 6, NULL },
	{ "b", EPK_TYPE_FILE, 0, "shared", 6, NULL },
};

/* An image of these sizes; if they are not allowed, only said to be. */
static epk_status_t try_log2(uint32_t align, uint32_t block, bool good)
{
	struct forged image = forge(&(struct forge_recipe){
		.items = pair_items,
		.count = 2,
		.align_log2 = good ? align : 12,
		.block_log2 = good ? block : 12,
		.manifest = "name = \"a\"\nversion = \"0.0.0\"\n"
			    "arch = \"any\"\nkernel_api = \"0.1\"\n" });
	epk_status_t status;

	image.bytes[32] = (uint8_t)align;
	image.bytes[33] = (uint8_t)block;
	forge_seal_header(&image);
	status = forge_verify(&image, NULL);
	forge_free(&image);
	return status;
}

/* Every pair of sizes that is allowed, and none that is not. */
static void check_log2(void)
{
	uint32_t wrong = 0;

	for (uint32_t align = 0; align <= 40; align++) {
		for (uint32_t block = 0; block <= 40; block++) {
			const bool good =
				(align == 12 || align == 14 || align == 16) &&
				block >= 12 && block <= 20 && block >= align;

			wrong += try_log2(align, block, good) !=
				 (good ? EPK_OK : EPK_ERR_HEADER);
		}
	}
	is_u64(wrong, 0, "of all pairs of sizes just the right ones are taken");
}

static void check_open(const struct forged *golden)
{
	static const uint8_t small[4095];
	struct forge_open opened;
	struct epk_source source;
	struct forge_reader reader = { .image = golden };
	struct epk_options options = { .size_bytes = sizeof(options) };

	epk_source_from_memory(small, sizeof(small), &source);
	ok(forge_open(&opened, &source, epk_ops_default(), NULL) ==
			   EPK_ERR_SIZE &&
		   opened.image.failure.stage == EPK_STAGE_OPEN,
	   "4,095 bytes are no image: SIZE at step 1");
	{
		static const uint8_t page[4096];

		epk_source_from_memory(page, sizeof(page), &source);
		ok(forge_open(&opened, &source, epk_ops_default(), NULL) ==
				   EPK_ERR_MAGIC &&
			   opened.image.failure.stage == EPK_STAGE_MAGIC,
		   "4,096 zeros are enough to see: MAGIC at step 2");
	}
	source = forge_callback(&reader);
	reader.fail_at = 1;
	ok(forge_open(&opened, &source, epk_ops_default(), NULL) ==
			   EPK_ERR_IO &&
		   opened.image.failure.stage == EPK_STAGE_OPEN,
	   "a page that cannot be read: IO at step 1");
	source = forge_source(golden);
	options.metadata_budget_bytes = 1579;
	ok(forge_open(&opened, &source, epk_ops_default(), &options) ==
			   EPK_ERR_BUDGET &&
		   opened.image.failure.stage == EPK_STAGE_METADATA,
	   "a budget one byte too small: BUDGET at step 12");
	options.metadata_budget_bytes = 1580;
	is_i64(forge_open(&opened, &source, epk_ops_default(), &options),
	       EPK_OK, "a budget that just suffices is enough");
	forge_close(&opened);
}

/* A block device: more bytes than the image, which are never asked for. */
static void check_rounded(const struct forged *golden)
{
	struct forged image = forge_copy(golden);
	struct forge_reader reader = { .image = &image };
	struct epk_source source;
	struct forge_open opened;

	image.bytes = realloc(image.bytes, image.size + 4096);
	image.size += 4096;
	source = forge_callback(&reader);
	ok(forge_open(&opened, &source, epk_ops_default(), NULL) ==
		   EPK_ERR_SIZE,
	   "a file with a tail: SIZE");
	source.flags = EPK_SOURCE_ROUNDED;
	reader.beyond = 0;
	is_i64(forge_open(&opened, &source, epk_ops_default(), NULL), EPK_OK,
	       "a block device may be larger than the image");
	forge_close(&opened);
	ok(reader.beyond <= golden->size,
	   "and nothing behind the image is read");
	image.size = golden->size - 1;
	source.size_bytes = image.size;
	ok(forge_open(&opened, &source, epk_ops_default(), NULL) ==
		   EPK_ERR_SIZE,
	   "a block device must not be smaller than the image");
	image.size = golden->size + 4096;
	forge_free(&image);
}

static void check_layout(void)
{
	struct forged image = forge_golden(1);
	struct epk_failure failure;

	/* Nothing but metadata, and the file ends within its pad. */
	image.size = 8191;
	epk_store64(image.bytes + 16, image.size);
	forge_seal_header(&image);
	ok(forge_verify(&image, &failure) == EPK_ERR_LAYOUT &&
		   failure.stage == EPK_STAGE_LAYOUT,
	   "data that begins behind the end: LAYOUT at step 9");
	forge_free(&image);
}

static void seal_slot(struct forged *image, uint32_t slot, uint8_t key)
{
	uint8_t *bytes = image->bytes + 272 + (size_t)slot * 128;

	epk_store16(bytes, 1);
	memset(bytes + 8, key, 32);
	memset(bytes + 40, 0xff, 64);
}

static void check_slots(const struct forged *golden)
{
	struct forged image = forge_copy(golden);
	static const uint32_t zeros[] = { 2, 3, 4, 7, 104, 127 };
	struct epk_failure failure;

	image.bytes[260] = 8;
	for (uint32_t i = 0; i < 8; i++)
		seal_slot(&image, i, (uint8_t)(i * 30));
	is_i64(forge_verify(&image, NULL), EPK_OK,
	       "8 ascending slots have the right form");
	seal_slot(&image, 4, 90);
	ok(forge_verify(&image, &failure) == EPK_ERR_SIGAREA &&
		   failure.index == 4,
	   "two slots of one key: SIGAREA at slot 4");
	seal_slot(&image, 4, 89);
	is_i64(forge_verify(&image, NULL), EPK_ERR_SIGAREA,
	       "slots that do not ascend: SIGAREA");
	seal_slot(&image, 4, 120);
	epk_store16(image.bytes + 272 + 3 * 128, 2);
	ok(forge_verify(&image, &failure) == EPK_ERR_SIGAREA &&
		   failure.index == 3,
	   "an unknown algorithm: SIGAREA, though no policy is set");
	epk_store16(image.bytes + 272 + 3 * 128, 1);
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
		uint8_t *byte = image.bytes + 272 + 7 * 128 + zeros[i];

		*byte = 1;
		is_i64(forge_verify(&image, NULL), EPK_ERR_SIGAREA,
		       "a byte at %u of a slot: SIGAREA", zeros[i]);
		*byte = 0;
	}
	image.bytes[272 + 8 * 128] = 1;
	is_i64(forge_verify(&image, NULL), EPK_ERR_SIGAREA,
	       "a byte behind the eighth slot: SIGAREA");
	forge_free(&image);
}

static struct forged compressed(void)
{
	static const struct forge_item items[] = {
		{ "a/b", EPK_TYPE_FILE, 0, "0000000000000000000000000000", 28,
		  NULL },
	};

	return forge(&(struct forge_recipe){
		.items = items,
		.count = 1,
		.codec = EPK_CODEC_ZLIB,
		.meta_codec = EPK_CODEC_ZLIB,
		.manifest =
			"name = \"a\"\nversion = \"0.0.0\"\narch = \"any\"\n"
			"kernel_api = \"0.1\"\n",
	});
}

static void check_compressed(void)
{
	struct forged image = compressed();
	const struct epk_source source = forge_source(&image);
	const uint64_t stored = epk_load64(image.bytes + 64);
	struct forge_open opened;
	struct epk_failure failure;

	is_i64(forge_verify(&image, NULL), EPK_OK,
	       "compressed metadata is accepted");
	ok(forge_open(&opened, &source, epk_ops_core(), NULL) ==
			   EPK_ERR_COMPAT &&
		   opened.image.failure.stage == EPK_STAGE_METADATA,
	   "a reader without inflate refuses it: COMPAT at step 12");
	image.bytes[4096 + stored - 1] ^= 1;
	is_i64(forge_open(&opened, &source, epk_ops_core(), NULL),
	       EPK_ERR_META_DIGEST, "but its digest is checked first");
	forge_seal(&image);
	ok(forge_verify(&image, &failure) == EPK_ERR_CODEC &&
		   failure.stage == EPK_STAGE_METADATA,
	   "a wrong Adler-32: CODEC at step 12");
	image.bytes[4096 + stored - 1] ^= 1;
	epk_store64(image.bytes + 64, stored + 1);
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_CODEC,
	       "a byte behind the stream: CODEC");
	epk_store64(image.bytes + 64, stored - 1);
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_CODEC,
	       "a stream that stops early: CODEC");
	epk_store64(image.bytes + 64, stored);
	epk_store32(image.bytes + 56, epk_load32(image.bytes + 56) + 1);
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_CODEC,
	       "a stream shorter than meta_size: CODEC");
	epk_store32(image.bytes + 56, epk_load32(image.bytes + 56) - 2);
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_CODEC,
	       "a stream longer than meta_size: CODEC");
	epk_store64(image.bytes + 64, 0);
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_LIMIT,
	       "compressed to nothing: LIMIT");
	forge_free(&image);
}

static void check_not_smaller(void)
{
	struct forged image = forge_golden(1);

	image.bytes[35] = EPK_CODEC_ZLIB;
	forge_seal(&image);
	is_i64(forge_verify(&image, NULL), EPK_ERR_LIMIT,
	       "compressed metadata that is not smaller: LIMIT");
	forge_free(&image);
}

int main(void)
{
	struct forged golden = forge_golden(2);

	plan(0);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		check_change(&golden, &changes[i]);
	check_limits(&golden);
	check_empty();
	check_log2();
	check_open(&golden);
	check_rounded(&golden);
	check_layout();
	check_slots(&golden);
	check_compressed();
	check_not_smaller();
	forge_free(&golden);
	return done();
}

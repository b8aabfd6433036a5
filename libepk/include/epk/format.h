/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_FORMAT_H
#define EPK_FORMAT_H
/** @file format.h
 * Every constant and offset of the package image, with the section of
 * doc/format.md it comes from. No structure is laid over image bytes: fields
 * are loaded and stored little endian, at any alignment. */
#include <epk/api.h>

/* Section 2: file map. */
#define EPK_PAGE_SIZE 4096u	  /* header and signature area together */
#define EPK_METADATA_OFFSET 4096u /* where the stored metadata begins */

/* Section 3: header. */
#define EPK_HEADER_SIZE 256u
#define EPK_MAGIC "\x89\x45\x50\x4b\x0d\x0a\x1a\x0a"
#define EPK_MAGIC_SIZE 8u
#define EPK_VERSION_MAJOR 1u
#define EPK_VERSION_MINOR 0u
#define EPK_DIGEST_SIZE 32u
#define EPK_DIGEST_SHA256 1u

#define EPK_HEADER_MAGIC 0u
#define EPK_HEADER_VERSION_MAJOR 8u
#define EPK_HEADER_VERSION_MINOR 10u
#define EPK_HEADER_HEADER_SIZE 12u
#define EPK_HEADER_IMAGE_SIZE 16u
#define EPK_HEADER_FEATURE_INCOMPAT 24u
#define EPK_HEADER_FEATURE_COMPAT 28u
#define EPK_HEADER_ALIGN_LOG2 32u
#define EPK_HEADER_BLOCK_LOG2 33u
#define EPK_HEADER_DIGEST_ALG 34u
#define EPK_HEADER_META_CODEC 35u
#define EPK_HEADER_NODE_COUNT 36u
#define EPK_HEADER_MAP_BLOCKS 40u
#define EPK_HEADER_WHOLE_BLOCKS 44u
#define EPK_HEADER_SHARED_BLOCKS 48u
#define EPK_HEADER_NAMES_SIZE 52u
#define EPK_HEADER_MANIFEST_SIZE 56u
#define EPK_HEADER_ZERO_A 60u /* u32 */
#define EPK_HEADER_META_STORED 64u
#define EPK_HEADER_BUILD_EPOCH 72u
#define EPK_HEADER_META_DIGEST 80u
#define EPK_HEADER_ZERO_B 112u /* 140 bytes */
#define EPK_HEADER_ZERO_B_SIZE 140u
#define EPK_HEADER_CRC 252u /* CRC-32C of what stands before */

#define EPK_IMAGE_SIZE_MAX (UINT64_C(1) << 44)
#define EPK_BLOCK_LOG2_MIN 12u
#define EPK_BLOCK_LOG2_MAX 20u
#define EPK_NODE_COUNT_MAX (UINT32_C(1) << 20)
#define EPK_BLOCK_COUNT_MAX (UINT32_C(1) << 20)
#define EPK_NAMES_SIZE_MAX (UINT32_C(1) << 26)
#define EPK_MANIFEST_SIZE_MAX UINT32_C(65536)
#define EPK_BUILD_EPOCH_MAX UINT64_C(253402300799) /* end of year 9999 */
#define EPK_FEATURE_INCOMPAT_KNOWN 0u		   /* version 1 knows none */

#define EPK_ALIGN_LOG2_DEFAULT 12u
#define EPK_BLOCK_LOG2_DEFAULT 17u

/* Codecs of metadata and blocks (sections 3 and 6). */
#define EPK_CODEC_STORE 0u
#define EPK_CODEC_ZLIB 1u /* RFC 1950, no preset dictionary */

/* Section 4: signature area. Offsets of slots are within the slot. */
#define EPK_SIGAREA_OFFSET 256u
#define EPK_SIGAREA_MAGIC "SIGS"
#define EPK_SIGAREA_COUNT 260u
#define EPK_SIGAREA_ZERO_A 262u /* u16 */
#define EPK_SIGAREA_ZERO_B 264u /* u64 */
#define EPK_SIGAREA_SLOTS 272u
#define EPK_SIGNATURES_MAX 8u
#define EPK_SLOT_SIZE 128u
#define EPK_SLOT_ALG 0u
#define EPK_SLOT_ZERO_A 2u /* u16 */
#define EPK_SLOT_ZERO_B 4u /* u32 */
#define EPK_SLOT_KEY_ID 8u
#define EPK_SLOT_SIGNATURE 40u
#define EPK_SLOT_ZERO_C 104u /* 24 bytes */
#define EPK_SLOT_ZERO_C_SIZE 24u
#define EPK_ALG_ED25519 1u
#define EPK_KEY_SIZE 32u
#define EPK_SIGNATURE_SIZE 64u
/* The signed message: 14 letters, two NUL, package_id. */
#define EPK_SIGN_CONTEXT "epk.v1.package\0"
#define EPK_SIGN_CONTEXT_SIZE 16u
#define EPK_SIGN_MESSAGE_SIZE 48u

/* Section 5: nodes. */
#define EPK_NODE_SIZE 64u
#define EPK_NODE_PARENT 0u
#define EPK_NODE_NAME_OFF 4u
#define EPK_NODE_NAME_LEN 8u
#define EPK_NODE_TYPE 10u
#define EPK_NODE_FLAGS 11u
#define EPK_NODE_AT 12u
#define EPK_NODE_SIZE_FIELD 16u
#define EPK_NODE_FIRST 24u
#define EPK_NODE_COUNT 28u
#define EPK_NODE_SHA256 32u

#define EPK_TYPE_FOLDER 1u
#define EPK_TYPE_FILE 2u
#define EPK_TYPE_ALIAS 3u
#define EPK_TYPE_LINK 4u

#define EPK_FLAG_MAPPED 1u
#define EPK_FLAG_EXEC 2u
#define EPK_FLAG_SHARED 4u
#define EPK_FLAGS_KNOWN 7u

#define EPK_NAME_MAX 255u
#define EPK_PATH_MAX 4095u /* with the leading slash */
#define EPK_TARGET_MAX 4095u
#define EPK_DEPTH_MAX 64u
#define EPK_LINKS_MAX 40u
#define EPK_FILES_SIZE_MAX (UINT64_C(1) << 44) /* sum of all file sizes */

/* Section 6: blocks. */
#define EPK_BLOCK_ROW_SIZE 48u
#define EPK_BLOCK_OFFSET 0u
#define EPK_BLOCK_STORED_SIZE 8u
#define EPK_BLOCK_INFO 12u /* codec | plain_size << 8 */
#define EPK_BLOCK_DIGEST 16u

/* Section 8: manifest. */
#define EPK_LINE_MAX 1024u
#define EPK_COMMANDS_MAX 64u
#define EPK_PERMISSIONS_MAX 64u
#define EPK_IDENTIFIER_MAX 64u /* name, capability, command */

/* Section 10: default budgets of handing out memory. */
#define EPK_SPLICE_REQUEST_DEFAULT (UINT64_C(16) << 20)
#define EPK_SPLICE_LIVE_DEFAULT (UINT64_C(256) << 20)

EPK_BEGIN_DECLS

static inline uint16_t epk_load16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | (uint32_t)bytes[1] << 8);
}

static inline uint32_t epk_load32(const uint8_t *bytes)
{
	return epk_load16(bytes) | (uint32_t)epk_load16(bytes + 2) << 16;
}

static inline uint64_t epk_load64(const uint8_t *bytes)
{
	return epk_load32(bytes) | (uint64_t)epk_load32(bytes + 4) << 32;
}

static inline void epk_store16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

static inline void epk_store32(uint8_t *bytes, uint32_t value)
{
	epk_store16(bytes, (uint16_t)value);
	epk_store16(bytes + 2, (uint16_t)(value >> 16));
}

static inline void epk_store64(uint8_t *bytes, uint64_t value)
{
	epk_store32(bytes, (uint32_t)value);
	epk_store32(bytes + 4, (uint32_t)(value >> 32));
}

/* Up to a multiple of 1 << log2; the caller knows that it cannot overflow. */
static inline uint64_t epk_align_up(uint64_t value, uint32_t log2)
{
	const uint64_t mask = (UINT64_C(1) << log2) - 1;

	return (value + mask) & ~mask;
}

/* Blocks that size_bytes need; 0 for an empty file. */
static inline uint64_t epk_blocks_of(uint64_t size_bytes, uint32_t block_log2)
{
	return size_bytes == 0 ? 0 : ((size_bytes - 1) >> block_log2) + 1;
}

EPK_END_DECLS
#endif /* EPK_FORMAT_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_MANIFEST_H
#define EPK_MANIFEST_H
/** @file manifest.h
 * The manifest: a strict subset of TOML (section 8). The parser allocates
 * nothing; what it finds are places in the caller's text, which must outlive
 * the struct. Threads: pure functions. */
#include <epk/error.h>
#include <epk/format.h>
#include <stdbool.h>

EPK_BEGIN_DECLS

enum epk_manifest_error {
	EPK_MANIFEST_OK = 0,
#define EPK_MANIFEST_ERROR(value, name, sentence) EPK_MANIFEST_##name = (value),
#include <epk/manifest.def>
};

/** "DUPLICATE_KEY", ...; "UNKNOWN" for a wrong value. Never NULL. */
EPK_API const char *epk_manifest_error_name(uint32_t detail);

/** One sentence without a full stop. Never NULL. */
EPK_API const char *epk_manifest_error_sentence(uint32_t detail);

/**
 * A string as it stands in the text, between its quotes, escapes and all.
 * Absent: offset 0 and size 0 (no string begins at offset 0).
 */
struct epk_string {
	uint32_t offset; /* of the first byte behind the quote */
	uint32_t size_bytes;
	uint32_t line; /* of the quote, or of a bare key; from 1 */
	uint32_t column;
};

struct epk_entry {
	struct epk_string key; /* a bare key too */
	struct epk_string value;
};

enum epk_manifest_key {
	EPK_KEY_NAME,
	EPK_KEY_VERSION,
	EPK_KEY_ARCH,
	EPK_KEY_KERNEL_API,
	EPK_KEY_ENTRY,
	EPK_KEY_DESCRIPTION,
	EPK_KEY_LICENSE,
	EPK_KEY_HOMEPAGE,
	EPK_KEY_COUNT,
};

enum epk_arch {
	EPK_ARCH_ANY,
	EPK_ARCH_RISCV64,
	EPK_ARCH_X86_64,
	EPK_ARCH_X86_32,
	EPK_ARCH_AARCH64,
	EPK_ARCH_COUNT,
};

/** Which kernel's interface a package asks for. */
enum epk_kernel { EPK_KERNEL_NEXUS, EPK_KERNEL_LINUX };

struct epk_manifest {
	const char *text;
	uint32_t text_size;
	uint32_t command_count;
	uint32_t permission_count;
	struct epk_string keys[EPK_KEY_COUNT]; /* by enum epk_manifest_key */
	struct epk_entry commands[EPK_COMMANDS_MAX];
	struct epk_entry permissions[EPK_PERMISSIONS_MAX];
	uint32_t version[3];
	uint32_t arch;	 /* enum epk_arch */
	uint32_t kernel; /* enum epk_kernel */
	uint32_t kernel_major;
	uint32_t kernel_minor;
};

/**
 * Parse a manifest and check everything but the targets in the tree.
 *
 * @param text       text_size bytes; kept by reference.
 * @param manifest   written always; use it after EPK_OK only.
 * @param out_failure  NULL, or told the detail, line and column on failure.
 * @return EPK_OK or EPK_ERR_MANIFEST; EPK_ERR_INVALID for a NULL.
 */
EPK_API epk_status_t epk_manifest_parse(const void *text, size_t text_size,
					struct epk_manifest *manifest,
					struct epk_failure *out_failure);

/** True if the string stands in the manifest (it may be empty). */
static inline bool epk_string_present(const struct epk_string *string)
{
	return string->offset != 0 || string->size_bytes != 0;
}

/**
 * Copy a string with its escapes undone, without a NUL.
 *
 * @param out_size  set to the decoded size on success.
 * @return EPK_OK, or EPK_ERR_SCRATCH if it does not fit into buffer_size
 *         (the raw size_bytes always suffices).
 */
EPK_API epk_status_t epk_string_copy(const struct epk_manifest *manifest,
				     const struct epk_string *string,
				     void *buffer, size_t buffer_size,
				     size_t *out_size);

/** True if the string, decoded, is exactly these bytes. */
EPK_API bool epk_string_equals(const struct epk_manifest *manifest,
			       const struct epk_string *string,
			       const void *bytes, size_t size_bytes);

/** "any", "riscv64", ...; "unknown" for a wrong value. */
EPK_API const char *epk_arch_name(uint32_t arch);

/** What the running system offers (step 18). */
struct epk_platform {
	uint32_t arch;	 /* enum epk_arch, not ANY; ARCH_COUNT: do not ask */
	uint32_t kernel; /* enum epk_kernel */
	uint32_t kernel_major;
	uint32_t kernel_minor;
};

/** EPK_OK, or EPK_ERR_COMPAT if the package does not fit the platform. */
EPK_API epk_status_t epk_manifest_fits(const struct epk_manifest *manifest,
				       const struct epk_platform *platform);

EPK_END_DECLS
#endif /* EPK_MANIFEST_H */

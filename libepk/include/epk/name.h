/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_NAME_H
#define EPK_NAME_H
/** @file name.h
 * The rules of names, link targets and paths (section 5), in one place for
 * the reader and the writer. Strings are bytes with a size, never NUL ended.
 * Threads: pure functions. */
#include <epk/api.h>
#include <stdbool.h>

EPK_BEGIN_DECLS

/** Valid UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. */
EPK_API bool epk_utf8_valid(const void *bytes, size_t size_bytes);

/** A node's name: 1..255 bytes of UTF-8 as section 5 wants them. */
EPK_API bool epk_name_valid(const void *name, size_t size_bytes);

/**
 * A symbolic link's target, 1..4,095 bytes, for a link in a folder of the
 * given depth (root 0): at most that many `..`, then valid names.
 */
EPK_API bool epk_target_valid(const void *target, size_t size_bytes,
			      uint32_t folder_depth);

/** A path in a manifest: `/`, then valid names joined by single `/`. */
EPK_API bool epk_path_valid(const void *path, size_t size_bytes);

/** < 0, 0, > 0: order of names as unsigned bytes, a prefix first. */
EPK_API int epk_name_compare(const void *left, size_t left_size,
			     const void *right, size_t right_size);

EPK_END_DECLS
#endif /* EPK_NAME_H */

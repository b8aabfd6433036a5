/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_TAR_PATH_H
#define EPK_TOOL_TAR_PATH_H
/* Which paths of an archive are taken. "./a/b" is "a/b", "./" is the root,
 * one slash may follow a folder; nothing else is mended. */
#include "tar_error.h"

#include <stdbool.h>
#include <stddef.h>

/** @param out_path,out_size  the part of path that counts; size 0: the root. */
enum tar_error tar_path_check(const char *path, bool folder,
			      const char **out_path, size_t *out_size);

#endif /* EPK_TOOL_TAR_PATH_H */

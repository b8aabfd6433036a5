/* SPDX-License-Identifier: BSD-2-Clause */
#include "tar_path.h"

#include <epk/name.h>

#include <string.h>

static enum tar_error check_component(const char *name, size_t size)
{
	if (size == 0 || (size == 1 && name[0] == '.'))
		return TAR_CANONICAL;
	if (size == 2 && memcmp(name, "..", 2) == 0)
		return TAR_CLIMBS;
	if (size > EPK_NAME_MAX)
		return TAR_LIMIT;
	return epk_name_valid(name, size) ? TAR_OK : TAR_NAME;
}

enum tar_error tar_path_check(const char *path, bool folder,
			      const char **out_path, size_t *out_size)
{
	size_t size = path ? strlen(path) : 0;
	uint32_t depth = 0;

	if (size == 0)
		return TAR_NAME;
	if (path[0] == '/')
		return TAR_ABSOLUTE;
	if (size >= 2 && memcmp(path, "./", 2) == 0) {
		path += 2;
		size -= 2;
	} else if (size == 1 && path[0] == '.') {
		size = 0;
	}
	if (folder && size > 1 && path[size - 1] == '/')
		size--;
	if (size > EPK_PATH_MAX - 1)
		return TAR_LIMIT;
	for (size_t at = 0; size && at <= size; depth++) {
		const char *slash = memchr(path + at, '/', size - at);
		const size_t end = slash ? (size_t)(slash - path) : size;
		const enum tar_error error =
			check_component(path + at, end - at);

		if (error)
			return error;
		at = end + 1;
	}
	if (depth > EPK_DEPTH_MAX)
		return TAR_LIMIT;
	*out_path = path;
	*out_size = size;
	return TAR_OK;
}

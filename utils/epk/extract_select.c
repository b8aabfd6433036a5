/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract_select.h"

#include "image.h"
#include "options.h"
#include "report.h"
#include "select.h"

#include <stdlib.h>
#include <string.h>

/** One of the globs matches the path or a folder on its way. */
static bool any_matches(const struct option_list *globs, const char *path)
{
	char prefix[EPK_PATH_MAX + 1];
	size_t size = strlen(path);

	if (size > EPK_PATH_MAX)
		return false;
	for (size_t end = 1; end <= size; end++) {
		if (path[end] != '/' && path[end] != '\0')
			continue;
		memcpy(prefix, path, end);
		prefix[end] = '\0';
		for (uint32_t i = 0; i < globs->count; i++) {
			if (glob_matches(globs->values[i], prefix))
				return true;
		}
	}
	return false;
}

bool extract_matches(const struct options *options, const char *path)
{
	return (options->include.count == 0 ||
		any_matches(&options->include, path)) &&
	       !any_matches(&options->exclude, path);
}

const char *extract_strip(const char *path, uint32_t strip)
{
	for (; strip != 0; strip--) {
		path = strchr(path, '/');
		if (!path)
			return NULL;
		path++;
	}
	return *path ? path : NULL;
}

bool extract_strip_reached(const char *path, uint32_t strip,
			   const char **out_path)
{
	while (strip != 0 && *path) {
		path += strcspn(path, "/");
		if (*path)
			path++;
		strip--;
	}
	*out_path = path;
	return strip == 0;
}

bool *extract_select(const struct tool_image *image,
		     const struct options *options)
{
	const uint32_t count = image->image->header.node_count;
	bool *keep = calloc(count, sizeof(*keep));

	if (!keep) {
		memory_error(options, NULL);
		return NULL;
	}
	keep[0] = true;
	/* From the leaves: what is kept needs the folders above it. */
	for (uint32_t i = count - 1; i > 0; i--) {
		struct epk_node node;

		if (epk_node_get(image->image, i, &node))
			continue;
		if (!keep[i])
			keep[i] =
				extract_matches(options, image_path(image, i));
		if (keep[i])
			keep[node.parent] = true;
	}
	return keep;
}

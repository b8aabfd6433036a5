/* SPDX-License-Identifier: BSD-2-Clause */
#include "alias.h"

#include "options.h"
#include "report.h"
#include "walk.h"

#include <stdlib.h>
#include <string.h>

/** Without '/' at either end; "." is the root, "". */
static void trim(const char **path, size_t *size)
{
	while (*size && **path == '/') {
		++*path;
		--*size;
	}
	while (*size && (*path)[*size - 1] == '/')
		--*size;
	if (*size == 1 && **path == '.')
		*size = 0;
}

/** Size of the path of the folder that holds the alias. */
static size_t parent_size(const struct alias *alias)
{
	size_t size = alias->path_size;

	while (size && alias->path[size - 1] != '/')
		size--;
	return size ? size - 1 : 0;
}

static bool parse(struct walk *walk, const char *text, struct alias *alias)
{
	const char *equals = strchr(text, '=');

	if (!equals)
		return usage_error(walk->options,
				   "--alias: \"%s\" is not PATH=FOLDER", text);
	alias->path = text;
	alias->path_size = (size_t)(equals - text);
	alias->folder = equals + 1;
	alias->folder_size = strlen(alias->folder);
	trim(&alias->path, &alias->path_size);
	trim(&alias->folder, &alias->folder_size);
	if (alias->path_size == 0 || alias->path_size >= EPK_PATH_MAX)
		return usage_error(walk->options,
				   "--alias: \"%s\" names no path", text);
	alias->parent_index = parent_size(alias) ? EPK_NO_INDEX : 0;
	alias->folder_index = alias->folder_size ? EPK_NO_INDEX : 0;
	return true;
}

bool alias_parse_all(struct walk *walk)
{
	const struct option_list *list = &walk->options->alias;

	if (list->count == 0)
		return true;
	walk->aliases = calloc(list->count, sizeof(*walk->aliases));
	if (!walk->aliases)
		return memory_error(walk->options, NULL);
	for (uint32_t i = 0; i < list->count; i++) {
		if (!parse(walk, list->values[i], &walk->aliases[i]))
			return false;
		walk->alias_count++;
	}
	return true;
}

static bool is_path(const struct walk *walk, const char *path, size_t size)
{
	return walk->path_size == size && memcmp(walk->path, path, size) == 0;
}

void alias_note_folder(struct walk *walk, uint32_t index)
{
	for (uint32_t i = 0; i < walk->alias_count; i++) {
		struct alias *alias = &walk->aliases[i];

		if (is_path(walk, alias->path, parent_size(alias)))
			alias->parent_index = index;
		if (is_path(walk, alias->folder, alias->folder_size))
			alias->folder_index = index;
	}
}

bool alias_stands_at(const struct walk *walk)
{
	for (uint32_t i = 0; i < walk->alias_count; i++) {
		const struct alias *alias = &walk->aliases[i];

		if (is_path(walk, alias->path, alias->path_size))
			return true;
	}
	return false;
}

static bool add_alias(struct walk *walk, const struct alias *alias)
{
	size_t name_at = parent_size(alias);
	struct epk_writer_entry entry = {
		.parent = alias->parent_index,
		.type = EPK_TYPE_ALIAS,
		.alias_folder = alias->folder_index,
	};
	epk_status_t status = EPK_ERR_NOT_FOUND;

	name_at += alias->path[name_at] == '/';
	entry.name = alias->path + name_at;
	entry.name_size = alias->path_size - name_at;
	if (alias->parent_index != EPK_NO_INDEX &&
	    alias->folder_index != EPK_NO_INDEX)
		status = epk_writer_add(walk->writer, &entry, NULL);
	if (status == EPK_OK)
		return true;
	return tool_error(walk->options, status, NULL,
			  "--alias %.*s=%.*s: both the folder that holds the "
			  "path and the one it means must be in the tree",
			  (int)alias->path_size, alias->path,
			  (int)alias->folder_size, alias->folder);
}

bool alias_add_all(struct walk *walk)
{
	for (uint32_t i = 0; i < walk->alias_count; i++) {
		if (!add_alias(walk, &walk->aliases[i]))
			return false;
	}
	return true;
}

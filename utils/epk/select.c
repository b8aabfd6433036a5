/* SPDX-License-Identifier: BSD-2-Clause */
#include "select.h"

#include "options.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP_FROM_MAX ((size_t)1 << 28)

/** Behind one UTF-8 character. */
static const char *next_character(const char *text)
{
	do
		text++;
	while (((unsigned char)*text & 0xc0) == 0x80);
	return text;
}

/* Only the last `*` is ever tried again, so time is |glob| * |path|. */
bool glob_matches(const char *glob, const char *path)
{
	const char *star = NULL;
	const char *resume = NULL;

	while (*path) {
		if (*glob == '*') {
			star = ++glob;
			resume = path;
		} else if (*glob == '?') {
			glob++;
			path = next_character(path);
		} else if (*glob == *path) {
			glob++;
			path++;
		} else if (star) {
			glob = star;
			path = ++resume;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

static char *read_up_to(int fd, size_t size_max, size_t *out_size)
{
	size_t capacity = 4096;
	size_t size = 0;
	char *text = malloc(capacity);

	while (text) {
		ssize_t count;

		if (size + 1 == capacity) {
			char *more = realloc(text, capacity * 2);

			if (!more)
				break;
			text = more;
			capacity *= 2;
		}
		count = read(fd, text + size, capacity - size - 1);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			break;
		size += (size_t)count;
		if (size > size_max) {
			errno = EFBIG;
			break;
		}
		if (count == 0) {
			text[size] = '\0';
			*out_size = size;
			return text;
		}
	}
	free(text);
	return NULL;
}

static bool is_ordinary(const struct options *options, const char *file, int fd)
{
	struct stat info;

	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
		return true;
	return tool_error(options, EPK_ERR_NODE, file,
			  "it must be an ordinary file: replace it");
}

char *read_small_file(const struct options *options, const char *file,
		      bool found, size_t size_max, size_t *out_size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY |
				    (found ? O_NONBLOCK : 0));
	char *text;

	if (fd < 0) {
		system_error(options, "open", file);
		return NULL;
	}
	if (found && !is_ordinary(options, file, fd)) {
		close(fd);
		return NULL;
	}
	text = read_up_to(fd, size_max, out_size);
	if (!text)
		system_error(options, "read", file);
	close(fd);
	return text;
}

static int compare_paths(const void *left, const void *right)
{
	const struct select_path *a = left;
	const struct select_path *b = right;

	return strcmp(a->path, b->path);
}

static void split_lines(struct selection *selection, char *text)
{
	while (*text) {
		char *end = text + strcspn(text, "\n");
		char *next = *end ? end + 1 : end;

		*end = '\0';
		if (*text)
			selection->paths[selection->path_count++].path = text;
		text = next;
	}
}

static bool read_list(struct selection *selection)
{
	const struct options *options = selection->options;
	size_t size = 0;
	size_t lines = 1;

	selection->text = read_small_file(options, options->map_from, false,
					  MAP_FROM_MAX, &size);
	if (!selection->text)
		return false;
	if (strlen(selection->text) != size)
		return tool_error(options, EPK_ERR_NAME, options->map_from,
				  "remove the NUL byte from the list");
	for (const char *at = selection->text; *at; at++)
		lines += *at == '\n';
	selection->paths = calloc(lines, sizeof(*selection->paths));
	if (!selection->paths)
		return memory_error(options, NULL);
	split_lines(selection, selection->text);
	qsort(selection->paths, selection->path_count,
	      sizeof(*selection->paths), compare_paths);
	return true;
}

bool selection_init(struct selection *selection, const struct options *options)
{
	*selection = (struct selection){ .options = options };
	if (!options->map_from)
		return true;
	if (options->map.count)
		return usage_error(options, "--map-from gives the exact list: "
					    "leave --map out");
	return read_list(selection);
}

void selection_fini(struct selection *selection)
{
	free(selection->text);
	free(selection->paths);
}

static bool in_list(struct selection *selection, const char *path)
{
	const struct select_path key = { .path = path };
	struct select_path *hit;

	if (selection->path_count == 0)
		return false;
	hit = bsearch(&key, selection->paths, selection->path_count,
		      sizeof(key), compare_paths);
	if (!hit)
		return false;
	/* A path may be listed twice. */
	while (hit > selection->paths && compare_paths(hit - 1, &key) == 0)
		hit--;
	for (; hit < selection->paths + selection->path_count &&
	       compare_paths(hit, &key) == 0;
	     hit++)
		hit->found = true;
	return true;
}

bool selection_has(struct selection *selection, const char *path, bool exec)
{
	const struct option_list *map = &selection->options->map;

	if (selection->options->map_from)
		return in_list(selection, path);
	for (uint32_t i = 0; i < map->count; i++) {
		if (strcmp(map->values[i], "exec") == 0) {
			if (exec)
				return true;
		} else if (glob_matches(map->values[i], path)) {
			return true;
		}
	}
	return false;
}

bool selection_complete(const struct selection *selection)
{
	for (uint32_t i = 0; i < selection->path_count; i++) {
		if (!selection->paths[i].found)
			return tool_error(selection->options, EPK_ERR_NOT_FOUND,
					  selection->paths[i].path,
					  "%s names it, but it is no file of "
					  "the folder: mend the list",
					  selection->options->map_from);
	}
	return true;
}

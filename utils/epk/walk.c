/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk has no recursion: a level for each folder that is open, and the
 * format allows no more than 64 of them. */
#include "walk.h"

#include "alias.h"
#include "options.h"
#include "report.h"
#include "select.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct level {
	DIR *stream;
	uint32_t index;	  /* entry of the folder */
	size_t path_size; /* of its path */
};

/** The folders that are open, from the root to where the walk is. */
struct stack {
	/* The root, 64 levels below it, and room for one that is refused. */
	struct level levels[EPK_DEPTH_MAX + 2];
	int depth; /* -1: none is open */
};

/** "FOLDER/path" for messages, in a static buffer. */
static const char *shown_path(const struct walk *walk)
{
	static char shown[2 * EPK_PATH_MAX];

	snprintf(shown, sizeof(shown), "%s/%s", walk->folder, walk->path);
	return shown;
}

static const char *advice_for(epk_status_t status)
{
	switch (status) {
	case EPK_ERR_NAME:
		return "a name is UTF-8 without control characters: rename it";
	case EPK_ERR_LINK:
		return "a link must be relative and stay in the folder: "
		       "change it";
	case EPK_ERR_LIMIT:
		return "paths have at most 4,095 bytes and 64 folders, trees "
		       "a million entries: make it smaller";
	default:
		return "the tree must be such that the format can hold it";
	}
}

static bool add(struct walk *walk, struct epk_writer_entry *entry,
		uint32_t *out_index)
{
	epk_status_t status;

	entry->name_size = strlen(entry->name);
	status = epk_writer_add(walk->writer, entry, out_index);
	if (status)
		return tool_error(walk->options, status, shown_path(walk), "%s",
				  advice_for(status));
	return true;
}

/** What must not change between the walk and the reading. */
static uint64_t fingerprint(const struct stat *info)
{
	const uint64_t parts[] = {
		(uint64_t)info->st_dev,		(uint64_t)info->st_ino,
		(uint64_t)info->st_size,	(uint64_t)info->st_mode,
		(uint64_t)info->st_mtim.tv_sec, (uint64_t)info->st_mtim.tv_nsec,
		(uint64_t)info->st_ctim.tv_sec, (uint64_t)info->st_ctim.tv_nsec,
	};
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		sum = (sum ^ parts[i]) * UINT64_C(0x9e3779b97f4a7c15);
		sum ^= sum >> 29;
	}
	return sum;
}

/** An image must not replace what it is made of. */
static bool is_no_output(const struct walk *walk, const struct stat *info)
{
	if (!walk->output_exists || walk->output.st_dev != info->st_dev ||
	    walk->output.st_ino != info->st_ino)
		return true;
	return tool_error(walk->options, EPK_ERR_INVALID, shown_path(walk),
			  "it is the output itself: write the image outside "
			  "of the folder, or remove it");
}

static bool add_file(struct walk *walk, uint32_t parent, const char *name,
		     const struct stat *info)
{
	struct epk_writer_entry entry = {
		.parent = parent,
		.type = EPK_TYPE_FILE,
		.exec = info->st_mode & S_IXUSR,
		.name = name,
		.size = (uint64_t)info->st_size,
		.cookie = fingerprint(info),
	};

	entry.mapped = selection_has(walk->selection, walk->path, entry.exec);
	return add(walk, &entry, NULL);
}

static bool add_link(struct walk *walk, int folder, uint32_t parent,
		     const char *name)
{
	char target[EPK_TARGET_MAX + 2];
	ssize_t size = readlinkat(folder, name, target, sizeof(target));
	struct epk_writer_entry entry = {
		.parent = parent,
		.type = EPK_TYPE_LINK,
		.name = name,
		.target = target,
	};

	if (size < 0)
		return system_error(walk->options, "read the link",
				    shown_path(walk));
	entry.target_size = (size_t)size;
	return add(walk, &entry, NULL);
}

/** The root's manifest.toml is shown by readers anyway: it must say what
 * the manifest says. */
static bool check_manifest_file(struct walk *walk)
{
	size_t size = 0;
	char *text = read_small_file(walk->options, shown_path(walk), true,
				     EPK_MANIFEST_SIZE_MAX, &size);
	bool same;

	if (!text)
		return false;
	same = size == walk->manifest_size &&
	       memcmp(text, walk->manifest, size) == 0;
	free(text);
	if (same)
		return true;
	return tool_error(walk->options, EPK_ERR_NAME, shown_path(walk),
			  "it differs from the manifest that was given: "
			  "remove it, or leave --manifest out");
}

static bool enter(struct walk *walk, struct stack *stack, const char *name)
{
	int parent = stack->depth < 0
			     ? walk->top
			     : dirfd(stack->levels[stack->depth].stream);
	int fd = openat(parent, stack->depth < 0 ? "." : name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream) {
		system_error(walk->options, "open the folder",
			     shown_path(walk));
		if (fd >= 0)
			close(fd);
		return false;
	}
	stack->depth++;
	stack->levels[stack->depth].stream = stream;
	stack->levels[stack->depth].path_size = walk->path_size;
	return true;
}

static bool add_folder(struct walk *walk, struct stack *stack, const char *name)
{
	struct epk_writer_entry entry = {
		.parent = stack->levels[stack->depth].index,
		.type = EPK_TYPE_FOLDER,
		.name = name,
	};
	uint32_t index;

	if (!add(walk, &entry, &index))
		return false;
	alias_note_folder(walk, index);
	stack->levels[stack->depth + 1].index = index;
	return enter(walk, stack, name);
}

/** walk->path becomes the path of name in the level's folder. */
static bool set_path(struct walk *walk, const struct level *level,
		     const char *name)
{
	size_t size = level->path_size;
	size_t name_size = strlen(name);

	walk->path_size = size + (size != 0) + name_size;
	if (walk->path_size > EPK_PATH_MAX - 1) {
		walk->path[size] = '\0';
		return tool_error(walk->options, EPK_ERR_LIMIT,
				  shown_path(walk), "%s",
				  advice_for(EPK_ERR_LIMIT));
	}
	if (size)
		walk->path[size++] = '/';
	memcpy(walk->path + size, name, name_size + 1);
	return true;
}

static bool visit(struct walk *walk, struct stack *stack, const char *name)
{
	const struct level *level = &stack->levels[stack->depth];
	int folder = dirfd(level->stream);
	struct stat info;

	if (!set_path(walk, level, name))
		return false;
	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return system_error(walk->options, "read the inode",
				    shown_path(walk));
	if (alias_stands_at(walk))
		return S_ISLNK(info.st_mode) ||
		       tool_error(walk->options, EPK_ERR_ALIAS,
				  shown_path(walk),
				  "an alias replaces nothing but a symbolic "
				  "link: choose another path");
	if (S_ISREG(info.st_mode) && !is_no_output(walk, &info))
		return false;
	if (S_ISREG(info.st_mode) && stack->depth == 0 &&
	    strcmp(name, "manifest.toml") == 0)
		return check_manifest_file(walk);
	if (S_ISREG(info.st_mode))
		return add_file(walk, level->index, name, &info);
	if (S_ISDIR(info.st_mode))
		return add_folder(walk, stack, name);
	if (S_ISLNK(info.st_mode))
		return add_link(walk, folder, level->index, name);
	return tool_error(walk->options, EPK_ERR_NODE, shown_path(walk),
			  "devices, sockets and pipes cannot be packed: "
			  "remove it");
}

/** The next name of the innermost folder, or up when there is none. */
static bool step(struct walk *walk, struct stack *stack)
{
	struct level *level = &stack->levels[stack->depth];
	const struct dirent *entry;

	errno = 0;
	entry = readdir(level->stream);
	if (!entry && errno) {
		walk->path[level->path_size] = '\0';
		return system_error(walk->options, "read the folder",
				    shown_path(walk));
	}
	if (!entry) {
		closedir(level->stream);
		stack->depth--;
		return true;
	}
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return true;
	return visit(walk, stack, entry->d_name);
}

bool walk_add_all(struct walk *walk)
{
	static struct stack stack;
	bool good;

	stack.depth = -1;
	good = enter(walk, &stack, ".");
	while (good && stack.depth >= 0)
		good = step(walk, &stack);
	for (; stack.depth >= 0; stack.depth--)
		closedir(stack.levels[stack.depth].stream);
	return good && alias_add_all(walk);
}

bool walk_begin(struct walk *walk)
{
	walk->top = open(walk->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk->top < 0)
		return system_error(walk->options, "open the folder",
				    walk->folder);
	if (alias_parse_all(walk))
		return true;
	walk_end(walk);
	return false;
}

void walk_end(struct walk *walk)
{
	free(walk->aliases);
	close(walk->top);
}

static bool unchanged(const struct walk *walk)
{
	struct stat info;

	return fstat(walk->fd, &info) == 0 && S_ISREG(info.st_mode) &&
	       fingerprint(&info) == walk->cookie;
}

static epk_status_t source_open(void *context, uint64_t cookie,
				const char *path, void **out_file)
{
	struct walk *walk = context;

	walk->error = 0;
	walk->cookie = cookie;
	walk->fd = openat(walk->top, path,
			  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				  O_CLOEXEC);
	if (walk->fd < 0) {
		walk->error = errno;
		return errno == ENOENT || errno == ELOOP || errno == ENOTDIR
			       ? EPK_ERR_CHANGED
			       : EPK_ERR_IO;
	}
	if (!unchanged(walk)) {
		close(walk->fd);
		return EPK_ERR_CHANGED;
	}
	*out_file = walk;
	return EPK_OK;
}

static epk_status_t source_read(void *context, void *file, void *buffer,
				size_t size_bytes, size_t *out_count)
{
	struct walk *walk = context;
	ssize_t count;

	(void)file;
	do
		count = read(walk->fd, buffer, size_bytes);
	while (count < 0 && errno == EINTR);
	if (count < 0) {
		walk->error = errno;
		return EPK_ERR_IO;
	}
	*out_count = (size_t)count;
	return EPK_OK;
}

static epk_status_t source_close(void *context, void *file)
{
	struct walk *walk = context;
	bool same = unchanged(walk);

	(void)file;
	close(walk->fd);
	return same ? EPK_OK : EPK_ERR_CHANGED;
}

struct epk_writer_source walk_source(struct walk *walk)
{
	return (struct epk_writer_source){
		.open = source_open,
		.read = source_read,
		.close = source_close,
		.context = walk,
	};
}

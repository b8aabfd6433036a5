/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_WALK_H
#define EPK_TOOL_WALK_H
/* A folder of the host as the writer's entries and as its source. Special
 * files are refused; a file that changes between the walk and the end of its
 * reading is refused too. */
#include <epk/writer.h>

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct options;
struct selection;

/** --alias PATH=FOLDER, taken apart; indices are of the writer's entries. */
struct alias {
	const char *path;
	const char *folder;
	size_t path_size;
	size_t folder_size;
	uint32_t parent_index;
	uint32_t folder_index;
};

struct walk {
	const struct options *options;
	const char *folder; /* as the user named it */
	struct selection *selection;
	struct epk_writer *writer;
	const char *manifest; /* its text */
	size_t manifest_size;
	struct stat output; /* of the file that the image will replace */
	bool output_exists;

	int top;
	struct alias *aliases;
	uint32_t alias_count;
	char path[EPK_PATH_MAX + 1]; /* below the folder */
	size_t path_size;

	/* The file that is open for the writer. */
	int fd;
	uint64_t cookie;
	int error; /* errno of a failed read, 0 if it changed */
};

/** Fields down to output_exists are the caller's. Errors are reported. */
bool walk_begin(struct walk *walk);
/** Add everything below the folder, then the aliases. */
bool walk_add_all(struct walk *walk);
struct epk_writer_source walk_source(struct walk *walk);
void walk_end(struct walk *walk);

#endif /* EPK_TOOL_WALK_H */

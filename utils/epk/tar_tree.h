/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_TAR_TREE_H
#define EPK_TOOL_TAR_TREE_H
/* What an archive names, as a tree: 40 bytes a node, its name, and four to
 * find it by. Contents are elsewhere; a file knows where. */
#include "tar_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAR_NONE UINT32_MAX

struct tar_node {
	uint64_t content; /* files: where it is kept */
	uint64_t size;	  /* files: bytes; links and aliases: of the target */
	uint32_t parent;  /* the root's is the root */
	uint32_t text_at; /* name, then target */
	uint32_t next;	  /* of the same bucket, or TAR_NONE */
	uint32_t entry;	  /* of the writer, for whoever adds the nodes */
	uint8_t name_size;
	uint8_t type; /* EPK_TYPE_* */
	bool exec;
};

struct tar_tree {
	struct tar_node *nodes; /* 0 is the root */
	char *text;
	uint32_t *buckets;
	uint32_t count;
	uint32_t capacity;
	uint32_t text_size;
	uint32_t text_capacity;
	uint32_t bucket_count; /* a power of two */
	uint64_t key[2];       /* so that nobody can make buckets long */
};

bool tar_tree_init(struct tar_tree *tree);
void tar_tree_fini(struct tar_tree *tree);

/** What stands at a path that tar_path_check() let through; TAR_NONE. */
uint32_t tar_tree_find(const struct tar_tree *tree, const char *path,
		       size_t size);

/**
 * A new node at such a path, with the folders above it that nobody named.
 * A folder may be named again: it holds nothing of its own.
 *
 * @param like    its type, size, content, exec are taken.
 * @param target  of a link or an alias, like->size bytes; else NULL.
 * @return TAR_OK, _TWICE, _PARENT, _LIMIT, _NO_MEMORY
 */
enum tar_error tar_tree_add(struct tar_tree *tree, const char *path,
			    size_t size, const struct tar_node *like,
			    const char *target);

/** Folders above a node, without the root. */
uint32_t tar_tree_depth(const struct tar_tree *tree, uint32_t node);

const char *tar_tree_name(const struct tar_tree *tree, uint32_t node);
const char *tar_tree_target(const struct tar_tree *tree, uint32_t node);

/** The path of a node, cut off if it does not fit. */
void tar_tree_path(const struct tar_tree *tree, uint32_t node,
		   char path[EPK_PATH_MAX + 1]);

#endif /* EPK_TOOL_TAR_TREE_H */

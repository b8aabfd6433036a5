/* SPDX-License-Identifier: BSD-2-Clause */
#include "tar_tree.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/** SipHash-1-3 of the parent's index and the name, under the tree's key. */
static uint32_t hash(const struct tar_tree *tree, uint32_t parent,
		     const char *name, size_t size)
{
	uint64_t v[4] = { tree->key[0] ^ UINT64_C(0x736f6d6570736575),
			  tree->key[1] ^ UINT64_C(0x646f72616e646f6d),
			  tree->key[0] ^ UINT64_C(0x6c7967656e657261),
			  tree->key[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t word = (uint64_t)parent << 32 | size;

	for (size_t at = 0;; at += 8) {
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
		if (at >= size)
			break;
		word = 0;
		memcpy(&word, name + at, size - at < 8 ? size - at : 8);
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	v[0] ^= v[1] ^ v[2] ^ v[3];
	return (uint32_t)v[0] & (tree->bucket_count - 1);
}

bool tar_tree_init(struct tar_tree *tree)
{
	*tree = (struct tar_tree){ .capacity = 64, .bucket_count = 64 };
	if (getrandom(tree->key, sizeof(tree->key), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(tree->key))
		tree->key[0] = (uint64_t)(uintptr_t)tree;
	tree->nodes = calloc(tree->capacity, sizeof(*tree->nodes));
	tree->buckets = malloc(tree->bucket_count * sizeof(*tree->buckets));
	if (!tree->nodes || !tree->buckets) {
		tar_tree_fini(tree);
		return false;
	}
	memset(tree->buckets, 0xff,
	       tree->bucket_count * sizeof(*tree->buckets));
	tree->nodes[0].type = EPK_TYPE_FOLDER;
	tree->nodes[0].next = TAR_NONE;
	tree->count = 1;
	return true;
}

void tar_tree_fini(struct tar_tree *tree)
{
	free(tree->nodes);
	free(tree->buckets);
	free(tree->text);
	*tree = (struct tar_tree){ 0 };
}

const char *tar_tree_name(const struct tar_tree *tree, uint32_t node)
{
	return tree->text ? tree->text + tree->nodes[node].text_at : "";
}

const char *tar_tree_target(const struct tar_tree *tree, uint32_t node)
{
	return tar_tree_name(tree, node) + tree->nodes[node].name_size;
}

uint32_t tar_tree_depth(const struct tar_tree *tree, uint32_t node)
{
	uint32_t depth = 0;

	for (node = tree->nodes[node].parent; node;
	     node = tree->nodes[node].parent)
		depth++;
	return depth;
}

void tar_tree_path(const struct tar_tree *tree, uint32_t node,
		   char path[EPK_PATH_MAX + 1])
{
	size_t start = EPK_PATH_MAX;

	path[start] = '\0';
	for (; node; node = tree->nodes[node].parent) {
		const size_t size = tree->nodes[node].name_size;

		if (size + 1 > start)
			break;
		if (path[start] != '\0')
			path[--start] = '/';
		start -= size;
		memcpy(path + start, tar_tree_name(tree, node), size);
	}
	memmove(path, path + start, EPK_PATH_MAX + 1 - start);
}

static uint32_t find_child(const struct tar_tree *tree, uint32_t parent,
			   const char *name, size_t size)
{
	uint32_t at = tree->buckets[hash(tree, parent, name, size)];

	for (; at != TAR_NONE; at = tree->nodes[at].next) {
		const struct tar_node *node = &tree->nodes[at];

		if (node->parent == parent && node->name_size == size &&
		    memcmp(tar_tree_name(tree, at), name, size) == 0)
			return at;
	}
	return TAR_NONE;
}

/** The first name of a path; *path and *size become what is behind it. */
static size_t first_name(const char **path, size_t *size)
{
	const char *slash = memchr(*path, '/', *size);
	const size_t name_size = slash ? (size_t)(slash - *path) : *size;
	const size_t step = name_size + (slash != NULL);

	*path += step;
	*size -= step;
	return name_size;
}

uint32_t tar_tree_find(const struct tar_tree *tree, const char *path,
		       size_t size)
{
	uint32_t at = 0;

	while (size && at != TAR_NONE) {
		const char *name = path;
		const size_t name_size = first_name(&path, &size);

		at = find_child(tree, at, name, name_size);
	}
	return at;
}

static void hang(struct tar_tree *tree, uint32_t index)
{
	struct tar_node *node = &tree->nodes[index];
	uint32_t *bucket = &tree->buckets[hash(tree, node->parent,
					       tar_tree_name(tree, index),
					       node->name_size)];

	node->next = *bucket;
	*bucket = index;
}

static bool grow_nodes(struct tar_tree *tree)
{
	const uint32_t capacity = tree->capacity * 2;
	struct tar_node *nodes =
		realloc(tree->nodes, capacity * sizeof(*nodes));
	uint32_t *buckets;

	if (!nodes)
		return false;
	tree->nodes = nodes;
	buckets = realloc(tree->buckets, capacity * sizeof(*buckets));
	if (!buckets)
		return false;
	tree->buckets = buckets;
	tree->capacity = capacity;
	tree->bucket_count = capacity;
	memset(buckets, 0xff, capacity * sizeof(*buckets));
	for (uint32_t i = 1; i < tree->count; i++)
		hang(tree, i);
	return true;
}

static enum tar_error add_text(struct tar_tree *tree, const char *text,
			       size_t size)
{
	if (size == 0)
		return TAR_OK;
	if (size > EPK_NAMES_SIZE_MAX - tree->text_size)
		return TAR_LIMIT;
	if (size > tree->text_capacity - tree->text_size) {
		const uint32_t capacity =
			2 * (tree->text_size + (uint32_t)size) + 1024;
		char *grown = realloc(tree->text, capacity);

		if (!grown)
			return TAR_NO_MEMORY;
		tree->text = grown;
		tree->text_capacity = capacity;
	}
	memcpy(tree->text + tree->text_size, text, size);
	tree->text_size += (uint32_t)size;
	return TAR_OK;
}

/** Text that a failure leaves behind belongs to nobody and does no harm. */
static enum tar_error add_child(struct tar_tree *tree, uint32_t parent,
				const char *name, size_t name_size,
				const struct tar_node *like, const char *target)
{
	const uint32_t text_at = tree->text_size;
	enum tar_error error;

	if (tree->count == EPK_NODE_COUNT_MAX)
		return TAR_LIMIT;
	if (tree->count == tree->capacity && !grow_nodes(tree))
		return TAR_NO_MEMORY;
	error = add_text(tree, name, name_size);
	if (!error && target)
		error = add_text(tree, target, (size_t)like->size);
	if (error)
		return error;
	tree->nodes[tree->count] = *like;
	tree->nodes[tree->count].parent = parent;
	tree->nodes[tree->count].text_at = text_at;
	tree->nodes[tree->count].name_size = (uint8_t)name_size;
	hang(tree, tree->count++);
	return TAR_OK;
}

enum tar_error tar_tree_add(struct tar_tree *tree, const char *path,
			    size_t size, const struct tar_node *like,
			    const char *target)
{
	static const struct tar_node folder = { .type = EPK_TYPE_FOLDER };
	uint32_t at = 0;

	while (size) {
		const char *name = path;
		const size_t name_size = first_name(&path, &size);
		const uint32_t child = find_child(tree, at, name, name_size);
		enum tar_error error = TAR_OK;

		if (child != TAR_NONE) {
			if (tree->nodes[child].type != EPK_TYPE_FOLDER)
				return size ? TAR_PARENT : TAR_TWICE;
			if (!size && like->type != EPK_TYPE_FOLDER)
				return TAR_TWICE;
			at = child;
			continue;
		}
		error = size ? add_child(tree, at, name, name_size, &folder,
					 NULL)
			     : add_child(tree, at, name, name_size, like,
					 target);
		if (error)
			return error;
		at = tree->count - 1;
	}
	return TAR_OK;
}

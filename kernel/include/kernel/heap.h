/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HEAP_H
#define KERNEL_HEAP_H
/** @file heap.h
 * Leftist heaps with the links inside the members: a heap is a pointer to
 * its least node, NULL when it is empty. Whatever a user has built before,
 * no operation looks at more than a few times log2(members) nodes. */
#include <kernel/lock.h>

struct heap_node GUARDED_FIELDS {
	struct heap_node *left;
	struct heap_node *right;
	struct heap_node *up; /* NULL: the root */
	uint64_t key;
	uint32_t rank; /* nodes on the way right, this one included */
} GUARDED_END;

/** Does key `a` come before `b`? Right as long as the two are less than half
 * the range apart, also when keys have wrapped around between them. */
static inline bool heap_before(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) < 0;
}

/** Put in a node that is in no heap; its key is set. */
HELD void heap_insert(struct heap_node **root, struct heap_node *node);
/** Take out a node that is in this heap. */
HELD void heap_remove(struct heap_node **root, struct heap_node *node);

/** The node behind this one, those above first; NULL behind the last. */
HELD struct heap_node *heap_behind(struct heap_node *node);

/** The same as heap_insert() for a heap that is empty. */
HELD static inline void heap_begin(struct heap_node **root,
				   struct heap_node *node)
{
	node->left = NULL;
	node->right = NULL;
	node->up = NULL;
	node->rank = 1;
	*root = node;
}

/** Is this node the only one? What is below a node is on the left first. */
HELD static inline bool heap_is_single(const struct heap_node *root)
{
	return root->left == NULL;
}
#endif /* KERNEL_HEAP_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* Leftist heaps; see heap.h. The way right from any node is the shortest way
 * out, so it has at most log2(members + 1) nodes; only such ways are walked,
 * and from a removed node up as far as ranks change, which grow on the way. */
#include <kernel/heap.h>

HELD static inline uint32_t rank_of(const struct heap_node *node)
{
	return node == NULL ? 0 : node->rank;
}

/* The shorter way out to the right. Did the rank change? */
HELD static bool lean(struct heap_node *node)
{
	struct heap_node *right = node->right;
	uint32_t rank = node->rank;

	if (rank_of(node->left) < rank_of(right)) {
		node->right = node->left;
		node->left = right;
	}
	node->rank = rank_of(node->right) + 1;
	return node->rank != rank;
}

/* Two heaps become one; of equal nodes the left one comes first. */
HELD static __attribute__((noinline)) struct heap_node *
meld(struct heap_node *left, struct heap_node *right)
{
	struct heap_node *root = NULL, *at = NULL, **link = &root;

	while (left != NULL && right != NULL) {
		if (heap_before(right->key, left->key)) {
			struct heap_node *first = right;

			right = left;
			left = first;
		}
		*link = left;
		left->up = at;
		at = left;
		link = &left->right;
		left = left->right;
	}
	*link = left != NULL ? left : right;
	if (*link != NULL)
		(*link)->up = at;
	for (; at != NULL; at = at->up)
		(void)lean(at);
	return root;
}

__attribute__((noinline)) void heap_insert(struct heap_node **root,
					   struct heap_node *node)
{
	struct heap_node *others = *root;

	heap_begin(root, node);
	if (others != NULL)
		*root = meld(others, node);
}

void heap_remove(struct heap_node **root, struct heap_node *node)
{
	struct heap_node *up = node->up, *below = node->left;

	if (below != NULL)
		below->up = NULL;
	if (node->right != NULL) {
		node->right->up = NULL;
		below = meld(below, node->right);
	}
	if (below != NULL)
		below->up = up;
	if (up == NULL)
		*root = below;
	else if (up->left == node)
		up->left = below;
	else
		up->right = below;
	while (up != NULL && lean(up))
		up = up->up;
}

OUT_OF_THE_WAY struct heap_node *heap_behind(struct heap_node *node)
{
	if (node->left != NULL)
		return node->left;
	if (node->right != NULL)
		return node->right;
	while (node->up != NULL &&
	       (node->up->right == node || node->up->right == NULL))
		node = node->up;
	return node->up != NULL ? node->up->right : NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree of what was made from what. Nodes are embedded in handles,
 * capabilities in transit and mappings; revoke asks the type of each. */
#include <kernel/handle.h>
#include <kernel/space.h>

void derivation_attach(struct derivation *parent, struct derivation *node)
{
	node->parent = parent;
	node->prev = NULL;
	node->next = NULL;
	if (parent == NULL)
		return;
	node->next = parent->first_child;
	if (node->next != NULL)
		node->next->prev = node;
	parent->first_child = node;
}

void derivation_detach(struct derivation *node)
{
	struct derivation *child = node->first_child;

	if (node->prev != NULL)
		node->prev->next = node->next;
	else if (node->parent != NULL)
		node->parent->first_child = node->next;
	if (node->next != NULL)
		node->next->prev = node->prev;
	while (child != NULL) {
		struct derivation *next = child->next;

		derivation_attach(node->parent, child);
		child = next;
	}
	node->parent = NULL;
	node->first_child = NULL;
	node->next = NULL;
	node->prev = NULL;
}

void derivation_move(struct derivation *from, struct derivation *to)
{
	struct derivation *child;

	to->parent = from->parent;
	to->first_child = from->first_child;
	to->next = from->next;
	to->prev = from->prev;
	if (to->prev != NULL)
		to->prev->next = to;
	else if (to->parent != NULL)
		to->parent->first_child = to;
	if (to->next != NULL)
		to->next->prev = to;
	for (child = to->first_child; child != NULL; child = child->next)
		child->parent = to;
	from->parent = NULL;
	from->first_child = NULL;
	from->next = NULL;
	from->prev = NULL;
}

/* The first child goes until there is none; its children take its place.
 * So each node is given a new parent at most once, the walk needs no stack
 * however deep the tree is, and nothing is remembered across the effects
 * that closing has, which may change the tree below this node. */
void handle_revoke(struct derivation *node)
{
	while (node->first_child != NULL) {
		struct derivation *child = node->first_child;

		switch (child->type) {
		case DERIVED_HANDLE:
			handle_close(CONTAINER_OF(child, struct handle, link),
				     false);
			break;
		case DERIVED_TRANSIT:
			handle_transit_drop(
				CONTAINER_OF(child, struct handle, link));
			break;
		case DERIVED_MAPPING:
			mapping_destroy(
				CONTAINER_OF(child, struct mapping, link));
			break;
		default:
			panic("derivation of type %u", child->type);
		}
	}
}

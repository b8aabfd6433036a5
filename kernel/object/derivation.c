/* SPDX-License-Identifier: BSD-2-Clause */
/* Revoke. Nodes are embedded in handles, capabilities in transit and
 * mappings; each type goes its own way. */
#include <kernel/handle.h>
#include <kernel/space.h>
#include <kernel/steps.h>

/* The first child goes until there is none; its children take its place.
 * So the walk needs no stack however deep the tree is, and nothing is
 * remembered across the effects that closing has, which may change the tree
 * below this node. */
nx_status_t handle_revoke(struct derivation *node)
{
	struct derivation *child;

	while ((child = derivation_child(node)) != NULL) {
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
		if (kernel_poll())
			return SYS_AGAIN;
	}
	return NX_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles and what is derived from them. A node that goes leaves its
 * children to its parent; a revoke takes all that is below, whatever it
 * is. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

struct model_node *model_node(enum model_node_type type,
			      struct model_node *parent)
{
	for (unsigned i = 0; i < MODEL_NODES_MAX; i++) {
		struct model_node *node = &model.nodes[i];

		if (node->type != NODE_FREE)
			continue;
		*node = (struct model_node){ .type = type, .parent = parent };
		if (i >= model.node_high)
			model.node_high = i + 1;
		return node;
	}
	abort();
}

static void leave(struct model_node *node)
{
	for (unsigned i = 0; i < model.node_high; i++)
		if (model.nodes[i].type != NODE_FREE &&
		    model.nodes[i].parent == node)
			model.nodes[i].parent = node->parent;
	node->type = NODE_FREE;
}

nx_status_t model_lookup(nx_handle_t number, uint32_t kind, nx_rights_t rights,
			 struct model_node **out_node)
{
	struct model_process *process = model.self->process;

	for (unsigned i = 0; i < model.node_high; i++) {
		struct model_node *node = &model.nodes[i];

		if (node->type != NODE_HANDLE || node->process != process ||
		    node->number != number || number == 0)
			continue;
		if (kind != NX_KIND_NONE && node->object->kind != kind)
			return NX_ERR_WRONG_KIND;
		if ((node->rights & rights) != rights)
			return NX_ERR_ACCESS_DENIED;
		*out_node = node;
		return NX_OK;
	}
	return NX_ERR_BAD_HANDLE;
}

nx_status_t model_find(uint64_t number, uint32_t kind, nx_rights_t rights,
		       void *out_object_pointer)
{
	struct model_node *node;
	nx_status_t status;

	if (number > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	status = model_lookup((nx_handle_t)number, kind, rights, &node);
	/* The pointer there has the type of the kind. */
	if (status == NX_OK)
		memcpy(out_object_pointer, &node->object, sizeof(void *));
	return status;
}

nx_rights_t model_rights_of(uint32_t kind)
{
	switch (kind) {
#define NX_OBJECT(number, upper, lower, rights, text)                          \
	case number:                                                           \
		return rights;
#include <nexus/objects.def>
#undef NX_OBJECT
	default:
		return 0;
	}
}

static void opened(struct model_object *object, nx_rights_t rights)
{
	if (object->kind == NX_KIND_PORT && (rights & NX_RIGHT_RECV) != 0)
		((struct model_port *)object)->receiver_handles++;
}

static void closed(struct model_object *object, nx_rights_t rights, bool death)
{
	if (object->kind == NX_KIND_PORT && (rights & NX_RIGHT_RECV) != 0)
		model_receiver_closed((struct model_port *)object, death);
}

nx_status_t model_reserve(struct model_process *process, unsigned count)
{
	if (model_no_memory())
		return model.told;
	return model_charge(process->object.job, MODEL_HANDLES, count);
}

/* The charge was made by model_reserve. A process does not keep itself. */
struct model_node *model_install(struct model_process *process,
				 struct model_object *object,
				 nx_rights_t rights, uint32_t badge,
				 struct model_node *parent)
{
	struct model_node *node = model_node(NODE_HANDLE, parent);

	node->process = process;
	node->object = object;
	node->rights = rights;
	node->identity = (uint64_t)process->service_id << 32 | badge;
	if (object != &process->object)
		model_ref(object);
	opened(object, rights);
	return node;
}

nx_status_t model_install_made(struct model_object *object)
{
	nx_status_t status = model_reserve(model.self->process, 1);

	if (status == NX_OK) {
		model.made =
			model_install(model.self->process, object,
				      model_rights_of(object->kind), 0, NULL);
		model.made_object = object;
	}
	model_unref(object);
	return status;
}

void model_close(struct model_node *node, bool death)
{
	struct model_process *process = node->process;
	struct model_object *object = node->object;
	nx_rights_t rights = node->rights;

	leave(node);
	model_uncharge(process->object.job, MODEL_HANDLES, 1);
	closed(object, rights, death);
	if (object != &process->object)
		model_unref(object);
}

void model_drop(struct model_node *node)
{
	struct model_object *object = node->object;
	nx_rights_t rights = node->rights;

	for (unsigned m = 0; m < MODEL_MESSAGES_MAX; m++)
		for (unsigned i = 0; i < NX_MESSAGE_CAPS_MAX; i++)
			if (model.messages[m].caps[i] == node)
				model.messages[m].caps[i] = NULL;
	leave(node);
	closed(object, rights, false);
	model_unref(object);
}

static struct model_node *child_of(const struct model_node *parent)
{
	for (unsigned i = 0; i < model.node_high; i++)
		if (model.nodes[i].type != NODE_FREE &&
		    model.nodes[i].parent == parent)
			return &model.nodes[i];
	return NULL;
}

/* Its children take the place of each that goes. */
void model_revoke(struct model_node *node)
{
	struct model_node *child;

	while ((child = child_of(node)) != NULL) {
		if (child->type == NODE_HANDLE)
			model_close(child, false);
		else if (child->type == NODE_TRANSIT)
			model_drop(child);
		else
			model_unmap(child);
	}
}

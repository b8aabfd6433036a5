/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects, slices, seals and mappings. Of the content the first byte
 * of each page is followed. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

static uint64_t pages_up(uint64_t bytes)
{
	return (bytes + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
}

static uint32_t seals_of(const struct model_vmo *vmo)
{
	return vmo->seals | vmo->root->seals;
}

static nx_status_t create(void)
{
	uint64_t size = in(1);
	struct model_vmo *vmo;
	struct model_job *job;
	nx_status_t status;

	if (size == 0)
		return NX_ERR_INVALID_ARGS;
	if (size > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	status = model_payer_of_new(in(0), &job);
	if (status != NX_OK)
		return status;
	vmo = model_create(NX_KIND_VMO, sizeof(*vmo), job);
	vmo->size_bytes = pages_up(size);
	vmo->content_bytes = size;
	vmo->root = vmo;
	return model_install_made(&vmo->object);
}

static nx_status_t find(nx_rights_t rights, struct model_node **out_node,
			struct model_vmo **out_vmo)
{
	nx_status_t status;

	if (in(0) > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	status =
		model_lookup((nx_handle_t)in(0), NX_KIND_VMO, rights, out_node);
	if (status == NX_OK)
		*out_vmo = (struct model_vmo *)(*out_node)->object;
	return status;
}

static bool inside(const struct model_vmo *vmo, uint64_t offset, uint64_t size)
{
	return offset <= vmo->size_bytes && size <= vmo->size_bytes - offset;
}

static nx_status_t slice(void)
{
	struct model_vmo *vmo, *part;
	struct model_node *node;
	nx_status_t status;

	if (in(3) == 0 || in(2) % NX_PAGE_SIZE != 0)
		return NX_ERR_INVALID_ARGS;
	status = find(NX_RIGHT_SLICE, &node, &vmo);
	if (status != NX_OK)
		return status;
	if (!inside(vmo, in(2), in(3)))
		return NX_ERR_OUT_OF_RANGE;
	if (model_no_memory())
		return model.told;
	part = model_create(NX_KIND_VMO, sizeof(*part),
			    model.self->process->object.job);
	part->size_bytes = pages_up(in(3));
	part->content_bytes = in(3);
	part->root = vmo->root;
	part->offset = vmo->offset + in(2);
	model_ref(part->root);
	status = model_reserve(model.self->process, 1);
	if (status == NX_OK) {
		model.made = model_install(model.self->process, &part->object,
					   node->rights, 0, node);
		model.made_object = &part->object;
	}
	model_unref(part);
	return status;
}

static nx_status_t seal(void)
{
	uint64_t seals = in(2);
	struct model_node *node;
	struct model_vmo *vmo;
	nx_status_t status;

	if (seals == 0 || (seals & ~(uint64_t)NX_SEAL_ALL) != 0)
		return NX_ERR_INVALID_ARGS;
	status = find(NX_RIGHT_SEAL, &node, &vmo);
	if (status != NX_OK)
		return status;
	if ((seals_of(vmo) & NX_SEAL_SEAL) != 0)
		return NX_ERR_SEALED;
	if (vmo->root != vmo && (seals & ~vmo->root->seals) != 0)
		return NX_ERR_BAD_STATE;
	if ((seals & NX_SEAL_WRITE) != 0 && vmo->root->writable_count > 0)
		return NX_ERR_BUSY;
	vmo->seals |= (uint32_t)seals;
	return NX_OK;
}

/* The driver moves one byte at a time, at the start of a page. */
static nx_status_t move(bool write)
{
	struct model_node *node;
	struct model_vmo *vmo;
	uint8_t *byte;
	nx_status_t status =
		find(write ? NX_RIGHT_WRITE : NX_RIGHT_READ, &node, &vmo);

	if (status != NX_OK)
		return status;
	if (!inside(vmo, in(2), in(4)))
		return NX_ERR_OUT_OF_RANGE;
	if (write && (seals_of(vmo) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	if (in(4) == 0)
		return NX_OK;
	byte = &vmo->root->bytes[(vmo->offset + in(2)) / NX_PAGE_SIZE];
	if (write)
		*byte = model.self->fill;
	else
		model.self->got_fill = *byte;
	return NX_OK;
}

static nx_status_t info(void)
{
	struct model_node *node;
	struct model_vmo *vmo;
	nx_status_t status = find(NX_RIGHT_INSPECT, &node, &vmo);

	if (status != NX_OK)
		return status;
	model_out(0, vmo->size_bytes);
	model_out(1, vmo->content_bytes);
	model_out(2, seals_of(vmo));
	model_out(3, vmo->mapping_count);
	return NX_OK;
}

static nx_status_t set_content(void)
{
	struct model_node *node;
	struct model_vmo *vmo;
	nx_status_t status = find(NX_RIGHT_SEAL, &node, &vmo);

	if (status != NX_OK)
		return status;
	if (in(2) > vmo->size_bytes)
		return NX_ERR_OUT_OF_RANGE;
	if ((seals_of(vmo) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	vmo->content_bytes = in(2);
	return NX_OK;
}

static bool access_valid(uint64_t access)
{
	if ((access & ~(uint64_t)NX_MAP_ACCESS) != 0)
		return false;
	return (access & NX_MAP_WRITE) == 0 ||
	       access == (NX_MAP_READ | NX_MAP_WRITE);
}

static nx_status_t map_check(const struct model_vmo *vmo)
{
	uint64_t access = in(4);

	if (access == 0 || !access_valid(access) || in(3) == 0 ||
	    in(2) % NX_PAGE_SIZE != 0 || in(3) % NX_PAGE_SIZE != 0 ||
	    in(5) != 0)
		return NX_ERR_INVALID_ARGS;
	if (!inside(vmo, in(2), in(3)))
		return NX_ERR_OUT_OF_RANGE;
	if ((access & NX_MAP_WRITE) != 0 &&
	    (seals_of(vmo) & NX_SEAL_WRITE) != 0)
		return NX_ERR_SEALED;
	if ((access & NX_MAP_EXEC) != 0 && (seals_of(vmo) & NX_SEAL_WRITE) == 0)
		return NX_ERR_BAD_STATE;
	return model_no_memory() ? model.told : NX_OK;
}

/* The driver never asks for a fixed address. */
static nx_status_t map(void)
{
	nx_rights_t rights = NX_RIGHT_MAP;
	struct model_process *process;
	struct model_node *node, *mapping;
	struct model_vmo *vmo;
	nx_status_t status;

	if ((in(4) & ~(uint64_t)(NX_MAP_ACCESS | NX_MAP_FIXED)) != 0)
		return NX_ERR_INVALID_ARGS;
	status = model_process_of(in(0), NX_RIGHT_MAP, &process);
	if (status != NX_OK)
		return status;
	rights |= (in(4) & NX_MAP_READ) != 0 ? NX_RIGHT_READ : 0;
	rights |= (in(4) & NX_MAP_WRITE) != 0 ? NX_RIGHT_WRITE : 0;
	rights |= (in(4) & NX_MAP_EXEC) != 0 ? NX_RIGHT_EXEC : 0;
	if (in(1) > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	status = model_lookup((nx_handle_t)in(1), NX_KIND_VMO, rights, &node);
	if (status != NX_OK)
		return status;
	if (process->state > NX_PROCESS_RUNNING)
		return NX_ERR_BAD_STATE;
	vmo = (struct model_vmo *)node->object;
	status = map_check(vmo);
	if (status != NX_OK)
		return status;
	mapping = model_node(NODE_MAPPING, node);
	mapping->process = process;
	mapping->object = &vmo->object;
	mapping->offset = in(2);
	mapping->size_bytes = in(3);
	mapping->access = (uint32_t)in(4);
	model_ref(vmo);
	vmo->mapping_count++;
	vmo->root->writable_count += (in(4) & NX_MAP_WRITE) != 0;
	model.made = mapping;
	return NX_OK;
}

void model_unmap(struct model_node *mapping)
{
	struct model_vmo *vmo = (struct model_vmo *)mapping->object;

	for (unsigned i = 0; i < model.node_high; i++)
		if (model.nodes[i].type != NODE_FREE &&
		    model.nodes[i].parent == mapping)
			abort(); /* nothing is made of a mapping */
	mapping->type = NODE_FREE;
	vmo->mapping_count--;
	vmo->root->writable_count -= (mapping->access & NX_MAP_WRITE) != 0;
	model_unref(vmo);
}

void model_unmap_all(struct model_process *process)
{
	for (unsigned i = 0; i < model.node_high; i++)
		if (model.nodes[i].type == NODE_MAPPING &&
		    model.nodes[i].process == process)
			model_unmap(&model.nodes[i]);
}

static struct model_node *mapping_at(const struct model_process *process,
				     uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < model.node_high; i++) {
		struct model_node *node = &model.nodes[i];

		if (node->type == NODE_MAPPING && node->process == process &&
		    node->address == address && node->size_bytes == size)
			return node;
	}
	return NULL;
}

static nx_status_t unmap_protect(void)
{
	struct model_process *process;
	struct model_node *mapping;
	uint32_t access = (uint32_t)in(3);
	nx_status_t status;

	if ((in(3) & ~(uint64_t)NX_MAP_ACCESS) != 0)
		return NX_ERR_INVALID_ARGS;
	status = model_process_of(in(0), NX_RIGHT_MAP, &process);
	if (status != NX_OK)
		return status;
	if (process->state > NX_PROCESS_RUNNING)
		return NX_ERR_BAD_STATE;
	if (!access_valid(access))
		return NX_ERR_INVALID_ARGS;
	mapping = mapping_at(process, in(1), in(2));
	if (!mapping)
		return NX_ERR_NOT_FOUND;
	if (access == 0) {
		model_unmap(mapping);
		return NX_OK;
	}
	if ((access & ~mapping->access) != 0)
		return NX_ERR_ACCESS_DENIED;
	if (((mapping->access & ~access) & NX_MAP_WRITE) != 0)
		((struct model_vmo *)mapping->object)->root->writable_count--;
	mapping->access = access;
	return NX_OK;
}

nx_status_t model_memory_call(void)
{
	switch (model.self->call) {
	case NX_SYS_vmo_create:
		return create();
	case NX_SYS_map:
		return map();
	case NX_SYS_unmap_protect:
		return unmap_protect();
	default:
		break;
	}
	switch (in(1)) {
	case NX_OP_vmo_read:
		return move(false);
	case NX_OP_vmo_write:
		return move(true);
	case NX_OP_vmo_slice:
		return slice();
	case NX_OP_vmo_seal:
		return seal();
	case NX_OP_vmo_info:
		return info();
	case NX_OP_vmo_set_content:
		return set_content();
	default:
		return NX_ERR_BAD_CALL;
	}
}

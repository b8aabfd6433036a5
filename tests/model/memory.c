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

static nx_status_t create(bool contiguous)
{
	uint64_t size = in(contiguous ? 2 : 1);
	struct model_vmo *vmo;
	struct model_job *job;
	nx_status_t status;

	if (size == 0)
		return NX_ERR_INVALID_ARGS;
	if (size > (contiguous ? NX_VMO_CONTIGUOUS_MAX : NX_VMO_SIZE_MAX))
		return NX_ERR_TOO_BIG;
	status = model_payer_of_new(in(0), &job);
	if (status != NX_OK)
		return status;
	vmo = model_create(NX_KIND_VMO, sizeof(*vmo), job);
	vmo->size_bytes = pages_up(size);
	vmo->content_bytes = size;
	vmo->root = vmo;
	vmo->contiguous = contiguous;
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

/* Mappings of a root that show one of some bytes of it; 0: all. */
static unsigned mappings_of(const struct model_vmo *root, uint64_t offset,
			    uint64_t size)
{
	unsigned count = 0;

	for (unsigned i = 0; i < model.node_high; i++) {
		const struct model_node *node = &model.nodes[i];
		const struct model_vmo *vmo =
			(const struct model_vmo *)node->object;
		uint64_t first;

		if (node->type != NODE_MAPPING || vmo->root != root)
			continue;
		first = vmo->offset + node->offset;
		count += size == 0 || (first < offset + size &&
				       offset < first + node->size_bytes);
	}
	return count;
}

#define SHARED_MAPPINGS_MAX 8
#define LOOKS_MAX 64

static bool may_share(const struct model_vmo *root, unsigned more)
{
	return (root->seals & NX_SEAL_WRITE) != 0 ||
	       mappings_of(root, 0, 0) + more <= SHARED_MAPPINGS_MAX;
}

static bool is_mapped(const struct model_vmo *root, uint64_t offset,
		      uint64_t size)
{
	return mappings_of(root, offset, size) > 0 ||
	       mappings_of(root, 0, 0) > LOOKS_MAX;
}

static bool has_parts(const struct model_vmo *root)
{
	for (struct model_object *o = model.objects; o; o = o->next)
		if (o->alive && o->kind == NX_KIND_VMO &&
		    (struct model_vmo *)o != root &&
		    ((struct model_vmo *)o)->root == root)
			return true;
	return false;
}

bool model_is_shared(const struct model_vmo *root, uint64_t page)
{
	uint32_t group = root->groups[page];

	for (struct model_object *o = model.objects; o && group != 0;
	     o = o->next) {
		const struct model_vmo *vmo = (const struct model_vmo *)o;

		if (!o->alive || o->kind != NX_KIND_VMO || vmo->root != vmo)
			continue;
		for (uint64_t i = 0; i < MODEL_VMO_PAGES_MAX; i++)
			if (vmo->groups[i] == group &&
			    (vmo != root || i != page))
				return true;
	}
	return false;
}

static nx_status_t snapshot(void)
{
	struct model_vmo *vmo, *copy;
	struct model_node *node;
	nx_status_t status = find(NX_RIGHT_READ, &node, &vmo);
	bool fixed = status == NX_OK && (seals_of(vmo) & NX_SEAL_WRITE) != 0;

	if (status == NX_OK && !fixed)
		status = find(NX_RIGHT_READ | NX_RIGHT_SEAL, &node, &vmo);
	if (status != NX_OK)
		return status;
	if (in(3) == 0 || in(2) % NX_PAGE_SIZE != 0)
		return NX_ERR_INVALID_ARGS;
	if (!inside(vmo, in(2), in(3)))
		return NX_ERR_OUT_OF_RANGE;
	if (!vmo->root->contiguous && !fixed &&
	    (vmo->root->pin_count > 0 || !may_share(vmo->root, 0)))
		return NX_ERR_BUSY;
	vmo->root->shares |= !vmo->root->contiguous && model.told == NX_OK;
	if (model_no_memory())
		return model.told;
	copy = model_create(NX_KIND_VMO, sizeof(*copy),
			    model.self->process->object.job);
	copy->size_bytes = pages_up(in(3));
	copy->content_bytes = in(3);
	copy->root = copy;
	copy->shares = true;
	for (uint64_t i = 0; i < copy->size_bytes / NX_PAGE_SIZE; i++) {
		uint64_t from = (vmo->offset + in(2)) / NX_PAGE_SIZE + i;

		copy->bytes[i] = vmo->root->bytes[from];
		copy->absent[i] = vmo->root->absent[from];
		if (copy->absent[i] || vmo->root->contiguous)
			continue;
		if (!model_is_shared(vmo->root, from))
			vmo->root->groups[from] = ++model.last_group;
		copy->groups[i] = vmo->root->groups[from];
	}
	return model_install_made(&copy->object);
}

static nx_status_t pages_change(const struct model_vmo *vmo)
{
	if (vmo->root->contiguous)
		return NX_ERR_BAD_STATE;
	return (seals_of(vmo) & NX_SEAL_WRITE) != 0 ? NX_ERR_SEALED : NX_OK;
}

static nx_status_t resize(void)
{
	uint64_t size = in(2);
	struct model_vmo *vmo;
	struct model_node *node;
	nx_status_t status;

	if (size == 0)
		return NX_ERR_INVALID_ARGS;
	if (size > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	status = find(NX_RIGHT_WRITE | NX_RIGHT_SEAL, &node, &vmo);
	if (status == NX_OK)
		status = pages_change(vmo);
	if (status == NX_OK && vmo->root != vmo)
		status = NX_ERR_BAD_STATE;
	if (status != NX_OK)
		return status;
	if (pages_up(size) < vmo->size_bytes &&
	    (has_parts(vmo) || vmo->pin_count > 0 ||
	     is_mapped(vmo, pages_up(size), vmo->size_bytes - pages_up(size))))
		return NX_ERR_BUSY;
	if (pages_up(size) > vmo->size_bytes && model_no_memory())
		return model.told;
	for (uint64_t i = pages_up(size) / NX_PAGE_SIZE;
	     i < MODEL_VMO_PAGES_MAX; i++) {
		vmo->bytes[i] = 0;
		vmo->absent[i] = false;
		vmo->groups[i] = 0;
	}
	vmo->size_bytes = pages_up(size);
	vmo->content_bytes = size;
	return NX_OK;
}

static nx_status_t commit(bool give)
{
	struct model_vmo *vmo;
	struct model_node *node;
	nx_status_t status;

	if (in(3) == 0 || in(2) % NX_PAGE_SIZE != 0 ||
	    in(3) % NX_PAGE_SIZE != 0)
		return NX_ERR_INVALID_ARGS;
	status = find(NX_RIGHT_WRITE | NX_RIGHT_SEAL, &node, &vmo);
	if (status != NX_OK)
		return status;
	if (!inside(vmo, in(2), in(3)))
		return NX_ERR_OUT_OF_RANGE;
	status = pages_change(vmo);
	if (status != NX_OK)
		return status;
	if (give && (vmo->root->pin_count > 0 ||
		     is_mapped(vmo->root, vmo->offset + in(2), in(3))))
		return NX_ERR_BUSY;
	if (!give && model_no_memory())
		return model.told;
	for (uint64_t i = 0; i < in(3) / NX_PAGE_SIZE; i++) {
		uint64_t at = (vmo->offset + in(2)) / NX_PAGE_SIZE + i;

		if (give || vmo->root->absent[at])
			vmo->root->bytes[at] = 0;
		if (give || vmo->root->absent[at])
			vmo->root->groups[at] = 0;
		vmo->root->absent[at] = give;
	}
	return NX_OK;
}

static nx_status_t label(void)
{
	struct model_vmo *vmo;
	struct model_node *node;
	nx_status_t status = find(NX_RIGHT_SEAL, &node, &vmo);

	if (status != NX_OK)
		return status;
	if ((seals_of(vmo) & NX_SEAL_WRITE) == 0)
		return NX_ERR_BAD_STATE;
	if (vmo->labelled)
		return NX_ERR_ALREADY_EXISTS;
	if ((seals_of(vmo) & NX_SEAL_SEAL) != 0)
		return NX_ERR_SEALED;
	if (model_no_memory())
		return model.told;
	vmo->labelled = true;
	vmo->label = model.self->fill;
	vmo->label_by = model.self->process->service_id;
	return NX_OK;
}

static nx_status_t label_read(void)
{
	struct model_vmo *vmo;
	struct model_node *node;
	nx_status_t status = find(NX_RIGHT_INSPECT, &node, &vmo);

	if (status != NX_OK)
		return status;
	if (!vmo->labelled)
		return NX_ERR_NOT_FOUND;
	model.self->got_fill = vmo->label;
	model.self->got_bytes = 1;
	model_out(0, vmo->label_by);
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
	if (vmo->root->absent[(vmo->offset + in(2)) / NX_PAGE_SIZE])
		return NX_ERR_BAD_STATE;
	byte = &vmo->root->bytes[(vmo->offset + in(2)) / NX_PAGE_SIZE];
	if (write) {
		*byte = model.self->fill;
		vmo->root->groups[(vmo->offset + in(2)) / NX_PAGE_SIZE] = 0;
	} else {
		model.self->got_fill = *byte;
	}
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
	if (vmo->root->shares && !may_share(vmo->root, 1))
		return NX_ERR_BUSY;
	if (model_no_memory())
		return model.told;
	for (uint64_t i = 0; i < in(3) / NX_PAGE_SIZE; i++)
		if (vmo->root->absent[(vmo->offset + in(2)) / NX_PAGE_SIZE + i])
			return NX_ERR_BAD_STATE;
	return NX_OK;
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
		return create(false);
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
	case NX_OP_vmo_resize:
		return resize();
	case NX_OP_vmo_snapshot:
		return snapshot();
	case NX_OP_vmo_decommit:
		return commit(true);
	case NX_OP_vmo_commit:
		return commit(false);
	case NX_OP_vmo_label:
		return label();
	case NX_OP_vmo_label_read:
		return label_read();
	case NX_OP_vmo_contiguous:
		return create(true);
	default:
		return NX_ERR_BAD_CALL;
	}
}

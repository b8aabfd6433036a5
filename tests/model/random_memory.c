/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on memory by chance. */
#include "pick.h"

#include <kernel/thread.h>

static void vmo_operation(struct model_thread *self)
{
	nx_handle_t vmo = pick_handle(self, NX_KIND_VMO);
	uint64_t offset = drive_random(5) * NX_PAGE_SIZE;
	struct nx_message_buffer *buffer =
		(struct nx_message_buffer *)(uintptr_t)((struct thread *)self
								->object.kernel)
			->buffer_address;

	switch (drive_random(chance(5) ? 8 : 7)) {
	case 7: /* there is no such operation */
		make_call(self, NX_SYS_vmo_ctl, vmo, chance(50) ? 0 : 31, 0, 0);
		break;
	case 0:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_slice, offset,
			  drive_random(3 * NX_PAGE_SIZE));
		if (chance(3)) {
			self->in.a[0] = pick_wild(self);
			self->in.a[2] = 8;
		}
		break;
	case 1:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_seal,
			  drive_random(5), 0);
		break;
	case 2:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_info, 0, 0);
		break;
	case 3:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_set_content,
			  drive_random(5 * NX_PAGE_SIZE), 0);
		break;
	case 4:
	case 5:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_write, offset,
			  (uintptr_t)buffer->send_frame);
		self->in.a[4] = 1;
		break;
	default:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_read, offset,
			  (uintptr_t)buffer->recv_frame);
		self->in.a[4] = 1;
		break;
	}
}

/* Those that change what pages a VMO has, and labels. */
static void page_operation(struct model_thread *self)
{
	nx_handle_t vmo = pick_handle(self, NX_KIND_VMO);
	uint64_t offset = drive_random(4) * NX_PAGE_SIZE;
	uint64_t size = drive_random(4) * NX_PAGE_SIZE;
	struct nx_message_buffer *buffer =
		(struct nx_message_buffer *)(uintptr_t)((struct thread *)self
								->object.kernel)
			->buffer_address;

	switch (drive_random(9)) {
	case 0:
	case 1:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_snapshot,
			  drive_random(3) * NX_PAGE_SIZE,
			  drive_random(3 * NX_PAGE_SIZE));
		break;
	case 2:
	case 3:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_resize,
			  chance(3) ? UINT64_MAX
				    : drive_random(MODEL_VMO_PAGES_MAX *
							   NX_PAGE_SIZE +
						   1),
			  0);
		break;
	case 4:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_decommit, offset,
			  size + (chance(3) ? 8 : 0));
		break;
	case 5:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_commit, offset,
			  size + (chance(3) ? 8 : 0));
		break;
	case 6:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_label,
			  (uintptr_t)buffer->send_frame, 0);
		break;
	case 7:
		make_call(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_label_read,
			  (uintptr_t)buffer->recv_frame, 0);
		break;
	default:
		make_call(self, NX_SYS_vmo_ctl, pick_payer(self),
			  NX_OP_vmo_contiguous,
			  chance(3) ? NX_VMO_CONTIGUOUS_MAX + 1
				    : drive_random(MODEL_VMO_PAGES_MAX *
							   NX_PAGE_SIZE +
						   1),
			  0);
		break;
	}
}

static void map(struct model_thread *self)
{
	static const uint32_t accesses[] = { NX_MAP_READ,
					     NX_MAP_READ | NX_MAP_WRITE,
					     NX_MAP_READ | NX_MAP_EXEC,
					     NX_MAP_WRITE,
					     NX_MAP_ACCESS,
					     0 };

	make_call(self, NX_SYS_map,
		  chance(70) ? 0 : pick_handle(self, NX_KIND_PROCESS),
		  pick_handle(self, NX_KIND_VMO),
		  drive_random(3) * NX_PAGE_SIZE,
		  drive_random(4) * NX_PAGE_SIZE);
	self->in.a[4] =
		accesses[chance(80) ? drive_random(3) : drive_random(6)];
}

/* A mapping of the process, or any. */
static void unmap(struct model_thread *self)
{
	const struct model_node *found = NULL;
	uint64_t count = 0;

	for (unsigned i = 0; i < model.node_high; i++)
		if (model.nodes[i].type == NODE_MAPPING &&
		    model.nodes[i].process == self->process &&
		    drive_random(++count) == 0)
			found = &model.nodes[i];
	make_call(self, NX_SYS_unmap_protect, 0, found ? found->address : 4096,
		  found && chance(95) ? found->size_bytes : NX_PAGE_SIZE,
		  drive_random(4) * (chance(50)));
	/* What is wrong with the arguments comes before the handle. */
	if (chance(2))
		make_call(self, NX_SYS_unmap_protect, pick_wild(self), 4096,
			  NX_PAGE_SIZE, NX_MAP_ACCESS + 1);
}

void random_memory(struct model_thread *self)
{
	switch (pick_lacks(self, NX_KIND_VMO) ? 0 : drive_random(9)) {
	case 0:
		make_call(self, NX_SYS_vmo_create, pick_payer(self),
			  drive_random(MODEL_VMO_PAGES_MAX * NX_PAGE_SIZE + 1),
			  0, 0);
		if (chance(2))
			make_call(self, NX_SYS_vmo_create, pick_wild(self),
				  NX_VMO_SIZE_MAX + 1, 0, 0);
		break;
	case 1:
		map(self);
		break;
	case 2:
		unmap(self);
		break;
	case 3:
	case 4:
	case 5:
		page_operation(self);
		break;
	default:
		vmo_operation(self);
		break;
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles: what opens, carries and closes a capability. A capability in
 * transit counts as open, so that a port stays open while its last
 * receiver is on its way. */
#include "handle_internal.h"

#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/object.h>
#include <kernel/process.h>
#include <nexus/rights.h>

HELD static void opened(struct object *object, nx_rights_t rights)
{
	if (object_hooks[object->kind].handle_opened != NULL)
		object_hooks[object->kind].handle_opened(object, rights);
}

/* A process does not keep itself alive: in its own table a handle to it is
 * no reference. While it runs its threads are; before, whoever made it. */
HELD static void refer(const struct handle_table *table, struct object *object)
{
	if (object != &table->owner->object)
		object_ref(object);
}

/* Tell the kind and drop the reference: the last thing done to a handle. */
HELD static void closed(const struct process *owner, struct object *object,
			nx_rights_t rights, bool death)
{
	if (object_hooks[object->kind].handle_closed != NULL)
		object_hooks[object->kind].handle_closed(object, rights, death);
	if (owner == NULL || object != &owner->object)
		object_unref(object);
}

/* Fill a slot just taken; its link has its place in the tree already. */
HELD static nx_handle_t slot_fill(struct handle_table *table,
				  struct handle *handle, struct object *object,
				  nx_rights_t rights, uint32_t badge)
{
	handle->link.type = DERIVED_HANDLE;
	handle->link.kind = (uint8_t)object->kind;
	handle->link.rights = (uint16_t)rights;
	handle->object = object;
	handle->identity = (uint64_t)table->owner->service_id << 32 | badge;
	handle->owner = table->owner;
	count(NX_COUNTER_HANDLES, 1);
	return handle->link.number;
}

nx_handle_t handle_install(struct handle_table *table, struct object *object,
			   nx_rights_t rights, uint32_t badge,
			   struct derivation *parent)
{
	struct handle *handle = handle_slot_take(table);
	nx_handle_t number;

	derivation_attach(parent, &handle->link);
	refer(table, object);
	number = slot_fill(table, handle, object, rights, badge);
	opened(object, rights);
	return number;
}

nx_handle_t handle_install_transit(struct handle_table *table,
				   struct handle *transit)
{
	struct handle *handle;
	struct object *object = transit->object;

	if (object == NULL) {
		handle_unreserve(table, 1);
		return NX_HANDLE_NONE;
	}
	handle = handle_slot_take(table);
	derivation_move(&transit->link, &handle->link);
	transit->object = NULL;
	refer(table, object);
	object_unref(object); /* that of the transit */
	return slot_fill(table, handle, object, transit->link.rights,
			 (uint32_t)transit->identity);
}

nx_status_t handle_install_new(struct handle_table *table,
			       struct object *object, nx_handle_t *out_number)
{
	nx_status_t status = handle_reserve_one(table);

	if (status != NX_OK)
		return status;
	*out_number = handle_install(table, object, object_rights[object->kind],
				     0, NULL);
	return NX_OK;
}

void handle_transit_init(struct handle *transit, struct handle *source,
			 nx_rights_t rights)
{
	if (rights != NX_RIGHTS_SAME)
		rights &= source->link.rights;
	else
		rights = source->link.rights;
	*transit = (struct handle){
		.link = { .type = DERIVED_TRANSIT,
			  .kind = source->link.kind,
			  .rights = (uint16_t)rights },
		.object = source->object,
		.identity = (uint32_t)source->identity,
	};
	derivation_attach(&source->link, &transit->link);
	object_ref(transit->object);
	opened(transit->object, rights);
}

void handle_transit_drop(struct handle *transit)
{
	struct object *object = transit->object;

	if (object == NULL)
		return;
	derivation_detach(&transit->link);
	transit->object = NULL;
	closed(NULL, object, transit->link.rights, false);
}

void handle_close(struct handle *handle, bool death)
{
	struct object *object = handle->object;
	const struct process *owner = handle->owner;
	nx_rights_t rights = handle->link.rights;

	KASSERT(object != NULL && owner != NULL);
	derivation_detach(&handle->link);
	handle_slot_free(&handle->owner->handles, handle);
	count(NX_COUNTER_HANDLES, -1);
	closed(owner, object, rights, death);
}

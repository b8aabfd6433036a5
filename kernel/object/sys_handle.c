/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on handles of any kind. */
#include <kernel/arguments.h>
#include <kernel/hart.h>
#include <kernel/object.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <nexus/rights.h>

/* The table a new handle goes to: the caller's, or that of a process that
 * has not started and that the caller manages. */
HELD static nx_status_t target_table(nx_handle_t number,
				     struct handle_table **out_table)
{
	struct process *process = current_process();

	if (number != NX_HANDLE_NONE) {
		nx_status_t status = argument_object(number, NX_KIND_PROCESS,
						     NX_RIGHT_MANAGE, &process);

		if (status != NX_OK)
			return status;
		if (process->state != NX_PROCESS_NEW)
			return NX_ERR_BAD_STATE;
	}
	*out_table = &process->handles;
	return NX_OK;
}

/* A badge is written once, on a port, by who manages it; else the new
 * handle has the one of its source. */
HELD static nx_status_t badge_choose(const struct handle *source,
				     uint32_t *badge)
{
	uint32_t present = (uint32_t)source->identity;

	if (*badge == 0) {
		*badge = present;
		return NX_OK;
	}
	if (source->link.kind != NX_KIND_PORT)
		return NX_ERR_INVALID_ARGS;
	if ((source->link.rights & NX_RIGHT_MANAGE) == 0)
		return NX_ERR_ACCESS_DENIED;
	return present == 0 ? NX_OK : NX_ERR_BAD_STATE;
}

nx_status_t sys_handle_dup(nx_handle_t source, nx_rights_t rights,
			   uint32_t badge, nx_handle_t process,
			   nx_handle_t *out_handle)
{
	nx_rights_t needed = NX_RIGHT_DUP;
	struct handle_table *target;
	struct handle *handle;
	nx_status_t status;

	if (rights != NX_RIGHTS_SAME && (rights & ~NX_RIGHTS_ALL) != 0)
		return NX_ERR_INVALID_ARGS;
	if (source == NX_HANDLE_CALLER) {
		if (rights != NX_RIGHTS_SAME || badge != 0 ||
		    process != NX_HANDLE_NONE)
			return NX_ERR_INVALID_ARGS;
		return reply_mint(current_thread(), out_handle);
	}
	if (process != NX_HANDLE_NONE)
		needed |= NX_RIGHT_TRANSFER;
	status = handle_find(&current_process()->handles, source, NX_KIND_NONE,
			     needed, &handle);
	if (status == NX_OK)
		status = badge_choose(handle, &badge);
	if (status == NX_OK)
		status = target_table(process, &target);
	if (status == NX_OK)
		status = handle_reserve_one(target);
	if (status != NX_OK)
		return status;
	if (rights == NX_RIGHTS_SAME)
		rights = handle->link.rights;
	*out_handle = handle_install(target, handle->object,
				     handle->link.rights & rights, badge,
				     &handle->link);
	return NX_OK;
}

nx_status_t sys_handle_close(nx_handle_t handle)
{
	struct handle *closing;
	nx_status_t status = handle_find(&current_process()->handles, handle,
					 NX_KIND_NONE, 0, &closing);

	if (status == NX_OK)
		handle_close(closing, false);
	return status;
}

nx_status_t sys_handle_revoke(nx_handle_t handle)
{
	struct handle *node;
	nx_rights_t needed = NX_RIGHT_DUP;
	nx_status_t status = handle_find(&current_process()->handles, handle,
					 NX_KIND_NONE, 0, &node);

	if (status != NX_OK)
		return status;
	if ((object_rights[node->link.kind] & NX_RIGHT_MANAGE) != 0)
		needed = NX_RIGHT_MANAGE;
	if ((node->link.rights & needed) == 0)
		return NX_ERR_ACCESS_DENIED;
	return handle_revoke(&node->link);
}

nx_status_t sys_handle_info(nx_handle_t handle, uint32_t *out_kind,
			    nx_rights_t *out_rights, uint64_t *out_identity,
			    uint64_t *out_object_id, uint64_t *out_state,
			    uint64_t *out_value)
{
	struct handle *node;
	const struct object *object;
	nx_status_t status = handle_find(&current_process()->handles, handle,
					 NX_KIND_NONE, 0, &node);

	if (status != NX_OK)
		return status;
	object = node->object;
	*out_kind = node->link.kind;
	*out_rights = node->link.rights;
	*out_identity = node->identity;
	*out_object_id = object->id;
	*out_state = 0;
	*out_value = 0;
	if (object_hooks[object->kind].info != NULL)
		object_hooks[object->kind].info(object, out_state, out_value);
	return NX_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The right to answer one caller, as an object. Thread and object point to
 * each other without references; whichever goes first clears both. */
#include <kernel/port.h>

#include <kernel/hooks.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

nx_status_t reply_mint(struct thread *self, nx_handle_t *out_number)
{
	struct thread *caller = self->caller;
	struct reply *reply;
	nx_status_t status;

	if (caller == NULL)
		return self->caller_gone ? NX_ERR_PEER_CLOSED
					 : NX_ERR_BAD_STATE;
	status =
		object_create(self->process->object.job, NX_KIND_REPLY, &reply);
	if (status != NX_OK)
		return status;
	status = handle_install_new(&self->process->handles, &reply->object,
				    out_number);
	if (status == NX_OK) {
		sched_charge();
		reply->caller = caller;
		reply->generation = caller->port->generation;
		caller->reply = reply;
		caller->callee = NULL;
		self->caller = NULL;
	}
	object_unref(&reply->object);
	return status;
}

bool reply_destroy(struct object *object)
{
	struct reply *reply = CONTAINER_OF(object, struct reply, object);

	if (reply->caller != NULL)
		thread_wake_with(reply->caller, NX_ERR_PEER_CLOSED,
				 reply->generation, 0);
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments that many bodies take; see arguments.h. */
#include <kernel/arguments.h>

#include <kernel/process.h>
#include <kernel/steps.h>
#include <kernel/thread.h>

nx_status_t argument_handle(nx_handle_t number, uint32_t kind,
			    nx_rights_t rights, struct handle **out_handle)
{
	return handle_find(&current_process()->handles, number, kind, rights,
			   out_handle);
}

nx_status_t argument_object(nx_handle_t number, uint32_t kind,
			    nx_rights_t rights, void *out_object_pointer)
{
	struct handle *handle;
	nx_status_t status = handle_find(&current_process()->handles, number,
					 kind, rights, &handle);

	if (status == NX_OK)
		*(any_pointer *)out_object_pointer = handle->object;
	return status;
}

nx_status_t argument_optional(nx_handle_t number, uint32_t kind,
			      nx_rights_t rights, void *object_pointer)
{
	if (number == NX_HANDLE_NONE)
		return NX_OK;
	return argument_object(number, kind, rights, object_pointer);
}

nx_status_t argument_process(nx_handle_t number, nx_rights_t rights,
			     struct process **out_process)
{
	*out_process = current_process();
	return argument_optional(number, NX_KIND_PROCESS, rights, out_process);
}

nx_status_t argument_install(struct object *object, nx_handle_t *out_number)
{
	nx_status_t status = handle_install_new(&current_process()->handles,
						object, out_number);

	object_unref(object);
	return status;
}

nx_status_t argument_begun(struct object *object)
{
	current_thread()->unfinished = object;
	return kernel_poll() ? SYS_AGAIN : NX_OK;
}

nx_status_t argument_finish(nx_status_t status, nx_handle_t *out_number)
{
	struct thread *self = current_thread();

	if (status == NX_OK)
		status = handle_install_new(&self->process->handles,
					    self->unfinished, out_number);
	if (status != SYS_AGAIN)
		thread_leave_call(self);
	return status;
}

nx_status_t argument_derive(struct object *object, struct handle *source,
			    nx_handle_t *out_number)
{
	struct handle_table *table = &current_process()->handles;
	nx_status_t status = handle_reserve_one(table);

	if (status == NX_OK)
		*out_number = handle_install(table, object, source->link.rights,
					     0, &source->link);
	object_unref(object);
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments that many bodies take; see arguments.h. */
#include <kernel/arguments.h>

#include <kernel/process.h>

nx_status_t argument_process(nx_handle_t number, nx_rights_t rights,
			     struct process **out_process)
{
	struct process *self = current_process();

	if (number != NX_HANDLE_NONE)
		return handle_object(&self->handles, number, NX_KIND_PROCESS,
				     rights, out_process);
	*out_process = self;
	return NX_OK;
}

nx_status_t argument_install(struct object *object, nx_handle_t *out_number)
{
	nx_status_t status = handle_install_new(&current_process()->handles,
						object, out_number);

	object_unref(object);
	return status;
}

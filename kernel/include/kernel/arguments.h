/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_ARGUMENTS_H
#define KERNEL_ARGUMENTS_H
/** @file arguments.h
 * Arguments that many bodies take, decoded in one place. What is looked up
 * is the caller's, and borrowed. */
#include <kernel/handle.h>

/** A handle; see handle_find(). */
HELD nx_status_t argument_handle(nx_handle_t number, uint32_t kind,
				 nx_rights_t rights,
				 struct handle **out_handle);
/** Its object; the pointer has the type of the kind. */
HELD nx_status_t argument_object(nx_handle_t number, uint32_t kind,
				 nx_rights_t rights, void *out_object_pointer);
/** The same, but for NX_HANDLE_NONE the pointer stays what it is. */
HELD nx_status_t argument_optional(nx_handle_t number, uint32_t kind,
				   nx_rights_t rights, void *object_pointer);
/** A process: NX_HANDLE_NONE is the caller's. */
HELD nx_status_t argument_process(nx_handle_t number, nx_rights_t rights,
				  struct process **out_process);
/** Give the caller the first handle of a new object and drop the reference
 * of its maker, whether that worked or not. */
HELD nx_status_t argument_install(struct object *object,
				  nx_handle_t *out_number);
/** The same for one that was made from what `source` stands for: the handle is
 * below it and has its rights. */
HELD nx_status_t argument_derive(struct object *object, struct handle *source,
				 nx_handle_t *out_number);
/** One that is made in steps is the call's own meanwhile: the thread's
 * `unfinished`. */
HELD nx_status_t argument_begun(struct object *object);
/** After each step: NX_OK, and it gets its handle; SYS_AGAIN; or it goes. */
HELD nx_status_t argument_finish(nx_status_t status, nx_handle_t *out_number);
#endif /* KERNEL_ARGUMENTS_H */

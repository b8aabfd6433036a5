/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_ARGUMENTS_H
#define KERNEL_ARGUMENTS_H
/** @file arguments.h
 * Arguments that many bodies take, decoded in one place. */
#include <kernel/kernel.h>

struct process;
struct object;

/** A process: NX_HANDLE_NONE is the caller's. */
nx_status_t argument_process(nx_handle_t number, nx_rights_t rights,
			     struct process **out_process);
/** Give the caller the first handle of a new object and drop the reference
 * of its maker, whether that worked or not. */
nx_status_t argument_install(struct object *object, nx_handle_t *out_number);
#endif /* KERNEL_ARGUMENTS_H */

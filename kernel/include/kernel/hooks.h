/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HOOKS_H
#define KERNEL_HOOKS_H
/** @file hooks.h
 * The functions that the table of object.h is made of. Each is defined in
 * the file of its kind and called through the table only. */
#include <kernel/object.h>

void job_destroy(struct object *object);

void process_destroy(struct object *object);
void process_info(const struct object *object, uint64_t *state,
		  uint64_t *value);

void filter_destroy(struct object *object);

void thread_destroy(struct object *object);
void thread_info(const struct object *object, uint64_t *state, uint64_t *value);

void budget_destroy(struct object *object);

void port_destroy(struct object *object);
void port_handle_opened(struct object *object, nx_rights_t rights);
void port_handle_closed(struct object *object, nx_rights_t rights, bool death);
void port_info(const struct object *object, uint64_t *state, uint64_t *value);

void event_destroy(struct object *object);
void event_info(const struct object *object, uint64_t *state, uint64_t *value);

void vmo_destroy(struct object *object);
void vmo_hook_info(const struct object *object, uint64_t *state,
		   uint64_t *value);

void mmio_destroy(struct object *object);
void mmio_info(const struct object *object, uint64_t *state, uint64_t *value);

void irq_destroy(struct object *object);
void irq_info(const struct object *object, uint64_t *state, uint64_t *value);

void dma_destroy(struct object *object);
void dma_info(const struct object *object, uint64_t *state, uint64_t *value);

void trace_destroy(struct object *object);

void reply_destroy(struct object *object);
#endif /* KERNEL_HOOKS_H */

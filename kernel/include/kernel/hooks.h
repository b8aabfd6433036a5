/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HOOKS_H
#define KERNEL_HOOKS_H
/** @file hooks.h
 * The functions that the table of object.h is made of. Each is defined in
 * the file of its kind and called through the table only. */
#include <kernel/object.h>

bool job_last(struct object *object);
bool job_destroy(struct object *object);

bool process_last(struct object *object);
bool process_destroy(struct object *object);
void process_info(const struct object *object, uint64_t *state,
		  uint64_t *value);

bool filter_destroy(struct object *object);

bool thread_destroy(struct object *object);
void thread_info(const struct object *object, uint64_t *state, uint64_t *value);

bool budget_destroy(struct object *object);

bool port_destroy(struct object *object);
void port_handle_opened(struct object *object, nx_rights_t rights);
void port_handle_closed(struct object *object, nx_rights_t rights, bool death);
void port_info(const struct object *object, uint64_t *state, uint64_t *value);

bool event_destroy(struct object *object);
void event_info(const struct object *object, uint64_t *state, uint64_t *value);

bool vmo_destroy(struct object *object);
void vmo_hook_info(const struct object *object, uint64_t *state,
		   uint64_t *value);

bool mmio_destroy(struct object *object);
void mmio_info(const struct object *object, uint64_t *state, uint64_t *value);

bool irq_destroy(struct object *object);
void irq_info(const struct object *object, uint64_t *state, uint64_t *value);

bool dma_destroy(struct object *object);
void dma_info(const struct object *object, uint64_t *state, uint64_t *value);

bool trace_destroy(struct object *object);

bool reply_destroy(struct object *object);
#endif /* KERNEL_HOOKS_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HANDLE_INTERNAL_H
#define KERNEL_HANDLE_INTERNAL_H
/** @file handle_internal.h
 * What handle.c wants of handle_table.c. */
#include <kernel/handle.h>

#define HANDLE_SLOT_NONE UINT32_MAX

/** Use up one reservation. */
struct handle *handle_slot_take(struct handle_table *table);
/** Give a slot back under its next generation, and its charge. */
void handle_slot_free(struct handle_table *table, struct handle *handle);
#endif /* KERNEL_HANDLE_INTERNAL_H */

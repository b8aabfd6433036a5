/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HANDLE_INTERNAL_H
#define KERNEL_HANDLE_INTERNAL_H
/** @file handle_internal.h
 * What handle.c wants of handle_table.c. */
#include <kernel/handle.h>

#define HANDLE_SLOT_NONE UINT32_MAX

/** Use up one reservation. */
HELD static inline struct handle *handle_slot_take(struct handle_table *table)
{
	uint32_t index = table->free_head;
	struct handle *handle =
		&table->pages[handle_place(index)][handle_page_slot(index)];

	/* So there is a free one. */
	KASSERT(table->reserved_count > 0);
	table->free_head = (uint32_t)handle->identity;
	table->free_count--;
	table->reserved_count--;
	table->used_count++;
	return handle;
}

/** Give a slot back under its next generation, and its charge. */
HELD void handle_slot_free(struct handle_table *table, struct handle *handle);
#endif /* KERNEL_HANDLE_INTERNAL_H */

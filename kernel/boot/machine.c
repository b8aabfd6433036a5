/* SPDX-License-Identifier: BSD-2-Clause */
/* One pass over the tree. What is known of each open node is in a stack of
 * records; a node is judged when its properties are complete, which is when
 * its first child begins or it ends. */
#include "boot/judge.h"

#include <kernel/string.h>

#define CELLS_DEFAULT_ADDRESS 2u
#define CELLS_DEFAULT_SIZE 1u
/* Number of the external interrupt of supervisor mode. */
#define SUPERVISOR_EXTERNAL 9u
/* Registers of a context of the controller. */
#define PLIC_CONTEXT_END(context)                                              \
	(0x200000 + ((context) + UINT64_C(1)) * 0x1000)

static enum fdt_status begin_node(struct discovery *discovery,
				  const struct fdt_item *item)
{
	struct node *node = &discovery->nodes[item->depth];
	enum fdt_status status = FDT_OK;

	if (item->depth > 0)
		status = judge(discovery, item->depth - 1);
	memset(node, 0, sizeof(*node));
	node->address_cells = CELLS_DEFAULT_ADDRESS;
	node->size_cells = CELLS_DEFAULT_SIZE;
	node->name = item->depth > 1 ? node[-1].name : item->name;
	return status;
}

/* Is this node the controller in that hart? */
static bool is_controller(const struct discovery *discovery, uint32_t phandle,
			  uint64_t hart)
{
	for (uint32_t i = 0; i < discovery->controller_count; i++)
		if (discovery->controllers[i].phandle == phandle &&
		    discovery->controllers[i].hart == hart)
			return true;
	return false;
}

/* Outputs of the controller are numbered in the order of the pairs (hart's
 * controller, its interrupt); ours is the external interrupt of this hart. */
static bool find_context(const struct discovery *discovery, uint64_t hart,
			 uint32_t *out_context)
{
	const struct value *outputs = &discovery->plic_outputs;
	const struct machine_plic *plic = &discovery->machine->plic;

	for (uint32_t i = 0; i < outputs->size_bytes / 8; i++) {
		const uint8_t *output = outputs->bytes + (size_t)i * 8;

		if (fdt_load32(output + 4) != SUPERVISOR_EXTERNAL ||
		    !is_controller(discovery, fdt_load32(output), hart))
			continue;
		*out_context = i;
		return PLIC_CONTEXT_END(i) <= plic->registers.size_bytes;
	}
	return false;
}

/* A controller holds what it is used for, and without a context for the hart
 * that boots there are no interrupts. */
static void find_contexts(const struct discovery *discovery,
			  struct machine *machine)
{
	struct machine_plic *plic = &machine->plic;

	if (!find_context(discovery, machine->harts[0], &plic->contexts[0]))
		plic->registers.size_bytes = 0;
	if (plic->registers.size_bytes == 0)
		plic->line_last = 0;
	if (plic->line_last >= PLIC_LINES_MAX)
		plic->line_last = PLIC_LINES_MAX - 1;
	for (uint32_t i = 1; i < machine->hart_count; i++)
		if (!find_context(discovery, machine->harts[i],
				  &plic->contexts[i]))
			plic->contexts[i] = plic->contexts[0];
}

/* Registers are no memory. */
static enum fdt_status check_devices(const struct machine *machine)
{
	for (uint32_t i = 0; i < machine->memory_count; i++)
		if (ranges_overlap(&machine->uart.registers,
				   &machine->memory[i]) ||
		    ranges_overlap(&machine->plic.registers,
				   &machine->memory[i]))
			return FDT_RANGE;
	return FDT_OK;
}

static enum fdt_status add_reservations(const struct fdt *fdt,
					struct machine *machine)
{
	enum fdt_status status = FDT_OK;

	for (uint32_t i = 0; status == FDT_OK && i < fdt->reservation_count;
	     i++) {
		const uint8_t *entry = fdt->reservations + (size_t)16 * i;
		struct boot_range range = { fdt_load64(entry),
					    fdt_load64(entry + 8) };

		if (!range_is_sound(&range))
			return FDT_RANGE;
		status = ranges_add(machine->reserved, &machine->reserved_count,
				    &range);
	}
	return status;
}

static enum fdt_status walk(const struct fdt *fdt, struct discovery *discovery)
{
	struct fdt_cursor cursor = { 0 };
	struct fdt_item item;
	enum fdt_status status;

	do {
		status = fdt_next(fdt, &cursor, &item);
		if (status != FDT_OK)
			return status;
		if (item.token == FDT_BEGIN_NODE)
			status = begin_node(discovery, &item);
		else if (item.token == FDT_END_NODE)
			status = judge(discovery, item.depth);
		else if (item.token == FDT_PROPERTY_ITEM)
			discovery->nodes[item.depth]
				.properties[property_find(item.name)] =
				(struct value){ item.value, item.value_bytes };
	} while (status == FDT_OK && item.token != FDT_END);
	return status;
}

enum fdt_status machine_discover(const struct fdt *fdt, uint64_t hart,
				 struct machine *out_machine)
{
	struct discovery discovery = { .machine = out_machine, .hart = hart };
	enum fdt_status status;

	memset(out_machine, 0, sizeof(*out_machine));
	out_machine->harts[0] = hart;
	out_machine->hart_count = 1;
	status = walk(fdt, &discovery);
	if (status == FDT_OK)
		status = add_reservations(fdt, out_machine);
	if (status == FDT_OK)
		status = machine_sort_memory(out_machine);
	find_contexts(&discovery, out_machine);
	if (status == FDT_OK)
		status = check_devices(out_machine);
	if (status != FDT_OK)
		return status;
	return out_machine->ticks_per_second > 0 ? FDT_OK : FDT_NO_CLOCK;
}

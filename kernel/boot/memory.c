/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory as the device tree tells of it: ranges, and what of them is free. */
#include "boot/machine.h"

#define PHYSICAL_END (UINT64_C(1) << 56)

bool range_is_sound(const struct boot_range *range)
{
	return range->base <= PHYSICAL_END &&
	       range->size_bytes <= PHYSICAL_END - range->base;
}

enum fdt_status ranges_add(struct boot_range *ranges, uint32_t *count,
			   const struct boot_range *range)
{
	if (range->size_bytes == 0)
		return FDT_OK;
	if (*count == BOOT_RANGES_MAX)
		return FDT_LIMIT;
	ranges[(*count)++] = *range;
	return FDT_OK;
}

enum fdt_status machine_sort_memory(struct machine *machine)
{
	struct boot_range *ranges = machine->memory;

	for (uint32_t i = 1; i < machine->memory_count; i++) {
		struct boot_range range = ranges[i];
		uint32_t at = i;

		for (; at > 0 && ranges[at - 1].base > range.base; at--)
			ranges[at] = ranges[at - 1];
		ranges[at] = range;
	}
	for (uint32_t i = 1; i < machine->memory_count; i++)
		if (ranges[i].base - ranges[i - 1].base <
		    ranges[i - 1].size_bytes)
			return FDT_RANGE;
	return machine->memory_count > 0 ? FDT_OK : FDT_NO_RAM;
}

bool machine_has_memory(const struct machine *machine,
			const struct boot_range *range)
{
	for (uint32_t i = 0; i < machine->memory_count; i++) {
		const struct boot_range *memory = &machine->memory[i];

		if (range->base >= memory->base &&
		    range->base - memory->base <= memory->size_bytes &&
		    range->size_bytes <=
			    memory->size_bytes - (range->base - memory->base))
			return true;
	}
	return false;
}

/* Of all ranges that hold or follow `at`, the one that begins first. */
static const struct boot_range *next_used(const struct boot_range *ranges,
					  uint32_t count, paddr_t at,
					  const struct boot_range *best)
{
	for (uint32_t i = 0; i < count; i++) {
		paddr_t end =
			page_round_up(ranges[i].base + ranges[i].size_bytes);

		if (ranges[i].size_bytes > 0 && end > at &&
		    (best == NULL || ranges[i].base < best->base))
			best = &ranges[i];
	}
	return best;
}

uint32_t machine_free_memory(const struct machine *machine,
			     const struct boot_range *used, uint32_t used_count,
			     paddr_t limit, struct boot_range *out_ranges,
			     uint32_t max)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < machine->memory_count; i++) {
		paddr_t end =
			machine->memory[i].base + machine->memory[i].size_bytes;
		paddr_t at = page_round_up(machine->memory[i].base);

		end = (end < limit ? end : limit) & ~(NX_PAGE_SIZE - 1);
		while (at < end && count < max) {
			const struct boot_range *next = next_used(
				machine->reserved, machine->reserved_count, at,
				next_used(used, used_count, at, NULL));
			paddr_t stop = end;

			if (next != NULL && next->base < end)
				stop = next->base & ~(NX_PAGE_SIZE - 1);
			if (stop > at)
				out_ranges[count++] =
					(struct boot_range){ at, stop - at };
			if (next == NULL || next->base >= end)
				break;
			at = page_round_up(next->base + next->size_bytes);
		}
	}
	return count;
}

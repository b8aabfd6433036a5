/* SPDX-License-Identifier: BSD-2-Clause */
/* The order in which the core comes up. Every part is initialised here and
 * nowhere else: the simulator boots many times in one process. */
#include "boot/boot.h"

#include <kernel/console.h>
#include <kernel/counters.h>
#include <kernel/dma.h>
#include <kernel/filter.h>
#include <kernel/hart.h>
#include <kernel/irq.h>
#include <kernel/job.h>
#include <kernel/log.h>
#include <kernel/mmio.h>
#include <kernel/page.h>
#include <kernel/trace.h>

void boot_refuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args("boot refused: ", format, args);
	va_end(args);
	arch_reset(NX_RESET_SHUTDOWN, 1);
}

HELD static bool add_range(const struct boot_range *range)
{
	return page_add_range(range->base, range->size_bytes);
}

HELD static void add_memory(const struct boot_info *info)
{
	const struct boot_range *last = &info->memory[info->memory_count - 1];
	paddr_t low = info->memory[0].base;
	uint32_t first = 0;

	if (info->given_back.size_bytes > 0 && info->given_back.base < low)
		low = info->given_back.base;
	page_init(low, last->base + last->size_bytes);
	/* One that has room for the records comes first. */
	while (first < info->memory_count && !add_range(&info->memory[first]))
		first++;
	for (uint32_t i = 0; i < info->memory_count; i++)
		if (i != first)
			add_range(&info->memory[i]);
}

void kernel_boot(const struct boot_info *info)
{
	struct boot_file init;

	hart_boot();
	counters_init();
	counters[NX_COUNTER_TICKS_AT_START] = info->start_ticks;
	log_init();
	console_init();
	add_memory(info);
	mmio_boot(info);
	irq_boot(info);
	dma_boot(info);
	job_boot();
	filter_init();
	trace_init();
	counters[NX_COUNTER_PAGES_KERNEL] =
		info->memory_bytes / NX_PAGE_SIZE - page_total_count();
	klog("nexus: %lu of %lu KiB free",
	     page_free_count() * NX_PAGE_SIZE / 1024,
	     info->memory_bytes / 1024);
	package_check(&info->package, &init);
	first_process_start(info, &init);
}

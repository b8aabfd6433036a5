/* SPDX-License-Identifier: BSD-2-Clause */
/* First C in the upper half: learn the machine from its device tree, build
 * the kernel's tables, start the devices, hand over to the core. This is part
 * of what is given back then, the structures below too. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/layout.h"
#include "arch/riscv64/machine_internal.h"

#include "boot/boot.h"

#include <kernel/page.h>
#include <kernel/string.h>

void machine_start(uint64_t hart, paddr_t tree, paddr_t image,
		   uint64_t start_ticks);

static struct machine machine;
static struct boot_info info;
static char arguments[MACHINE_ARGUMENTS_MAX + 1];

/* The tree is reachable through the early tables; its size is its own
 * word, which fdt_claimed_size() bounds. */
HELD static struct boot_range find_tree(paddr_t tree, uint64_t hart)
{
	enum fdt_status status = FDT_MAGIC;
	struct boot_range range = { tree, 0 };
	struct fdt fdt;

	if (tree != 0 && tree % 4 == 0 && tree < DIRECT_SIZE - FDT_SIZE_MAX) {
		range.size_bytes = fdt_claimed_size(phys_to_virt(tree));
		status = fdt_open(phys_to_virt(tree), range.size_bytes, &fdt);
	}
	if (status == FDT_OK)
		status = machine_discover(&fdt, hart, &machine);
	if (status != FDT_OK)
		boot_refuse("device tree: %s", fdt_status_name(status));
	return range;
}

HELD static void check_device(const struct boot_range *registers)
{
	if (registers->base + registers->size_bytes > DIRECT_SIZE)
		boot_refuse("device tree: a device beyond what is mapped");
}

/* What lies in the tree is taken out of it: the words for /init, and the
 * seed, which nobody shall read again. */
HELD static void take_chosen(void)
{
	size_t length = 0;

	if (machine.arguments != NULL) {
		while (machine.arguments[length] != '\0')
			length++;
		memcpy(arguments, machine.arguments, length + 1);
		info.arguments = arguments;
	}
	random_init((uint8_t *)(uintptr_t)machine.seed, machine.seed_bytes);
}

/* The package must be memory, and not memory that is something else. */
HELD static void check_package(const struct boot_range *image)
{
	const struct boot_range *package = &machine.package;

	if (package->size_bytes == 0)
		return;
	if (package->base + package->size_bytes > DIRECT_SIZE ||
	    !machine_has_memory(&machine, package) ||
	    ranges_overlap(package, image) ||
	    ranges_overlap(package, &info.device_tree))
		boot_refuse("boot package: not in free memory");
}

/* The one word of the command line that is for the machine, not for /init:
 * without the fast path every call goes the long way. */
static bool has_nofast(const char *at)
{
	static const char word[] = "nofast";
	const size_t length = sizeof(word) - 1;

	while (at != NULL && *at != '\0') {
		size_t end = 0;

		while (at[end] != '\0' && at[end] != ' ')
			end++;
		if (end == length && memcmp(at, word, length) == 0)
			return true;
		at += end + (at[end] == ' ');
	}
	return false;
}

HELD static void find_memory(paddr_t image)
{
	struct boot_range used[3];
	uint32_t count;

	used[0] = (struct boot_range){ image, (uintptr_t)image_end -
						      (uintptr_t)image_start };
	used[1] = info.device_tree;
	used[2] = machine.package;
	check_package(&used[0]);
	count = machine_free_memory(&machine, used, 3, DIRECT_SIZE, info.memory,
				    BOOT_RANGES_MAX);
	if (count == 0)
		boot_refuse("device tree: no free memory");
	info.memory_count = count;
	for (uint32_t i = 0; i < machine.memory_count; i++)
		info.memory_bytes += machine.memory[i].size_bytes;
	info.package = machine.package;
}

/* Devices are below the memory; what is reserved there is none of them. */
static void find_devices(void)
{
	memcpy(info.kept, machine.kept,
	       machine.kept_count * sizeof(info.kept[0]));
	memcpy(info.kept + machine.kept_count, machine.reserved,
	       machine.reserved_count * sizeof(info.kept[0]));
	info.kept_count = machine.kept_count + machine.reserved_count;
	info.irq_last = machine.plic.line_last;
	info.irq_kept = machine.uart.interrupt;
	info.devices.size_bytes = machine.memory[0].base & ~(NX_PAGE_SIZE - 1);
}

void machine_start(uint64_t hart, paddr_t tree, paddr_t image,
		   uint64_t start_ticks)
{
	kernel_lock_assert(); /* it is alone, and nothing has begun */
	info.start_ticks = start_ticks;
	image_physical = image;
	info.given_back = (struct boot_range){ virt_to_phys(image_boot),
					       (uintptr_t)image_end -
						       (uintptr_t)image_boot };
	info.device_tree = find_tree(tree, hart);
	check_device(&machine.uart.registers);
	check_device(&machine.plic.registers);
	uart_init(&machine.uart);
	take_chosen();
	find_memory(image);
	find_devices();
	harts_find(&machine, !has_nofast(info.arguments));
	mmu_init(&machine, &info.device_tree, info.memory, info.memory_count);
	asid_boot();
	plic_init(&machine.plic, machine.hart_count, machine.uart.interrupt);
	timer_boot(&machine);
	kernel_boot(&info);
}

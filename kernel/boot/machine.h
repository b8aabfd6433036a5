/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOOT_MACHINE_H
#define BOOT_MACHINE_H
/** @file machine.h
 * What a device tree says about the machine, as far as the kernel asks.
 * Every address and number the kernel uses of a machine comes from here. */
#include "boot/fdt.h"

#include <kernel/arch.h>

#define MACHINE_HARTS_MAX 8
#define PLIC_LINES_MAX 1024u
/** Longest command line, without its NUL. */
#define MACHINE_ARGUMENTS_MAX 1023u

/** A serial port of type ns16550a. */
struct machine_uart {
	struct boot_range registers; /* size 0: there is none */
	uint32_t register_shift;
	uint32_t interrupt;
};

/** An interrupt controller of type riscv,plic0. */
struct machine_plic {
	struct boot_range registers; /* size 0: none that we can use */
	/* Supervisor mode of each of harts[]; where there is none, that of the
	 * first one, which is who asks. */
	uint32_t contexts[MACHINE_HARTS_MAX];
	uint32_t line_last; /* of devices; 0: there is no controller */
};

struct machine {
	struct boot_range memory[BOOT_RANGES_MAX]; /* ascending */
	struct boot_range reserved[BOOT_RANGES_MAX];
	uint32_t memory_count;
	uint32_t reserved_count;
	/* Devices that are for the kernel or the firmware. */
	struct boot_range kept[BOOT_RANGES_MAX];
	uint32_t kept_count;
	struct boot_range package; /* chosen: initrd */
	struct machine_uart uart;
	struct machine_plic plic;
	uint64_t ticks_per_second;
	uint64_t harts[MACHINE_HARTS_MAX]; /* numbers; who asks is first */
	uint32_t hart_count;		   /* of these */
	bool has_sstc;			   /* the asking hart has stimecmp */
	bool lacks_sstc;		   /* some hart has not */
	const char *arguments; /* chosen: bootargs, in the tree; or NULL */
	const uint8_t *seed;   /* chosen: rng-seed, in the tree; or NULL */
	uint32_t seed_bytes;
};

/** Read all of the tree; `hart` is who asks. `out_machine` is undefined
 * after a failure. */
enum fdt_status machine_discover(const struct fdt *fdt, uint64_t hart,
				 struct machine *out_machine);
/* memory.c */
/** Within what 56 bits can address, so that no later sum wraps. */
bool range_is_sound(const struct boot_range *range);
/** One more, unless it is empty. LIMIT. */
enum fdt_status ranges_add(struct boot_range *ranges, uint32_t *count,
			   const struct boot_range *range);
/** Let memory ascend. RANGE, NO_RAM. */
enum fdt_status machine_sort_memory(struct machine *machine);
/** Is the range within one range of memory? */
bool machine_has_memory(const struct machine *machine,
			const struct boot_range *range);
/** Memory that is neither reserved nor in one of the ranges in use: whole
 * pages below `limit`, ascending. Returns how many of `max`; smaller pieces
 * that do not fit are left out. */
uint32_t machine_free_memory(const struct machine *machine,
			     const struct boot_range *used, uint32_t used_count,
			     paddr_t limit, struct boot_range *out_ranges,
			     uint32_t max);
#endif /* BOOT_MACHINE_H */

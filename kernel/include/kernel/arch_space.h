/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_ARCH_SPACE_H
#define KERNEL_ARCH_SPACE_H
/** @file arch_space.h
 * Page tables, as each machine does them. struct arch_space and the
 * constants SPACE_PICK_LOW, SPACE_PICK_HIGH, SPACE_FIXED_LOW,
 * SPACE_FIXED_HIGH, SPACE_DEVICE_LOW, SPACE_DEVICE_HIGH (offsets from the
 * program base) come from <arch/space.h>. */
#include <arch/space.h>

#include <kernel/lock.h>

struct space;

/** A machine may show so many pages that follow each other at once, where
 * their address and the one they are shown at are multiples of their size. They
 * are changed and cleared at once, too. */
#define SPACE_LARGE_PAGES 512
#define SPACE_LARGE_BYTES (SPACE_LARGE_PAGES * NX_PAGE_SIZE)

/** Pages of a VMO that follow each other: an array of their addresses or,
 * without one, a range from base. */
struct page_run {
	const paddr_t *pages;
	paddr_t base;
	uint64_t count;
	bool shared; /* with another VMO: not to be written */
};

/** Table memory is charged to space->job. */
HELD nx_status_t arch_space_init(struct space *space);
HELD void arch_space_fini(struct space *space);
/** Where NX_MAP_FIXED counts from: 0 on a real machine. */
HELD nx_uaddr_t arch_space_base(const struct space *space);
/** Show the first pages of a run from an address on, where nothing is mapped:
 * as many as one table has room for, at most a step of that. On failure
 * (NX_ERR_QUOTA_PAGES, NX_ERR_NO_MEMORY) there are none; nor for SYS_AGAIN: a
 * table was made. */
HELD nx_status_t arch_space_map(struct space *space, nx_uaddr_t address,
				const struct page_run *run, uint32_t access,
				uint64_t *out_count);
/** Show another page at a mapped address, with this access. */
HELD void arch_space_show(struct space *space, nx_uaddr_t address, paddr_t page,
			  uint32_t access);
/** Change access of the first of mapped pages; returns of how many, as above.
 * Before the flush a machine may still use the former one. */
HELD uint64_t arch_space_protect(struct space *space, nx_uaddr_t address,
				 uint64_t count, uint32_t access);
/** Unmap the last of mapped pages, those in one table; returns how many. A
 * machine may still see them until the flush of their addresses; tables that
 * are empty now are put in the chain, and may be freed behind that. */
HELD uint64_t arch_space_clear(struct space *space, nx_uaddr_t address,
			       uint64_t count, paddr_t *chain);
/** The same for tables that SYS_AGAIN or a failure has left at an address. */
HELD void arch_space_trim(struct space *space, nx_uaddr_t address,
			  paddr_t *chain);
/** One shootdown for a range; of the whole space if tables went. */
HELD void arch_space_flush(struct space *space, nx_uaddr_t address,
			   uint64_t count, bool tables_went);
/** Is [address, address + size) inside the part where users may have memory?
 * SPACE_DEVICE_LOW to SPACE_DEVICE_HIGH is not: there the registers of devices
 * are, which the kernel never touches for anybody. */
HELD bool arch_space_is_user(const struct space *space, nx_uaddr_t address,
			     uint64_t size_bytes);
#endif /* KERNEL_ARCH_SPACE_H */

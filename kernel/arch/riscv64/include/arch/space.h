/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_SPACE_H
#define ARCH_SPACE_H
/** @file space.h
 * Sv39: users have the lower half, 256 GiB; the kernel has the upper. The
 * last 16 GiB of users are for windows of devices, and no memory. */
#include <kernel/lock.h>

#define SPACE_DEVICE_HIGH (UINT64_C(1) << 38)
#define SPACE_DEVICE_LOW (SPACE_DEVICE_HIGH - (UINT64_C(1) << 34))
#define SPACE_USER_END SPACE_DEVICE_LOW
/* Programs are linked below 1 GiB; the kernel picks above. */
#define SPACE_FIXED_LOW UINT64_C(0x10000)
#define SPACE_FIXED_HIGH UINT64_C(0x40000000)
#define SPACE_PICK_LOW UINT64_C(0x40000000)
#define SPACE_PICK_HIGH (SPACE_USER_END - UINT64_C(0x200000))

struct arch_space GUARDED_FIELDS {
	uint64_t root;	/* physical address of the first table */
	uint64_t satp;	/* it and asid, as the machine wants them */
	uint32_t asid;	/* 0: it has none of its own */
	uint32_t stale; /* harts that must forget it before they run it */
} GUARDED_END;
#endif /* ARCH_SPACE_H */

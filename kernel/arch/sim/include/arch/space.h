/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_SPACE_H
#define ARCH_SPACE_H
/** @file space.h
 * An address space of the simulator is a window: a range of the host's
 * addresses that is inaccessible until pages of RAM are mapped into it.
 * The constants are offsets from arch_space_base(), the window's start. */
#include <kernel/lock.h>

struct window;

#define SPACE_WINDOW_BYTES UINT64_C(0x100000000)
#define SPACE_FIXED_LOW UINT64_C(0x10000)
#define SPACE_FIXED_HIGH UINT64_C(0x40000000)
#define SPACE_PICK_LOW UINT64_C(0x40000000)
#define SPACE_PICK_HIGH UINT64_C(0xbfff0000)
/* The last GiB is for windows of devices. */
#define SPACE_DEVICE_LOW UINT64_C(0xc0000000)
#define SPACE_DEVICE_HIGH SPACE_WINDOW_BYTES

struct arch_space GUARDED_FIELDS {
	struct window *window;
} GUARDED_END;
#endif /* ARCH_SPACE_H */

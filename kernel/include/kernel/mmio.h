/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_MMIO_H
#define KERNEL_MMIO_H
/** @file mmio.h
 * Windows of device registers. A window is memory that no allocator owns, as
 * a physical VMO is, but of its own kind, so that nothing that reads, slices
 * or seals a VMO takes one: it can be mapped and that is all.
 *
 * The first window covers all there is and only makes others. A page is in
 * one of those at a time; such a window lives, as every object, while a handle
 * or a mapping refers to it. None holds RAM, or what the kernel or the
 * firmware keeps. */
#include <kernel/arch.h>
#include <kernel/vmo.h>

struct mmio GUARDED_FIELDS {
	struct vmo memory;   /* the object; first, so that it is a mapping's */
	struct list windows; /* all but the first, which is in none */
} GUARDED_END;

/** Forget the windows of a former run; what is kept is copied. */
HELD void mmio_boot(const struct boot_info *info);
HELD static inline bool mmio_is_first(const struct mmio *mmio)
{
	return list_is_empty(&mmio->windows);
}

/** Make a window that is in no list, as the first one stays; the reference is
 * the caller's. */
HELD nx_status_t mmio_create_first(struct job *job,
				   const struct boot_range *range,
				   struct mmio **out_mmio);
#endif /* KERNEL_MMIO_H */

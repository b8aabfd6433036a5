/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_DMA_H
#define KERNEL_DMA_H
/** @file dma.h
 * Memory that devices read and write by themselves. Who has the object of a
 * device pins memory for it and is told where it is. What is pinned stays
 * where it is, and its VMO with all its pages lives and is paid for, until it
 * is unpinned.
 *
 * A device outlives its object: pins that are left behind by the end of the
 * object, or given up, are in quarantine, which ends only when somebody who
 * can write to the device's registers says that it is reset. Until then it
 * is given nothing new. */
#include <kernel/arch.h>
#include <kernel/list.h>
#include <kernel/object.h>
#include <kernel/vmo.h>
#include <nexus/dma.h>

/** A cell of the job of whoever pinned. */
struct dma_pin GUARDED_FIELDS {
	struct list pins; /* of the device */
	uint64_t number;  /* never used again */
	struct vmo *vmo;  /* a reference, and this one too */
	struct job *job;
	uint64_t page_count;
	bool is_written; /* by the device */
	bool is_quarantined;
} GUARDED_END;

/** What is known of a device while it has an object or pins. */
struct dma_device GUARDED_FIELDS {
	struct list devices;
	struct job *job;  /* whose cell this is: a reference */
	paddr_t address;  /* of its registers: its name */
	struct list pins; /* at most NX_DMA_PINS_MAX */
	uint32_t pin_count;
	uint64_t pinned_count; /* pages, those in quarantine not among them */
	uint64_t quarantined_count;
	bool is_taken; /* has an object */
} GUARDED_END;

struct dma GUARDED_FIELDS {
	struct object object;
	struct dma_device *device; /* NULL: the first */
} GUARDED_END;

/** Forget the devices of a former run. */
HELD void dma_boot(const struct boot_info *info);

/* dma_pin.c */
extern uint64_t dma_last_pin GUARDED; /* the number of the last one made */
/** Nobody is left who could say that the device is finished with its pins. */
HELD void dma_quarantine(struct dma_device *device);
#endif /* KERNEL_DMA_H */

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
struct dma_pin {
	struct list pins; /* of the device */
	uint64_t number;  /* never used again */
	struct vmo *vmo;  /* a reference, and this one too */
	struct job *job;
	uint64_t page_count;
	bool is_written; /* by the device */
	bool is_quarantined;
};

/** What is known of a device while it has an object or pins. */
struct dma_device {
	struct list devices;
	struct job *job;  /* whose cell this is: a reference */
	paddr_t address;  /* of its registers: its name */
	struct list pins; /* at most NX_DMA_PINS_MAX */
	uint32_t pin_count;
	uint64_t pinned_count; /* pages, those in quarantine not among them */
	uint64_t quarantined_count;
	bool is_taken; /* has an object */
};

struct dma {
	struct object object;
	struct dma_device *device; /* NULL: the first */
};

/** Forget the devices of a former run. */
void dma_boot(const struct boot_info *info);
/** Of one device; the first is object_create()'s. The reference is the
 * caller's.
 */
nx_status_t dma_create(struct job *job, const struct dma *from, paddr_t address,
		       uint32_t mode, struct dma **out_dma);
/** The runs of a range that is in the VMO; `capacity` is at most
 * NX_DMA_RUNS_MAX. TOO_BIG, BUFFER_TOO_SMALL. */
nx_status_t dma_runs(const struct vmo *vmo, uint64_t offset,
		     uint64_t size_bytes, struct nx_dma_run *runs,
		     uint64_t capacity, uint64_t *out_count);
/** May anything be pinned now? BAD_STATE, NO_SPACE. */
nx_status_t dma_check(const struct dma *dma);
/** Pin, after all checks, at a job's expense. Borrowed, until
 * dma_unpin(). */
nx_status_t dma_pin(struct dma *dma, struct job *job, struct vmo *vmo,
		    uint64_t page_count, bool is_written,
		    struct dma_pin **out_pin);
/** By number; one in quarantine is not found. */
struct dma_pin *dma_pin_find(const struct dma *dma, uint64_t number);
void dma_unpin(struct dma *dma, struct dma_pin *pin, bool is_finished);
/** The device does nothing any more: its quarantine is over. Returns how many
 * pages were in it. */
uint64_t dma_reset(struct dma *dma);
#endif /* KERNEL_DMA_H */

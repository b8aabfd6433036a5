/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SPACE_H
#define KERNEL_SPACE_H
/** @file space.h
 * Address spaces: sorted records of what is mapped where. No map without a
 * record, no record without a map. The kernel picks addresses first fit
 * between SPACE_PICK_LOW and SPACE_PICK_HIGH of the arch, leaving one
 * unmapped page behind each mapping; windows of devices in the same way
 * between SPACE_DEVICE_LOW and SPACE_DEVICE_HIGH. */
#include <kernel/arch_space.h>
#include <kernel/handle.h>
#include <kernel/list.h>

struct vmo;
struct process;
struct job;

struct mapping {
	struct derivation link; /* below the handle it was made with */
	struct list node;	/* in the space, by address */
	struct space *space;
	struct vmo *vmo; /* a reference */
	uint64_t offset;
	nx_uaddr_t address;
	uint64_t size_bytes;
	uint32_t access; /* NX_MAP_READ, WRITE, EXEC */
};

struct space {
	struct job *job; /* pays for records and tables */
	struct list mappings;
	uint32_t mapping_count;
	uint32_t harts; /* that may remember something of it */
	struct arch_space arch;
};

nx_status_t space_init(struct space *space, struct job *job);
/** Unmap everything, free the tables. */
void space_fini(struct space *space);
/** Map; arguments as in the call, checked here. `source` is the handle
 * node the mapping derives from, or NULL. */
nx_status_t space_map(struct space *space, struct vmo *vmo,
		      struct derivation *source, uint64_t offset,
		      uint64_t size_bytes, uint32_t options, nx_uaddr_t address,
		      nx_uaddr_t *out_address);
/** Cut the access of the mapping at exactly this range; 0 unmaps. */
nx_status_t space_protect(struct space *space, nx_uaddr_t address,
			  uint64_t size_bytes, uint32_t access);
void mapping_destroy(struct mapping *mapping);
/** Forget the mappings of a former run. */
void mapping_init(void);
uint64_t mapping_total_count(void);
#endif /* KERNEL_SPACE_H */

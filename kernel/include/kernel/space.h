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
#include <kernel/steps.h>

struct vmo;
struct thread;

enum mapping_state {
	MAPPING_COMING, /* its maker has shown a part of it */
	MAPPING_WHOLE,
	MAPPING_GOING, /* only its addresses are still taken */
	MAPPING_FLUSHED
};

#define MAPPING_NO_CUT 0xff

/** 128 bytes, one cell. */
struct mapping GUARDED_FIELDS {
	union {
		struct derivation link; /* below the handle it was made with */
		struct work going;	/* then; in no tree */
	};
	struct list node;   /* in the space, by address */
	struct list in_vmo; /* of the root */
	struct space *space;
	struct vmo *vmo; /* a reference */
	uint64_t offset;
	nx_uaddr_t address;
	uint64_t size_bytes;
	uint8_t access;	      /* NX_MAP_READ, WRITE, EXEC */
	uint8_t state;	      /* enum mapping_state */
	uint8_t cut;	      /* the access it is being cut to, or NO_CUT */
	uint32_t shown_count; /* pages from the first on that can be seen */
	union {
		struct thread *maker; /* while coming */
		uint64_t cut_count;   /* pages that are cut already */
		paddr_t tables;	      /* while going: to be freed */
	};
} GUARDED_END;

struct space GUARDED_FIELDS {
	struct job *job; /* pays for records and tables */
	struct list mappings;
	/* The last found by its address, and the last one up to which there is
	 * no room for so many pages: records, or the list itself. */
	struct list *found;
	struct list *full;
	uint32_t full_pages;
	bool is_sought; /* the last write fault has not found its mapping yet */
	uint32_t harts; /* that may remember something of it */
	struct arch_space arch;
} GUARDED_END;

HELD nx_status_t space_init(struct space *space, struct job *job);
/** Unmap everything, free the tables, or do a step of that and say false. */
HELD bool space_fini(struct space *space);
/** Map; arguments as in the call, checked here. `source` is the handle
 * node the mapping derives from, or NULL. SYS_AGAIN: if the current thread
 * has a coming mapping, space_map_more() goes on with it; else the call
 * does, which has found no place yet. */
HELD nx_status_t space_map(struct space *space, struct vmo *vmo,
			   struct derivation *source, uint64_t offset,
			   uint64_t size_bytes, uint32_t options,
			   nx_uaddr_t address, nx_uaddr_t *out_address);
/** Go on with the mapping that the current thread is making. */
HELD nx_status_t space_map_more(nx_uaddr_t *out_address);
/** Cut the access of the mapping at exactly this range; 0 unmaps. SYS_AGAIN:
 * it is not found yet, or some of it is left to cut. */
HELD nx_status_t space_protect(struct space *space, nx_uaddr_t address,
			       uint64_t size_bytes, uint32_t access);
/** A program, or a copy for one, could not write there. True: it can now,
 * since the page was only shared (vm/shared.c); or is_sought, and it is to be
 * asked again. */
HELD bool space_write_fault(struct space *space, nx_uaddr_t address);
/** Unmap: no call finds it any more; its pages go in steps of the current
 * thread. */
HELD void mapping_destroy(struct mapping *mapping);
#endif /* KERNEL_SPACE_H */

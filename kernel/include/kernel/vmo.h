/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_VMO_H
#define KERNEL_VMO_H
/** @file vmo.h
 * Memory objects. A plain VMO has its pages from creation on (nothing is
 * paged in later, so a page fault is always an error of the program). A
 * slice has none: it names a part of a root VMO. A physical VMO names a
 * range that no allocator owns, such as the boot package.
 *
 * W^X holds per root over all mappings, in every process: it is mapped for
 * execution only after SEAL_WRITE, and SEAL_WRITE is refused while a
 * writable mapping exists. */
#include <kernel/arch_space.h>
#include <kernel/list.h>
#include <kernel/object.h>

enum vmo_type { VMO_PLAIN, VMO_SLICE, VMO_PHYSICAL };

/** Pages by number: a root page of pointers to leaf pages of addresses. */
struct page_list {
	paddr_t **leaves;
	uint64_t count;	 /* there is room for */
	uint64_t filled; /* there are */
};

struct vmo {
	struct object object;
	enum vmo_type type;
	uint32_t seals;	  /* own; a slice has its root's too */
	struct vmo *root; /* itself, or the root a slice holds a reference on */
	uint64_t first_page; /* of a slice, in the root */
	uint64_t size_bytes; /* whole pages */
	uint64_t content_bytes;
	uint32_t mapping_count;
	uint32_t writable_count; /* in the root: mappings with WRITE */
	uint32_t pin_count; /* in the root: of it and its slices */
	struct list mappings;	 /* in the root: of it and its slices */
	union {
		struct page_list pages; /* plain */
		paddr_t base;		/* physical */
	} memory;
};

/** Create a plain VMO without its pages. */
nx_status_t vmo_begin(struct job *job, uint64_t size_bytes,
		      struct vmo **out_vmo);
/** Give it its pages: NX_OK when it has all, SYS_AGAIN with some to come;
 * QUOTA_PAGES, NO_MEMORY. Until it has all nobody else knows of it. */
nx_status_t vmo_fill(struct vmo *vmo);
/** Both, whole. For few pages. */
nx_status_t vmo_create(struct job *job, uint64_t size_bytes,
		       struct vmo **out_vmo);
nx_status_t vmo_create_physical(struct job *job, paddr_t base,
				uint64_t size_bytes, uint64_t content_bytes,
				struct vmo **out_vmo);
/** The same for an object that begins with a struct vmo, zeroed. */
void vmo_init_physical(struct vmo *vmo, paddr_t base, uint64_t size_bytes);
nx_status_t vmo_create_slice(struct job *job, struct vmo *source,
			     uint64_t offset, uint64_t size_bytes,
			     struct vmo **out_slice);
/** Add seals. SEALED under SEAL_SEAL; BUSY for SEAL_WRITE while a writable
 * mapping exists; BAD_STATE for a slice whose root does not have these
 * seals, since its content would still change. */
nx_status_t vmo_object_seal(struct vmo *vmo, uint32_t seals);
uint32_t vmo_object_seals(const struct vmo *vmo);
/** Its pages, or those of a slice, are pinned for a device. Then none of the
 * root's moves or goes; a device that writes is as a writable mapping. */
void vmo_pinned(struct vmo *vmo, bool is_written);
void vmo_unpinned(struct vmo *vmo, bool is_written);
/** The pages from one on, as many as the VMO knows together; page_index is
 * inside the VMO. */
struct page_run vmo_run(const struct vmo *vmo, uint64_t page_index);
/** Physical address of a page; page_index is inside the VMO. */
paddr_t vmo_page(const struct vmo *vmo, uint64_t page_index);
/** Copy between kernel memory and a VMO; range checked by the caller. */
void vmo_copy_in(struct vmo *vmo, uint64_t offset, const void *from,
		 uint64_t size_bytes);
void vmo_copy_out(const struct vmo *vmo, uint64_t offset, void *to,
		  uint64_t size_bytes);
#endif /* KERNEL_VMO_H */

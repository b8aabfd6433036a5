/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_VMO_H
#define KERNEL_VMO_H
/** @file vmo.h
 * Memory objects. A plain VMO has its pages from creation on: nothing is
 * paged in later. Those that were given back since are absent, and what is
 * absent is neither mapped, read nor written. A contiguous VMO has pages that
 * follow each other. A slice has none: it names a part of a root VMO. A
 * physical VMO names a range that no allocator owns, such as the boot package.
 *
 * A snapshot is a plain VMO whose pages wait, taken and paid for, until
 * somebody writes what they are to be a copy of; see vm/shared.c. A page
 * fault is an error of the program but for the first write to such a page,
 * which cannot fail.
 *
 * W^X holds per root over all mappings, in every process: it is mapped for
 * execution only after SEAL_WRITE, and SEAL_WRITE is refused while a
 * writable mapping exists. */
#include <kernel/arch_space.h>
#include <kernel/list.h>
#include <kernel/object.h>
#include <kernel/steps.h>
#include <nexus/options.h>

enum vmo_type { VMO_PLAIN, VMO_CONTIGUOUS, VMO_SLICE, VMO_PHYSICAL };

/** Pages by number: a root page of pointers to leaf pages of addresses; 0:
 * absent. With VMO_WAITS it stands for another one. */
struct page_list GUARDED_FIELDS {
	paddr_t **leaves;
	uint64_t count;	 /* there is room for */
	uint64_t filled; /* there are, absent ones included */
	uint64_t absent_count;
	uint64_t reserved_count; /* charged already */
} GUARDED_END;

#define VMO_WAITS UINT64_C(1)
#define PAGE_LEAF_COUNT (NX_PAGE_SIZE / sizeof(paddr_t))

struct vmo_label GUARDED_FIELDS {
	uint8_t digest[NX_DIGEST_BYTES];
	uint32_t service_id; /* who says so */
	bool is_set;
} GUARDED_END;

struct vmo GUARDED_FIELDS {
	struct object object;
	enum vmo_type type;
	uint32_t seals;	  /* own; a slice has its root's too */
	struct vmo *root; /* itself, or the root a slice holds a reference on */
	uint64_t first_page; /* of a slice, in the root */
	uint64_t size_bytes; /* whole pages */
	uint64_t content_bytes;
	uint32_t mapping_count;
	uint32_t writable_count; /* in the root: mappings with WRITE */
	uint32_t pin_count;	 /* in the root: of it and its slices */
	struct list mappings;	 /* in the root: of it and its slices */
	/* all in the root: */
	uint32_t part_count; /* slices, and snapshots being made */
	uint32_t reserver_count;
	bool shares;	 /* pages, or did once */
	bool is_trimmed; /* loses the pages behind its size now */
	struct work trim;
	struct vmo *source;	/* of a snapshot being made: a reference */
	struct vmo_label label; /* not in the root */
	union {
		struct page_list pages; /* plain */
		struct {
			paddr_t base;	       /* contiguous, physical */
			uint64_t zeroed_count; /* contiguous, being made */
		};
	} memory;
} GUARDED_END;

/** A VMO that shares pages and is not sealed is mapped so many times. */
#define VMO_SHARED_MAPPINGS_MAX 8

/** Create a plain or contiguous VMO without its pages, or before they are
 * zero. */
HELD nx_status_t vmo_begin(struct job *job, enum vmo_type type,
			   uint64_t size_bytes, struct vmo **out_vmo);
/** Give it so many zero pages: NX_OK when it has them, SYS_AGAIN with some
 * to come; QUOTA_PAGES, NO_MEMORY. Nobody else knows of these yet. */
HELD nx_status_t vmo_fill(struct vmo *vmo, uint64_t count);
/** Both, whole. For few pages. */
HELD nx_status_t vmo_create(struct job *job, uint64_t size_bytes,
			    struct vmo **out_vmo);
HELD nx_status_t vmo_create_physical(struct job *job, paddr_t base,
				     uint64_t size_bytes,
				     uint64_t content_bytes,
				     struct vmo **out_vmo);
/** The same for an object that begins with a struct vmo, zeroed. */
HELD void vmo_init_physical(struct vmo *vmo, paddr_t base, uint64_t size_bytes);
HELD nx_status_t vmo_create_slice(struct job *job, struct vmo *source,
				  uint64_t offset, uint64_t size_bytes,
				  struct vmo **out_slice);
/** Add seals. SEALED under SEAL_SEAL; BUSY for SEAL_WRITE while a writable
 * mapping exists; BAD_STATE for a slice whose root does not have these
 * seals, since its content would still change. */
HELD nx_status_t vmo_object_seal(struct vmo *vmo, uint32_t seals);
HELD uint32_t vmo_object_seals(const struct vmo *vmo);
HELD static inline bool vmo_is_sealed(const struct vmo *vmo)
{
	return (vmo_object_seals(vmo) & NX_SEAL_WRITE) != 0;
}

/** Its pages, or those of a slice, are pinned for a device. Then none of the
 * root's moves or goes; a device that writes is as a writable mapping. */
HELD void vmo_pinned(struct vmo *vmo, bool is_written);
HELD void vmo_unpinned(struct vmo *vmo, bool is_written);
/** The pages from one on, as many as the VMO knows together; none if that one
 * is absent. page_index is inside the VMO. */
HELD struct page_run vmo_run(const struct vmo *vmo, uint64_t page_index);
/** Physical address of a page, 0: absent; page_index is inside the VMO. */
HELD paddr_t vmo_page(const struct vmo *vmo, uint64_t page_index);
/** The same, for whoever writes it: it is nobody else's from now on. */
HELD paddr_t vmo_own_page(struct vmo *vmo, uint64_t page_index);
/** Copy kernel memory into a VMO; range checked by the caller, which is boot.
 */
HELD void vmo_copy_in(struct vmo *vmo, uint64_t offset, const void *from,
		      uint64_t size_bytes);

/* page_list.c */
/** Tables for so many pages, all or none; QUOTA_PAGES, NO_MEMORY. */
HELD nx_status_t page_list_grow(struct page_list *list, struct job *job,
				uint64_t count);
/** The same, and have these pages charged in reserved_count, with all that
 * page_list_next() needs. */
HELD nx_status_t page_list_reserve(struct page_list *list, struct job *job,
				   uint64_t count);
/** Where the next page goes: filled is to be raised. NULL: a table was made,
 * which is a step. */
HELD nx_status_t page_list_next(struct page_list *list, struct job *job,
				paddr_t **out_entry);
HELD static inline paddr_t *page_list_entry(const struct page_list *list,
					    uint64_t page_index)
{
	return &list->leaves[page_index / PAGE_LEAF_COUNT]
			    [page_index % PAGE_LEAF_COUNT];
}

/** Free pages from the end on until `count` are left, or a step of that;
 * true: done. */
HELD bool page_list_trim(struct vmo *vmo, uint64_t count);
/** Free the tables of a list without pages. */
HELD void page_list_fini(struct page_list *list, struct job *job);

/* shared.c */
/** `entry` of `vmo` waits for the content of a page of a plain VMO. */
void shared_begin(struct vmo *vmo, uint64_t page_index, paddr_t page,
		  paddr_t content);
/** Where the content is. */
paddr_t shared_content(paddr_t entry);
bool shared_is(paddr_t entry);
/** Free a page; those that wait for its content have it then. */
HELD void shared_free(struct vmo *vmo, paddr_t *entry);
/** Show pages from one on, some, to nobody who could write them. */
HELD void shared_protect(struct vmo *root, uint64_t page_index, uint64_t count);

/** May a plain VMO share pages, with so many mappings more? */
HELD bool shared_may(const struct vmo *root, unsigned more);

/* snapshot.c: make one that vmo_snapshot_more() fills. */
HELD nx_status_t vmo_snapshot_begin(struct job *job, struct vmo *source,
				    uint64_t offset, uint64_t size_bytes,
				    struct vmo **out_vmo);
HELD nx_status_t vmo_snapshot_more(struct vmo *vmo);
HELD void vmo_snapshot_end(struct vmo *vmo);

/* resize.c: as the calls. *is_reserved: pages are, until
 * vmo_reserve_end(). */
HELD nx_status_t vmo_object_resize(struct vmo *vmo, uint64_t size_bytes,
				   bool *is_reserved);
/** Of a range; it goes on with what is left in *offset and *size_bytes
 * after SYS_AGAIN. */
HELD nx_status_t vmo_object_decommit(struct vmo *vmo, uint64_t *offset,
				     uint64_t *size_bytes);
HELD nx_status_t vmo_object_commit(struct vmo *vmo, uint64_t *offset,
				   uint64_t *size_bytes, bool *is_reserved);
HELD void vmo_reserve_end(struct vmo *vmo);
#endif /* KERNEL_VMO_H */

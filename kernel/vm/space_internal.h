/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SPACE_INTERNAL_H
#define KERNEL_SPACE_INTERNAL_H
/** @file space_internal.h
 * What the files of address spaces say to one another. */
#include <kernel/space.h>

static inline struct mapping *mapping_at(struct list *node)
{
	return LIST_ENTRY(node, struct mapping, node);
}

HELD static inline uint64_t mapping_pages(const struct mapping *mapping)
{
	return mapping->size_bytes >> NX_PAGE_BITS;
}

HELD static inline nx_uaddr_t mapping_shown_end(const struct mapping *mapping)
{
	return mapping->address +
	       ((uint64_t)mapping->shown_count << NX_PAGE_BITS);
}

/* space_search.c: SYS_AGAIN when somebody waits for the kernel. */
/** The last record that begins at or below an address, or the list. */
HELD nx_status_t space_seek(struct space *space, nx_uaddr_t address,
			    struct list **out_at);
/** An address for a new record, and the one (or the list) that it follows: if
 * is_fixed *address, counted from the base, else the first that fits.
 * NO_SPACE; fixed: OUT_OF_RANGE, ALREADY_EXISTS. */
HELD nx_status_t space_place(struct space *space, const struct vmo *vmo,
			     uint64_t offset, uint64_t size_bytes,
			     bool is_fixed, nx_uaddr_t *address,
			     struct list **out_after);
/** A record is about to leave: no search begins at it. */
HELD void space_forget(struct space *space, struct mapping *mapping);

/* mapping.c */
/** A new record is there; from here on it has its reference on the VMO. */
HELD void mapping_start(struct mapping *mapping, struct list *after,
			struct derivation *source);
/** Show what is left of it. SYS_AGAIN: the current thread makes it, and is to
 * go on; anything else but NX_OK has destroyed it. */
HELD nx_status_t mapping_come(struct mapping *mapping, nx_uaddr_t *out_address);
/** Cut its access, or go on with that; whoever asks for another access
 * meanwhile begins again. */
HELD nx_status_t mapping_cut(struct mapping *mapping, uint32_t access);
#endif /* KERNEL_SPACE_INTERNAL_H */

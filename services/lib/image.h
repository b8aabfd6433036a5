/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_IMAGE_H
#define LIB_IMAGE_H
/** @file image.h
 * A package in memory that cannot change: a sealed VMO, mapped and taken
 * through every step of the format before anything in it is believed.
 * Threads: one. */
#include <crt/heap.h>
#include <epk/mount.h>
#include <nexus/objects.h>

struct image {
	struct heap *heap;
	nx_vmo_t vmo;	      /* borrowed */
	const uint8_t *bytes; /* mapped, read only */
	uint64_t mapped_bytes;
	struct epk_image epk;
	struct epk_mount mount;
	void *metadata; /* or NULL: used in place */
	void *memory;	/* of the mount */
};

/**
 * Map a sealed VMO and open the package in it (steps 1 to 18).
 *
 * @param vmo      stays the caller's and must outlive the image.
 * @param blocks   how many decoded blocks to keep.
 * @param out_failure  where the format refused it; status 0 if it did not.
 * @return NX_OK, NX_ERR_BAD_STATE (not sealed), NX_ERR_CORRUPT,
 *         NX_ERR_INCOMPATIBLE, NX_ERR_NO_MEMORY, or what mapping said.
 */
nx_status_t image_open(struct image *image, struct heap *heap, nx_vmo_t vmo,
		       uint32_t blocks, struct epk_failure *out_failure);
/** Undo image_open(); nothing may be lent out any more. */
void image_close(struct image *image);

/** A range of the image that holds one MAPPED file. */
struct image_file {
	uint64_t offset;
	uint64_t size_bytes;
	uint32_t node;
	bool executable;
};

/**
 * Find a MAPPED file and verify all of its blocks.
 *
 * @param path  absolute or from the root, size_bytes long.
 * @return NX_OK, NX_ERR_NOT_FOUND, NX_ERR_NO_ZEROCOPY (not MAPPED),
 *         NX_ERR_CORRUPT.
 */
nx_status_t image_file(struct image *image, const char *path, size_t path_bytes,
		       struct image_file *out_file);

/** What a status of libepk is to a client. */
nx_status_t image_status(epk_status_t status);
#endif /* LIB_IMAGE_H */

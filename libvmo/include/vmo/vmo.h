/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMO_VMO_H
#define VMO_VMO_H
/** @file vmo.h
 * Memory objects: whole pages that have a name, can be sealed, cut into
 * slices, given away and mapped, without a copy.
 *
 * On the machine a memory object is a handle to a kernel VMO, and its
 * rights and seals are the kernel's. On a host it is a memfd: its seals are
 * the host kernel's too, but the bounds of a slice are kept by this library
 * only, since a host has no descriptor of a part of a file.
 *
 * Storage is the caller's; nothing here allocates memory of its own.
 * Threads: calls on different objects at any time; one object is its
 * caller's to lock. */
#include <nexus/errors.h>
#include <nexus/options.h>
#include <nexus/types.h>

NX_BEGIN_DECLS

/** What names the memory to the system: a handle, or a file descriptor. */
typedef int64_t vmo_name_t;
#define VMO_NAME_NONE INT64_C(-1)

/** A memory object. The fields are to be read, not written. */
struct vmo {
	vmo_name_t name;
	uint64_t size_bytes;	/* whole pages */
	uint64_t content_bytes; /* of them, from 0 */
	uint64_t offset;	/* where a slice begins in its name; else 0 */
};

/**
 * Create an object of zeroed pages. Undone by vmo_fini().
 *
 * @param content_bytes  wanted content; the size is rounded up to pages.
 * @param out_vmo        caller's storage; written on success only.
 * @return NX_OK, or
 *         NX_ERR_INVALID_ARGS  content_bytes is 0
 *         NX_ERR_TOO_BIG       it is over NX_VMO_SIZE_MAX
 *         NX_ERR_NO_MEMORY, NX_ERR_QUOTA_PAGES, NX_ERR_QUOTA_HANDLES
 * @since 0.1
 */
nx_status_t vmo_init(uint64_t content_bytes, struct vmo *out_vmo);

/**
 * Take over a name that came in a message or over a socket. The name is
 * the object's from now on, on failure too.
 *
 * @return NX_OK, or
 *         NX_ERR_BAD_HANDLE   it names nothing, or no memory
 *         NX_ERR_ACCESS_DENIED its size may not be asked for
 * @since 0.1
 */
nx_status_t vmo_init_take(vmo_name_t name, struct vmo *out_vmo);

/**
 * Make an object of a part of another: the same pages, and the seals of
 * its parent. The parent may end first.
 *
 * @param offset         whole pages.
 * @param content_bytes  not 0; offset + content_bytes ≤ the parent's size.
 * @return NX_OK, NX_ERR_INVALID_ARGS, NX_ERR_OUT_OF_RANGE,
 *         NX_ERR_ACCESS_DENIED, NX_ERR_NO_MEMORY, NX_ERR_QUOTA_PAGES,
 *         NX_ERR_QUOTA_HANDLES
 * @since 0.1
 */
nx_status_t vmo_init_slice(const struct vmo *parent, uint64_t offset,
			   uint64_t content_bytes, struct vmo *out_slice);

/** Give the name up; mappings stay. NULL and a moved-from object are
 * fine. */
void vmo_fini(struct vmo *vmo);

/** Give the name to the caller; the object is empty then. */
vmo_name_t vmo_release(struct vmo *vmo);

/**
 * Copy out of the object, or into it. All of it or an error.
 *
 * @return NX_OK, NX_ERR_OUT_OF_RANGE, NX_ERR_ACCESS_DENIED, NX_ERR_SEALED
 *         (write), NX_ERR_BAD_ADDRESS, NX_ERR_IO (host)
 * @since 0.1
 */
nx_status_t vmo_read(const struct vmo *vmo, uint64_t offset, void *buffer,
		     uint64_t size_bytes);
nx_status_t vmo_write(struct vmo *vmo, uint64_t offset, const void *buffer,
		      uint64_t size_bytes);

/**
 * Add seals, for ever: NX_SEAL_*. On a host NX_SEAL_WRITE forbids growing
 * and shrinking as well.
 *
 * @return NX_OK, NX_ERR_INVALID_ARGS, NX_ERR_ACCESS_DENIED, NX_ERR_BUSY
 *         while a writable mapping exists, NX_ERR_SEALED under
 *         NX_SEAL_SEAL
 * @since 0.1
 */
nx_status_t vmo_seal(struct vmo *vmo, uint32_t seals);

/** Which seals it has. NX_OK, or NX_ERR_ACCESS_DENIED. */
nx_status_t vmo_seals(const struct vmo *vmo, uint32_t *out_seals);

/** A range of an object in this address space. */
struct vmo_mapping {
	void *base;
	uint64_t size_bytes; /* whole pages */
};

/**
 * Map a range; the system picks the address.
 *
 * @param offset      whole pages, inside the object.
 * @param size_bytes  whole pages, not 0, inside the object.
 * @param access      NX_MAP_READ, NX_MAP_WRITE, NX_MAP_EXEC; EXEC needs
 *                    NX_SEAL_WRITE.
 * @return NX_OK, NX_ERR_INVALID_ARGS, NX_ERR_OUT_OF_RANGE, NX_ERR_SEALED,
 *         NX_ERR_BAD_STATE (EXEC, not sealed), NX_ERR_ACCESS_DENIED,
 *         NX_ERR_NO_SPACE, NX_ERR_NO_MEMORY, NX_ERR_QUOTA_PAGES
 * @since 0.1
 */
nx_status_t vmo_map(const struct vmo *vmo, uint64_t offset, uint64_t size_bytes,
		    uint32_t access, struct vmo_mapping *out_mapping);

/** Take the mapping away. NULL and an empty mapping are fine. */
void vmo_unmap(struct vmo_mapping *mapping);

NX_END_DECLS
#endif /* VMO_VMO_H */

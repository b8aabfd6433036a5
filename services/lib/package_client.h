/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_PACKAGE_CLIENT_H
#define LIB_PACKAGE_CLIENT_H
/** @file package_client.h
 * Whole files out of packages: by loan where the package allows it, else by
 * copy; both give the same bytes. */
#include <crt/program.h>
#include <proto/packagefs.h>

struct package_file {
	nx_client_t service;
	struct nx_message_buffer *buffer;
	uint32_t number;
	uint64_t size_bytes;
	uint32_t type;
	uint32_t flags;
};

/** Open a path; close with package_close(). */
nx_status_t package_open(struct nx_message_buffer *buffer, nx_client_t service,
			 const char *path, struct package_file *out_file);
void package_close(struct package_file *file);

/** The whole content of a file in our address space. */
struct package_bytes {
	const uint8_t *bytes; /* NULL when the file is empty */
	uint64_t size_bytes;
	uint64_t mapped_bytes;
	nx_vmo_t vmo;  /* sealed if `lent` */
	uint32_t loan; /* of a loan */
	bool lent;     /* nobody copied it */
};

/** How package_read_all() may get at the bytes. */
enum package_way { PACKAGE_ANY_WAY, PACKAGE_BY_LOAN, PACKAGE_BY_COPY };

/**
 * Read a file whole.
 *
 * @param out_bytes  given back with package_release().
 * @return NX_OK, or a status of packagefs; NX_ERR_NO_ZEROCOPY only with
 *         PACKAGE_BY_LOAN.
 */
nx_status_t package_read_all(const struct package_file *file,
			     enum package_way way,
			     struct package_bytes *out_bytes);
void package_release(const struct package_file *file,
		     struct package_bytes *bytes);

/** Called for each entry of a folder; false stops. */
typedef bool (*package_entry)(void *context,
			      const struct packagefs_entry *entry,
			      const char *name);
/** Every entry of an open folder, in order. */
nx_status_t package_list(const struct package_file *folder, package_entry each,
			 void *context);
#endif /* LIB_PACKAGE_CLIENT_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_TRANSFER_H
#define EPK_TOOL_TRANSFER_H
/* Bytes between memory and files, all that were asked for: signals interrupt
 * nothing. A failure is told by errno. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** All of it, or false. */
bool write_all(int fd, const void *bytes, size_t size_bytes);
bool write_all_at(int fd, const void *bytes, size_t size_bytes,
		  uint64_t offset);

/** How many were read: fewer only at the end of the file; -1. */
ssize_t read_full(int fd, void *bytes, size_t size_bytes);
ssize_t read_full_at(int fd, void *bytes, size_t size_bytes, uint64_t offset);

/** All of it, or false; a file that ends before is EIO. */
bool read_all_at(int fd, void *bytes, size_t size_bytes, uint64_t offset);

#endif /* EPK_TOOL_TRANSFER_H */

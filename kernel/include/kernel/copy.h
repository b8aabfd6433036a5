/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_COPY_H
#define KERNEL_COPY_H
/** @file copy.h
 * The only way to user memory. A user address is an integer; these check
 * that the whole range is user memory of the current process and then copy
 * with fault fix-up, so that no address harms the kernel. */
#include <kernel/lock.h>

/** NX_OK or NX_ERR_BAD_ADDRESS. size 0 is fine with any address. SYS_AGAIN: not
 * all was copied out before somebody waits for the kernel. */
HELD nx_status_t copy_in(void *to, nx_uaddr_t from, uint64_t size_bytes);
HELD nx_status_t copy_out(nx_uaddr_t to, const void *from, uint64_t size_bytes);
/** Are all of [address, address + size) user addresses at all? */
HELD nx_status_t copy_check(nx_uaddr_t address, uint64_t size_bytes);
#endif /* KERNEL_COPY_H */

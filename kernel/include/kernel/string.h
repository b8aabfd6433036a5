/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_STRING_H
#define KERNEL_STRING_H
/** @file string.h
 * The four functions a freestanding compiler may call, with the meaning of
 * the C library, and nothing else. On the machine they are libnexusabi's;
 * the simulator has those of the host. */
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size_bytes);
void *memset(void *to, int byte, size_t size_bytes);
int memcmp(const void *left, const void *right, size_t size_bytes);
#endif /* KERNEL_STRING_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_TYPES_H
#define NEXUS_TYPES_H
/** @file types.h
 * The scalars of the contract between the kernel and its users.
 * Freestanding; compiles as C11 and C++11; no function, no state. */
#include <stdint.h>

#ifdef __cplusplus
#define NX_BEGIN_DECLS extern "C" {
#define NX_END_DECLS }
#else
#define NX_BEGIN_DECLS
#define NX_END_DECLS
#endif

/** Names one capability in one process: index and generation.
 * Bits 0..19 are the index, bits 20..31 the generation, which is never 0,
 * so that no valid handle is 0. */
typedef uint32_t nx_handle_t;
/** NX_OK or a negative NX_ERR_* of errors.def; never positive. */
typedef int32_t nx_status_t;
/** A set of NX_RIGHT_* bits. */
typedef uint32_t nx_rights_t;
/** An address in some user address space: an integer, not a pointer. */
typedef uint64_t nx_uaddr_t;

#define NX_HANDLE_NONE UINT32_C(0)
/** In place of a handle: the caller this thread has not yet answered. */
#define NX_HANDLE_CALLER UINT32_C(0xffffffff)
#define NX_HANDLE_INDEX_BITS 20
#define NX_HANDLE_INDEX_MASK ((UINT32_C(1) << NX_HANDLE_INDEX_BITS) - 1)
#define NX_HANDLE_GENERATION_MAX UINT32_C(0xfff)

#define NX_PAGE_BITS 12
#define NX_PAGE_SIZE (UINT64_C(1) << NX_PAGE_BITS)

/** Absolute deadlines are nanoseconds since boot. */
#define NX_DEADLINE_NEVER UINT64_MAX
#define NX_DEADLINE_NOW UINT64_C(0)

#endif /* NEXUS_TYPES_H */

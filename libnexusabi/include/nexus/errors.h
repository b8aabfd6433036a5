/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_ERRORS_H
#define NEXUS_ERRORS_H
/** @file errors.h
 * The statuses as constants, from errors.def. Any call may add a status
 * of its group in a later minor version; treat an unknown negative value
 * as a failure. */
#include <nexus/types.h>

#define NX_OK 0

enum {
#define NX_ERROR(value, name, text) NX_ERR_##name = (value),
#define NX_TOMBSTONE(value)
#include <nexus/errors.def>
#undef NX_ERROR
#undef NX_TOMBSTONE
};

NX_BEGIN_DECLS
/**
 * The name of a status, such as "BAD_HANDLE"; "OK" for NX_OK.
 * Static storage; "?" for a value that is no status. Never NULL.
 */
const char *nx_status_name(nx_status_t status);
/** The sentence of a status; static storage, never NULL. */
const char *nx_strerror(nx_status_t status);
NX_END_DECLS
#endif /* NEXUS_ERRORS_H */

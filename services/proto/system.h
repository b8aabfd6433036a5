/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_SYSTEM_H
#define PROTO_SYSTEM_H
/** @file system.h
 * Clients of init; see system.def. */
#define PROTO_NAME system
#define PROTO_TABLE <proto/system.def>
#include <proto/client.h>
#endif /* PROTO_SYSTEM_H */

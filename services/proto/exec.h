/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_EXEC_H
#define PROTO_EXEC_H
/** @file exec.h
 * Clients of execd; see exec.def. */
#define PROTO_NAME exec
#define PROTO_TABLE <proto/exec.def>
#include <proto/client.h>
#endif /* PROTO_EXEC_H */

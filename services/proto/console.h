/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_CONSOLE_H
#define PROTO_CONSOLE_H
/** @file console.h
 * Clients of the console; the methods are described in console.def. */
#define PROTO_NAME console
#define PROTO_TABLE <proto/console.def>
#include <proto/client.h>

#define CONSOLE_WRITE_MAX 1024
#define CONSOLE_PROMPT_MAX 128
#define CONSOLE_LINE_MAX 1024
#endif /* PROTO_CONSOLE_H */

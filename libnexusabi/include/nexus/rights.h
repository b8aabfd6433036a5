/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_RIGHTS_H
#define NEXUS_RIGHTS_H
/** @file rights.h
 * The rights as bits, from rights.def. */
#include <nexus/types.h>

enum {
#define NX_RIGHT(bit, name, text) NX_RIGHT_##name = 1 << (bit),
#include <nexus/rights.def>
#undef NX_RIGHT
};
/** All rights that exist; a bit outside is refused. */
#define NX_RIGHTS_ALL UINT32_C(0xffff)
/** In handle_dup and message capabilities: whatever the source has. */
#define NX_RIGHTS_SAME UINT32_C(0x80000000)

NX_BEGIN_DECLS
/** Name of the right with this bit number, or NULL if there is none. */
const char *nx_right_name(unsigned bit);
NX_END_DECLS
#endif /* NEXUS_RIGHTS_H */

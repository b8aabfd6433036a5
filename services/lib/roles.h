/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_ROLES_H
#define LIB_ROLES_H
/** @file roles.h
 * The roles of roles.def as constants, and their names. */
#include <nexus/startup.h>

enum {
#define ROLE(number, upper, name, text) ROLE_##upper = (number),
#include <lib/roles.def>
#undef ROLE
};

/** Name of a role, the kernel's among them; "?" for an unknown one. */
const char *role_name(uint32_t role);
/** The role of a service, or NX_ROLE_NONE. */
uint32_t role_of(const char *service);
#endif /* LIB_ROLES_H */
